"""Alerts on filings of the past, until they are told together."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, or_, select

from service.store.bodies import BODY, WITH_LOG
from service.store.database import Database, Transaction
from service.store.schema import digested, messages

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


async def take(tx: Transaction, name: str, channel: str) -> list[bytes]:
    """The alerts of a digest, as JSON: taken once, by whoever commits first."""
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
    found = []
    for start in range(0, len(ids), 500):
        query = select(BODY).select_from(WITH_LOG).where(messages.c.id.in_(ids[start : start + 500]))
        found += list((await tx.execute(query)).scalars())
    return found
