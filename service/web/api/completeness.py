"""Whether anything is missing, day by day, compared with the SEC's own index."""

from datetime import date, datetime, timedelta
from http import HTTPStatus

from msgspec import Struct

from service.control.completeness import DayStanding, standing
from service.model import calendar
from service.model.person import Scope
from service.store.day_records import DayRecord, MissingFiling
from service.web.endpoint import Answer, Call, Endpoint
from service.web.problems import FaultShown, Refusal

_SHOWN, _LONGEST = timedelta(days=30), timedelta(days=400)


class CompletenessAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which days are asked for."""

    since: date | None = None  # null: the last 30 days
    until: date | None = None  # null: today, in New York


class DayShown(Struct, frozen=True, kw_only=True):
    """A day's account. `indexed` is the sum of `seen`, `recovered`, `dead` and `missing`."""

    day: date
    standing: DayStanding
    note: str | None  # why it is not proven, or what is odd about its index
    read: datetime | None  # when the SEC's index was last read whole; null: never
    indexed: int  # filings that the index lists
    seen: int  # published, and found by the feed
    recovered: int  # published, and found by an index
    dead: int  # EDGAR never served a document that can be used
    missing: int  # not published yet


class Completeness(Struct, frozen=True, kw_only=True):
    """The days that were compared, or are to be, oldest first."""

    items: tuple[DayShown, ...]
    missing: tuple[MissingFiling, ...]  # the first 100 filings that are not published yet
    late: tuple[date, ...]  # days that should have been compared by now


async def _list(call: Call) -> Answer:
    asked: CompletenessAsked = call.query
    until = asked.until or calendar.eastern_day(call.context.clock.now())
    since = asked.since or until - min(_SHOWN, until - date.min)
    if not timedelta() <= until - since <= _LONGEST:
        message = f"since must not be behind until, and at most {_LONGEST.days} days before it"
        fault = FaultShown(path=("since",), message=message)
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "faulty", "the query cannot be used", (fault,))
    found = await call.context.looks.account(since, until)
    return Answer(content=Completeness(items=tuple(map(_shown, found.records)), missing=found.missing, late=found.late))


def _shown(record: DayRecord) -> DayShown:
    same = {name: getattr(record, name) for name in DayShown.__struct_fields__ if name != "standing"}
    return DayShown(standing=standing(record), **same)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/completeness",
        name="show_completeness",
        summary="Show day by day what the SEC's index lists, and what became of it",
        scope=Scope.READ,
        handler=_list,
        asks=CompletenessAsked,
        gives=Completeness,
    ),
)
