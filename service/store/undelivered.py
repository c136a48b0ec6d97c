"""What has not arrived, summed up by channel: what waits, and what was given up and nobody has seen to."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import func, or_, select

from service.model.delivery import DeliveryState
from service.store.database import Database
from service.store.ledger import SELECTED, Chosen, Delivery, conditions, delivery
from service.store.schema import NEXT, deliveries, literally

_OF_ITS_OWN = deliveries.c.told_in.is_(None)  # what is told in a digest settles with it
_NOT_TOLD = or_(_OF_ITS_OWN, deliveries.c.told_in == NEXT)
_UNSEEN = (literally(deliveries.c.state, DeliveryState.DEAD), deliveries.c.acknowledged.is_(None), _OF_ITS_OWN)
_HELD = deliveries.c.held_until == deliveries.c.due


class Dead(Struct, frozen=True, kw_only=True):
    """Dead deliveries of a channel that nobody has seen to, given up for one reason."""

    channel: str
    reason: str | None  # None: given up by a version that kept none
    count: int
    since: datetime  # when the first of them was given up
    example: Delivery  # the latest


class Waiting(Struct, frozen=True, kw_only=True):
    """What a channel is still owed."""

    count: int
    oldest: datetime  # owed since
    next: datetime  # the next try
    held: int  # of these: how many quiet hours hold, or wait for a digest
    held_until: datetime | None  # when they end; None: they hold nothing


async def dead(database: Database) -> list[Dead]:
    """What was given up and nobody has seen to, by channel and reason."""
    groups = (
        select(deliveries.c.channel, deliveries.c.reason, func.count(), func.min(deliveries.c.settled))
        .where(*_UNSEEN)
        .group_by(deliveries.c.channel, deliveries.c.reason)
        .order_by(deliveries.c.channel, deliveries.c.reason)
    )
    found = []
    async with database.reading() as connection:
        for channel, reason, count, since in (await connection.execute(groups)).all():
            of = (*_UNSEEN, deliveries.c.channel == channel, deliveries.c.reason.is_not_distinct_from(reason))
            latest = SELECTED.where(*of).order_by(deliveries.c.settled.desc()).limit(1)
            example = delivery((await connection.execute(latest)).one())
            found.append(Dead(channel=channel, reason=reason, count=count, since=since, example=example))
    return found


async def unseen(database: Database, of: Sequence[str]) -> dict[str, int]:
    """How much was given up of what each of these channels was owed, and nobody has seen to."""
    query = select(deliveries.c.channel, func.count().label("unseen"))
    query = query.where(deliveries.c.channel.in_(of), *_UNSEEN)
    async with database.reading() as connection:
        rows = await connection.execute(query.group_by(deliveries.c.channel))
        return {row.channel: row.unseen for row in rows}


async def waiting(database: Database, of: Sequence[str] | None = None) -> dict[str, Waiting]:
    """What each channel (each of those that are meant) is still owed."""
    query = (
        select(
            deliveries.c.channel,
            func.count(),
            func.min(deliveries.c.created),
            func.min(deliveries.c.due),
            func.count(deliveries.c.held_until).filter(_HELD),
            func.max(deliveries.c.held_until).filter(_HELD),
        )
        .where(
            *conditions(Chosen(states=(DeliveryState.PENDING,), channels=None if of is None else tuple(of))), _NOT_TOLD
        )
        .group_by(deliveries.c.channel)
    )
    async with database.reading() as connection:
        rows = await connection.execute(query)
        return {
            channel: Waiting(count=count, oldest=oldest, next=max(due, oldest), held=held, held_until=until)
            for channel, count, oldest, due, held, until in rows
        }
