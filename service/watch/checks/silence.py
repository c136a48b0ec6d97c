"""The feed shows nothing new while EDGAR takes filings, or cannot be read."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from itertools import pairwise

from service.model import calendar
from service.model.notice import NoticeKind
from service.store import filings, marks
from service.store.notices import StandingNotice
from service.watch.check import Check, always
from service.watch.condition import Condition, Severity, still
from service.watch.look import Look
from service.words import eastern

_POLLER = "poller"  # the subject of a silence that is ours
_FEED = "feed"  # of one that is EDGAR's
_UNREAD = timedelta(minutes=5)  # without the feed being read to known ground
_COMPARED = 14  # days: how far back usual silences are looked for
_MORE_THAN_USUAL = 1.5


async def _find(look: Look) -> list[Condition]:
    if not calendar.is_open(look.now):
        return [still(one, Severity.WARNING) for one in await look.standing() if await _goes_on(look, one)]
    read, newest = (await look.marks()).get(marks.READ), await look.newest()
    if read is None or newest is None:
        return []  # a first start: there is nothing to compare with
    opened = calendar.opens_after(calendar.at(calendar.eastern_day(look.now), calendar.MIDNIGHT))
    if look.now - max(read, opened) > _UNREAD:
        return [_unread(read)]
    silent = look.now - max(newest, opened)
    if silent <= timedelta(minutes=look.settings.silence_minutes):
        return []
    usual = usual_silence(await _times(look), look.now)
    return [] if silent <= usual * _MORE_THAN_USUAL else [_silent(silent, usual, newest)]


async def _goes_on(look: Look, one: StandingNotice) -> bool:
    """Whether what was told of goes on while EDGAR is closed: a silence does not end with the day."""
    if one.kind is not NoticeKind.SILENCE:
        return False
    moved = (await look.marks()).get(marks.READ) if one.subject == _POLLER else await look.newest()
    return moved is None or moved <= one.raised


async def _times(look: Look) -> list[datetime]:
    """The times of the filings of earlier days in this hour, and the next ones before and behind it."""
    local = look.now.astimezone(calendar.EASTERN)
    found: list[datetime] = []
    for back in range(_COMPARED, 0, -1):
        day = local.date() - timedelta(days=back)
        start = calendar.at(day, time(local.hour))
        found += await filings.times_around(look.database, start, start + timedelta(hours=1))
    return sorted(set(found))


def usual_silence(times: Sequence[datetime], now: datetime) -> timedelta:
    """The longest silence between *times*, in order, that fell into this hour of an earlier business day."""
    hour = now.astimezone(calendar.EASTERN).hour
    longest = timedelta(0)
    for before, after in pairwise(times):
        day = calendar.eastern_day(before)
        if calendar.eastern_day(after) != day or day == calendar.eastern_day(now):
            continue
        if before.astimezone(calendar.EASTERN).hour <= hour <= after.astimezone(calendar.EASTERN).hour:
            longest = max(longest, after - before)
    return longest


def _unread(read: datetime) -> Condition:
    return Condition(
        kind=NoticeKind.SILENCE,
        subject=_POLLER,
        since=read,
        headline=f"EDGAR's feed has not been read completely since {eastern(read)}; filings may be late",
        lines=("Does a poller run, and does EDGAR answer it? See its log.",),
        severity=Severity.CRITICAL,
    )


def _silent(silent: timedelta, usual: timedelta, newest: datetime) -> Condition:
    known = f"In two weeks it was never more than {usual // timedelta(minutes=1)} at this hour." if usual else ""
    return Condition(
        kind=NoticeKind.SILENCE,
        subject=_FEED,
        since=newest,
        headline=f"The feed has shown no new filing for {silent // timedelta(minutes=1)} minutes",
        lines=(
            *filter(None, [known]),
            "It is read without errors. If sec.gov shows nothing new either, EDGAR itself has stopped.",
        ),
        severity=Severity.WARNING,
    )


def _ended(subject: str, span: str) -> str:
    if subject == _POLLER:
        return f"EDGAR's feed is read again (was not read completely {span})"
    return f"EDGAR's feed shows new filings again (was silent {span})"


CHECK = Check(
    kind=NoticeKind.SILENCE,
    when="the feed shows nothing new for longer than is usual at that hour, or cannot be read",
    says="for how long, and whether it is read without errors",
    act="see whether sec.gov shows new filings; if it does, the log of the poller",
    find=_find,
    ended=always(_ended),
)
