"""When a channel is not to be disturbed: what comes in its quiet hours is held until they end. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from consumers.dispatcher.clocks import shown, time_of, zone_of
from service.model.delivery import Decision, Obligation
from service.model.resource import Resource

EXAMPLE = "22:00-07:00 America/New_York"
LONGEST = timedelta(hours=26)  # that anything is held: a day, the night on which the clocks are set back, and to spare

_WRITTEN = re.compile(r"(\d{1,2}:\d\d) ?- ?(\d{1,2}:\d\d)(?: +(\S+))?", re.ASCII)
_DAY = timedelta(days=1)


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
        start, end = time_of(written[1]), time_of(written[2])
        if start == end:
            raise ValueError("quiet hours end at another time than they begin; to be told nothing, disable the channel")
        if written[3] is None:
            raise ValueError(f"the time zone is missing, as in {EXAMPLE}")
        return cls(start, end, zone_of(written[3]))

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
            yield shown(day, self.start, self.zone)[0], shown(day + over_midnight, self.end, self.zone)[1]


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
