"""Whether filings tell of one and the same trade. Pure.

Joint filers, the companies of a sponsor and its partners, and filings cut at the form's 30 rows each report a trade
once more. What a company does to several people alike (grants to directors, vesting) is several trades, however equal.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from consumers.titles import folded
from service.model.filing import Accession, Cik
from service.model.ownership import (
    AcquiredDisposed,
    DerivativeTransaction,
    NonDerivativeHolding,
    NonDerivativeTransaction,
    OwnershipForm,
    Transaction,
    TransactionCode,
)
from service.model.past import Past, filed_on
from service.model.trade import TradeId, trade_id

IN_TIME = timedelta(days=400)
"""For how long after a trade another filing can tell of it."""

_DEALT = frozenset(
    {
        TransactionCode.PURCHASE,
        TransactionCode.SALE,
        TransactionCode.CONVERSION,
        TransactionCode.OTHER,
        TransactionCode.IN_MONEY_EXERCISE,
        TransactionCode.TENDER,
    }
)
"""What people do themselves: two who do exactly the same, and hold exactly the same after it, are one holder."""

_VESTED = TransactionCode.EXERCISE
"""Comes to many alike. But spouses report each other's, and hold the same after it."""

_FULL = 30  # rows in a table, and
_MOST_OWNERS = 10  # owners, with which the form is full
_CENTS = Decimal("0.01")  # quarterly sets have no more
_LARGEST = Decimal(10) ** 20


class _What(NamedTuple):
    """What was done, by the boxes that every filing on it fills in alike."""

    table: int
    day: date
    code: TransactionCode | None
    side: AcquiredDisposed | None
    title: str


class _Row(NamedTuple):
    """A row that tells of it, with its numbers as a set rounds them."""

    what: _What
    shares: Decimal | None
    price: Decimal | None  # None: none, or 0
    strike: Decimal | None  # likewise


class _Held(NamedTuple):
    """What the row says of the holding."""

    after: Decimal | None
    form: OwnershipForm | None


@dataclass(frozen=True, slots=True)
class Trades:
    """A filing, as far as it tells of trades."""

    past: Past
    owners: frozenset[Cik]
    rows: Mapping[_Row, tuple[_Held, ...]]
    full: bool  # whether it has as many rows as a table has room for

    @classmethod
    def of(cls, past: Past) -> "Trades":
        """What *past* tells; rows whose trade is too long ago for others to tell of it are left out."""
        rows = defaultdict[_Row, list[_Held]](list)
        for row in past.rows:
            table = 1 if isinstance(row, NonDerivativeTransaction | NonDerivativeHolding) else 2
            if isinstance(row, NonDerivativeTransaction | DerivativeTransaction) and _in_time(past, row):
                rows[_row(table, row)].append(
                    _Held(rounded(row.shares_owned_following_transaction), row.direct_or_indirect_ownership)
                )
        return cls(
            past=past,
            owners=frozenset(owner.rpt_owner_cik for owner in past.owners),
            rows={row: tuple(sorted(held, key=repr) if len(held) > 1 else held) for row, held in rows.items()},
            full=len(past.rows) >= _FULL,
        )

    @property
    def days(self) -> frozenset[date]:
        """The days of its trades."""
        return frozenset(row.what.day for row in self.rows)

    @property
    def place(self) -> tuple[object, Accession]:
        """Where it stands in the order in which filings could be known."""
        return self.past.known, self.past.accession


def one_trade(one: Trades, other: Trades) -> bool:
    """Whether the two tell of one trade; the same whichever is given first."""
    if one.past.issuer != other.past.issuer or not one.rows or not other.rows:
        return False
    if _amends(one, other) or _amends(other, one) or _goes_on(one, other):
        return True
    alike = one.rows.keys() & other.rows.keys()
    if not alike:
        return False
    if one.owners == other.owners:
        return any(not set(one.rows[row]).isdisjoint(other.rows[row]) for row in alike)
    if _MOST_OWNERS in (len(one.owners), len(other.owners)) and one.rows == other.rows:
        return True  # more owners than a form has room for
    return any(_one_holder(one, other, row) for row in alike)


def trade_of(one: Trades, others: Iterable[Trades]) -> list[Trades]:
    """Those of *others* that tell of the trade of *one*, and itself, in the order in which they could be known.

    So does who tells of one trade with one of them.
    """
    found, left = [one], [other for other in others if other.past.accession != one.past.accession]
    for told in found:
        new = [other for other in left if one_trade(told, other)]
        left = [other for other in left if not any(other is one for one in new)]
        found += new
    return sorted(found, key=lambda told: told.place)


def told_until(one: Trades, others: Iterable[Trades]) -> list[Trades]:
    """Those on the trade of *one* that could be known when *one* could, which is the last of them."""
    return trade_of(one, (other for other in others if other.place < one.place))


def id_of(one: Trades, others: Iterable[Trades]) -> TradeId:
    """The id of the trade of *one*: that of the first filing on it, of those that could be known when *one* could."""
    return trade_id(told_until(one, others)[0].past.accession)


def _in_time(past: Past, row: Transaction) -> bool:
    day = row.transaction_date
    return day is not None and day <= filed_on(past) <= day + IN_TIME


def _row(table: int, row: Transaction) -> _Row:
    assert row.transaction_date is not None
    what = _What(
        table=table,
        day=row.transaction_date,
        code=row.transaction_code,
        side=row.transaction_acquired_disposed_code,
        title=folded(row.security_title),
    )
    strike = row.conversion_or_exercise_price if isinstance(row, DerivativeTransaction) else None
    amount = row.transaction_total_value if row.transaction_shares is None else row.transaction_shares
    return _Row(what, rounded(amount), rounded(row.transaction_price_per_share) or None, rounded(strike) or None)


def says_again(old: Transaction, new: Transaction) -> bool:
    """Whether *new*, a row of an amendment, says *old* again, or stands in its place."""
    return (
        type(new) is type(old)
        and old.transaction_date is not None
        and new.transaction_date == old.transaction_date
        and folded(new.security_title) == folded(old.security_title)
        and (new.transaction_code is old.transaction_code or new.transaction_shares == old.transaction_shares)
    )


def rounded(number: Decimal | None) -> Decimal | None:
    """As quarterly sets have it."""
    return number if number is None or abs(number) > _LARGEST else number.quantize(_CENTS, ROUND_HALF_UP)


def _one_holder(one: Trades, other: Trades, row: _Row) -> bool:
    """Whether the two report *row* of one holder: for whom it is that of another, who holds as much after it."""
    code = row.what.code
    if code not in _DEALT and code is not _VESTED:
        return False
    related = not one.owners.isdisjoint(other.owners)
    within = one.owners <= other.owners or other.owners <= one.owners
    large = _large(one) or _large(other)
    for mine in one.rows[row]:
        for theirs in other.rows[row]:
            if mine.after != theirs.after:
                continue
            stated = mine.after is not None
            telling = stated and mine.after not in (0, row.shares)  # what many can hold says little
            indirect = OwnershipForm.INDIRECT in (mine.form, theirs.form)
            if telling and (related or indirect):
                return True
            if code is not _VESTED and ((related and (within or indirect)) or (indirect and large and stated)):
                return True
    return False


def _large(told: Trades) -> bool:
    """Whether one of its owners may hold a tenth of the company: a sponsor, say."""
    return any(owner.relationship.is_ten_percent_owner is not False for owner in told.past.owners)


def _goes_on(one: Trades, other: Trades) -> bool:
    """Whether one of the two was full, and the other goes on with what was done."""
    if not (one.full or other.full) or one.owners != other.owners:
        return False
    mine = {row.what for row in one.rows}
    return any(row.what in mine for row in other.rows)


def _amends(one: Trades, other: Trades) -> bool:
    """Whether *one* amends *other*, and says something of it again."""
    return (
        one.past.form.endswith("/A")
        and one.past.amends is not None
        and one.past.amends == filed_on(other.past)
        and not one.owners.isdisjoint(other.owners)
        and any(_again(new, old) for new in one.rows for old in other.rows)
    )


def _again(new: _Row, old: _Row) -> bool:
    mine, theirs = new.what, old.what
    return (mine.table, mine.day, mine.title) == (theirs.table, theirs.day, theirs.title) and (
        mine.code is theirs.code or new.shares == old.shares
    )
