"""When a channel is not to be disturbed: what comes in its quiet hours is held until they end. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import count
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from msgspec.structs import replace

from service.model.delivery import Decision, Obligation
from service.model.resource import Resource
from service.words import nearest

EXAMPLE = "22:00-07:00 America/New_York"
LONGEST = timedelta(hours=26)  # that anything is held: a day, the night on which the clocks are set back, and to spare

_WRITTEN = re.compile(r"(\d{1,2}:\d\d) ?- ?(\d{1,2}:\d\d)(?: +(\S+))?", re.ASCII)
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of the day to another, by the clocks of a place; over midnight where the end comes first."""

    start: time
    end: time
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str) -> "QuietHours":
        """The hours that *text* says, written as in ``22:00-07:00 America/New_York``; raises ValueError."""
        written = _WRITTEN.fullmatch(text.strip())
        if written is None:
            raise ValueError(f"quiet hours are written as in {EXAMPLE}")
        start, end = _time(written[1]), _time(written[2])
        if start == end:
            raise ValueError("quiet hours end at another time than they begin; to be told nothing, disable the channel")
        if written[3] is None:
            raise ValueError(f"the time zone is missing, as in {EXAMPLE}")
        return cls(start, end, _zone(written[3]))

    def __str__(self) -> str:
        """``22:00 to 07:00, America/New_York``."""
        return f"{self.start:%H:%M} to {self.end:%H:%M}, {self.zone}"

    def around(self, at: datetime) -> tuple[datetime, datetime] | None:
        """When the quiet hours that *at* lies in began and when they end; None: it lies in none.

        By what the clocks show. Where they show the start twice, the first time counts, and of the end the last, so
        that one night is quiet once; a time that they skip comes when they do.
        """
        day = at.astimezone(self.zone).date()
        nights = [(start, end) for start, end in self._of(day - _DAY, day) if start <= at < end]
        return max(nights, key=lambda night: night[1], default=None)

    def until(self, at: datetime) -> datetime | None:
        """When the quiet hours that *at* lies in end; None: it lies in none."""
        night = self.around(at)
        return night and night[1]

    def _of(self, *days: date) -> Iterator[tuple[datetime, datetime]]:
        over_midnight = _DAY if self.end < self.start else timedelta(0)
        for day in days:
            yield self._shown(day, self.start)[0], self._shown(day + over_midnight, self.end)[1]

    def _shown(self, day: date, clock: time) -> tuple[datetime, datetime]:
        """When the clocks show *clock* on *day*, for the first and for the last time."""
        read = datetime.combine(day, clock, self.zone)
        first, last = read.astimezone(UTC), read.replace(fold=1).astimezone(UTC)
        if first <= last:
            return first, last
        skips = (last + number * _MINUTE for number in count())
        skipped = next(one for one in skips if self._offset(one) != self._offset(last))
        return skipped, skipped

    def _offset(self, at: datetime) -> timedelta | None:
        return at.astimezone(self.zone).utcoffset()


def quiet(decision: Decision, hours: QuietHours | None) -> Decision:
    """*decision*, for a channel with these quiet *hours* (None: it has none): what is due in them is held."""
    until = hours.until(decision.due) if hours is not None and isinstance(decision, Obligation) else None
    return decision if until is None else replace(decision, held=until)


def hours_of(channel: Resource) -> QuietHours | None:
    """The quiet hours of *channel*; None: it has none."""
    written = channel.section.get("quiet")
    return _parsed(written) if isinstance(written, str) else None


@lru_cache(maxsize=256)
def _parsed(written: str) -> QuietHours | None:
    try:
        return QuietHours.parse(written)
    except ValueError:  # of another version; the sender leaves out a channel that it cannot read, so nothing goes
        return None


def _time(text: str) -> time:
    hour, minute = map(int, text.split(":"))
    if hour > 23 or minute > 59:
        raise ValueError(f"{text} is not a time of the day; they go from 00:00 to 23:59")
    return time(hour, minute)


def _zone(name: str) -> ZoneInfo:
    if "/" not in name and name != "UTC":
        raise ValueError(f"{name} is not a place whose clocks are meant; write one such as America/New_York, or UTC")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = nearest(name, available_timezones())
        meant = f"did you mean {near}?" if near else "write one such as America/New_York, or UTC"
        raise ValueError(f"there is no time zone {name}; {meant}") from None
