"""Whether anything is missing: day by day, what the SEC's index lists, and what became of it."""

from datetime import date, datetime, time
from enum import StrEnum

from msgspec import Struct

from service.store import Database, day_records, days
from service.store.day_records import DayRecord, MissingFiling
from service.store.days import DayState


class DayStanding(StrEnum):
    """How a day stands, in a word."""

    COMPLETE = "complete"
    MISSING = "missing"  # its index lists what is not published yet
    NOT_PROVEN = "not proven"  # its index could not be read, or not be trusted, yet
    WAITING = "waiting"  # its index was not looked at yet
    CLOSED = "closed"  # it has none: a holiday


class SpanAccount(Struct, frozen=True, kw_only=True):
    """The days of a span that are known, oldest first."""

    records: tuple[DayRecord, ...]
    missing: tuple[MissingFiling, ...]  # the first of them
    late: tuple[date, ...] = ()  # days that should have been compared by now, whether or not anybody has looked


async def account(
    database: Database, since: date, until: date, trusted_at: time, now: datetime, named: int
) -> SpanAccount:
    """The account of the days from *since* to *until*, which names up to *named* of what is missing."""
    records = await day_records.records(database, since, until)
    missing = await day_records.missing(database, [record.day for record in records if record.missing], named)
    late = await days.late(database, since, trusted_at, now)
    return SpanAccount(records=tuple(records), missing=tuple(missing), late=tuple(day for day in late if day <= until))


def standing(record: DayRecord) -> DayStanding:
    """How the day of *record* stands."""
    if record.missing:
        return DayStanding.MISSING
    if record.state is DayState.DUE:
        return DayStanding.NOT_PROVEN if record.looks else DayStanding.WAITING
    return DayStanding.CLOSED if record.state is DayState.CLOSED else DayStanding.COMPLETE
