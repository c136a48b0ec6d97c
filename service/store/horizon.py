"""From which day on nothing is missing of what was filed, and which sets are whole."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import and_, bindparam, func, or_, select

from service.model import calendar
from service.store import marks
from service.store.connection import Connection
from service.store.day_records import LACKING
from service.store.days import DayState as Day
from service.store.schema import days, gaps, history_filings, history_sets
from service.store.schema import marks as instants

_A_DAY = timedelta(days=1)
_FRESH = timedelta(minutes=1)  # days are proven one by one, and what is told of them changes nothing that was known
_AT: Any = bindparam("at", type_=history_sets.c.finished.type)


class Horizon(Struct, frozen=True, kw_only=True):
    """How far back what is kept of the past is whole."""

    complete: date | None  # every filing from this day on was kept; None: that cannot be said of any day
    sets: frozenset[int]  # those that are there, whole

    def sees(self, brought: int | None) -> bool:
        """Whether a filing is there that was *brought* by that set; None: by none."""
        return brought is None or brought in self.sets


class Horizons:
    """The horizon as it stands, looked up anew where something that decides it has changed."""

    def __init__(self) -> None:
        self._known: tuple[tuple[Any, ...], datetime, Horizon] | None = None

    async def at(self, connection: Connection, now: datetime) -> Horizon:
        """As it stands *now*."""
        stamp = tuple((await connection.execute(_STAMP)).one())
        if self._known is not None:
            before, looked, found = self._known
            if stamp == before and timedelta() <= now - looked < _FRESH:
                return found
        found = await horizon(connection, now)
        self._known = stamp, now, found
        return found


class FixedHorizon(Horizons):
    """A horizon that was looked up before."""

    def __init__(self, found: Horizon) -> None:
        super().__init__()
        self._found = found

    async def at(self, connection: Connection, now: datetime) -> Horizon:
        """Always that one."""
        return self._found


async def hindsight(connection: Connection, filed: Collection[date], now: datetime) -> dict[date, Horizon]:
    """How far back the past is whole before filings of each of those days, by all that is here *now*.

    What is missing of the time since does not matter to them.
    """
    sets = {row.id: row.name for row in await connection.execute(_WHOLE, {"at": now})}
    usual = await _complete(connection, now, sets.values())
    began, _, oldest = (await connection.execute(_TOLD, {"at": now})).one()
    kept = None if oldest is None else calendar.eastern_day(oldest)
    proven = set[date]() if began is None else await _proven(connection, began, now)
    found = dict[date, Horizon]()
    for day in filed:
        complete = usual
        if usual is None or day < usual:
            complete = _back(day + _A_DAY, _quarters(sets.values()), proven)
            complete = complete if kept is None else max(complete, kept)
        found[day] = Horizon(complete=complete, sets=frozenset(sets))
    return found


async def horizon(connection: Connection, at: datetime) -> Horizon:
    """As it stood *at* that time.

    Complete is what was filed from the day after the first filing was kept, or after the last gap that was open; from
    there back as long as each day lies in a quarter whose set was brought, or its index was compared and its filings
    are here.
    """
    sets = {row.id: row.name for row in await connection.execute(_WHOLE, {"at": at})}
    return Horizon(complete=await _complete(connection, at, sets.values()), sets=frozenset(sets))


_WHOLE = select(history_sets.c.id, history_sets.c.name).where(history_sets.c.finished <= _AT)
_BEGAN = select(instants.c.at).where(instants.c.name == marks.PAST).scalar_subquery()
_OLDEST = select(func.min(history_filings.c.known)).scalar_subquery()
_OPEN = and_(gaps.c.recorded <= _AT, or_(gaps.c.closed.is_(None), gaps.c.closed > _AT))
_TOLD = select(
    _BEGAN.label("began"),
    select(func.max(gaps.c.before)).where(_OPEN).scalar_subquery().label("until"),
    _OLDEST.label("oldest"),
)
_STAMP = select(
    _BEGAN.label("began"),
    _OLDEST.label("oldest"),
    select(func.count()).select_from(gaps).scalar_subquery().label("gaps"),
    select(func.max(gaps.c.before)).scalar_subquery().label("before"),
    select(func.count(gaps.c.closed)).scalar_subquery().label("ended"),
    select(func.max(gaps.c.closed)).scalar_subquery().label("closed"),
    select(func.count(history_sets.c.finished)).scalar_subquery().label("sets"),
    select(func.max(history_sets.c.finished)).scalar_subquery().label("finished"),
)


async def _complete(connection: Connection, at: datetime, sets: Any) -> date | None:
    began, until, oldest = (await connection.execute(_TOLD, {"at": at})).one()
    if began is None or began > at:
        return None
    if until is not None and until >= began:
        return calendar.eastern_day(until) + _A_DAY
    proven = await _proven(connection, began, at)
    first = _back(calendar.eastern_day(began) + _A_DAY, _quarters(sets), proven)
    kept = None if oldest is None else calendar.eastern_day(oldest)
    return first if kept is None else max(first, kept)  # what is older was forgotten, or never was


async def _proven(connection: Connection, began: datetime, at: datetime) -> set[date]:
    """The days that were compared with their index, and of which no filing is missing."""
    read = days.c.state != Day.DUE, days.c.read.between(began, at)
    compared = select(days.c.day).where(*read, days.c.day.not_in(select(LACKING.c.day)))
    return set(await connection.scalars(compared))


def _quarters(sets: Iterable[str]) -> set[tuple[int, int]]:
    return {quarter for name in sets if (quarter := _quarter(name)) is not None}


def _back(first: date, quarters: Collection[tuple[int, int]], proven: Collection[date]) -> date:
    """The earliest day from which on, up to *first*, nothing is missing."""
    while True:
        day = first - _A_DAY
        if (day.year, (day.month + 2) // 3) in quarters:
            first = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        elif day in proven or not calendar.is_business_day(day):
            first = day
        else:
            return first


def _quarter(name: str) -> tuple[int, int] | None:
    """The year and quarter of the set called *name*, such as 2024q3; None: it says none."""
    year, _, number = name.partition("q")
    return (int(year), int(number)) if year.isdecimal() and number in ("1", "2", "3", "4") else None
