"""A filing of the past: who did what, as filed, and from when on everybody could know it."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any, NamedTuple

from msgspec import Struct

from service.model import calendar
from service.model.filing import Accession, Cik
from service.model.ownership import (
    AcquiredDisposed,
    DerivativeHolding,
    DerivativeTransaction,
    NonDerivativeHolding,
    NonDerivativeTransaction,
    OwnershipForm,
    ReportingOwner,
    TransactionCode,
)

Row = NonDerivativeTransaction | NonDerivativeHolding | DerivativeTransaction | DerivativeHolding


class Brought(IntEnum):
    """Where a filing of the past is from; the lower is the better source."""

    FEED = 0  # parsed from the document: the feed, an index or a backfill brought it
    SET = 1  # a quarterly data set of the SEC, with numbers to two decimals and days for times


class Past(Struct, frozen=True, kw_only=True):
    """One filing."""

    accession: Accession
    source: Brought
    form: str  # "4", "4/A"
    issuer: Cik
    company: str | None
    symbol: str | None  # as filed
    known: datetime  # when EDGAR accepted it; of a set, when EDGAR closed on the day of its filing
    filed: date | None
    period: date | None
    amends: date | None  # an amendment: the day of what it amends
    plan: bool | None  # the 10b5-1 box
    left: bool | None  # the exit box
    owners: tuple[ReportingOwner, ...]  # without their addresses
    rows: tuple[Row, ...]  # Table I, then Table II, each as filed


class KeptRow(NamedTuple):
    """A row as it is kept, with the boxes that facts of the past read: there are many, few of which are looked into.

    Days are numbers such as 20250304, and numbers are texts.
    """

    part: int  # Table I: 1 changed hands, 2 is held; Table II: 3, 4
    transaction_code: str | None
    transaction_acquired_disposed_code: str | None
    transaction_date: int | None
    equity_swap_involved: int | None
    security_title: str | None
    transaction_shares: str | None
    transaction_total_value: str | None
    transaction_price_per_share: str | None
    shares_owned_following_transaction: str | None
    direct_or_indirect_ownership: str | None
    nature_of_ownership: str | None
    conversion_or_exercise_price: str | None
    expiration_date: int | None
    underlying_security_title: str | None

    @classmethod
    def of(cls, row: Row) -> "KeptRow":
        """*row* as it would be kept."""
        boxes = (_kept(getattr(row, name, None)) for name in cls._fields[1:])
        return cls(PARTS.index(type(row)) + 1, *boxes)

    @property
    def row(self) -> Row:
        """What it says, but for the boxes that are not here."""
        part = PARTS[self.part - 1]
        stated = {name: kept for name in part.__struct_fields__ if (kept := getattr(self, name, None)) is not None}
        row: Row = part(**{name: _READ.get(name, str)(kept) for name, kept in stated.items()})
        return row


PARTS: tuple[type[Row], ...] = (
    NonDerivativeTransaction,
    NonDerivativeHolding,
    DerivativeTransaction,
    DerivativeHolding,
)
"""What a row is; the first is part 1."""


def day_of(kept: int) -> date:
    """The day that is kept as that number.

    >>> day_of(20250304)
    datetime.date(2025, 3, 4)
    """
    return date(kept // 10_000, kept // 100 % 100, kept % 100)


def _kept(value: Any) -> Any:
    match value:
        case Decimal():
            return f"{value:f}"
        case date():
            return value.year * 10_000 + value.month * 100 + value.day
        case bool():
            return int(value)
    return value


_READ: Mapping[str, Callable[[Any], Any]] = {  # texts are what they are
    "transaction_code": TransactionCode,
    "transaction_acquired_disposed_code": AcquiredDisposed,
    "transaction_date": day_of,
    "equity_swap_involved": bool,
    "transaction_shares": Decimal,
    "transaction_total_value": Decimal,
    "transaction_price_per_share": Decimal,
    "shares_owned_following_transaction": Decimal,
    "direct_or_indirect_ownership": OwnershipForm,
    "conversion_or_exercise_price": Decimal,
    "expiration_date": day_of,
}


class Earlier(Struct, frozen=True, kw_only=True):
    """One filing, as far as facts of the past read it."""

    accession: Accession
    source: Brought
    form: str
    known: datetime
    filed: date | None
    amends: date | None
    owners: frozenset[Cik]  # those who are looked for, and of what was amended all
    rows: tuple[KeptRow, ...]


class Around(Struct, frozen=True, kw_only=True):
    """What was filed on an issuer in the days before a filing, by whomever."""

    filing: Past
    filings: tuple[Past, ...]  # those that could be known before it, in that order


class Before(Struct, frozen=True, kw_only=True):
    """What the owners of a filing filed on its issuer before it."""

    filings: tuple[Earlier, ...]  # the latest first
    complete: date | None  # no filing of this day, or of a later one, is missing; None: that cannot be said of any day
    around: Around | None = None  # what else was filed on the issuer; None: no rule asks for it


def filed_on(one: Past | Earlier) -> date:
    """The day of its filing."""
    return one.filed or calendar.dated(one.known)
