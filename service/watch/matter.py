"""Something that is wrong now, and the notices that tell it."""

from datetime import datetime, timedelta

from msgspec import Struct

from service.model.notice import Notice, NoticeKind, notice_id
from service.store.notices import Standing

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


class Matter(Struct, frozen=True, kw_only=True):
    """Something that is wrong now."""

    kind: NoticeKind
    subject: str  # what it is about, among others of its kind
    headline: str
    lines: tuple[str, ...]
    repeated: bool = False  # told again while it stands: somebody loses something by it


def raised(matter: Matter, now: datetime) -> Notice:
    """That it has begun."""
    return _notice(matter, matter.headline, notice_id(matter.kind, matter.subject, now, cleared=False), now)


def reminder(matter: Matter, since: datetime, now: datetime) -> Notice | None:
    """That it still stands: once after an hour, then daily. The same one has the same id; None: it is too early."""
    if not matter.repeated or now - since < _HOUR:
        return None
    number = 1 + (now - since) // _DAY
    told = notice_id(matter.kind, f"{matter.subject}/still/{number}", since, cleared=False)
    return _notice(matter, f"Still: {matter.headline}", told, now)


def cleared(one: Standing, headline: str, lines: tuple[str, ...], now: datetime) -> Notice:
    """That it is over, which *headline* says in so many words."""
    return Notice(
        id=notice_id(one.kind, one.subject, one.raised, cleared=True),
        kind=one.kind,
        subject=one.subject,
        cleared=True,
        headline=f"Over: {headline}",
        lines=lines,
        at=now,
    )


def _notice(matter: Matter, headline: str, told: str, now: datetime) -> Notice:
    return Notice(
        id=told,
        kind=matter.kind,
        subject=matter.subject,
        cleared=False,
        headline=headline,
        lines=matter.lines,
        at=now,
    )
