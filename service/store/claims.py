"""What channels are owed by now, and who sends it: each delivery is claimed by one worker at a time."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Row, Select, bindparam, func, or_, select, tuple_, update
from sqlalchemy.sql.selectable import FromClause

from service.model.delivery import DeliveryState
from service.model.filing import Accession
from service.model.identity import SilenceId, WorkspaceId
from service.model.message import MessageKind
from service.store.channels import SKEW, ChannelState
from service.store.database import Database, Transaction
from service.store.messages import values as bodies_of
from service.store.schema import channel_states, deliveries, literally, messages

CLAIM = timedelta(seconds=40)  # what was claimed and not recorded by then was lost
_LOST = datetime(1970, 1, 1, tzinfo=UTC)  # the end of a claim that was


class Queue(Struct, frozen=True, kw_only=True):
    """That something waits for a channel, and how it stands with that channel."""

    state: ChannelState
    first: datetime  # when the first of it is due
    last: datetime


class DueDelivery(Struct, frozen=True, kw_only=True):
    """A delivery whose time has come."""

    message: str  # its id
    channel: str
    workspace: WorkspaceId  # of the message
    kind: MessageKind
    accession: Accession | None  # None: it is no alert
    trade: Accession | None = None  # the filing that told of its trade before; None: none did
    created: datetime
    due: datetime
    planned: datetime | None  # what the schedule says; None: *due* is that
    tries: int
    steps: int  # of the schedule that are used up
    reason: str | None  # why the last try failed; None: there was none
    held: datetime | None = None  # quiet hours hold or held it until then; None: none did
    silence: SilenceId | None = None  # kept it from being told, until somebody sent it again; None: none did
    urgent: bool = False  # it goes before others, and at any hour
    lost: bool = False  # a worker had claimed it, and recorded nothing


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
    held: datetime | None = None  # quiet hours held it until then; None: none did
    lost: bool = False  # a worker had claimed it before, and recorded nothing: it may have been sent


async def release(database: Database) -> None:
    """End every claim: what a worker that died was sending is sent again now. For a database of one machine.

    That there was a claim is remembered.
    """
    async with database.transaction() as tx:
        await tx.execute(update(channel_states).where(channel_states.c.claimed.is_not(None)).values(claimed=None))
        pending = (
            deliveries.c.channel.in_(select(channel_states.c.channel)),
            deliveries.c.state == DeliveryState.PENDING,
        )
        await tx.execute(update(deliveries).where(*pending, deliveries.c.claimed > _LOST).values(claimed=_LOST))


async def queues(database: Database) -> list[Queue]:
    """Every channel for which something waits, now or later: one step into an index for each, and none for others."""
    async with database.reading() as connection:
        rows = (await connection.execute(_queues())).mappings()
        return [
            Queue(
                state=ChannelState(**{column.name: row[column.name] for column in channel_states.c}),
                first=row["first"],
                last=row["last"],
            )
            for row in rows
            if row["first"] is not None
        ]


async def waiting(
    tx: Transaction, channels: Collection[str], now: datetime, each: int, limit: int
) -> list[DueDelivery]:
    """Up to *each* deliveries to each of *channels* that are due by *now* and nobody sends, longest due first.

    No more than *limit* in all. No other worker gets them before *tx* ends.
    """
    values = at(now) | {"channels": list(channels), "others": each - 1, "limit": limit}
    return [_read(row) for row in await tx.execute(_waiting(), values)]


async def before_time(tx: Transaction, chosen: Collection[tuple[str, str]], now: datetime) -> list[DueDelivery]:
    """Those of the *chosen* deliveries, by channel and id, that wait and nobody sends, whenever they are due.

    What the schedule says of them stays. No other worker gets them before *tx* ends.
    """
    values = at(now) | {"chosen": sorted(chosen)}
    found = [_read(row) for row in await tx.execute(_before_time(), values)] if chosen else []
    return [replace(one, planned=one.planned or one.due) for one in found]


def _read(row: Row[*tuple[Any, ...]]) -> DueDelivery:
    return DueDelivery(
        message=row.message,
        channel=row.channel,
        workspace=row.workspace,
        kind=MessageKind(row.kind),
        accession=row.accession and Accession(row.accession),
        trade=row.trade and Accession(row.trade),
        created=row.created,
        due=row.due,
        planned=row.planned,
        tries=row.tries,
        steps=row.steps,
        reason=row.reason,
        held=row.held_until,
        silence=row.silence,
        urgent=row.urgent,
        lost=row.claimed is not None,
    )


async def following(tx: Transaction, channels: Collection[str], now: datetime) -> dict[str, datetime]:
    """When the first delivery to each of *channels* is due that nobody sends; where there is none, it is not named."""
    rows = await tx.execute(_following(), at(now) | {"channels": list(channels)})
    return {row.channel: row.due for row in rows if row.due is not None}


async def take(tx: Transaction, chosen: Sequence[DueDelivery], until: datetime) -> dict[tuple[str, str], Owed]:
    """Claim the *chosen* deliveries, which wait, until *until*; by channel and id.

    One whose body is gone has none: sending it fails, which is recorded.

    A worker that dies leaves its claims, and another takes them up when they run out.
    """
    if not chosen:
        return {}
    ids = {one.message for one in chosen}
    values = await bodies_of(tx, ids)
    await tx.execute(_CLAIM, [{"b_message": one.message, "b_channel": one.channel, "b_until": until} for one in chosen])
    return {
        (one.channel, one.message): Owed(
            message=one.message,
            kind=one.kind,
            accession=one.accession,
            value=values.get(one.message, b""),
            tries=one.tries,
            steps=one.steps,
            due=one.due,
            planned=one.planned,
            reason=one.reason,
            claimed=until,
            held=one.held,
            lost=one.lost,
        )
        for one in chosen
    }


async def take_channels(tx: Transaction, channels: Collection[str], until: datetime) -> None:
    """Claim *channels* themselves, which take one request at a time; they were locked."""
    if channels:
        await tx.execute(update(channel_states).where(channel_states.c.channel.in_(channels)).values(claimed=until))


async def give_back(tx: Transaction, chosen: Collection[tuple[str, str]]) -> None:
    """End the claims of the *chosen* deliveries, by channel and id, which this worker has not begun to send."""
    rows = [{"b_message": message, "b_channel": channel, "b_until": None} for channel, message in sorted(chosen)]
    if rows:
        await tx.execute(_CLAIM, rows)


async def join(tx: Transaction, channel: str, chosen: Collection[str], digest: str) -> None:
    """Tell the *chosen* deliveries, which wait, in the message *digest*: they settle when it does."""
    await tx.execute(
        update(deliveries)
        .where(deliveries.c.channel == channel, deliveries.c.message.in_(chosen))
        .values(told_in=digest, claimed=None)
    )


THIS = (
    deliveries.c.message == bindparam("b_message"),
    deliveries.c.channel == bindparam("b_channel"),
    deliveries.c.state == DeliveryState.PENDING,
)
_CLAIM = update(deliveries).where(*THIS).values(claimed=bindparam("b_until"))


def waits(table: FromClause = deliveries) -> ColumnElement[bool]:
    """That a delivery is yet to be sent, as the index of these says it."""
    return literally(table.c.state, DeliveryState.PENDING) & table.c.told_in.is_(None)


def at(now: datetime) -> dict[str, Any]:
    """What `unclaimed` asks for."""
    return {"now": now, "impossible": now + CLAIM + SKEW}


def unclaimed(table: FromClause) -> ColumnElement[bool]:
    """That nobody sends a delivery."""
    return or_(table.c.claimed.is_(None), table.c.claimed <= _NOW, table.c.claimed > bindparam("impossible"))


def _idle(table: FromClause) -> Any:
    """When what nobody sends to a row of the channels' states is due, the first of it."""
    mine = table.c.channel == channel_states.c.channel, waits(table), unclaimed(table)
    return select(table.c.due).where(*mine).order_by(table.c.due).limit(1).correlate(channel_states)


@cache
def _queues() -> Select[Any]:
    channel = deliveries.c.channel
    first = select(channel).where(waits()).order_by(channel).limit(1).scalar_subquery()
    hop = select(first.label("channel")).cte("hop", recursive=True)
    after = select(channel).where(waits(), channel > hop.c.channel).order_by(channel).limit(1).scalar_subquery()
    hop = hop.union_all(select(after).where(hop.c.channel.is_not(None)))
    dues = select(deliveries.c.due).where(waits(), channel == hop.c.channel).limit(1)
    ends = (
        dues.order_by(deliveries.c.due).scalar_subquery().label("first"),
        dues.order_by(deliveries.c.due.desc()).scalar_subquery().label("last"),
    )
    return select(channel_states, *ends).join_from(hop, channel_states, channel_states.c.channel == hop.c.channel)


@cache
def _waiting() -> Select[Any]:
    nth = deliveries.alias("nth")
    edge = _idle(nth).where(nth.c.due <= _NOW).offset(bindparam("others")).scalar_subquery()
    return (
        select(*_READ)
        .select_from(channel_states)
        .join(deliveries, deliveries.c.channel == channel_states.c.channel)
        .join(messages, messages.c.id == deliveries.c.message)
        .where(_NAMED, waits(), deliveries.c.due <= func.coalesce(edge, _NOW), unclaimed(deliveries))
        .order_by(deliveries.c.due, deliveries.c.created)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True, of=deliveries)
    )


@cache
def _before_time() -> Select[Any]:
    key = tuple_(deliveries.c.channel, deliveries.c.message).in_(bindparam("chosen", expanding=True))
    return (
        select(*_READ)
        .join(messages, messages.c.id == deliveries.c.message)
        .where(key, waits(), unclaimed(deliveries))
        .with_for_update(skip_locked=True, of=deliveries)
    )


@cache
def _following() -> Select[Any]:
    return select(channel_states.c.channel, _idle(deliveries).scalar_subquery().label("due")).where(_NAMED)


_READ = (
    *(deliveries.c[name] for name in ("message", "channel", "created", "due", "planned", "tries", "steps", "reason")),
    *(deliveries.c[name] for name in ("held_until", "claimed", "silence")),
    *(messages.c[name] for name in ("workspace", "kind", "accession", "trade", "urgent")),
)

# Each statement is made once, when it is first asked: to make one takes ten times as long as to run it.
_NOW = bindparam("now", type_=deliveries.c.due.type)
_NAMED = channel_states.c.channel.in_(bindparam("channels", expanding=True))
