"""What a condition asks of facts that are kept as numbers: a database can answer it without reading filings."""

from datetime import datetime
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from service.model.rule import Comparison


class Bits(Struct, frozen=True):
    """One of these words is there: true where *column* has one of the bits *wanted*; empty: unknown."""

    column: str
    wanted: int
    missing: str | None = None  # the column of the words of which it cannot be told whether they are there


class Number(Struct, frozen=True):
    """*column* is on the right side of *limit*; empty: unknown, or false where the row does not have such a number."""

    column: str
    comparison: Comparison
    limit: float
    lacking: int  # the bit of the column `lacks` that says so


class Joined(Struct, frozen=True):
    """All of its parts are true, or one of them is."""

    of: tuple["Part", ...]
    every: bool


class Opposite(Struct, frozen=True):
    """Its part is false."""

    of: "Part"


class Open(Struct, frozen=True):
    """A claim that no column can decide."""


Part: TypeAlias = Bits | Number | Joined | Opposite | Open
"""A claim, or claims joined in Kleene's logic, which is SQL's own: what is unknown is null."""


class Floor(Struct, frozen=True):
    """The sum of *column* over the rows that count must reach a limit.

    Below *short* it surely does not, and above *enough* it does: a sum of binary fractions is not exact.
    """

    column: str
    short: float
    enough: float


class Decision(Struct, frozen=True, kw_only=True):
    """A condition, as far as columns can decide it."""

    form: int  # of the columns: those of another form decide nothing
    filing: tuple[Part, ...]  # what must be true of the filing
    row: tuple[Part, ...] = ()  # and of one of its rows
    sums: bool = False  # whether something is asked of such rows together, which none of them can decide alone
    floors: tuple[Floor, ...] = ()  # of that, what must be reached
    reach: bool = False  # whether that is all of it, and of all rows of the filing that count
    claims: tuple[str, ...] = ()  # those of the filing and those of rows, in words
    exact: bool = False  # whether columns decide all of it: then what they leave open is unknown


UNKNOWN, TRUE = 1, 2
"""Verdicts as numbers: of the rows of a filing the greatest counts."""


class Decided(NamedTuple):
    """A filing of which the condition is not known to be false."""

    known: datetime
    filing: int
    source: int
    issuer: int | None  # its CIK; None: no fact of it is kept
    owners: str | None  # their CIKs, parted by commas
    verdict: int | None  # TRUE; UNKNOWN: or not to be decided by columns; None: no fact of it is kept
