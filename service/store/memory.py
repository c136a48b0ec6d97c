"""What the owners of filings filed before on the same issuer, and from which day on nothing of that is missing."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct
from sqlalchemy import and_, func, or_, select

from service.model import calendar
from service.model.filing import Accession, Cik
from service.model.past import Before, Past
from service.store import marks
from service.store.connection import Connection
from service.store.database import Database
from service.store.days import LACKING
from service.store.days import State as Day
from service.store.history import BEST, accession_of, key_of, whole
from service.store.schema import days, gaps, history_filings, history_owners, history_rows, history_sets, matchings
from service.store.schema import marks as instants

_MOST = 1000  # filings of an owner on an issuer; who has more is known from the oldest of these on
_PIECE = 5000  # filings that are read at once
_TRADED = history_rows.c.part.in_((1, 3))  # what is held is no deed
_A_DAY = timedelta(days=1)


class Looked(Struct, frozen=True, kw_only=True):
    """A filing whose past is looked for."""

    accession: Accession
    issuer: Cik
    owners: frozenset[Cik]
    known: datetime


async def before(database: Database, looked: Sequence[Looked], at: datetime) -> list[Before]:
    """What was known before each of *looked*, as it stood *at* that time: what came later is left out."""
    if not looked:
        return []
    async with database.reading() as connection:
        since = await _complete(connection, at)
        found = await _found(connection, looked, at)
    keys = sorted({key for of in found.values() for _, key in of})
    filings: dict[int, Past] = {}
    for start in range(0, len(keys), _PIECE):
        for past in await whole(database, keys[start : start + _PIECE], _TRADED):
            filings[key_of(past.accession)] = past
    return [_before(one, found, filings, since) for one in looked]


Found = Mapping[tuple[int, int], Sequence[tuple[datetime, int]]]
"""Filings of an owner on an issuer, the latest first: since when each was known, and its key."""


def _before(one: Looked, found: Found, filings: Mapping[int, Past], since: date | None) -> Before:
    mine: dict[int, Past] = {}
    for owner in sorted(one.owners):
        of = found.get((int(owner), int(one.issuer)), ())
        mine |= {key: filings[key] for known, key in of if known < one.known and key in filings}
        if len(of) == _MOST and since is not None:
            since = max(since, calendar.dated(of[-1][0]) + _A_DAY)
    mine.pop(key_of(one.accession), None)
    return Before(
        filings=tuple(sorted(mine.values(), key=lambda past: (past.known, past.accession), reverse=True)),
        complete=since,
    )


async def _found(connection: Connection, looked: Sequence[Looked], at: datetime) -> Found:
    filing, owner = history_filings.c, history_owners.c
    theirs = and_(owner.filing == filing.filing, owner.source == filing.source)
    done = select(history_sets.c.id).where(history_sets.c.finished <= at)
    latest = func.row_number().over(partition_by=(owner.owner, filing.issuer), order_by=filing.known.desc())
    ranked = (
        select(filing.filing, filing.issuer, filing.known, owner.owner, latest.label("latest"))
        .join(history_owners, theirs)
        .where(
            owner.owner.in_({int(cik) for one in looked for cik in one.owners}),
            (filing.issuer + 0).in_({int(one.issuer) for one in looked}),  # read by owner, who has fewer than an issuer
            filing.known < max(one.known for one in looked),
            or_(filing.brought.is_(None), filing.brought.in_(done)),
            BEST,
        )
        .subquery()
    )
    query = select(ranked).where(ranked.c.latest <= _MOST).order_by(ranked.c.known.desc(), ranked.c.filing.desc())
    rows = (await connection.execute(query)).all()
    later = await _later(connection, {row.filing for row in rows}, at)
    found: dict[tuple[int, int], list[tuple[datetime, int]]] = {}
    for row in rows:
        if row.filing not in later:
            found.setdefault((row.owner, row.issuer), []).append((row.known, row.filing))
    return found


async def _later(connection: Connection, keys: Collection[int], at: datetime) -> set[int]:
    """Those of *keys* that came here after *at*, though everybody could know them before."""
    names = sorted(map(accession_of, keys))
    later = set[int]()
    for start in range(0, len(names), _PIECE):
        these = matchings.c.accession.in_(names[start : start + _PIECE])
        query = select(matchings.c.accession).where(these, matchings.c.at > at)
        later |= {key_of(name) for name in await connection.scalars(query)}
    return later


async def _complete(connection: Connection, at: datetime) -> date | None:
    """From which day on every filing was kept, as it stood *at* that time; None: that cannot be said of any day.

    That is the day after the first filing was kept, or after the last gap that was open; from there back as long as
    each day lies in a quarter whose set was brought, or its index was compared and its filings are here.
    """
    gap = gaps.c
    missing = select(func.max(gap.before)).where(gap.recorded <= at, or_(gap.closed.is_(None), gap.closed > at))
    told = select(
        select(instants.c.at).where(instants.c.name == marks.PAST).scalar_subquery().label("began"),
        missing.scalar_subquery().label("until"),
        select(func.min(history_filings.c.known)).scalar_subquery().label("oldest"),
    )
    began, until, oldest = (await connection.execute(told)).one()
    if began is None or began > at:
        return None
    if until is not None and until >= began:
        return calendar.eastern_day(until) + _A_DAY
    first = await _back(connection, calendar.eastern_day(began) + _A_DAY, began, at)
    kept = None if oldest is None else calendar.eastern_day(oldest)
    return first if kept is None else max(first, kept)  # what is older was forgotten, or never was


async def _back(connection: Connection, first: date, began: datetime, at: datetime) -> date:
    """The earliest day from which on, up to *first*, nothing is missing."""
    done = await connection.scalars(select(history_sets.c.name).where(history_sets.c.finished <= at))
    quarters = {quarter for name in done if (quarter := _quarter(name)) is not None}
    read = days.c.state != Day.DUE, days.c.read.between(began, at), days.c.day < first
    compared = select(days.c.day).where(*read, days.c.day.not_in(select(LACKING.c.day)))
    proven = set(await connection.scalars(compared))
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
