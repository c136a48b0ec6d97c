"""What waits for the next digest of its channel, and when that is due: times in rows, so that none is missed."""

from collections.abc import Collection, Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import ColumnElement, bindparam, func, select, update

from service.model.delivery import Beyond, DeliveryState
from service.model.filing import Accession
from service.store.claims import DueDelivery
from service.store.database import Database, Transaction
from service.store.deliveries import expect
from service.store.schema import NEXT, channel_states, deliveries, literally, messages, resources

_AT = bindparam("b_at", type_=deliveries.c.due.type)
_TRADE = func.coalesce(messages.c.trade, messages.c.accession).label("trade")
_GATHER = (
    update(deliveries)
    .where(
        deliveries.c.message == bindparam("b_message"),
        deliveries.c.channel == bindparam("b_channel"),
        deliveries.c.state == DeliveryState.PENDING,
    )
    .values(told_in=NEXT, due=_AT, held_until=_AT, beyond=Beyond.CHANNEL)
)


class HeldAlert(Struct, frozen=True, kw_only=True):
    """An alert that waits for a digest."""

    message: str
    created: datetime
    rule: str | None  # its name then
    trade: Accession | None  # the filing that told of its trade first, which may be its own
    again: bool  # a silence had kept it, and somebody sent it again
    beyond: Beyond | None  # whose maximum an hour it is beyond


async def put(tx: Transaction, channel: str, at: datetime | None) -> None:
    """The next digest of *channel*, which was locked, is due *at* that time; None: there will be none."""
    await tx.execute(update(channel_states).where(channel_states.c.channel == channel).values(digest_at=at))


async def due(database: Database, now: datetime) -> list[str]:
    """The channels whose digest is due by *now*, of those that are sent to."""
    sent_to = resources.c.enabled, resources.c.removed.is_(None)
    joined = select(channel_states.c.channel).join(resources, resources.c.id == channel_states.c.channel)
    query = joined.where(channel_states.c.digest_at <= now, *sent_to)
    async with database.reading() as connection:
        return list(await connection.scalars(query.order_by(channel_states.c.digest_at)))


async def times(database: Database, channels: Collection[str] | None = None) -> dict[str, datetime]:
    """When the next digest of each channel (of each of these) is due, where there is to be one."""
    query = select(channel_states.c.channel, channel_states.c.digest_at).where(channel_states.c.digest_at.is_not(None))
    if channels is not None:
        query = query.where(channel_states.c.channel.in_(channels))
    async with database.reading() as connection:
        return {row.channel: row.digest_at for row in await connection.execute(query)}


async def locked(tx: Transaction, channel: str) -> datetime | None:
    """When the next digest of *channel* is due, which nobody else changes before *tx* ends; None: none is."""
    query = select(channel_states.c.digest_at).where(channel_states.c.channel == channel).with_for_update()
    found: datetime | None = (await tx.execute(query)).scalar_one_or_none()
    return found


async def held(tx: Transaction, channel: str, now: datetime) -> list[HeldAlert]:
    """What waits for a digest of *channel* that is due by *now*, oldest first."""
    columns = deliveries.c.message, deliveries.c.created, deliveries.c.silence, deliveries.c.beyond
    query = (
        select(*columns, messages.c.rule, _TRADE)
        .join(messages, messages.c.id == deliveries.c.message)
        .where(*_waits(channel), deliveries.c.held_until <= now)
    )
    rows = await tx.execute(query.order_by(deliveries.c.created, deliveries.c.message))
    return [
        HeldAlert(
            message=row.message,
            created=row.created,
            rule=row.rule,
            trade=row.trade and Accession(row.trade),
            again=row.silence is not None,
            beyond=row.beyond and Beyond(row.beyond),
        )
        for row in rows
    ]


async def rules(tx: Transaction, digest: str, channel: str) -> dict[str, int]:
    """By which rules the alerts that are told to *channel* in *digest* were met, and how many trades by each."""
    query = (
        select(messages.c.rule, func.count(_TRADE.distinct()).label("many"))
        .join(deliveries, deliveries.c.message == messages.c.id)
        .where(deliveries.c.told_in == digest, deliveries.c.channel == channel)
        .group_by(messages.c.rule)
    )
    return {row.rule or "": row.many for row in await tx.execute(query)}


async def first(tx: Transaction, channel: str) -> datetime | None:
    """When the first digest is due of what waits for one of *channel*; None: nothing does."""
    found: datetime | None = (
        await tx.execute(select(func.min(deliveries.c.held_until)).where(*_waits(channel)))
    ).scalar_one()
    return found


async def join(tx: Transaction, channel: str, digest: str, now: datetime) -> None:
    """Tell what waits for a digest of *channel* that is due by *now* in the message *digest*, with which it settles."""
    these = update(deliveries).where(*_waits(channel), deliveries.c.held_until <= now)
    await tx.execute(these.values(told_in=digest, claimed=None))


async def gather(tx: Transaction, chosen: Sequence[DueDelivery], at: datetime) -> None:
    """Tell the *chosen* deliveries, beyond their channels' maximum, in a digest of these channels *at* that time."""
    if not chosen:
        return
    rows = [{"b_message": one.message, "b_channel": one.channel, "b_at": at} for one in chosen]
    await tx.execute(_GATHER, rows)
    await expect(tx, {one.channel: at for one in chosen})


async def put_off(tx: Transaction, channel: str, at: datetime) -> None:
    """What waits for a digest of *channel* is told *at* that time."""
    await tx.execute(update(deliveries).where(*_waits(channel)).values(due=at, held_until=at))


async def let_go(tx: Transaction, channel: str) -> None:
    """What waits for a digest of *channel* goes by itself, now, but for what is beyond its rule's maximum."""
    alone = {"told_in": None, "due": deliveries.c.created, "held_until": None, "beyond": None}
    others = deliveries.c.beyond.is_distinct_from(Beyond.RULE)
    await tx.execute(update(deliveries).where(*_waits(channel), others).values(alone))


def _waits(channel: str) -> tuple[ColumnElement[bool], ...]:
    return (
        deliveries.c.channel == channel,
        literally(deliveries.c.state, DeliveryState.PENDING),
        deliveries.c.told_in == NEXT,
    )
