"""When a channel is told everything together: at times of the day, on days of the week. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from consumers.dispatcher.clocks import shown, time_of, zone_of
from service.model.calendar import EASTERN
from service.model.delivery import Decision, Obligation
from service.model.resource import Resource
from service.words import nearest

EXAMPLE = "16:30 weekdays"
LONGEST = timedelta(days=8)  # from one digest to the next: a week, the night on which the clocks change, and to spare

_TIME, _WORD = r"\d{1,2}:\d\d", r"[A-Za-z]+"
_WRITTEN = re.compile(rf"({_TIME}(?: ?, ?{_TIME})*) +({_WORD}(?: ?, ?{_WORD})*)(?: +(\S+))?", re.ASCII)
_DAYS = ("mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays", "sundays")
_SEVERAL = {"daily": range(7), "weekdays": range(5), "weekends": range(5, 7)}
_WEEK = 9  # days to look at: a week from the day before on
_MOST = 24  # times a day


@dataclass(frozen=True, slots=True)
class Timetable:
    """Times of the day and days of the week, by the clocks of a place."""

    times: tuple[time, ...]
    days: frozenset[int]  # 0: Monday
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str) -> "Timetable":
        """What *text* says, written as in ``16:30 weekdays`` or ``9:00, 16:30 mon, thu Europe/London``.

        Raises ValueError.
        """
        written = _WRITTEN.fullmatch(text.strip())
        if written is None:
            raise ValueError(f"a digest is written as in {EXAMPLE}, or 9:00, 16:30 mon, thu Europe/London")
        times = sorted({time_of(one.strip()) for one in written[1].split(",")})
        if len(times) > _MOST:
            raise ValueError(f"name no more than {_MOST} times")
        days = frozenset(chain.from_iterable(_days(one.strip()) for one in written[2].split(",")))
        return cls(tuple(times), days, zone_of(written[3]) if written[3] else EASTERN)

    def __str__(self) -> str:
        """``16:30 Eastern on weekdays``."""
        times = _and([f"{one:%H:%M}" for one in self.times])
        zone = "Eastern" if self.zone == EASTERN else str(self.zone)
        named = next((name for name, days in _SEVERAL.items() if self.days == set(days)), None)
        if named == "daily":
            return f"{times} {zone} every day"
        return f"{times} {zone} on {named or _and([_DAYS[day] for day in sorted(self.days)])}"

    def after(self, at: datetime) -> datetime:
        """The first of these times behind *at*.

        By what the clocks show: a time that they show twice is the first of the two, so that it comes once; one that
        they skip comes when they do.
        """
        today = at.astimezone(self.zone).date() - timedelta(days=1)
        days = (today + timedelta(days=number) for number in range(_WEEK))
        return next(one for day in days for one in self._on(day) if one > at)

    def _on(self, day: date) -> Sequence[datetime]:
        if day.weekday() not in self.days:
            return ()
        return sorted(shown(day, one, self.zone)[0] for one in self.times)


def timed(decision: Decision, timetable: Timetable | None) -> Decision:
    """*decision*, for a channel that is told everything at these times (None: it is not), and quiet hours no earlier.

    What is owed is told in the first digest behind the time at which it is due.
    """
    if timetable is None or not isinstance(decision, Obligation):
        return decision
    return replace(decision, held=None, joins=timetable.after(decision.due))


def timetable_of(channel: Resource) -> Timetable | None:
    """When *channel* is told everything together; None: as it comes."""
    written = channel.section.get("digest")
    return _parsed(written) if isinstance(written, str) else None


@lru_cache(maxsize=256)
def _parsed(written: str) -> Timetable | None:
    try:
        return Timetable.parse(written)
    except ValueError:  # of another version; the sender leaves out a channel that it cannot read, so nothing goes
        return None


def _days(word: str) -> Sequence[int]:
    folded = word.casefold()
    if folded in _SEVERAL:
        return _SEVERAL[folded]
    for number, day in enumerate(_DAYS):
        if len(folded) >= 3 and day.startswith(folded):
            return (number,)
    near = nearest(folded, (*_SEVERAL, *_DAYS))
    meant = f"did you mean {near}?" if near else f"write {', '.join(_SEVERAL)}, or days such as mon, thu"
    raise ValueError(f"there are no days {word}; {meant}")


def _and(words: Sequence[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
