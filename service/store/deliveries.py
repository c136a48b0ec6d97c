"""Alerts and notices owed to channels: a row before anything is sent."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Any

from msgspec import Struct
from sqlalchemy import func, select

from service.model.filing import Accession
from service.store import bodies, digests, tallies
from service.store.database import Database, Transaction
from service.store.schema import alerts, channel_states, deliveries

_CHUNK = 500  # alerts in one statement
_UNDELIVERED = 1000  # alerts, of which some may not have been received by anybody


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


def received(channel: str) -> str:
    """The tally of what *channel* has received."""
    return f"{State.DELIVERED}.{channel}"


async def owe(tx: Transaction, new: Sequence[NewAlert], created: datetime) -> None:
    """Keep each new alert, and owe it to its channels at once.

    Its body is kept where the log has none: that saves what is owed before it forgets. An alert that comes again is
    kept and owed already, and changes nothing. What comes together keeps its order.
    """
    together = [(one.digest, channel, one.id) for one in new if one.digest is not None for channel in one.channels]
    alone = [(one.id, channel) for one in new if one.digest is None for channel in one.channels]
    if new:
        held = await bodies.hold(tx, [one.id for one in new])
        rows = [
            {
                "id": one.id,
                "accession": one.accession,
                "rule": one.rule,
                "value": b"" if one.id in held else one.value,
                "created": created,
            }
            for one in new
        ]
        await tx.add(alerts, rows)
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
    """How many deliveries are pending and dead, and how many were ever received, by channel and state."""
    received = await tallies.read(database, State.DELIVERED)
    found = {(channel, State.DELIVERED.value): count for channel, count in received.items()}
    for state in (State.PENDING, State.DEAD):
        found |= {(channel, state.value): count for channel, count in (await _standing(database, state)).items()}
    return found


async def pending(database: Database) -> dict[str, int]:
    """How many deliveries each channel is owed."""
    return await _standing(database, State.PENDING)


async def _standing(database: Database, state: State) -> dict[str, int]:
    """How many deliveries of each channel are in *state*: by way of the index, which begins with the channel."""
    mine = deliveries.c.channel == channel_states.c.channel, deliveries.c.state == state
    count = select(func.count()).where(*mine).scalar_subquery()
    async with database.reading() as connection:
        rows = await connection.execute(select(channel_states.c.channel, count))
        return {channel: count for channel, count in rows if count}


async def first_received(database: Database, limit: int) -> list[tuple[bytes, datetime]]:
    """The latest alerts that a channel has received, as JSON, and when the first one had.

    Looked for among the latest alerts alone, and without those whose body the log has forgotten.
    """
    latest = select(alerts.c.id).order_by(alerts.c.created.desc()).limit(limit + _UNDELIVERED)
    mine = deliveries.c.alert == alerts.c.id, deliveries.c.state == State.DELIVERED
    first = select(func.min(deliveries.c.settled)).where(*mine).scalar_subquery()
    query = select(alerts.c.created, bodies.BODY.label("body"), first.label("settled")).select_from(bodies.WITH_LOG)
    received: list[Any] = []
    async with database.reading() as connection:
        ids = list(await connection.scalars(latest))
        for start in range(0, len(ids), _CHUNK):
            found = await connection.execute(query.where(alerts.c.id.in_(ids[start : start + _CHUNK])))
            rows = [row for row in found if row.body and row.settled]
            received += sorted(rows, key=attrgetter("created"), reverse=True)
            if len(received) >= limit:
                break
    return [(row.body, row.settled) for row in received[:limit]]
