"""Facts as columns of numbers, and what a condition asks of these: most filings are decided without being read.

A column says exactly what the fact says: a word is a bit, a flag one of two, a day a number such as 20250304. A number
is the nearest binary fraction; beside limits of up to 15 digits it stands where the number itself does. Empty is
unknown.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from consumers.language.limit import FLOORS
from consumers.matcher.condition import node_of
from consumers.matcher.facts.fact import FactType, Level, Partial, Type
from consumers.matcher.facts.registry import FACTS
from consumers.matcher.predicates import PREDICATES
from consumers.matcher.predicates.said import applies
from consumers.matcher.subject import Subject
from service.model.decision import Bits, Decision, Floor, Joined, Number, Open, Opposite, Part
from service.model.fact import Fact
from service.model.rule import All, Amendments, AnyOf, Claim, Condition, Not, Per, Threshold, Tree

FORM = 3
"""Of what is kept: count up when a fact says something else than before. Filings are then read again."""

OF_ROWS = (
    *("kinds", "security_class", "flags", "transaction_code", "ownership", "direction", "plan"),
    *("shares", "price", "value", "strike", "underlying_shares", "exercise_value", "owned_after", "filing_lag"),
    *("discount", "transaction_date", "expiration_date", "years_to_expiry", "days_late"),
)
OF_FILINGS = (
    *("amendment", "plan_10b5_1", "joint", "relationship_ended", "role"),
    *("filed_on", "net_value", "net_shares", "sold_share"),
)
"""The facts that are kept: those that take long to tell, or are seldom asked for, and those of the past are not."""

NAMES = (*OF_ROWS, *OF_FILINGS, "role_missing", "lacks")
"""The columns, in the order in which `columns_of` has them."""

_FACT_OF_KEY = {"roles": "role", "amendments": "amendment"}  # where a rule calls it otherwise
_DIGITS = 15  # which every number of 64 bits keeps
_HUGE, _TINY = 1e300, 1e-300
_SLACK = 1e-9  # sums of binary fractions are exact to far less

Value = int | float | None


@dataclass(frozen=True, slots=True)
class _Column:
    """How a fact is kept."""

    fact: FactType
    kept: Callable[[Any], int | float]
    lacking: int  # the bit that says that the row does not have it; 0: words, of which it then has none

    def of(self, subject: Subject, row: Fact | None) -> tuple[Value, int]:
        """What is kept of *row*, and the bit that says that there is no such number."""
        found = self.fact.of(subject, row)
        if found is not None:
            return self.kept(found), 0
        if self.fact.type is Type.FLAG or applies(self.fact, subject, row):  # type: ignore[arg-type]
            return None, 0
        return (None, self.lacking) if self.lacking else (0, 0)


def columns_of(subject: Subject) -> list[tuple[Value, ...]]:
    """The columns of each row of *subject*, behind its number; of a filing without rows one whose number is 0."""
    whole = [column.of(subject, None) for column in _OF_FILINGS]
    values = [value for value, _ in whole]
    lacks = sum(bit for _, bit in whole)
    role = FACTS["role"].of(subject)
    missing = _BITS_OF_ROLE(role.missing) if isinstance(role, Partial) else 0
    if not subject.facts:
        return [(0, *(None for _ in _OF_ROWS), *values, missing, lacks)]
    rows = []
    for number, row in enumerate(subject.facts, start=1):
        mine = [column.of(subject, row) for column in _OF_ROWS]
        lacking = lacks + sum(bit for _, bit in mine)
        rows.append((number, *(value for value, _ in mine), *values, missing, lacking))
    return rows


def decision(condition: Condition) -> Decision:
    """What columns can decide of *condition*."""
    tree, alone = condition.rows, condition.one_owner
    parts = tree.of if isinstance(tree, All) else (tree,)
    made = [(node_of(part), _part(part, alone=alone)) for part in parts]
    filing = [(node.text, part) for node, part in made if not node.of_rows]
    row = [(node.text, part) for node, part in made if node.of_rows]
    found = [part for _, part in (*filing, *row)]
    floors = tuple(_floors(condition.totals))
    return Decision(
        form=FORM,
        filing=(*(part for _, part in filing), *([Open()] if alone else [])),  # without owners, nobody can meet it
        row=tuple(part for _, part in row),
        sums=bool(condition.totals),
        floors=floors,
        reach=len(floors) == len(condition.totals) and condition.per is Per.FILING,
        claims=tuple(text for text, _ in (*filing, *row)),
        exact=not alone and not condition.totals and not any(map(_is_open, found)),
    )


def number(value: Decimal) -> float:
    """The binary fraction that stands for *value*: on its side of every limit that `limited` gives."""
    found = float(value)
    if math.isfinite(found) and len(value.as_tuple().digits) > _DIGITS:
        beside = Decimal(f"{found:.{_DIGITS}g}")
        if float(beside) == found and beside != value:  # it is no such limit, and lies between this one and the next
            return math.nextafter(found, math.inf if value > beside else -math.inf)
    return found


def limited(limit: Decimal | date) -> float | None:
    """*limit* as columns have it; None: it cannot be told on which side of it they are."""
    if isinstance(limit, date):
        return _day(limit)
    found = float(limit)
    exact = len(limit.normalize().as_tuple().digits) <= _DIGITS
    return found if exact and (not limit or _TINY < abs(found) < _HUGE) else None


def _day(value: date) -> int:
    return value.year * 10_000 + value.month * 100 + value.day


def _of_words(words: type[StrEnum]) -> Callable[[Any], int]:
    """Bits, in the order in which the words are declared."""
    bits = {word: 1 << place for place, word in enumerate(words)}
    return lambda found: sum(bits[one] for one in found) if isinstance(found, frozenset) else bits[found]


_KEPT: Mapping[Type, Callable[[Any], int | float]] = {
    Type.NUMBER: number,
    Type.DATE: _day,
    Type.FLAG: lambda found: 1 << bool(found),
}


def _columns() -> Iterator[_Column]:
    for place, name in enumerate((*OF_ROWS, *OF_FILINGS)):
        fact = FACTS[name]
        kept = _of_words(fact.words) if fact.words else _KEPT[fact.type]
        yield _Column(fact, kept, 0 if fact.words or fact.type is Type.FLAG else 1 << place)


_COLUMNS: Mapping[str, _Column] = {column.fact.name: column for column in _columns()}
_OF_ROWS = tuple(column for column in _COLUMNS.values() if column.fact.level is Level.ROW)
_OF_FILINGS = tuple(column for column in _COLUMNS.values() if column.fact.level is Level.FILING)
_BITS_OF_ROLE = _COLUMNS["role"].kept


def _part(tree: Tree, *, alone: bool) -> Part:
    match tree:
        case Claim():
            return _claim(tree, alone=alone)
        case Not(of=part):
            return Opposite(_part(part, alone=alone))
        case AnyOf(of=parts) | All(of=parts):
            return Joined(tuple(_part(part, alone=alone) for part in parts), every=isinstance(tree, All))


def _claim(claim: Claim, *, alone: bool) -> Part:
    """*alone*: what it says of owners is about one of them at a time, whom columns do not tell apart."""
    asked = claim.asked
    name = asked.fact if isinstance(asked, Threshold) else _FACT_OF_KEY.get(claim.key, claim.key)
    column = _COLUMNS.get(name)
    if column is None or (alone and PREDICATES[claim.key].predicate(asked).of_owners):
        return Open()
    match asked:
        case Threshold(comparison=comparison, limit=limit):
            bound = limited(limit)
            return Open() if bound is None else Number(name, comparison, bound, column.lacking)
        case Amendments():
            return Bits(name, column.kept(asked is Amendments.ONLY))  # type: ignore[arg-type]
        case bool():
            return Bits(name, column.kept(asked))  # type: ignore[arg-type]
        case tuple():
            return Bits(name, column.kept(frozenset(asked)), "role_missing" if name == "role" else None)  # type: ignore[arg-type]
    return Open()


def _is_open(part: Part) -> bool:
    match part:
        case Joined(of=parts):
            return any(map(_is_open, parts))
        case Opposite(of=inner):
            return _is_open(inner)
    return isinstance(part, Open)


def _floors(totals: Sequence[Claim]) -> Iterator[Floor]:
    for claim in totals:
        asked = claim.asked
        if isinstance(asked, Threshold) and asked.comparison in FLOORS and isinstance(asked.limit, Decimal):
            limit = float(asked.limit)
            yield Floor(asked.fact, limit * (1 - _SLACK), max(0.0, limit * (1 + _SLACK)))
