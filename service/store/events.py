"""The ``events`` table: the embedded log, and later what the relay copies to Kafka."""

from sqlalchemy import func, select

from service.store.database import Database
from service.store.schema import events
from service.wire.topics import Record, Topic


async def read(database: Database, topic: Topic, start: int, limit: int) -> list[Record]:
    """Up to *limit* records of *topic* from sequence number *start* on, in order."""
    query = select(events).where(events.c.topic == topic, events.c.seq >= start).order_by(events.c.seq).limit(limit)
    async with database.reading() as connection:
        rows = await connection.execute(query)
        return [
            Record(
                topic=topic, partition=0, offset=row.seq, key=row.key, id=row.id, headers=row.headers, value=row.value
            )
            for row in rows
        ]


async def by_id(database: Database, event_id: str) -> bytes | None:
    """The value of the event *event_id*; None: there is none."""
    async with database.reading() as connection:
        return await connection.scalar(select(events.c.value).where(events.c.id == event_id))


async def nth_last(database: Database, topic: Topic, count: int) -> int:
    """The sequence number from which on *topic* holds its last *count* events."""
    if count == 0:
        query = select(func.max(events.c.seq) + 1).where(events.c.topic == topic)
    else:
        last = select(events.c.seq).where(events.c.topic == topic).order_by(events.c.seq.desc()).limit(count)
        query = select(func.min(last.subquery().c.seq))
    async with database.reading() as connection:
        return await connection.scalar(query) or 0


async def after(database: Database) -> dict[str, int]:
    """Behind the last event of each topic: where a group that has read all of it stands at least."""
    query = select(events.c.topic, func.max(events.c.seq) + 1).group_by(events.c.topic)
    async with database.reading() as connection:
        return dict((await connection.execute(query)).all())


async def counts(database: Database) -> dict[str, int]:
    """How many events each topic holds."""
    query = select(events.c.topic, func.count()).group_by(events.c.topic)
    async with database.reading() as connection:
        return dict((await connection.execute(query)).all())
