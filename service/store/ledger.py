"""Deliveries as an operator sees them: which, why, every attempt; and what a person may do with them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, bindparam, case, func, or_, select, union_all, update

from service.model.circuit import Circuit
from service.model.delivery import Beyond, DeliveryState
from service.model.filing import Accession
from service.model.identity import RuleId, SilenceId, WorkspaceId
from service.model.message import MessageKind
from service.model.notice import NoticeKind
from service.store import latest
from service.store.connection import Connection
from service.store.database import Database, Transaction
from service.store.schema import NEXT, attempts, channel_states, deliveries, literally, messages, notices, resources

_CHUNK = 500  # messages in one statement
_FIRST = (
    select(func.min(deliveries.c.settled))
    .select_from(messages.join(deliveries, deliveries.c.message == messages.c.id))
    .where(
        messages.c.accession == bindparam("accession"),
        messages.c.workspace == bindparam("workspace"),
        deliveries.c.state == DeliveryState.DELIVERED,
    )
)
_PLACE = (deliveries.c.created, deliveries.c.message, deliveries.c.channel)

Place = tuple[datetime, str, str]
"""Where a delivery stands among all of them: when it was owed, its message, its channel."""


class Chosen(Struct, frozen=True, kw_only=True):
    """Which deliveries are meant: those for which everything that is set here holds."""

    states: tuple[DeliveryState, ...] = ()  # empty: whatever their state
    channels: tuple[str, ...] | None = None  # of these, by id; None: of any
    since: datetime | None = None  # owed then or later
    until: datetime | None = None  # owed before
    accessions: tuple[Accession, ...] = ()  # of these filings, or with one of the ids
    ids: tuple[str, ...] = ()  # of messages
    digest: str | None = None  # told in it; None: whether in one or not
    silences: tuple[str, ...] = ()  # one of which keeps, or kept, it from being told; empty: whether one did or not


class Try(Struct, frozen=True, kw_only=True):
    """One request, and what came of it."""

    number: int  # from 1
    at: datetime
    seconds: float
    outcome: DeliveryState
    status: int | None  # HTTP; None: no answer
    detail: str


class Delivery(Struct, frozen=True, kw_only=True):
    """One message, and one channel."""

    id: str  # of the message; the same for each of its channels
    kind: MessageKind
    channel: str  # its id
    channel_name: str
    state: DeliveryState
    accession: Accession | None  # None: it is no alert
    rule: str | None  # its name then; None: it is no alert
    rule_id: RuleId | None
    notice: NoticeKind | None  # what it is about; None: it is no notice
    owed: datetime
    tries: int
    reason: str | None  # why the last try failed; None: none has
    due: datetime | None  # when the next try is; None: there will be none
    circuit: Circuit | None  # its channel's, which is open, so that it waits; None: that is closed, or it waits no more
    settled: datetime | None  # when it was delivered or given up; None: it is pending
    acknowledged: datetime | None  # when somebody saw to a dead one; None: nobody has
    told_in: str | None  # the digest that tells it together with others; None: it is a message of its own
    told_with: str | None  # the alert in whose message it was told; None: it was a message of its own
    gathered: bool  # it waits for the next digest of its channel, which is yet to be made
    beyond: Beyond | None  # whose maximum an hour has, or had, it told in a digest; None: nobody's
    silence: SilenceId | None  # which keeps it from being told, or did until somebody sent it again; None: none did
    held_until: datetime | None  # its channel's quiet hours, or its digest, hold it until then; None: they don't
    last: Try | None  # None: not tried yet, or so long ago that it is not kept


async def listed(database: Database, chosen: Chosen, limit: int) -> list[Delivery]:
    """The latest *limit* of those *chosen*, oldest first."""
    query = SELECTED.where(*conditions(chosen)).order_by(deliveries.c.created.desc(), deliveries.c.message).limit(limit)
    async with database.reading() as connection:
        return [delivery(row) for row in reversed((await connection.execute(query)).all())]


async def page(database: Database, chosen: Chosen, limit: int, behind: Place | None = None) -> list[Delivery]:
    """The latest *limit* of those *chosen*, latest first, or those next *behind* one that stands there."""
    after = tuple(latest.behind(_PLACE, behind))
    async with database.reading() as connection:
        if chosen.accessions or chosen.ids or chosen.silences or chosen.digest:  # of a message there are few
            query = latest.first(SELECTED.where(*conditions(chosen), *after), _PLACE).limit(limit)
            return [delivery(row) for row in await connection.execute(query)]
        of = await _channels(connection) if chosen.channels is None else chosen.channels
        places = select(*_PLACE).where(*_between(chosen), *after)
        states = chosen.states or tuple(DeliveryState)
        rows = (await latest.of_each(connection, places, _PLACE, of, states, limit))[:limit]
        told = await connection.execute(SELECTED.where(deliveries.c.message.in_({row.message for row in rows})))
        found = {(row.message, row.channel): row for row in told}
    return [delivery(found[row.message, row.channel]) for row in rows]


async def first_delivered(database: Database, workspace: WorkspaceId, accession: Accession) -> datetime | None:
    """When a channel first had an alert of *workspace* on this filing; None: none has."""
    async with database.reading() as connection:
        at: datetime | None = await connection.scalar(_FIRST, {"accession": accession, "workspace": workspace})
        return at


async def tries(database: Database, delivery: Delivery) -> list[Try]:
    """Every request of *delivery* that is kept, in order."""
    query = select(attempts).where(attempts.c.message == delivery.id, attempts.c.channel == delivery.channel)
    async with database.reading() as connection:
        return [_try(row) for row in await connection.execute(query.order_by(attempts.c.number))]


async def acknowledge(tx: Transaction, chosen: Chosen, now: datetime) -> dict[str, int]:
    """Have somebody seen to the dead ones among those *chosen*; how many, by channel."""
    statement = update(deliveries).where(
        *conditions(chosen), literally(deliveries.c.state, DeliveryState.DEAD), deliveries.c.acknowledged.is_(None)
    )
    return await _changed(tx, statement.values(acknowledged=now))


async def channels(database: Database) -> list[str]:
    """Every channel that was ever owed anything, by id."""
    async with database.reading() as connection:
        return await _channels(connection)


async def _channels(connection: Connection) -> list[str]:
    return list(await connection.scalars(select(channel_states.c.channel).order_by(channel_states.c.channel)))


_LAST = and_(
    attempts.c.message == deliveries.c.message,
    attempts.c.channel == deliveries.c.channel,
    attempts.c.number == deliveries.c.tries,
)
_PROBED = or_(channel_states.c.opened.is_not(None), channel_states.c.disabled_since.is_not(None))
SELECTED = (
    select(
        deliveries,
        messages.c.kind,
        messages.c.accession,
        messages.c.rule,
        messages.c.rule_id,
        notices.c.kind.label("notice"),
        attempts.c.number,
        attempts.c.at,
        attempts.c.seconds,
        attempts.c.outcome,
        attempts.c.status,
        attempts.c.detail,
        resources.c.name.label("channel_name"),
        channel_states.c.opened,
        channel_states.c.probes,
        case((_PROBED, channel_states.c.probe_at)).label("probe_at"),
    )
    .join(messages, messages.c.id == deliveries.c.message)
    .outerjoin(resources, resources.c.id == deliveries.c.channel)
    .outerjoin(notices, notices.c.message == deliveries.c.message)
    .outerjoin(attempts, _LAST)
    .outerjoin(channel_states, channel_states.c.channel == deliveries.c.channel)
)


def conditions(chosen: Chosen) -> Iterable[ColumnElement[bool]]:
    """What holds for the rows that are meant."""
    if chosen.channels is not None:
        yield deliveries.c.channel.in_(chosen.channels)
    elif chosen.states:  # by way of the index, which begins with the channel
        yield deliveries.c.channel.in_(select(channel_states.c.channel))
    if chosen.states:
        yield deliveries.c.state.in_(chosen.states)
    yield from _between(chosen)
    if chosen.digest is not None:
        yield deliveries.c.told_in == chosen.digest
    if chosen.silences:
        yield deliveries.c.silence.in_(chosen.silences)
    if chosen.accessions or chosen.ids:  # both by way of an index: a condition that joins them by OR has none
        filed = select(messages.c.id).where(messages.c.accession.in_(chosen.accessions))
        named = select(messages.c.id).where(messages.c.id.in_(chosen.ids))
        yield deliveries.c.message.in_(union_all(filed, named))


def _between(chosen: Chosen) -> Iterable[ColumnElement[bool]]:
    if chosen.since is not None:
        yield deliveries.c.created >= chosen.since
    if chosen.until is not None:
        yield deliveries.c.created < chosen.until


async def _changed(tx: Transaction, statement: Any) -> dict[str, int]:
    """How many deliveries *statement* has changed, by channel."""
    rows: Sequence[str] = (await tx.execute(statement.returning(deliveries.c.channel))).scalars().all()
    return {channel: rows.count(channel) for channel in sorted(set(rows))}


def delivery(row: Any) -> Delivery:
    """The delivery of a row of `SELECTED`."""
    waits = row.state == DeliveryState.PENDING
    circuit = Circuit(opened=row.opened, probes=row.probes, probe_at=row.probe_at) if waits and row.opened else None
    return Delivery(
        id=row.message,
        kind=MessageKind(row.kind),
        channel=row.channel,
        channel_name=row.channel_name or row.channel,
        state=DeliveryState(row.state),
        accession=row.accession and Accession(row.accession),
        rule=row.rule,
        rule_id=row.rule_id,
        notice=row.notice and NoticeKind(row.notice),
        owed=row.created,
        tries=row.tries,
        reason=row.reason,
        due=max(row.due, row.created, row.probe_at or row.due) if waits else None,
        circuit=circuit,
        settled=row.settled,
        acknowledged=row.acknowledged,
        told_in=None if row.told_in == NEXT else row.told_in,
        told_with=row.told_with,
        gathered=row.told_in == NEXT,
        beyond=row.beyond and Beyond(row.beyond),
        silence=row.silence,
        held_until=row.held_until if row.state == DeliveryState.PENDING and row.held_until == row.due else None,
        last=None if row.number is None else _try(row),
    )


def _try(row: Any) -> Try:
    return Try(
        number=row.number,
        at=row.at,
        seconds=row.seconds,
        outcome=DeliveryState(row.outcome),
        status=row.status,
        detail=row.detail,
    )
