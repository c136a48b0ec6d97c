"""How far each consumer group has read. The position moves only in the transaction that holds what was done."""

from sqlalchemy import insert, select, update

from service.model.errors import Superseded
from service.store.database import Database, Transaction
from service.store.schema import positions
from service.wire.topics import Topic


async def load(database: Database, group: str, topic: Topic, partition: int) -> int:
    """The first offset that *group* has not handled; 0 for a new group."""
    query = select(positions.c.next).where(
        positions.c.group == group, positions.c.topic == topic, positions.c.partition == partition
    )
    async with database.reading() as connection:
        known: int | None = await connection.scalar(query)
    if known is not None:
        return known
    async with database.transaction() as tx:
        if (await tx.execute(query)).scalar() is None:
            row = {"group": group, "topic": topic, "partition": partition, "next": 0}
            await tx.execute(insert(positions), row)
    return await load(database, group, topic, partition)


async def advance(tx: Transaction, group: str, topic: Topic, partition: int, expected: int, after: int) -> None:
    """Move the position from *expected* to *after*; raises Superseded if it does not stand there any more."""
    statement = (
        update(positions)
        .where(
            positions.c.group == group,
            positions.c.topic == topic,
            positions.c.partition == partition,
            positions.c.next == expected,
        )
        .values(next=after)
    )
    if (await tx.execute(statement)).rowcount != 1:
        raise Superseded(f"{group} on {topic}/{partition} does not stand at {expected} any more")


async def every(database: Database) -> dict[tuple[str, str], int]:
    """The position of every group, by group and topic."""
    async with database.reading() as connection:
        rows = await connection.execute(select(positions.c.group, positions.c.topic, positions.c.next))
        return {(group, topic): following for group, topic, following in rows}
