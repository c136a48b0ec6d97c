"""What the log forgets, and when: a little at a time, so that no writer waits long."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, update

from service.store import bodies, kept, positions
from service.store.database import Transaction
from service.store.events import FORGOTTEN, KEPT, MARK, RELAY
from service.store.schema import dead_letters, events, shared
from service.store.sharing import unused
from service.wire.topics import Topic

_TIME = "ce_time"
_POINTED = select(dead_letters.c.event).where(  # too large for Kafka: `dlq retry` publishes it from here
    dead_letters.c.stage == RELAY, dead_letters.c.state == "open", dead_letters.c.event.is_not(None)
)


async def empty(tx: Transaction, start: int, before: int, older: datetime, limit: int) -> int:
    """Empty up to *limit* events from *start* on that are *older*; returns where to go on.

    Their ids stay: Kafka may show what they came of again. What stands at *before* or behind stays, and so does what
    an open dead letter of the relay points to.
    """
    query = (
        select(events.c.seq, events.c.topic, events.c.id, events.c.headers, events.c.id.in_(_POINTED).label("pointed"))
        .where(events.c.seq >= start, events.c.seq < before, KEPT)
        .order_by(events.c.seq)
        .limit(limit)
        .with_for_update()
    )
    old = []
    for row in await tx.execute(query):
        if datetime.fromisoformat(row.headers[_TIME]) >= older:
            break
        start = row.seq + 1
        if not row.pointed:
            old.append(row)
    if old:
        await _save(tx, old)
        rows = [{"at": row.seq, "headers": {_TIME: row.headers[_TIME]}} for row in old]
        await tx.execute(update(events).where(events.c.seq == bindparam("at")).values(value=b"", shared=None), rows)
    return start


async def forget(tx: Transaction, before: Mapping[str, int], older: datetime, limit: int) -> int:
    """Delete up to *limit* of the oldest events that are *older* and, each in its topic, *before*; returns how many.

    They go in their order, so that an event goes before those that came of it: nothing that is left can bring one of
    them a second time.
    """
    return await _forget(tx, lambda row: row.seq < before.get(row.topic, 0), older, limit)


async def forget_emptied(tx: Transaction, older: datetime, limit: int) -> int:
    """Delete up to *limit* of the oldest events that are emptied and *older*; returns how many."""
    return await _forget(tx, lambda row: row.emptied, older, limit)


async def _forget(tx: Transaction, may_go: Callable[[Row[Any]], bool], older: datetime, limit: int) -> int:
    query = (
        select(events.c.seq, events.c.topic, events.c.id, events.c.headers, (~KEPT).label("emptied"))
        .where(events.c.id.not_in(_POINTED))
        .order_by(events.c.seq)
        .limit(limit)
        .with_for_update()
    )
    old = []
    for row in await tx.execute(query):
        if not may_go(row) or datetime.fromisoformat(row.headers[_TIME]) >= older:
            break
        old.append(row)
    if old:
        await _save(tx, old)
        await tx.execute(delete(events).where(events.c.seq.in_([row.seq for row in old])))
        await positions.reach(tx, FORGOTTEN, MARK, 0, old[-1].seq + 1)
    return len(old)


async def forget_shared(tx: Transaction, limit: int) -> int:
    """Delete up to *limit* parts that values had in common, and none has any more; returns how many."""
    old = list((await tx.execute(unused(limit))).scalars())
    if old:
        await tx.execute(delete(shared).where(shared.c.id.in_(old)))
    return len(old)


async def _save(tx: Transaction, old: Sequence[Row[Any]]) -> None:
    """Keep what is owed of the events *old*, which are about to go."""
    ids = [row.id for row in old if row.topic == Topic.ALERTS]
    if ids:
        await bodies.save(tx, ids)
    await kept.save(tx, [row.id for row in old if row.topic == Topic.PARSED])
