"""Rules held against the past: how often each would have rung, when and for whom."""

from datetime import date, datetime

from msgspec import Struct

from service.control.tallied import Backtest
from service.model import calendar
from service.model.person import Scope
from service.web.api.resources import Named, Settings
from service.web.endpoint import Answer, Call, Endpoint


class PastAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which days are looked at, in New York."""

    since: date | None = None  # from that day on; null: the last two years
    until: date | None = None  # before that day; null: until now


class DraftOnPast(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule that is not made yet, and which days are looked at, in New York."""

    settings: Settings  # as in a configuration file
    since: date | None = None  # from that day on; null: the last two years
    until: date | None = None  # before that day; null: until now
    name: Named = "draft"


async def _of_rule(call: Call) -> Answer:
    asked: PastAsked = call.query
    found = await call.context.backtests.of_rule(
        call.asker.workspace, call.path["rule"], _began(asked.since), _began(asked.until)
    )
    return Answer(content=found)


async def _of_draft(call: Call) -> Answer:
    draft: DraftOnPast = call.body
    found = await call.context.backtests.of_draft(
        call.asker.workspace, draft.name, draft.settings, _began(draft.since), _began(draft.until)
    )
    return Answer(content=found)


def _began(day: date | None) -> datetime | None:
    return None if day is None else calendar.at(day, calendar.MIDNIGHT)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/rules/{rule}/backtest",
        name="backtest_rule",
        summary="Hold a rule against the past: how often it would have rung, when and for whom",
        scope=Scope.READ,
        handler=_of_rule,
        asks=PastAsked,
        gives=Backtest,
    ),
    Endpoint(
        method="POST",
        path="/drafts/backtest",
        name="backtest_draft",
        summary="Hold a rule against the past without making it",
        scope=Scope.READ,
        handler=_of_draft,
        takes=DraftOnPast,
        gives=Backtest,
    ),
)
