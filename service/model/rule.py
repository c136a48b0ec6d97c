"""What users ask for: rules and watchlists."""

from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Self, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from service.model.fact import Kind
from service.model.filing import Cik
from service.model.identity import DEFAULT, Revision, RuleId, WorkspaceId
from service.model.tickers import Placement


class Comparison(StrEnum):
    """How a threshold compares a fact with its limit."""

    AT_LEAST = ">="
    MORE_THAN = ">"
    AT_MOST = "<="
    LESS_THAN = "<"


class Threshold(Struct, frozen=True, kw_only=True):
    """A claim on a number or a date, such as ``exercise_value >= $500,000``."""

    fact: str  # its name
    comparison: Comparison
    limit: Decimal | date


class Watchlist(Struct, frozen=True, kw_only=True):
    """Companies and persons to look out for; a filing is on it by any one of its entries."""

    name: str
    tickers: frozenset[str] = frozenset()
    ciks: frozenset[Cik] = frozenset()  # of issuers
    placed: frozenset[Placement] = frozenset()  # what tickers stand for, where the SEC's list says it
    issuers: frozenset[Cik] = frozenset()  # whom to look an issuer up in: *ciks*, and those of *placed*
    owners: frozenset[Cik] = frozenset()
    owner_names: frozenset[str] = frozenset()  # folded; every word must stand in the owner's name
    left_out: "Watchlist | None" = None  # who is not meant by it, of the same name; None: everybody is
    leaves_out: bool = False  # whether it is what another one leaves out

    @property
    def every_ticker(self) -> frozenset[str]:
        """Its tickers, and those that it leaves out."""
        return self.tickers | (self.left_out.tickers if self.left_out else frozenset())

    def with_placed(self, placed: Collection[Placement]) -> Self:
        """The same, whose tickers stand for the companies that *placed* says."""
        found = frozenset(one for one in placed if one.ticker in self.tickers)
        return replace(
            self,
            placed=found,
            issuers=self.ciks.union(one.cik for one in found),
            left_out=self.left_out and self.left_out.with_placed(placed),
        )


class Amendments(StrEnum):
    """How a rule takes a 4/A."""

    INCLUDE = "include"  # as any other filing
    ONLY = "only"
    EXCLUDE = "exclude"


class Way(StrEnum):
    """What the insiders of a cluster do."""

    BUY = "buy"
    SELL = "sell"


class Tick(StrEnum):
    """What an owner is to the issuer, by the ticks of box 5 alone."""

    DIRECTOR = "director"
    OFFICER = "officer"
    TEN_PERCENT_OWNER = "ten-percent-owner"
    OTHER = "other"


class Cluster(Struct, frozen=True, kw_only=True):
    """Insiders of one issuer who do the same within some days."""

    insiders: int  # at least so many
    within: int  # days
    direction: Way = Way.BUY
    officers: int = 0  # at least so many of them
    exclude: tuple[Tick, ...] = ()  # who is any of these does not count


Asked: TypeAlias = Threshold | Cluster | tuple[str, ...] | tuple[Watchlist, ...] | bool | str
"""What stands behind a key of a rule, as the key's predicate takes it; equal where the same is asked."""


class Claim(Struct, frozen=True):
    """One key of a rule and what it asks for."""

    key: str  # of PREDICATES
    asked: Asked


class All(Struct, frozen=True):
    """True where all of its parts are; with no part, always."""

    of: tuple["Tree", ...] = ()


class AnyOf(Struct, frozen=True):
    """True where one of its parts is."""

    of: tuple["Tree", ...]


class Not(Struct, frozen=True):
    """True where its part is false."""

    of: "Tree"


Tree: TypeAlias = Claim | All | AnyOf | Not
"""Claims as a rule joins them, in Kleene's three-valued logic: what is unknown stays so where it decides."""


def claims(tree: Tree) -> Iterator[Claim]:
    """Every claim in *tree*, those that are negated too."""
    match tree:
        case Claim():
            yield tree
        case Not(of=part):
            yield from claims(part)
        case All(of=parts) | AnyOf(of=parts):
            for part in parts:
                yield from claims(part)


class Per(StrEnum):
    """What thresholds are held against, and whose roles and names."""

    ROW = "row"  # each row by itself
    FILING = "filing"  # the sum over the filing's rows that meet everything else
    DAY = "day"  # the same, over those of one transaction date
    OWNER = "owner"  # what is asked of owners, all of one and the same owner


class Condition(Struct, frozen=True, kw_only=True):
    """What a filing must be for a rule to alert. Equal conditions are met by the same filings, in the same rows."""

    rows: Tree = All()  # held against each row; the rows for which it is true meet the rule
    totals: tuple[Claim, ...] = ()  # thresholds on sums over those rows
    per: Per = Per.ROW  # over which rows they are summed: FILING or DAY; ROW: there are no totals
    one_owner: bool = False  # whether claims on owners must hold of one and the same owner

    @property
    def claims(self) -> Iterator[Claim]:
        """Every claim of it."""
        yield from claims(self.rows)
        yield from self.totals


def watchlists_of(condition: Condition) -> Iterator[Watchlist]:
    """Every watchlist that *condition* names, as often as it does."""
    for claim in condition.claims:
        if isinstance(claim.asked, tuple):
            yield from (one for one in claim.asked if isinstance(one, Watchlist))


def kinds_of(claim: Claim) -> tuple[Kind, ...]:
    """The kinds of rows that *claim* asks for; none: it asks for something else."""
    asked = claim.asked if claim.key == "kinds" and isinstance(claim.asked, tuple) else ()
    return tuple(kind for kind in asked if isinstance(kind, Kind))


class Priority(StrEnum):
    """How soon its alerts go."""

    URGENT = "urgent"  # before others, and at any hour
    NORMAL = "normal"


class Rule(Struct, frozen=True, kw_only=True):
    """When to alert, and whom."""

    id: RuleId
    workspace: WorkspaceId = DEFAULT
    revision: Revision = Revision(0)  # 0: it is read from a file, and stored nowhere
    name: str
    description: str | None = None
    condition: Condition = Condition()
    priority: Priority = Priority.NORMAL
    channels: tuple[str, ...] = ()
