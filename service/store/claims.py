"""What a channel is owed by now, and who sends it: each delivery is claimed by one worker at a time."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, func, or_, select, update

from service.model.filing import Accession
from service.model.message import MessageKind
from service.store.bodies import BODY, WITH_LOG
from service.store.channels import SKEW, ChannelState
from service.store.database import Database, Transaction
from service.store.deliveries import State
from service.store.schema import channel_states, deliveries, messages

_GLANCE = 100  # deliveries

CLAIM = timedelta(seconds=40)  # what was claimed and not recorded by then was lost


class Waiting(Struct, frozen=True, kw_only=True):
    """A delivery whose time has come."""

    message: str  # its id
    kind: MessageKind
    accession: Accession | None  # None: it is no alert
    created: datetime


class Owed(Struct, frozen=True, kw_only=True):
    """A delivery that this worker has claimed."""

    message: str  # its id
    kind: MessageKind
    accession: Accession | None  # None: it is no alert
    value: bytes  # as JSON; an alert's as it stands on form4.alerts
    tries: int
    steps: int  # of the schedule that are used up
    due: datetime
    planned: datetime | None  # what the schedule says; None: *due* is that
    reason: str | None  # why the last try failed; None: there was none
    claimed: datetime  # until then nobody else sends it


async def release(database: Database) -> None:
    """End every claim: what a worker that died was sending is sent again now. For a database of one machine."""
    async with database.transaction() as tx:
        await tx.execute(update(channel_states).where(channel_states.c.claimed.is_not(None)).values(claimed=None))
        pending = deliveries.c.channel.in_(select(channel_states.c.channel)), deliveries.c.state == State.PENDING
        await tx.execute(update(deliveries).where(*pending, deliveries.c.claimed.is_not(None)).values(claimed=None))


async def ready(
    database: Database, channel: str, now: datetime, interval: timedelta, longest: timedelta
) -> datetime | None:
    """When the next message to *channel* may be sent, as far as can be seen at a glance; None: nothing is pending."""
    mine = _pending(channel)
    query = select(deliveries.c.due, deliveries.c.claimed).where(*mine).order_by(deliveries.c.due).limit(_GLANCE)
    latest = select(func.max(deliveries.c.due)).where(*mine)
    async with database.reading() as connection:
        rows = (await connection.execute(query)).all()
        if not rows:
            return None
        state = (await connection.execute(_state(channel))).mappings().one_or_none()
        dues = [max(due, claimed) if _held(claimed, now) else due for due, claimed in rows]
        last = await connection.scalar(latest)
        if last is not None and last > now + longest:
            dues.append(now)
    free = ChannelState(**state).free(now, interval, CLAIM, longest) if state else now
    at: datetime = max(free, min(dues))
    return at


async def free(
    tx: Transaction, channel: str, now: datetime, interval: timedelta, longest: timedelta
) -> ChannelState | None:
    """The state of *channel*; one with an *interval* is then this transaction's alone.

    None: no request may start at *now*.
    """
    query = _state(channel)
    row = (await tx.execute(query.with_for_update() if interval else query)).mappings().one_or_none()
    state = ChannelState(**row) if row else ChannelState(channel=channel)
    return state if state.free(now, interval, CLAIM, longest) == now else None


async def waiting(tx: Transaction, channel: str, now: datetime, longest: timedelta, limit: int) -> list[Waiting]:
    """Up to *limit* deliveries to *channel* that are due by *now* and nobody sends, longest due first.

    No other worker gets them before *tx* ends. One that is due later than *longest* from now was put off by a clock
    that was set back since: it is due.
    """
    mine = _pending(channel)
    await tx.execute(
        update(deliveries).where(*mine, deliveries.c.due > now + longest).values(due=deliveries.c.created, planned=None)
    )
    idle = or_(deliveries.c.claimed.is_(None), deliveries.c.claimed <= now, deliveries.c.claimed > now + CLAIM + SKEW)
    query = (
        select(deliveries.c.message, deliveries.c.created, messages.c.kind, messages.c.accession)
        .join_from(deliveries, messages, messages.c.id == deliveries.c.message)
        .where(*mine, deliveries.c.due <= now, idle)
        .order_by(deliveries.c.due, deliveries.c.created)
        .limit(limit)
        .with_for_update(skip_locked=True, of=deliveries)
    )
    return [
        Waiting(
            message=row.message,
            kind=MessageKind(row.kind),
            accession=row.accession and Accession(row.accession),
            created=row.created,
        )
        for row in await tx.execute(query)
    ]


async def take(
    tx: Transaction, channel: str, chosen: Sequence[str], until: datetime, *, alone: bool
) -> dict[str, Owed]:
    """Claim the *chosen* deliveries, which wait, until *until*, and with *alone* the channel itself.

    A worker that dies leaves its claims, and another takes them up when they run out.
    """
    if alone:
        await tx.execute(update(channel_states).where(channel_states.c.channel == channel).values(claimed=until))
    claimed = (
        update(deliveries)
        .where(deliveries.c.channel == channel, deliveries.c.message.in_(chosen))
        .values(claimed=until)
        .returning(
            deliveries.c.message,
            deliveries.c.tries,
            deliveries.c.steps,
            deliveries.c.due,
            deliveries.c.planned,
            deliveries.c.reason,
        )
    )
    rows = (await tx.execute(claimed)).all()
    columns = (messages.c.id, messages.c.kind, messages.c.accession, BODY.label("value"))
    bodies = select(*columns).select_from(WITH_LOG).where(messages.c.id.in_(chosen))
    found = {row.id: row for row in await tx.execute(bodies)}
    return {
        row.message: Owed(
            message=row.message,
            kind=MessageKind(found[row.message].kind),
            accession=found[row.message].accession,
            value=found[row.message].value,
            tries=row.tries,
            steps=row.steps,
            due=row.due,
            planned=row.planned,
            reason=row.reason,
            claimed=until,
        )
        for row in rows
    }


async def give_back(tx: Transaction, channel: str, chosen: Collection[str]) -> None:
    """End the claims of the *chosen* deliveries, which this worker has not begun to send."""
    mine = deliveries.c.channel == channel, deliveries.c.message.in_(chosen), deliveries.c.state == State.PENDING
    await tx.execute(update(deliveries).where(*mine).values(claimed=None))


async def join(tx: Transaction, channel: str, chosen: Collection[str], digest: str) -> None:
    """Tell the *chosen* deliveries, which wait, in the message *digest*: they settle when it does."""
    await tx.execute(
        update(deliveries)
        .where(deliveries.c.channel == channel, deliveries.c.message.in_(chosen))
        .values(told_in=digest, claimed=None)
    )


def _pending(channel: str) -> tuple[ColumnElement[bool], ...]:
    return deliveries.c.channel == channel, deliveries.c.state == State.PENDING, deliveries.c.told_in.is_(None)


def _held(claimed: datetime | None, now: datetime) -> bool:
    return claimed is not None and now < claimed <= now + CLAIM + SKEW


def _state(channel: str) -> Any:
    return select(channel_states).where(channel_states.c.channel == channel)
