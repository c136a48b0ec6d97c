"""Alerts and notices owed to channels: a row before anything is sent."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct
from sqlalchemy import func, select

from service.model.filing import Accession
from service.store import digests
from service.store.database import Database, Transaction
from service.store.schema import alerts, channel_states, deliveries


class State(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"  # given up; kept, and can be sent again


class NewAlert(Struct, frozen=True, kw_only=True):
    """An alert that is to be sent."""

    id: str
    accession: Accession
    rule: str
    value: bytes  # the alert as JSON, as it stands on form4.alerts
    channels: tuple[str, ...]
    digest: str | None = None  # told together with others, under this name


def bell(channel: str) -> str:
    """The bell that rings when *channel* is owed something new."""
    return f"deliveries.{channel}"


async def owe(tx: Transaction, new: Sequence[NewAlert], created: datetime) -> None:
    """Keep each new alert, so that it can be sent however long the log lives, and owe it to its channels at once.

    An alert that comes again is kept and owed already, and changes nothing. What comes together keeps its order.
    """
    together = [(one.digest, channel, one.id) for one in new if one.digest is not None for channel in one.channels]
    alone = [(one.id, channel) for one in new if one.digest is None for channel in one.channels]
    if new:
        await tx.add(
            alerts,
            [
                {"id": one.id, "accession": one.accession, "rule": one.rule, "value": one.value, "created": created}
                for one in new
            ],
        )
    await digests.collect(tx, together, created)
    await _owe(tx, alone, created)


async def owe_notices(tx: Transaction, pairs: Iterable[tuple[str, str]], created: datetime) -> None:
    """Owe notices, by id, to channels."""
    await _owe(tx, list(pairs), created)


async def _owe(tx: Transaction, pairs: Sequence[tuple[str, str]], created: datetime) -> None:
    if not pairs:
        return
    rows = []
    for place, (alert, channel) in enumerate(pairs):
        at = created + timedelta(microseconds=place)  # oldest first is then the order in which they came
        rows.append(
            {
                "alert": alert,
                "channel": channel,
                "state": State.PENDING,
                "tries": 0,
                "steps": 0,
                "due": at,
                "created": at,
            }
        )
    await know(tx, (channel for _, channel in pairs))
    await tx.add(deliveries, rows)
    for channel in {channel for _, channel in pairs}:
        tx.ring(bell(channel))


async def know(tx: Transaction, channels: Iterable[str]) -> None:
    """Give each of *channels* its state, if it has none."""
    rows = [{"channel": channel, "failures": 0} for channel in sorted(set(channels))]
    await tx.add(channel_states, rows)


async def counts(database: Database) -> dict[tuple[str, str], int]:
    """How many deliveries stand in each state, by channel and state."""
    query = select(deliveries.c.channel, deliveries.c.state, func.count()).group_by(
        deliveries.c.channel, deliveries.c.state
    )
    async with database.reading() as connection:
        return {(channel, state): count for channel, state, count in await connection.execute(query)}


async def pending(database: Database) -> dict[str, int]:
    """How many deliveries each channel is owed."""
    waiting = (
        select(func.count())
        .where(deliveries.c.channel == channel_states.c.channel, deliveries.c.state == State.PENDING)
        .scalar_subquery()
    )
    async with database.reading() as connection:
        rows = await connection.execute(select(channel_states.c.channel, waiting))
        return {channel: count for channel, count in rows if count}


async def first_received(database: Database, limit: int) -> list[tuple[bytes, datetime]]:
    """The latest alerts that a channel has received, as JSON, and when the first one had."""
    query = (
        select(alerts.c.value, func.min(deliveries.c.settled))
        .join(deliveries, deliveries.c.alert == alerts.c.id)
        .where(deliveries.c.state == State.DELIVERED)
        .group_by(alerts.c.id, alerts.c.value, alerts.c.created)
        .order_by(alerts.c.created.desc())
        .limit(limit)
    )
    async with database.reading() as connection:
        return [(value, settled) for value, settled in await connection.execute(query)]
