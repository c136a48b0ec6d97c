"""When EDGAR takes filings: business days, 6:00 to 22:00 Eastern. Pure."""

from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import count
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")  # EDGAR's clock
MIDNIGHT = time(0)
FIRST = date(2003, 6, 30)  # ownership forms are XML from then on

CLOSED_BY_ORDER = frozenset(
    {
        date(2018, 12, 5),  # mourning for President Bush
        date(2018, 12, 24),
        date(2019, 12, 24),
        date(2020, 12, 24),
        date(2021, 6, 18),  # Juneteenth became law on the day before, and was kept on that Friday
        date(2024, 12, 24),
        date(2025, 1, 9),  # mourning for President Carter
        date(2025, 12, 24),
        date(2025, 12, 26),
    }
)
"""Days on which EDGAR took no filings though they are no federal holidays: what the SEC announced from 2018 on."""

_OPENS = time(6)
_DATED_UNTIL = time(22)  # Regulation S-T 13(a)(4): ownership forms have the date of the day until then
_CLOSES = time(22, 15)  # what is accepted by 22:00 shows a little later
_BEGAN, _NO_YEAR = 1993, 2100
EDGAR_DAYS = date(_BEGAN, 1, 1), date(_NO_YEAR - 1, 12, 31)
"""The first and last day on which something can have been filed: EDGAR began in 1993, and 9999 stands for no year."""

_JUNETEENTH = 2022  # the first year whose calendars had it


def eastern_day(at: datetime) -> date:
    """The day on which *at* falls in New York."""
    return at.astimezone(EASTERN).date()


def at(day: date, time_of_day: time) -> datetime:
    """The instant at which it is *time_of_day* on *day* in New York."""
    return datetime.combine(day, time_of_day, EASTERN)


def time_of_edgar(moment: datetime, now: datetime) -> datetime:
    """*moment*, or the nearest one to it at which something can have been filed: since EDGAR began, and until *now*."""
    return max(min(moment, now), at(EDGAR_DAYS[0], MIDNIGHT))


def is_of_edgar(day: date) -> bool:
    """Whether something can be filed on *day*."""
    first, last = EDGAR_DAYS
    return first <= day <= last


def ends(day: date) -> datetime:
    """The midnight in New York at which *day* ends; of the last day that there is, that at which it begins."""
    return at(day if day == date.max else day + timedelta(days=1), MIDNIGHT)


def due(day: date, trusted_at: time) -> datetime:
    """When the index of *day* can be trusted: at *trusted_at* on the day after."""
    return at(day + timedelta(days=1), trusted_at)


def is_weekday(day: date) -> bool:
    """Monday to Friday: a day that can have an index."""
    return day.weekday() < 5


def weekdays(first: date, last: date) -> list[date]:
    """Those from *first* to *last*, both included."""
    every = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in every if is_weekday(day)]


def is_business_day(day: date) -> bool:
    """A weekday that is no federal holiday (5 U.S.C. 6103), and on which EDGAR was not closed by order."""
    return is_weekday(day) and day not in _closed(day.year)


@lru_cache(4096)  # filings of a day are about the same few days
def business_days(after: date, until: date) -> int:
    """How many there are after *after* up to *until*, which is included; 0 where *until* is no later."""
    if until <= after:
        return 0
    closed = sum(after < day <= until for year in range(after.year, until.year + 1) for day in _closed(year))
    return _weekdays_until(until) - _weekdays_until(after) - closed


@lru_cache(4096)
def add_business_days(day: date, number: int) -> date:
    """The *number*-th business day after *day*, whatever *day* is."""
    while number:
        day += timedelta(days=1)
        number -= is_business_day(day)
    return day


def dated(accepted: datetime) -> date:
    """The day that EDGAR gives an ownership form it accepts at that instant."""
    local = accepted.astimezone(EASTERN)
    late = local.time() > _DATED_UNTIL
    return local.date() if is_business_day(local.date()) and not late else add_business_days(local.date(), 1)


def last_business_day(day: date) -> date:
    """*day*, or the last business day before it."""
    while not is_business_day(day):
        day -= timedelta(days=1)
    return day


def is_open(now: datetime) -> bool:
    """Whether filings are to be expected at *now*."""
    local = now.astimezone(EASTERN)
    return is_business_day(local.date()) and _OPENS <= local.time() < _CLOSES


def opens_after(now: datetime) -> datetime:
    """When filings are next to be expected after *now*, which is outside the hours."""
    today = eastern_day(now)
    for ahead in count():
        day = today + timedelta(days=ahead)
        if is_business_day(day) and at(day, _OPENS) > now:
            return at(day, _OPENS)
    raise AssertionError("unreachable")


@cache
def _closed(year: int) -> frozenset[date]:
    """The weekdays of *year* on which EDGAR is closed."""
    holidays = _holidays(year) | (_holidays(year + 1) if year < date.max.year else set())  # New Year on December 31
    return frozenset(day for day in holidays | CLOSED_BY_ORDER if day.year == year and is_weekday(day))


def _weekdays_until(day: date) -> int:
    weeks, rest = divmod(day.toordinal(), 7)  # the first day of all was a Monday
    return weeks * 5 + min(rest, 5)


def _holidays(year: int) -> set[date]:
    fixed = [date(year, 1, 1), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25)]
    if year >= _JUNETEENTH:
        fixed.append(date(year, 6, 19))
    return {_observed(day) for day in fixed} | {
        _nth(year, 1, 0, 3),  # Martin Luther King Jr.
        _nth(year, 2, 0, 3),  # Washington's Birthday
        _nth(year, 6, 0, 1) - timedelta(days=7),  # Memorial Day: the last Monday of May
        _nth(year, 9, 0, 1),  # Labor Day
        _nth(year, 10, 0, 2),  # Columbus Day
        _nth(year, 11, 3, 4),  # Thanksgiving
    }


def _observed(day: date) -> date:
    """Saturday's holiday is kept on Friday, Sunday's on Monday."""
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))
