"""A day that should have been compared with the SEC's index and was not, or of which something stays missing."""

from datetime import date, timedelta

from service.model import calendar
from service.model.notice import NoticeKind
from service.store import day_records, days
from service.store.day_records import DayRecord
from service.store.days import OVERDUE
from service.watch.check import Check, always
from service.watch.condition import Condition, Severity
from service.watch.look import Look
from service.words import counted

_LOOKS = 10  # at the index, which take some hours: one that was asked for late is not told of at once
_REMEMBERED = timedelta(days=45)  # `completeness` goes further back
_RECOVERING = timedelta(hours=2)  # for what an index has shown to be missing


async def _find(look: Look) -> list[Condition]:
    since, trusted_at = calendar.eastern_day(look.now) - _REMEMBERED, look.settings.reconcile_at
    late = await days.late(look.database, since, trusted_at, look.now)
    asked = {day for day in await day_records.lacking(look.database) if day >= since}.union(late)
    records = (
        {record.day: record for record in await day_records.records(look.database, since, only=asked)} if asked else {}
    )
    lacking = [one for one in records.values() if one.missing and one.read and look.now - one.read > _RECOVERING]
    return [
        *(_late(look, day, records.get(day)) for day in late if _is_given_up(look, records.get(day))),
        *(_missing(record) for record in lacking if record.day not in late),
    ]


def _is_given_up(look: Look, record: DayRecord | None) -> bool:
    """Whether a late day has been looked at often, or, though it was due, not at all."""
    return record is None or record.looks >= _LOOKS or look.now - record.due > OVERDUE


def _late(look: Look, day: date, record: DayRecord | None) -> Condition:
    note = record.note if record and record.note else "Nobody has looked for it: does a poller run?"
    return Condition(
        kind=NoticeKind.UNPROVEN,
        subject=day.isoformat(),
        since=calendar.due(day, look.settings.reconcile_at),
        headline=f"{day} could not be compared with the SEC's index",
        lines=(note, f"A poller looks at it again; to see what comes of it: filingbell reconcile {day}"),
        severity=Severity.WARNING,
    )


def _missing(record: DayRecord) -> Condition:
    return Condition(
        kind=NoticeKind.UNPROVEN,
        subject=record.day.isoformat(),
        since=record.read,
        headline=f"{counted(record.missing, 'filing')} of {record.day} missing",
        lines=("The SEC's index lists what EDGAR has not served yet. Which and why: filingbell completeness",),
        severity=Severity.CRITICAL,
    )


CHECK = Check(
    kind=NoticeKind.UNPROVEN,
    when=(
        "a day could not be compared with the SEC's index within six hours after it could be trusted, or "
        "something of it stays missing for two"
    ),
    says="which day, what is missing",
    act="`filingbell reconcile DAY`",
    find=_find,
    ended=always(lambda day, span: f"{day} agrees with the SEC's index (did not {span})"),
)
