"""What a channel is owed by now, and who sends it: each delivery is claimed by one worker at a time."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, func, or_, select, update

from service.model.filing import Accession
from service.store.bodies import BODY, WITH_LOG
from service.store.channels import SKEW, ChannelState
from service.store.database import Database, Transaction
from service.store.deliveries import State
from service.store.schema import alerts, channel_states, deliveries, notices

_GLANCE = 100  # deliveries

CLAIM = timedelta(seconds=40)  # what was claimed and not recorded by then was lost


class Waiting(Struct, frozen=True, kw_only=True):
    """A delivery whose time has come."""

    alert: str  # its id, or a notice's
    accession: Accession | None  # None: it is a notice
    created: datetime


class Owed(Struct, frozen=True, kw_only=True):
    """A delivery that this worker has claimed."""

    alert: str  # its id, or a notice's
    accession: Accession | None  # None: it is a notice
    value: bytes  # the alert as JSON, as it stands on form4.alerts; or the notice
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
        select(deliveries.c.alert, deliveries.c.created, alerts.c.accession)
        .outerjoin_from(deliveries, alerts, alerts.c.id == deliveries.c.alert)
        .where(*mine, deliveries.c.due <= now, idle)
        .order_by(deliveries.c.due, deliveries.c.created)
        .limit(limit)
        .with_for_update(skip_locked=True, of=deliveries)
    )
    return [
        Waiting(alert=row.alert, accession=row.accession and Accession(row.accession), created=row.created)
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
        .where(deliveries.c.channel == channel, deliveries.c.alert.in_(chosen))
        .values(claimed=until)
        .returning(
            deliveries.c.alert,
            deliveries.c.tries,
            deliveries.c.steps,
            deliveries.c.due,
            deliveries.c.planned,
            deliveries.c.reason,
        )
    )
    rows = (await tx.execute(claimed)).all()
    found = {row.id: row for row in await tx.execute(_alerts(chosen))}
    if len(found) < len(rows):
        found |= {row.id: row for row in await tx.execute(_notices(chosen))}
    return {
        row.alert: Owed(
            alert=row.alert,
            accession=getattr(found[row.alert], "accession", None),
            value=found[row.alert].value,
            tries=row.tries,
            steps=row.steps,
            due=row.due,
            planned=row.planned,
            reason=row.reason,
            claimed=until,
        )
        for row in rows
        if row.alert in found
    }


async def give_back(tx: Transaction, channel: str, chosen: Collection[str]) -> None:
    """End the claims of the *chosen* deliveries, which this worker has not begun to send."""
    mine = deliveries.c.channel == channel, deliveries.c.alert.in_(chosen), deliveries.c.state == State.PENDING
    await tx.execute(update(deliveries).where(*mine).values(claimed=None))


async def values(tx: Transaction, chosen: Collection[str]) -> dict[str, bytes]:
    """The alerts *chosen*, as JSON."""
    return {row.id: row.value for row in await tx.execute(_alerts(chosen))}


async def join(tx: Transaction, channel: str, chosen: Collection[str], digest: str) -> None:
    """Tell the *chosen* deliveries, which wait, in the notice *digest*: they settle when it does."""
    await tx.execute(
        update(deliveries)
        .where(deliveries.c.channel == channel, deliveries.c.alert.in_(chosen))
        .values(told_in=digest, claimed=None)
    )


def _pending(channel: str) -> tuple[ColumnElement[bool], ...]:
    return deliveries.c.channel == channel, deliveries.c.state == State.PENDING, deliveries.c.told_in.is_(None)


def _held(claimed: datetime | None, now: datetime) -> bool:
    return claimed is not None and now < claimed <= now + CLAIM + SKEW


def _state(channel: str) -> Any:
    return select(channel_states).where(channel_states.c.channel == channel)


def _alerts(chosen: Collection[str]) -> Any:
    columns = (alerts.c.id, BODY.label("value"), alerts.c.accession)
    return select(*columns).select_from(WITH_LOG).where(alerts.c.id.in_(chosen))


def _notices(chosen: Collection[str]) -> Any:
    return select(notices.c.id, notices.c.value).where(notices.c.id.in_(chosen))
