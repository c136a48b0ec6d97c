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


async def end(database: Database, topic: Topic) -> int:
    """The sequence number that the next event of *topic* will at least have."""
    async with database.reading() as connection:
        last = await connection.scalar(select(func.max(events.c.seq)).where(events.c.topic == topic))
    return (last or 0) + 1


async def counts(database: Database) -> dict[str, int]:
    """How many events each topic holds."""
    query = select(events.c.topic, func.count()).group_by(events.c.topic)
    async with database.reading() as connection:
        return {topic: count for topic, count in await connection.execute(query)}
