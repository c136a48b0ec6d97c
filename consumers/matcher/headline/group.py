"""Rows that report the same of the same security, taken together: filers split one order into many rows."""

from collections.abc import Sequence
from decimal import Context, Decimal
from functools import reduce

from consumers.titles import folded
from service.model.fact import Fact, Measure
from service.model.ownership import AcquiredDisposed

_EXACT = Context(prec=99)  # filers write 30 digits, too
_NOTHING = Decimal(0)


class Group:
    """One row or more of one kind, security and direction."""

    __slots__ = ("_stated", "first", "kind", "rows")

    def __init__(self, rows: tuple[Fact, ...]) -> None:
        self.rows = rows
        self.first = rows[0]  # names what all have in common
        self.kind = self.first.kind  # what the rows report
        self._stated: dict[Measure, tuple[Decimal, ...]] = {}

    @property
    def acquired(self) -> bool | None:
        """Whether the box says acquired; None: it says nothing."""
        box = self.first.transaction.transaction_acquired_disposed_code
        return None if box is None else box is AcquiredDisposed.ACQUIRED

    def all_of(self, measure: Measure) -> tuple[Decimal, ...]:
        """*measure* of those rows that state it."""
        stated = self._stated.get(measure)
        if stated is None:
            stated = tuple([row.measures[measure] for row in self.rows if measure in row.measures])
            self._stated[measure] = stated
        return stated

    def states(self, measure: Measure) -> bool:
        """Whether every row states *measure*."""
        return len(self.all_of(measure)) == len(self.rows)

    def total(self, measure: Measure) -> Decimal:
        """The sum of *measure* over those rows that state it."""
        stated = self.all_of(measure)
        return stated[0] if len(stated) == 1 else reduce(_EXACT.add, stated, _NOTHING)

    @property
    def average_price(self) -> Decimal:
        """What a security cost, weighted by how many changed hands; only where every row states price and shares."""
        worth = sum((row.measures[Measure.PRICE] * row.measures[Measure.SHARES] for row in self.rows), _NOTHING)
        return _EXACT.divide(worth, self.total(Measure.SHARES))

    @property
    def weight(self) -> tuple[Decimal, Decimal]:
        """How much it matters beside others: money first, then the number."""
        return max(self.total(Measure.VALUE), self.total(Measure.EXERCISE_VALUE)), self.total(Measure.SHARES)


def groups_of(rows: Sequence[Fact]) -> list[Group]:
    """*rows* in groups, the weightiest first."""
    if len(rows) == 1:
        return [Group((rows[0],))]
    found: dict[object, list[Fact]] = {}
    for row in rows:
        filed = row.transaction
        key = (row.table, row.kinds or row.kind, filed.transaction_acquired_disposed_code, folded(filed.security_title))
        found.setdefault(key, []).append(row)
    groups = [Group(tuple(some)) for some in found.values()]
    return groups if len(groups) == 1 else sorted(groups, key=lambda group: group.weight, reverse=True)
