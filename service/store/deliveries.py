"""Alerts owed to channels: a row before anything is sent, an attempt after, and when to try again."""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from sqlalchemy import and_, func, insert, select, update

from service.model.filing import Accession
from service.store.database import Database, Transaction
from service.store.schema import alerts, attempts, deliveries


class State(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"  # for good


class NewAlert(Struct, frozen=True, kw_only=True):
    """An alert that is to be sent."""

    id: str
    accession: Accession
    rule: str
    value: bytes  # the alert as JSON, as it stands on form4.alerts
    channels: tuple[str, ...]


class Owed(Struct, frozen=True, kw_only=True):
    """A delivery whose time has come."""

    alert: str
    accession: Accession
    value: bytes  # the alert as JSON, as it stands on form4.alerts
    tries: int


class Attempt(Struct, frozen=True, kw_only=True):
    """One request to a channel, and what came of it."""

    alert: str
    channel: str
    number: int  # from 1
    at: datetime
    seconds: float
    state: State  # PENDING: it will be tried again
    due: datetime  # when to try again; without meaning once settled
    status: int | None  # HTTP; None: no answer
    detail: str


def bell(channel: str) -> str:
    """The bell that rings when *channel* is owed something new."""
    return f"deliveries.{channel}"


async def owe(tx: Transaction, new: Sequence[NewAlert], created: datetime) -> None:
    """Keep each new alert, so that it can be sent however long the log lives, and owe it to its channels at once."""
    kept = [
        {"id": one.id, "accession": one.accession, "rule": one.rule, "value": one.value, "created": created}
        for one in new
    ]
    owed = [
        {"alert": one.id, "channel": channel, "state": State.PENDING, "tries": 0, "due": created, "created": created}
        for one in new
        for channel in one.channels
    ]
    if kept:
        await tx.execute(insert(alerts), kept)
    if owed:
        await tx.execute(insert(deliveries), owed)
    for channel in {channel for one in new for channel in one.channels}:
        tx.ring(bell(channel))


async def due(
    database: Database, channel: str, now: datetime, limit: int, busy: Collection[str]
) -> tuple[list[Owed], datetime | None]:
    """What *channel* is owed by *now*, longest due first, but for *busy* alerts; and when the next falls due."""
    pending = and_(deliveries.c.channel == channel, deliveries.c.state == State.PENDING)
    query = (
        select(deliveries.c.alert, deliveries.c.tries, alerts.c.accession, alerts.c.value)
        .join(alerts, alerts.c.id == deliveries.c.alert)
        .where(pending, deliveries.c.due <= now, deliveries.c.alert.not_in(busy))
        .order_by(deliveries.c.due, deliveries.c.created)
        .limit(limit)
    )
    following = select(func.min(deliveries.c.due)).where(pending, deliveries.c.due > now)
    async with database.reading() as connection:
        owed = [
            Owed(alert=row.alert, accession=Accession(row.accession), value=row.value, tries=row.tries)
            for row in await connection.execute(query)
        ]
        return owed, await connection.scalar(following)


async def record(tx: Transaction, attempt: Attempt) -> None:
    """Put down *attempt*, and settle its delivery or set its next time."""
    await tx.execute(
        insert(attempts),
        {
            "alert": attempt.alert,
            "channel": attempt.channel,
            "number": attempt.number,
            "at": attempt.at,
            "seconds": attempt.seconds,
            "outcome": attempt.state,
            "status": attempt.status,
            "detail": attempt.detail,
        },
    )
    settled = None if attempt.state is State.PENDING else attempt.at
    statement = (
        update(deliveries)
        .where(deliveries.c.alert == attempt.alert, deliveries.c.channel == attempt.channel)
        .values(state=attempt.state, tries=attempt.number, due=attempt.due, settled=settled)
    )
    await tx.execute(statement)


async def pending_elsewhere(database: Database, channels: Collection[str]) -> list[tuple[str, str, int]]:
    """Pending deliveries to channels other than *channels*: alert, channel, tries."""
    query = select(deliveries.c.alert, deliveries.c.channel, deliveries.c.tries).where(
        deliveries.c.state == State.PENDING, deliveries.c.channel.not_in(channels)
    )
    async with database.reading() as connection:
        return [(alert, channel, tries) for alert, channel, tries in await connection.execute(query)]


async def counts(database: Database) -> dict[tuple[str, str], int]:
    """How many deliveries stand in each state, by channel and state."""
    query = select(deliveries.c.channel, deliveries.c.state, func.count()).group_by(
        deliveries.c.channel, deliveries.c.state
    )
    async with database.reading() as connection:
        return {(channel, state): count for channel, state, count in await connection.execute(query)}


async def failures(database: Database, limit: int) -> list[tuple[str, str, datetime, str]]:
    """The latest attempts that settled a delivery as failed: alert, channel, time, detail."""
    query = (
        select(attempts.c.alert, attempts.c.channel, attempts.c.at, attempts.c.detail)
        .where(attempts.c.outcome == State.FAILED)
        .order_by(attempts.c.at.desc())
        .limit(limit)
    )
    async with database.reading() as connection:
        return [(alert, channel, at, detail) for alert, channel, at, detail in await connection.execute(query)]
