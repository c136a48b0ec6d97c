"""Alerts owed to channels: a row before anything is sent, an attempt after, and when to try again."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from sqlalchemy import func, insert, null, or_, select, update

from service.model.filing import Accession
from service.store import digests
from service.store.database import Database, Transaction
from service.store.schema import alerts, attempts, deliveries, notices

_GLANCE = 100  # deliveries


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


class Owed(Struct, frozen=True, kw_only=True):
    """A delivery whose time has come."""

    alert: str  # its id, or a notice's
    accession: Accession | None  # None: it is a notice
    value: bytes  # the alert as JSON, as it stands on form4.alerts; or the notice
    tries: int
    claimed: datetime  # until then nobody else sends it


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
    """Keep each new alert, so that it can be sent however long the log lives, and owe it to its channels at once.

    An alert that comes again is kept and owed already, and changes nothing.
    """
    kept = [
        {"id": one.id, "accession": one.accession, "rule": one.rule, "value": one.value, "created": created}
        for one in new
    ]
    owed = [
        {"alert": one.id, "channel": channel, "state": State.PENDING, "tries": 0, "due": created, "created": created}
        for one in new
        if one.digest is None
        for channel in one.channels
    ]
    together = [(one.digest, channel, one.id) for one in new if one.digest is not None for channel in one.channels]
    if kept:
        await tx.add(alerts, kept)
    await digests.collect(tx, together, created)
    if owed:
        await tx.add(deliveries, owed)
    for channel in {channel for one in new for channel in one.channels}:
        tx.ring(bell(channel))


async def owe_notices(tx: Transaction, pairs: Iterable[tuple[str, str]], created: datetime) -> None:
    """Owe notices, by id, to channels."""
    owed = list(pairs)
    rows = [
        {"alert": notice, "channel": channel, "state": State.PENDING, "tries": 0, "due": created, "created": created}
        for notice, channel in owed
    ]
    if rows:
        await tx.add(deliveries, rows)
    for channel in {channel for _, channel in owed}:
        tx.ring(bell(channel))


async def eligible(database: Database, channel: str) -> datetime | None:
    """When the next delivery to *channel* may be sent, as far as can be seen at a glance; None: nothing is pending."""
    query = (
        select(deliveries.c.due, deliveries.c.claimed)
        .where(deliveries.c.channel == channel, deliveries.c.state == State.PENDING)
        .order_by(deliveries.c.due)
        .limit(_GLANCE)
    )
    async with database.reading() as connection:
        rows = await connection.execute(query)
        return min((due if claimed is None else max(due, claimed) for due, claimed in rows), default=None)


async def claim(database: Database, channel: str, now: datetime, until: datetime, limit: int) -> list[Owed]:
    """Up to *limit* of what *channel* is owed by *now*, longest due first; no other worker gets it before *until*.

    A worker that dies leaves its claims, and another takes them up when they run out.
    """
    free = (
        select(deliveries.c.alert)
        .where(
            deliveries.c.channel == channel,
            deliveries.c.state == State.PENDING,
            deliveries.c.due <= now,
            or_(deliveries.c.claimed.is_(None), deliveries.c.claimed <= now),
        )
        .order_by(deliveries.c.due, deliveries.c.created)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("free")
    )
    claimed = (
        update(deliveries)
        .where(deliveries.c.channel == channel, deliveries.c.alert.in_(select(free.c.alert)))
        .values(claimed=until)
        .returning(deliveries.c.alert, deliveries.c.tries)
    )
    async with database.transaction() as tx:
        tries = {row.alert: row.tries for row in await tx.execute(claimed)}
        query = select(alerts.c.id, alerts.c.accession, alerts.c.value).where(alerts.c.id.in_(tries))
        rows = list(await tx.execute(query.order_by(alerts.c.created)))
        if len(rows) < len(tries):
            told = select(notices.c.id, null().label("accession"), notices.c.value).where(notices.c.id.in_(tries))
            rows += list(await tx.execute(told.order_by(notices.c.raised)))
        return [
            Owed(
                alert=row.id,
                accession=row.accession and Accession(row.accession),
                value=row.value,
                tries=tries[row.id],
                claimed=until,
            )
            for row in rows
        ]


async def release(database: Database) -> None:
    """End every claim: what a worker that died was sending is sent again now. For a database of one machine."""
    async with database.transaction() as tx:
        await tx.execute(update(deliveries).where(deliveries.c.claimed.is_not(None)).values(claimed=None))


async def record(tx: Transaction, attempt: Attempt) -> bool:
    """Put down *attempt*, and settle its delivery or set its next time; False: another worker has done so before."""
    settled = None if attempt.state is State.PENDING else attempt.at
    statement = (
        update(deliveries)
        .where(
            deliveries.c.alert == attempt.alert,
            deliveries.c.channel == attempt.channel,
            deliveries.c.state == State.PENDING,
            deliveries.c.tries == attempt.number - 1,
        )
        .values(state=attempt.state, tries=attempt.number, due=attempt.due, settled=settled, claimed=None)
    )
    if (await tx.execute(statement)).rowcount != 1:
        return False
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
    return True


async def pending_elsewhere(
    database: Database, channels: Collection[str], before: datetime
) -> list[tuple[str, str, int]]:
    """Deliveries owed since *before* or longer to channels other than *channels*: alert, channel, tries."""
    query = select(deliveries.c.alert, deliveries.c.channel, deliveries.c.tries).where(
        deliveries.c.state == State.PENDING, deliveries.c.channel.not_in(channels), deliveries.c.created <= before
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


async def pending(database: Database) -> dict[str, int]:
    """How many deliveries each channel is owed."""
    query = (
        select(deliveries.c.channel, func.count())
        .where(deliveries.c.state == State.PENDING)
        .group_by(deliveries.c.channel)
    )
    async with database.reading() as connection:
        return dict((await connection.execute(query)).all())


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
