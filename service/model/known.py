"""Facts of a row that follow from its boxes and footnotes together, as alerts carry them: only those that are known."""

from datetime import date
from decimal import Decimal

from msgspec import Struct

from service.model.word import Word


class Direction(Word):
    """Which way it went, in a trader's sense."""

    BUY = "buy", "Bought for money, on the open market or privately (code P, acquired)"
    SELL = "sell", "Sold for money, on the open market or privately (code S, disposed)"
    ACQUIRE = "acquire", "Received in another way: granted, exercised into, given, swapped"
    DISPOSE = "dispose", "Given up in another way: exercised or converted, withheld, returned, given, swapped"


class Plan(Word):
    """Whether a row was traded under a Rule 10b5-1 plan."""

    PLAN = "plan", "A footnote of the row, the remarks, or the box alone say that it was traded under a plan"
    NONE = "none", "The box is not ticked, or the footnotes say that this row was not traded under a plan"
    CONTRADICTORY = "contradictory", "The box and the footnotes say opposite things"


class Tranche(Struct, frozen=True, kw_only=True):
    """A part of what was granted that vests in equal parts, one on each day."""

    on: tuple[date, ...]
    percent: Decimal  # of the whole: all days together


class RowFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Facts of a row beside its measures, by their names in ``docs/facts.md``; None: unknown, and then not sent."""

    direction: Direction | None = None
    holding_change: Decimal | None = None  # percent
    discount: Decimal | None = None  # percent
    expiration_date: date | None = None
    years_to_expiry: Decimal | None = None
    days_late: Decimal | None = None  # business days
    vesting: tuple[Tranche, ...] | None = None  # None: no schedule, or a footnote tells it
    plan: Plan | None = None
    plan_adopted: date | None = None
