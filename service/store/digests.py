"""Alerts on filings of the past, until they are told together."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, or_, select

from service.model.filing import Accession
from service.store import messages
from service.store.database import Database, Transaction
from service.store.schema import digested
from service.store.schema import messages as table

_SETTLED = timedelta(seconds=10)  # without another alert, until a digest is told
_LONGEST = timedelta(hours=1)  # a long backfill is told of hour by hour
_MOST = 1000  # alerts in one digest


async def collect(tx: Transaction, entries: Iterable[tuple[str, str, str]], now: datetime) -> None:
    """Keep for later: digest, channel and alert."""
    rows = [{"digest": name, "channel": channel, "message": alert, "added": now} for name, channel, alert in entries]
    if rows:
        await tx.add(digested, rows)


async def ripe(database: Database, now: datetime, active: Collection[str]) -> list[tuple[str, str]]:
    """Digest and channel of what is to be told by *now*; to those *active* more may come for long yet."""
    settled = and_(func.max(digested.c.added) <= now - _SETTLED, digested.c.digest.not_in(active))
    query = (
        select(digested.c.digest, digested.c.channel)
        .group_by(digested.c.digest, digested.c.channel)
        .having(or_(settled, func.min(digested.c.added) <= now - _LONGEST))
    )
    async with database.reading() as connection:
        return [(name, channel) for name, channel in await connection.execute(query)]


async def waiting(database: Database, accession: Accession) -> set[tuple[str, str]]:
    """The alerts on *accession* that wait to be told together, with the channels that are to be told."""
    query = (
        select(digested.c.message, digested.c.channel)
        .join(table, table.c.id == digested.c.message)
        .where(table.c.accession == accession)
    )
    async with database.reading() as connection:
        return {(message, channel) for message, channel in await connection.execute(query)}


async def take(tx: Transaction, name: str, channel: str) -> dict[str, bytes]:
    """The alerts of a digest, as JSON by id: taken once, by whoever commits first."""
    chosen = (
        select(digested.c.message)
        .where(digested.c.digest == name, digested.c.channel == channel)
        .order_by(digested.c.added, digested.c.message)
        .limit(_MOST)
    )
    taken = delete(digested).where(
        digested.c.digest == name, digested.c.channel == channel, digested.c.message.in_(chosen)
    )
    ids = list((await tx.execute(taken.returning(digested.c.message))).scalars())
    found: dict[str, bytes] = {}
    for start in range(0, len(ids), 500):
        found |= await messages.values(tx, ids[start : start + 500])
    return found
