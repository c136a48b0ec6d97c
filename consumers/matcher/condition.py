"""A condition made ready to be held against filings, in Kleene's three-valued logic."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from consumers.kleene import all_of, any_of, opposite
from consumers.matcher.predicates import PREDICATES, Level, Predicate
from consumers.matcher.subject import Subject
from service.model.alert import Evidence
from service.model.fact import Fact, Verdict
from service.model.rule import All, AnyOf, Claim, Not, Tree

_KEPT = 4_000  # claims that stand ready: many rules make the same ones

_TRUE, _FALSE, _UNKNOWN = Verdict.TRUE, Verdict.FALSE, Verdict.UNKNOWN


class Node(Protocol):
    """A part of a condition.

    *who* is the filing with the owners that claims on owners are about: all of them, or one. *row* None: the filing has
    no rows, so that what is claimed of them is unknown.
    """

    @property
    def of_rows(self) -> bool:
        """Whether it claims something of rows."""

    @property
    def text(self) -> str:
        """What it claims, in words."""

    def test(self, subject: Subject, who: Subject, row: Fact | None) -> Verdict:
        """Its verdict."""

    def evidence(self, subject: Subject, who: Subject, row: Fact | None) -> Evidence:
        """Its verdict with what that rests on."""


def node_of(tree: Tree) -> Node:
    """*tree* with its predicates made."""
    match tree:
        case Claim(key=key):
            return _one(tree) if PREDICATES[key].lists else one_kept(tree)
        case Not(of=part):
            return _Opposite(node_of(part))
        case AnyOf(of=parts):
            return _Joined(tuple(map(node_of, parts)), any_of, " or ")
        case All(of=parts):
            return _Joined(tuple(map(node_of, parts)), all_of, " and ")


def beside(node: Node) -> str:
    """What *node* claims, in words, as it stands beside others."""
    return f"({node.text})" if isinstance(node, _Joined) and len(node.parts) > 1 else node.text


@dataclass(frozen=True, slots=True, eq=False)
class _One:
    predicate: Predicate
    of_rows: bool

    @property
    def text(self) -> str:
        return self.predicate.text

    def test(self, subject: Subject, who: Subject, row: Fact | None) -> Verdict:
        predicate = self.predicate
        if row is None and self.of_rows:
            return _UNKNOWN
        return predicate.test(who if predicate.of_owners else subject, row)

    def evidence(self, subject: Subject, who: Subject, row: Fact | None) -> Evidence:
        if row is None and self.of_rows:
            return Evidence(predicate=self.text, verdict=_UNKNOWN, stated="the filing has no transactions")
        return self.predicate.evidence(who if self.predicate.of_owners else subject, row)


def _one(claim: Claim) -> _One:
    """*claim* alone."""
    predicate = PREDICATES[claim.key].predicate(claim.asked)
    return _One(predicate, of_rows=predicate.level is Level.ROW)


one_kept = lru_cache(maxsize=_KEPT)(_one)
"""The same, kept for whoever makes the same claim."""


@dataclass(frozen=True, slots=True, eq=False)
class _Opposite:
    part: Node

    @property
    def of_rows(self) -> bool:
        return self.part.of_rows

    @property
    def text(self) -> str:
        return f"not ({self.part.text})"

    def test(self, subject: Subject, who: Subject, row: Fact | None) -> Verdict:
        return opposite(self.part.test(subject, who, row))

    def evidence(self, subject: Subject, who: Subject, row: Fact | None) -> Evidence:
        part = self.part.evidence(subject, who, row)
        return Evidence(
            predicate=self.text,
            verdict=opposite(part.verdict),
            stated=part.stated,
            sources=part.sources,
            parts=part.parts or (part,),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Joined:
    parts: tuple[Node, ...]
    verdict: "_Join"
    word: str

    @property
    def of_rows(self) -> bool:
        return any(part.of_rows for part in self.parts)

    @property
    def text(self) -> str:
        return self.word.join(map(beside, self.parts))

    def test(self, subject: Subject, who: Subject, row: Fact | None) -> Verdict:
        return self.verdict(part.test(subject, who, row) for part in self.parts)

    def evidence(self, subject: Subject, who: Subject, row: Fact | None) -> Evidence:
        parts = tuple(part.evidence(subject, who, row) for part in self.parts)
        verdict = self.verdict(part.verdict for part in parts)
        decided = [part for part in parts if part.verdict is verdict]
        return Evidence(
            predicate=self.text,
            verdict=verdict,
            stated="; ".join(dict.fromkeys(part.stated for part in decided)),
            sources=tuple(dict.fromkeys(source for part in decided for source in part.sources)),
            parts=parts,
        )


class _Join(Protocol):
    def __call__(self, verdicts: Iterable[Verdict]) -> Verdict: ...


def held(nodes: Sequence[Node], subject: Subject, who: Subject, row: Fact | None) -> Verdict:
    """The verdict of all *nodes* together."""
    found = _TRUE  # as `all_of`, but this is what every filing pays for
    for node in nodes:
        verdict = node.test(subject, who, row)
        if verdict is _FALSE:
            return _FALSE
        if verdict is _UNKNOWN:
            found = _UNKNOWN
    return found
