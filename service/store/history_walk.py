"""Filings of the past in the order in which they became known: the latest, or all, some at once in little memory."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, or_, select

from service.model.filing import Cik
from service.model.past import Past
from service.store.database import Database
from service.store.history import BEST, whole
from service.store.schema import history_filings, history_owners

_AT_ONCE = 1000


class WhichFilings(Struct, frozen=True, kw_only=True):
    """Which filings."""

    issuer: Cik | None = None  # on this company; None: on any
    owner: Cik | None = None  # by this owner; None: by any
    since: datetime | None = None  # known from then on
    until: datetime | None = None  # known before
    traits: int | None = None  # with one of these, as `service.model.trait` counts; None: with any or none


class Place(NamedTuple):
    """Where a filing stands among those of a company or an owner."""

    known: datetime
    filing: int


async def latest(database: Database, which: WhichFilings, limit: int, behind: Place | None = None) -> list[Past]:
    """The latest *limit* filings by their better source, or those next *behind* one; latest first."""
    return await whole(database, await latest_keys(database, which, limit, behind))


async def latest_keys(
    database: Database, which: WhichFilings, limit: int, behind: Place | None = None
) -> Sequence[int]:
    """The same, as `history.key_of` has them."""
    at = history_filings.c
    query = select(at.filing).where(BEST, *_these(which)).order_by(at.known.desc(), at.filing.desc()).limit(limit)
    if behind is not None:
        known, filing = behind
        query = query.where(or_(at.known < known, and_(at.known == known, at.filing < filing)))
    async with database.reading() as connection:
        return list(await connection.scalars(query))


async def walk(database: Database, which: WhichFilings) -> AsyncIterator[list[Past]]:
    """The filings by their better source, the first known first."""
    at = history_filings.c
    order = select(at.known, at.filing).where(BEST, *_these(which)).order_by(at.known, at.filing).limit(_AT_ONCE)
    query = order
    while True:
        async with database.reading() as connection:
            places = (await connection.execute(query)).all()
        if not places:
            return
        found = await whole(database, [place.filing for place in places])
        yield found[::-1]
        known, filing = places[-1]
        query = order.where(at.known >= known, or_(at.known > known, and_(at.known == known, at.filing > filing)))


def _these(which: WhichFilings) -> list[ColumnElement[bool]]:
    at = history_filings.c
    found: list[ColumnElement[bool]] = []
    if which.issuer is not None:
        found.append(at.issuer == int(which.issuer))
    if which.owner is not None:
        theirs = select(history_owners.c.filing).where(history_owners.c.owner == int(which.owner))
        found.append(at.filing.in_(theirs))
    if which.since is not None:
        found.append(at.known >= which.since)
    if which.until is not None:
        found.append(at.known < which.until)
    if which.traits is not None:
        found.append(or_(at.traits.is_(None), at.traits.bitwise_and(which.traits) != 0))
    return found


async def owner_names(database: Database) -> AsyncIterator[tuple[int, str]]:
    """Every owner by CIK with a name that a filing gave them; somebody of several names comes several times."""
    at = history_owners.c
    query = select(at.owner, at.rpt_owner_name).where(at.rpt_owner_name.is_not(None)).distinct()
    async with database.reading() as connection:
        for row in await connection.execute(query):
            yield row.owner, row.rpt_owner_name
