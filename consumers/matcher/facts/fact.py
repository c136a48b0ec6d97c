"""What a fact is: a name, a type, what it means, and how it is read from a filing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self

from consumers.matcher.subject import Subject
from service.model.fact import Fact
from service.model.ownership import Box

Value = Decimal | StrEnum | str | frozenset[StrEnum] | bool | date
"""What a fact can be; None stands for unknown wherever a value is given."""

Words = type[StrEnum]
_PARTS = 10**4
_MOST = 10**40  # of them; filers write numbers of any length

OfFiling = Callable[[Subject], Value | None]
OfRow = Callable[[Subject, Fact], Value | None]


class Type(StrEnum):
    """What kind of value a fact has."""

    NUMBER = "number"  # Decimal, in the fact's unit
    WORD = "word"  # one of the fact's words
    WORDS = "words"  # any number of the fact's words
    FLAG = "flag"  # true or false
    DATE = "date"
    TEXT = "text"  # as filed, or written for a person


class Unit(StrEnum):
    """What a number counts."""

    USD = "usd"
    SHARES = "shares"
    DAYS = "days"
    YEARS = "years"
    PERCENT = "percent"  # 12.5 is 12.5 %
    TIMES = "times"  # 3 is three times as much
    COUNT = "count"


class Level(StrEnum):
    """What a fact is a fact of."""

    ROW = "row"
    FILING = "filing"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FactType:
    """One fact that can be asked for. Exactly one of ``of_row`` and ``of_filing`` is given."""

    name: str  # stable: rules, alerts and docs call it so
    type: Type
    meaning: str  # one sentence for a person, without a full stop
    example: str  # a value as it is written in a rule
    unit: Unit | None = None  # of numbers only
    words: Words | None = None  # of word and words: all that it can be
    unknown: str = ""  # "unknown where ...": what leaves it so, if that is not an empty box
    boxes: tuple[Box, ...] = ()  # what it is read from, by the names of `boxes`; a table without the first has it not
    of_row: OfRow | None = None
    of_filing: OfFiling | None = None
    applies: Callable[[Subject], bool] | None = (
        None  # whether the filing has what it is of; else no claim on it is true
    )
    signed: bool = False  # whether a number can be less than 0
    costly: bool = False  # computed once a subject and kept
    of_past: bool = False  # whether it rests on what was filed before, or can
    of_holdings: bool = False  # whether on what was held, too
    why: Callable[[Subject, Fact], str] | None = None  # what decides it, where boxes do not say

    @property
    def level(self) -> Level:
        """Whether rows have it, or the filing as a whole."""
        return Level.FILING if self.of_row is None else Level.ROW

    @property
    def reader(self) -> Callable[[Subject, Any], Value | None]:
        """What reads it from a filing and a row: what is asked for each row, without a way round."""
        if self.costly:
            return self.of
        if self.of_row is not None:
            return self.of_row
        read = self.of_filing
        assert read is not None
        return lambda subject, _: read(subject)

    def of(self, subject: Subject, row: Fact | None = None) -> Value | None:
        """Its value for *row* of *subject*, or for *subject*; None: unknown."""
        if not self.costly:
            return self._read(subject, row)
        key = self.name if self.of_row is None or row is None else (self.name, row.table, row.row)
        if key not in subject.known:
            subject.known[key] = self._read(subject, row)
        known: Value | None = subject.known[key]
        return known

    def _read(self, subject: Subject, row: Fact | None) -> Value | None:
        if self.of_filing is not None:
            return self.of_filing(subject)
        if self.of_row is None or row is None:
            raise TypeError(f"{self.name} is a fact of a row: ask for it with the row")
        return self.of_row(subject, row)


class Partial(frozenset[StrEnum]):
    """Words of which some are known to be there, and others can be."""

    missing: frozenset[StrEnum]  # those that cannot be told

    def __new__(cls, known: frozenset[StrEnum], missing: frozenset[StrEnum]) -> Self:
        """The *known* ones, beside which those of *missing* may be there, too."""
        words = super().__new__(cls, known)
        words.missing = missing - known
        return words


class AtLeast(Decimal):
    """A number of which is known that it is not less."""


def percent(part: Decimal, whole: Decimal) -> Decimal | None:
    """What *part* is of *whole*, to four decimals; None: no number that means anything."""
    (top, below), (over, bottom) = part.as_integer_ratio(), whole.as_integer_ratio()
    found = _nearest(top * bottom * 100 * _PARTS, below * over)
    return None if abs(found) > _MOST else Decimal(f"{found}e-4")


def _nearest(top: int, bottom: int) -> int:
    """The whole number next to a fraction, of two the even one. Python's own fractions take ten times as long."""
    if bottom < 0:
        top, bottom = -top, -bottom
    found, rest = divmod(top, bottom)
    return found + (2 * rest > bottom or (2 * rest == bottom and found % 2))
