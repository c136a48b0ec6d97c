"""Something that is wrong now, as every face shows it, and the notices that tell it."""

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from service.model.identity import WorkspaceId
from service.model.notice import EventType, Notice, NoticeKind, notice_id
from service.store.notices import StandingNotice

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


class Severity(StrEnum):
    """How much of a hurry there is."""

    CRITICAL = "critical"  # somebody is not told of filings, or will not be, until it is over
    WARNING = "warning"  # nothing is lost yet


class Condition(Struct, frozen=True, kw_only=True):
    """Something that is wrong now. There is one of each kind and subject."""

    kind: NoticeKind
    subject: str  # what it is about, among others of its kind
    workspace: WorkspaceId | None = None  # whose it is; None: it concerns the whole service
    since: datetime | None  # None: nobody can tell
    headline: str
    lines: tuple[str, ...] = ()  # what to know and what to do
    severity: Severity
    repeated: bool = False  # told again while it stands: somebody loses something by it


def still(one: StandingNotice, severity: Severity) -> Condition:
    """What was told and cannot be looked at now: it goes on, as far as anybody knows."""
    return Condition(
        kind=one.kind,
        subject=one.subject,
        since=one.raised,
        headline=one.notice.headline,
        lines=one.notice.lines,
        severity=severity,
    )


def raised(one: Condition, now: datetime) -> Notice:
    """That it has begun."""
    return _notice(one, one.headline, notice_id(one.kind, one.subject, now, cleared=False), now)


def reminder(one: Condition, since: datetime, now: datetime) -> Notice | None:
    """That it still stands: once after an hour, then daily. The same one has the same id; None: it is too early."""
    if not one.repeated or now - since < _HOUR:
        return None
    number = 1 + (now - since) // _DAY
    told = notice_id(one.kind, f"{one.subject}/still/{number}", since, cleared=False)
    return _notice(one, f"Still: {one.headline}", told, now, reminder=True)


def cleared(
    one: StandingNotice, headline: str, lines: tuple[str, ...], now: datetime, event: EventType | None = None
) -> Notice:
    """That it is over, which *headline* says in so many words; an *event* of its own, or the one by which it began."""
    return Notice(
        id=notice_id(one.kind, one.subject, one.raised, cleared=True),
        kind=one.kind,
        subject=one.subject,
        cleared=True,
        headline=f"Over: {headline}",
        lines=lines,
        at=now,
        event=event or EventType.of(one.kind),
    )


def _notice(one: Condition, headline: str, told: str, now: datetime, *, reminder: bool = False) -> Notice:
    return Notice(
        id=told,
        kind=one.kind,
        subject=one.subject,
        cleared=False,
        headline=headline,
        lines=one.lines,
        at=now,
        event=EventType.of(one.kind),
        reminder=reminder,
    )
