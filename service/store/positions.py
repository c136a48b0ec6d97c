"""How far each consumer group has read. The position moves only in the transaction that holds what was done."""

from typing import Any, NamedTuple, Self

from sqlalchemy import BigInteger, bindparam, func, select, update

from service.model.errors import Superseded
from service.store.database import Database, Transaction
from service.store.schema import positions

TABLE = "table"  # the log that the events table is


class Position(NamedTuple):
    """How far a group has read a partition."""

    next: int = 0  # the first offset that it has not handled
    handled: int = 0  # the number of the last event that it has handled there; 0: of none

    @classmethod
    def of(cls, row: Any) -> Self:
        """As *row* has it."""
        return cls(row.next, row.handled or 0)


async def load(database: Database, group: str, topic: str, partition: int, log: str = TABLE) -> int:
    """The first offset that *group* has not handled; 0 for a new group."""
    return (await reached(database, group, topic, partition, log)).next


async def reached(database: Database, group: str, topic: str, partition: int, log: str = TABLE) -> Position:
    """How far *group* has read; a new one has its position from then on."""
    known = await _known(database, log, group, topic, partition)
    if known is not None:
        return known
    async with database.transaction() as tx:
        await tx.add(positions, {"log": log, "group": group, "topic": topic, "partition": partition, "next": 0})
    return await _known(database, log, group, topic, partition) or Position()


async def advance(
    tx: Transaction,
    group: str,
    topic: str,
    partition: int,
    expected: int,
    after: int,
    log: str = TABLE,
    handled: int | None = None,
) -> None:
    """Move the position from *expected* to *after*; raises Superseded if it does not stand there any more.

    *handled*: the number of the last event before *after*; None: as it was.
    """
    where = {"b_log": log, "b_group": group, "b_topic": topic, "b_partition": partition}
    moved = where | {"b_expected": expected, "b_after": after, "b_handled": handled}
    if (await tx.execute(_ADVANCE, moved)).rowcount != 1:
        raise Superseded(f"{group} on {topic}/{partition} is not at {expected} any more")


async def reach(tx: Transaction, group: str, topic: str, partition: int, after: int) -> None:
    """Move the position to *after*, wherever it stands before that, and never back."""
    place = {"log": TABLE, "group": group, "topic": topic, "partition": partition}
    await tx.add(positions, place | {"next": after})
    where = (positions.c.log == TABLE, positions.c.group == group, positions.c.topic == topic)
    mine = update(positions).where(*where, positions.c.partition == partition, positions.c.next < after)
    await tx.execute(mine.values(next=after))


async def every(database: Database, log: str = TABLE) -> dict[tuple[str, str, int], int]:
    """The position of every group of *log*, by group, topic and partition."""
    query = select(positions.c.group, positions.c.topic, positions.c.partition, positions.c.next)
    async with database.reading() as connection:
        rows = await connection.execute(query.where(positions.c.log == log))
        return {(group, topic, partition): following for group, topic, partition, following in rows}


async def _known(database: Database, log: str, group: str, topic: str, partition: int) -> Position | None:
    query = select(positions.c.next, positions.c.handled).where(
        positions.c.log == log,
        positions.c.group == group,
        positions.c.topic == topic,
        positions.c.partition == partition,
    )
    async with database.reading() as connection:
        row = (await connection.execute(query)).one_or_none()
        return None if row is None else Position.of(row)


_ADVANCE = (
    update(positions)
    .where(
        positions.c.log == bindparam("b_log"),
        positions.c.group == bindparam("b_group"),
        positions.c.topic == bindparam("b_topic"),
        positions.c.partition == bindparam("b_partition"),
        positions.c.next == bindparam("b_expected"),
    )
    .values(
        next=bindparam("b_after"), handled=func.coalesce(bindparam("b_handled", type_=BigInteger), positions.c.handled)
    )
)
