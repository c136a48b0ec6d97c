"""What a predicate is, and the key of a rule that makes it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from consumers.language.sections import Section
from consumers.matcher.subject import Subject
from service.model.alert import Evidence
from service.model.fact import Fact, MeasureSource, Verdict
from service.model.filing import Accession

Rows = tuple[Fact, ...]

Stated = tuple[str, tuple[MeasureSource, ...]]
"""What the filing says, and in which boxes."""


class Level(Enum):
    """What a claim is about."""

    FILING = "filing"  # the filing as a whole: the same for all its rows
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Predicate:
    """One claim of a rule about a row of a filing, or about the filing, whatever the row.

    ``test`` is what every filing pays for; ``stated`` is asked only to explain. Both are pure. Unless the level is ROW
    they take no notice of the row, which may then be any, or missing.
    """

    level: Level
    text: str  # as a person would write it in the rule
    test: Callable[[Subject, Any], Verdict]
    stated: Callable[[Subject, Any], Stated]
    parts: Callable[[Subject, Any], tuple[Evidence, ...]] | None = None  # what it is made of; None: of one piece
    filings: Callable[[Subject, Any], tuple[Accession, ...]] | None = None  # other filings that it rests on
    of_owners: bool = False  # whether it is about owners: with `per: owner`, about one of them at a time

    def evidence(self, subject: Subject, row: Any) -> Evidence:
        """The verdict on *row* of *subject* with what it rests on."""
        stated, sources = self.stated(subject, row)
        return Evidence(
            predicate=self.text,
            verdict=self.test(subject, row),
            stated=stated,
            sources=sources,
            parts=self.parts(subject, row) if self.parts else (),
            filings=self.filings(subject, row) if self.filings else (),
        )


@dataclass(frozen=True, slots=True)
class Total:
    """One claim of a rule about rows together, and about others of which it is unknown whether they belong to them."""

    text: str
    test: Callable[[Rows, Rows], Verdict]
    stated: Callable[[Rows, Rows], Stated]

    def evidence(self, rows: Rows, doubtful: Rows) -> Evidence:
        """The verdict on *rows* with what it rests on."""
        stated, sources = self.stated(rows, doubtful)
        return Evidence(predicate=self.text, verdict=self.test(rows, doubtful), stated=stated, sources=sources)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimType:
    """A key of a rule.

    ``field`` is the type behind the key in a rule's section, with its validators; what it makes of what is written
    is what ``predicate`` takes, and hashable; None where that asks for nothing.
    """

    key: str
    field: Any
    predicate: Callable[[Any], Predicate]
    total: Callable[[Any], Total] | None = None  # of the sum over rows, where the key has one
    section: type[Section] | None = None  # what stands below the key; None: a value
    lists: bool = False  # whether what it asks for is of any length, so that its predicates are not kept for later
