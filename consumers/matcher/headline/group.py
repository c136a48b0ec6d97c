"""Rows that report the same of the same security, taken together: filers split one order into many rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal

from consumers.matcher.facts.fact import folded
from service.model.fact import Fact, Kind, Measure
from service.model.ownership import AcquiredDisposed

_EXACT = Context(prec=99)  # filers write 30 digits, too


@dataclass(frozen=True, slots=True)
class Group:
    """One row or more of one kind, security and direction."""

    rows: tuple[Fact, ...]

    @property
    def first(self) -> Fact:
        """The row that names what all have in common."""
        return self.rows[0]

    @property
    def kind(self) -> Kind:
        """What the rows report."""
        return self.first.kind

    @property
    def acquired(self) -> bool | None:
        """Whether the box says acquired; None: it says nothing."""
        box = self.first.transaction.transaction_acquired_disposed_code
        return None if box is None else box is AcquiredDisposed.ACQUIRED

    def all_of(self, measure: Measure) -> tuple[Decimal, ...]:
        """*measure* of those rows that state it."""
        return tuple([row.measures[measure] for row in self.rows if measure in row.measures])

    def states(self, measure: Measure) -> bool:
        """Whether every row states *measure*."""
        return all(measure in row.measures for row in self.rows)

    def total(self, measure: Measure) -> Decimal:
        """The sum of *measure* over those rows that state it."""
        return sum(self.all_of(measure), Decimal(0))

    @property
    def average_price(self) -> Decimal:
        """What a security cost, weighted by how many changed hands; only where every row states price and shares."""
        worth = sum((row.measures[Measure.PRICE] * row.measures[Measure.SHARES] for row in self.rows), Decimal(0))
        return _EXACT.divide(worth, self.total(Measure.SHARES))

    @property
    def weight(self) -> tuple[Decimal, Decimal]:
        """How much it matters beside others: money first, then the number."""
        return max(self.total(Measure.VALUE), self.total(Measure.EXERCISE_VALUE)), self.total(Measure.SHARES)


def groups_of(rows: Iterable[Fact]) -> list[Group]:
    """*rows* in groups, the weightiest first."""
    found: dict[object, list[Fact]] = {}
    for row in rows:
        filed = row.transaction
        key = (row.table, row.kinds or row.kind, filed.transaction_acquired_disposed_code, folded(filed.security_title))
        found.setdefault(key, []).append(row)
    groups = [Group(tuple(some)) for some in found.values()]
    return groups if len(groups) == 1 else sorted(groups, key=lambda group: group.weight, reverse=True)
