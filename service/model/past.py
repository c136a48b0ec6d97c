"""A filing of the past: who did what, as filed, and from when on everybody could know it."""

from datetime import date, datetime
from enum import IntEnum

from msgspec import Struct

from service.model.filing import Accession, Cik
from service.model.ownership import (
    DerivativeHolding,
    DerivativeTransaction,
    NonDerivativeHolding,
    NonDerivativeTransaction,
    ReportingOwner,
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


class Earlier(Struct, frozen=True, kw_only=True):
    """One filing, as far as facts of the past read it."""

    accession: Accession
    source: Brought
    form: str
    known: datetime
    filed: date | None
    amends: date | None
    owners: frozenset[Cik]
    rows: tuple[Row, ...]  # those that facts rest on, with the boxes that they read


class Before(Struct, frozen=True, kw_only=True):
    """What the owners of a filing filed on its issuer before it."""

    filings: tuple[Earlier, ...]  # the latest first
    complete: date | None  # no filing of this day, or of a later one, is missing; None: that cannot be said of any day
