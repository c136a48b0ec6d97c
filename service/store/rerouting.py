"""What waits for one channel is owed to another instead."""

from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, case, delete, exists, select, update

from service.model.delivery import DeliveryState, Suppression
from service.store.channels import locked
from service.store.database import Transaction
from service.store.deliveries import bell, know, withheld
from service.store.schema import NEXT, attempts, deliveries, digested


async def move(tx: Transaction, source: str, target: str, now: datetime) -> int:
    """Owe what waits for *source* to *target* instead, under the same ids; returns how much that is.

    So is what *source* was not told because it had been removed: who renames a channel in a file loses nothing.

    What *target* was owed before is not owed to it again. What a worker is sending at *now* stays where it is. That
    *source* is not told any more is kept with it.
    """
    await know(tx, [target])
    await locked(tx, [source, target])
    await _move_digested(tx, source, target)
    untold = update(deliveries).where(deliveries.c.channel == source, deliveries.c.reason == Suppression.REMOVED)
    await tx.execute(untold.values(state=DeliveryState.PENDING, reason=None, settled=None))
    there = deliveries.alias("there")
    waits = select(there.c.message).where(*_idle(there, source, now))
    moved_back = (deliveries.c.channel == target, deliveries.c.state == DeliveryState.SUPPRESSED)
    await tx.execute(delete(deliveries).where(*moved_back, deliveries.c.message.in_(waits)))
    idle, gone = _idle(deliveries, source, now), {"state": DeliveryState.SUPPRESSED, "reason": Suppression.MOVED}
    twice = exists().where(there.c.message == deliveries.c.message, there.c.channel == target)
    await tx.execute(update(deliveries).where(*idle, twice).values(**gone, settled=now, claimed=None, told_in=None))
    changes = {
        "channel": target,
        "due": deliveries.c.created,
        "planned": None,
        "steps": 0,
        "claimed": None,
        "held_until": None,
        "told_in": case((deliveries.c.told_in == NEXT, None), else_=deliveries.c.told_in),
    }
    moved = update(deliveries).where(*idle).values(changes).returning(deliveries.c.message)
    ids = list((await tx.execute(moved)).scalars())
    for start in range(0, len(ids), 500):
        chunk = ids[start : start + 500]
        tried = update(attempts).where(attempts.c.channel == source, attempts.c.message.in_(chunk))
        await tx.execute(tried.values(channel=target))
        left = {"channel": source, "tries": 0, "due": now, "created": now, "settled": now, **gone}
        await tx.add(deliveries, [left | {"message": message} for message in chunk])
    if ids:
        tx.tally(withheld(Suppression.MOVED, source), len(ids))
    tx.ring(bell(target))
    return len(ids)


def _idle(table: FromClause, channel: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What waits for *channel*, and no worker is sending at *now*."""
    claimed = table.c.claimed
    return table.c.channel == channel, table.c.state == DeliveryState.PENDING, claimed.is_(None) | (claimed <= now)


async def _move_digested(tx: Transaction, source: str, target: str) -> None:
    """What waits to be told together moves as well."""
    there = digested.alias("there")
    twice = exists().where(
        there.c.digest == digested.c.digest, there.c.message == digested.c.message, there.c.channel == target
    )
    await tx.execute(delete(digested).where(digested.c.channel == source, twice))
    await tx.execute(update(digested).where(digested.c.channel == source).values(channel=target))
