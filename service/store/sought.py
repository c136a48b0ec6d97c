"""Looks for filings of the past without reading them: by when they were known, and by what stands in them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, false, func, or_, select

from service.model.past import Brought
from service.model.sought import Either, Sought
from service.store.connection import Connection
from service.store.database import Database
from service.store.history import BEST
from service.store.schema import history_filings, history_owners, history_symbols

_at = history_filings.c
_other, _named = history_filings.alias(), history_filings.alias()


class FoundFiling(NamedTuple):
    """A filing, and when it was known."""

    filing: int
    known: datetime


async def times(database: Database, keys: Sequence[int]) -> list[FoundFiling]:
    """The filings *keys* with when each was known, the latest first."""
    query = select(_at.filing, _at.known).where(_at.filing.in_(keys), or_(_at.source == Brought.FEED, BEST))
    async with database.reading() as connection:
        rows = await connection.execute(query.order_by(_at.known.desc(), _at.filing.desc()))
        return [FoundFiling(row.filing, row.known) for row in rows]


async def known(database: Database, since: datetime, until: datetime) -> int:
    """How many filings were known from *since* until before *until*."""
    within = _at.known >= since, _at.known < until
    of_sets = func.coalesce(func.sum(_at.source), 0)  # whose number is 1
    async with database.reading() as connection:
        row = (await connection.execute(select(func.count(), of_sets).where(*within))).one()
        every, sets = int(row[0]), int(row[1])
        rarer = Brought.SET if 2 * sets < every else Brought.FEED
        twice = exists().where(_other.c.filing == _at.filing, _other.c.source != rarer)
        both = await _of_source(connection, rarer, *within, twice) if 0 < sets < every else 0
    return every - both


async def oldest(database: Database) -> datetime | None:
    """Since when filings are kept; None: there is none."""
    async with database.reading() as connection:
        at: datetime | None = await connection.scalar(select(func.min(_at.known)))
        return at


async def companies(database: Database, keys: Sequence[int]) -> Mapping[int, str | None]:
    """What the issuers of the filings *keys* are called in them."""
    query = select(_at.filing, _at.company).where(_at.filing.in_(keys), or_(_at.source == Brought.FEED, BEST))
    async with database.reading() as connection:
        return {row.filing: row.company for row in await connection.execute(query)}


async def people(database: Database, those: Collection[tuple[int, int]]) -> Mapping[tuple[int, int], str | None]:
    """What owners are called in filings: *those*, a filing and the CIK of one of its owners each."""
    at = history_owners.c
    keys = {filing for filing, _ in those}
    query = select(at.filing, at.owner, at.rpt_owner_name).where(at.filing.in_(keys)).order_by(at.source.desc())
    async with database.reading() as connection:
        found = {(row.filing, row.owner): row.rpt_owner_name for row in await connection.execute(query)}
    return {one: found.get(one) for one in those}


async def symbols(database: Database) -> list[tuple[int, str]]:
    """What companies had in the symbol boxes of their filings, as filed: the CIK, and that."""
    async with database.reading() as connection:
        rows = await connection.execute(select(history_symbols.c.issuer, history_symbols.c.symbol))
        return [(row.issuer, row.symbol) for row in rows]


async def _of_source(connection: Connection, source: Brought, *where: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(history_filings).where(_at.source == source, *where)
    return await connection.scalar(query) or 0


def meant(sought: Sought) -> list[ColumnElement[bool]]:
    """Which filings are *sought*, each by its better source, whenever they were known; tickers were resolved before."""
    return [*map(_either, sought.every), or_(_at.source == Brought.FEED, BEST)]


def _either(one: Either) -> ColumnElement[bool]:
    """As subqueries, which indexes of their own answer: nothing is looked up for each filing of a year."""
    ways: list[ColumnElement[bool]] = []
    if one.traits:
        ways += [_at.traits.is_(None), _at.traits.bitwise_and(one.traits) != 0]
    if one.issuers:
        theirs = select(_named.c.filing).where(_named.c.issuer.in_(sorted(map(int, one.issuers))))
        ways.append(_at.filing.in_(theirs))
    if one.owners:
        reported = select(history_owners.c.filing).where(history_owners.c.owner.in_(sorted(map(int, one.owners))))
        ways.append(_at.filing.in_(reported))
    return or_(false(), *ways)
