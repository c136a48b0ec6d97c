"""The ``events`` table: the embedded log, and what the relay copies to Kafka."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Row, Select, bindparam, delete, exists, func, select

from service.store import tallies
from service.store.database import APPENDED, Database, Transaction
from service.store.packing import lengthened
from service.store.positions import TABLE
from service.store.schema import events, positions
from service.store.sharing import COMMON, WITH_SHARED, whole
from service.wire.topics import Event, Record, Topic

RELAY = "relay"  # the group of the relay's dead letters and position
MARK = "events"  # the topic under which the database keeps the positions of the relay and of what prunes
PRUNER, FORGOTTEN = "pruner", "forgotten"  # the groups of those that say before what events are emptied, and are gone

KEPT = events.c.value != b""  # pruned events are empty
_EVENTS = select(events, COMMON).select_from(WITH_SHARED)
_PLACES = select(events.c.topic, events.c.seq, events.c.id, events.c.headers, KEPT.label("kept"))
_CHUNK = 500  # ids in one question
_FIRST = 1  # the number of the first event
_BYTES = 8 * 1024 * 1024  # of values at once, or one event if it is larger


class Place(Struct, frozen=True, kw_only=True):
    """Where an event stands in the log."""

    topic: Topic
    position: int  # the event's number over all topics; Kafka's records have it as the header filingbell-seq
    id: str
    at: datetime
    kept: bool  # false: what it says was longer ago than the database keeps it


async def read(database: Database, topic: Topic, start: int, limit: int) -> list[Record]:
    """Up to *limit* records of *topic* from sequence number *start* on, in order."""
    return await _read(database, _of_topic(), {"topic": topic, "start": start, "limit": limit})


async def read_all(database: Database, start: int, limit: int) -> list[Record]:
    """Up to *limit* records of every topic from sequence number *start* on, in order: the relay's reading."""
    return await _read(database, _of_all(), {"start": start, "limit": limit})


async def read_but(database: Database, without: Sequence[Topic], start: int, limit: int) -> list[Record]:
    """Up to *limit* records of every topic but those *without*, from sequence number *start* on, in order."""
    return await _read(database, _of_all_but(), {"without": list(without), "start": start, "limit": limit})


async def by_id(database: Database, event_id: str) -> bytes | None:
    """The value of the event *event_id*; None: there is none, or it is pruned."""
    async with database.reading() as connection:
        row = (await connection.execute(_EVENTS.where(events.c.id == event_id, KEPT))).one_or_none()
        return None if row is None else whole(row.value, row.common)


async def places(database: Database, ids: Sequence[str]) -> list[Place]:
    """Where the events *ids* stand, in the log's order; those that it has forgotten are left out."""
    found: list[Place] = []
    async with database.reading() as connection:
        for start in range(0, len(ids), _CHUNK):
            chunk = ids[start : start + _CHUNK]
            found += [_place(row) for row in await connection.execute(_PLACES.where(events.c.id.in_(chunk)))]
    return sorted(found, key=lambda one: one.position)


async def known(database: Database, ids: Collection[str]) -> bool:
    """Whether the log knows one of these *ids*, whatever it still has of it."""
    async with database.reading() as connection:
        return bool(await connection.scalar(select(exists().where(events.c.id.in_(ids)))))


async def append_again(tx: Transaction, event_id: str) -> bool:
    """Move the event *event_id* to the log's end, id and all, so that the relay meets it again; False: it is gone."""
    query = _EVENTS.where(events.c.id == event_id, KEPT)
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        return False
    await tx.execute(delete(events).where(events.c.seq == row.seq))
    record = _record(row)
    tx.emit(Event(topic=record.topic, key=record.key, id=record.id, headers=dict(record.headers), value=record.value))
    return True


async def nth_last(database: Database, topic: Topic, count: int) -> int:
    """The sequence number from which on *topic* holds its last *count* events."""
    if count == 0:
        query = select(func.max(events.c.seq) + 1).where(events.c.topic == topic)
    else:
        last = select(events.c.seq).where(events.c.topic == topic, KEPT).order_by(events.c.seq.desc()).limit(count)
        query = select(func.min(last.subquery().c.seq))
    async with database.reading() as connection:
        return await connection.scalar(query) or 0


async def after(database: Database) -> dict[str, int]:
    """Behind the last event of each topic: where a group that has read all of it stands at least."""
    found: dict[str, int] = {}
    async with database.reading() as connection:
        for topic in Topic:  # one seek each; grouped, it would be a scan
            last = await connection.scalar(select(func.max(events.c.seq)).where(events.c.topic == topic))
            if last is not None:
                found[topic] = last + 1
    return found


async def counts(database: Database) -> dict[str, int]:
    """How many events were ever appended to each topic, those included that were pruned since."""
    return await tallies.read(database, APPENDED)


async def first_unread(database: Database, topic: Topic, position: int) -> int | None:
    """The sequence number of the first event of *topic* at *position* or behind; None: there is none."""
    query = select(func.min(events.c.seq)).where(events.c.topic == topic, events.c.seq >= position)
    async with database.reading() as connection:
        first: int | None = await connection.scalar(query)
        return first


async def bounds(database: Database) -> tuple[int, int]:
    """The sequence number from which on every event is whole, and the one behind the last event.

    Events become visible in the order of their numbers: what is appended from now on has none below the second.
    """
    mark = positions.c.log == TABLE, positions.c.topic == MARK, positions.c.group.in_((PRUNER, FORGOTTEN))
    pruned = select(func.max(positions.c.next)).where(*mark).scalar_subquery()
    query = select(pruned.label("first"), select(func.max(events.c.seq)).scalar_subquery().label("last"))
    async with database.reading() as connection:
        found = (await connection.execute(query)).one()
    first = max(found.first or 0, _FIRST)
    return first, max(first, (found.last or 0) + 1)


async def count_from(database: Database, start: int) -> int:
    """How many sequence numbers the log's end is ahead of *start*."""
    async with database.reading() as connection:
        last = await connection.scalar(select(func.max(events.c.seq)))
    return 0 if last is None else max(0, last + 1 - max(start, _FIRST))


def _from(*conditions: ColumnElement[bool]) -> Select[Any]:
    """What to read of the events of which *conditions* hold, within the limits of number and bytes."""
    size = func.length(events.c.value)
    meant = select(events.c.seq, size.label("size")).where(*conditions, events.c.seq >= bindparam("start"), KEPT)
    sized = meant.order_by(events.c.seq).limit(bindparam("limit")).subquery()
    before = (func.sum(sized.c.size).over(order_by=sized.c.seq) - sized.c.size).label("before")
    running = select(sized.c.seq, before).subquery()
    within = _EVENTS.join(running, running.c.seq == events.c.seq).where(running.c.before < _BYTES)
    return within.order_by(events.c.seq)


@cache
def _of_topic() -> Select[Any]:
    return _from(events.c.topic == bindparam("topic"))


@cache
def _of_all_but() -> Select[Any]:
    return _from(events.c.topic.not_in(bindparam("without", expanding=True)))


@cache
def _of_all() -> Select[Any]:
    return _from()


async def _read(database: Database, query: Select[Any], values: Mapping[str, object]) -> list[Record]:
    """What *query* asks for; a large event comes alone."""
    found: list[Record] = []
    taken = 0
    async with database.reading() as connection:
        for row in await connection.execute(query, values):
            record = _record(row)
            taken += len(record.value)  # as it is; what was measured above is what it takes compressed
            if found and taken > _BYTES:
                break
            found.append(record)
    return found


def _place(row: Row[Any]) -> Place:
    at = datetime.fromisoformat(row.headers["ce_time"])
    return Place(topic=Topic(row.topic), position=row.seq, id=row.id, at=at, kept=row.kept)


def _record(row: Sequence[Any]) -> Record:
    seq, named, key, event_id, headers, value, _, common = row  # of _EVENTS
    topic = Topic(named)
    return Record(
        topic=topic,
        partition=0,
        offset=seq,
        key=key,
        id=event_id,
        headers=lengthened(topic, event_id, headers),
        value=whole(value, common),
    )
