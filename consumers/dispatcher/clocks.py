"""What the clocks of a place show, and when: on the two nights of a year on which they are changed as well. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from service.words import nearest

_MINUTE = timedelta(minutes=1)


def time_of(text: str) -> time:
    """The time of the day that *text* says, as in ``16:30``; raises ValueError."""
    hour, minute = map(int, text.split(":"))
    if hour > 23 or minute > 59:
        raise ValueError(f"{text} is not a time of the day; they go from 00:00 to 23:59")
    return time(hour, minute)


def zone_of(name: str) -> ZoneInfo:
    """The time zone of this *name*; raises ValueError."""
    if "/" not in name and name != "UTC":
        raise ValueError(f"{name} is not a place whose clocks are meant; write one such as America/New_York, or UTC")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = nearest(name, available_timezones())
        meant = f"did you mean {near}?" if near else "write one such as America/New_York, or UTC"
        raise ValueError(f"there is no time zone {name}; {meant}") from None


def shown(day: date, clock: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When the clocks of *zone* show *clock* on *day*, for the first and for the last time.

    A time that they skip comes when they do.
    """
    read = datetime.combine(day, clock, zone)
    first, last = read.astimezone(UTC), read.replace(fold=1).astimezone(UTC)
    if first <= last:
        return first, last
    skips = (last + number * _MINUTE for number in count())
    skipped = next(one for one in skips if _offset(one, zone) != _offset(last, zone))
    return skipped, skipped


def _offset(at: datetime, zone: ZoneInfo) -> timedelta | None:
    return at.astimezone(zone).utcoffset()
