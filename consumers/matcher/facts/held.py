"""What was held before a filing, in a line of the form, by what the same owners filed last."""

from collections.abc import Callable, Hashable, Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct

from consumers.matcher.past import Memory
from service.model.filing import Accession, Cik
from service.model.ownership import AcquiredDisposed, DerivativeTransaction, NonDerivativeTransaction
from service.model.past import Earlier, Row, filed_on

_SIGN = {AcquiredDisposed.ACQUIRED: 1, AcquiredDisposed.DISPOSED: -1}


class Held(Struct, frozen=True, kw_only=True):
    """What was held."""

    number: Decimal
    accession: Accession
    filed: date
    current: bool  # whether nothing is missing since, and no amendment to it is known


def held_before(
    memory: Memory, owners: frozenset[Cik], line: Hashable, line_of: Callable[[Row], Hashable]
) -> Held | None:
    """By the last filing of exactly these *owners* with rows of that *line*; None: there is none, or it does not tell.

    Amendments are passed over: they say again what was held then.
    """
    for one in memory.filings:
        if one.form.endswith("/A") or one.owners != owners:
            continue
        rows = [row for told in one.rows if line_of(row := told.row) == line]
        if rows:
            number = _left(rows)
            if number is None:
                return None
            filed = filed_on(one)
            current = memory.covers(filed) and not any(_amends(other, one) for other in memory.filings)
            return Held(number=number, accession=one.accession, filed=filed, current=current)
    return None


def _amends(other: Earlier, one: Earlier) -> bool:
    return (
        other.form.endswith("/A")
        and other.amends == filed_on(one)
        and other.known > one.known
        and not other.owners.isdisjoint(one.owners)
    )


def _left(rows: Sequence[Row]) -> Decimal | None:
    """What is held after *rows* of one line: they state the same, or each counts on from another; None: neither."""
    numbers = [row.shares_owned_following_transaction for row in rows]
    if None in numbers:
        return None
    if len(set(numbers)) == 1:
        return numbers[0]
    changes = [_change(row) for row in rows]
    if None in changes:
        return None
    if _counts_on(numbers, changes):
        return numbers[-1]
    return numbers[0] if _counts_on(numbers[::-1], changes[::-1]) else None


def _change(row: Row) -> Decimal | None:
    if not isinstance(row, NonDerivativeTransaction | DerivativeTransaction):
        return None
    box, shares = row.transaction_acquired_disposed_code, row.transaction_shares
    return None if box is None or shares is None else _SIGN[box] * shares


def _counts_on(numbers: Sequence[Decimal | None], changes: Sequence[Decimal | None]) -> bool:
    steps = zip(numbers, numbers[1:], changes[1:], strict=False)
    return all(
        after == before + change
        for before, after, change in steps
        if before is not None and after is not None and change is not None
    )
