"""Filings of the past in the order in which they became known, some at once: of any number memory stays small."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import and_, or_, select

from service.model.filing import Cik
from service.model.past import Past
from service.store.database import Database
from service.store.history import BEST, whole
from service.store.schema import history_filings, history_owners

_AT_ONCE = 1000


class Which(Struct, frozen=True, kw_only=True):
    """Which filings."""

    issuer: Cik | None = None  # on this company; None: on any
    owner: Cik | None = None  # by this owner; None: by any
    since: datetime | None = None  # known from then on
    until: datetime | None = None  # known before


async def walk(database: Database, which: Which) -> AsyncIterator[list[Past]]:
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


def _these(which: Which) -> list[Any]:
    at = history_filings.c
    found: list[Any] = []
    if which.issuer is not None:
        found.append(at.issuer == int(which.issuer))
    if which.owner is not None:
        theirs = select(history_owners.c.filing).where(history_owners.c.owner == int(which.owner))
        found.append(at.filing.in_(theirs))
    if which.since is not None:
        found.append(at.known >= which.since)
    if which.until is not None:
        found.append(at.known < which.until)
    return found


async def owner_names(database: Database) -> AsyncIterator[tuple[int, str]]:
    """Every owner by CIK with a name that a filing gave them; somebody of several names comes several times."""
    at = history_owners.c
    query = select(at.owner, at.rpt_owner_name).where(at.rpt_owner_name.is_not(None)).distinct()
    async with database.reading() as connection:
        for row in await connection.execute(query):
            yield row.owner, row.rpt_owner_name
