"""What users ask for: rules and watchlists."""

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from service.model.fact import Kind, Measure, Role
from service.model.filing import Cik
from service.model.identity import DEFAULT, Revision, RuleId, WorkspaceId
from service.model.ownership import OwnershipForm


class Comparison(StrEnum):
    """How a threshold compares a measure with its limit."""

    AT_LEAST = ">="
    MORE_THAN = ">"
    AT_MOST = "<="
    LESS_THAN = "<"


class Threshold(Struct, frozen=True, kw_only=True):
    """A claim on a measure, such as ``exercise_value >= $500,000``."""

    measure: Measure
    comparison: Comparison
    limit: Decimal


class Per(StrEnum):
    """What a threshold is held against."""

    ROW = "row"  # each row by itself
    FILING = "filing"  # the sum over the filing's rows that meet everything else


class Watchlist(Struct, frozen=True, kw_only=True):
    """Companies and persons to look out for; a filing is on it by any one of its entries."""

    name: str
    tickers: frozenset[str] = frozenset()
    ciks: frozenset[Cik] = frozenset()  # of issuers
    owners: frozenset[Cik] = frozenset()
    owner_names: frozenset[str] = frozenset()  # folded; every word must stand in the owner's name


class Rule(Struct, frozen=True, kw_only=True):
    """When to alert: every predicate given must be true."""

    id: RuleId
    workspace: WorkspaceId = DEFAULT
    revision: Revision = Revision(0)  # 0: it is read from a file, and stored nowhere
    name: str
    description: str | None = None
    kinds: tuple[Kind, ...] = ()  # empty: any
    thresholds: tuple[Threshold, ...] = ()
    roles: tuple[Role, ...] = ()  # empty: any
    watchlists: tuple[Watchlist, ...] = ()  # empty: any
    plan_10b5_1: bool | None = None  # None: with or without such a plan
    ownership: OwnershipForm | None = None  # None: direct or indirect
    amendments: bool = True  # False: not for a 4/A
    per: Per = Per.ROW
    channels: tuple[str, ...] = ()
