"""What came of a request to a channel: the delivery settles or gets its next time, and the channel's state follows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import bindparam, func, insert, select, tuple_, update

from service.model import rate
from service.model.circuit import IN_A_ROW
from service.model.delivery import DeliveryState
from service.store import channel_names, channels
from service.store.channels import ChannelState
from service.store.database import Transaction
from service.store.deliveries import know, received
from service.store.schema import attempts, deliveries

_RECENT = timedelta(seconds=10)


class Attempted(Struct, frozen=True, kw_only=True):
    """A delivery that a request brought."""

    message: str  # its id
    number: int  # of the attempt, from 1
    steps: int  # of the schedule that are used up now
    due: datetime  # when to try again; without meaning once settled
    planned: datetime | None = None  # what the schedule says; None: *due* is that
    digest: bool = False  # what is told in it settles with it


class Attempt(Struct, frozen=True, kw_only=True):
    """One request to a channel, and what came of it."""

    channel: str
    told: tuple[Attempted, ...]
    at: datetime
    seconds: float
    state: DeliveryState  # PENDING: it will be tried again
    status: int | None  # HTTP; None: no answer
    detail: str
    reason: str | None = None  # of a closed set; None: delivered
    free_at: datetime | None = None  # the channel's pace: when the next request may start
    most: int | None = None  # messages in an hour, so that the times of so many are kept; None: of none
    receipt: str | None = None  # the service's own name for what it took; None: it gives none
    trips: bool = False  # too many requests have failed, this one as well: the channel's circuit opens
    spread: float = 0.0  # by what part of itself the pause until its next probe is longer
    pause: datetime | None = None  # the channel asked us to wait until then: no failure, unless it does so twice
    everywhere: str | None = None  # so do all channels of this kind; None: it speaks for itself
    siblings: tuple[str, ...] = ()  # all channels that go to the same place: they keep its pace and pauses with it


async def record(tx: Transaction, batch: Sequence[Attempt]) -> list[bool]:
    """Record each attempt of *batch*: settle its deliveries, or set their next time.

    False: another worker has recorded one of its deliveries before. What waits for a channel that works again after
    an outage goes at once, oldest first.
    """
    waits = {one.everywhere: one.pause for one in batch if one.everywhere and one.pause}
    others = await channel_names.of_types(tx, waits) if waits else {}
    if others:
        await know(tx, sorted(others))
    siblings = {name for one in batch for name in one.siblings}
    states = await channels.locked(tx, {*(one.channel for one in batch), *siblings, *others})
    tries = await _tries(tx, [(told.message, one.channel) for one in batch for told in one.told])
    recorded: list[bool] = []
    rows: list[dict[str, Any]] = []
    over: set[str] = set()
    followed = dict(states)
    for one in batch:
        fresh = [told for told in one.told if tries.pop((told.message, one.channel), None) == told.number - 1]
        recorded.append(len(fresh) == len(one.told))
        rows += [_row(one, told) for told in fresh]
        if one.channel in followed:
            before, after = followed[one.channel], _after(followed[one.channel], one)
            followed[one.channel] = after
            if _worn(before) and not _worn(after):
                over.add(one.channel)
        for name in one.siblings:
            if name in followed:
                followed[name] = _beside(followed[name], one)
    for name, kind in others.items():
        if name in followed:
            followed[name] = _waiting(followed[name], waits[kind])
    await _keep(tx, rows)
    await channels.put(tx, [state for name, state in followed.items() if state != states[name]])
    for name in sorted(over):
        await channels.flush(tx, name, max(one.at for one in batch), held=False)
    return recorded


async def _tries(tx: Transaction, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The tries of those of *keys* (message, channel) that are pending; nobody else changes them before *tx* ends."""
    return {(row.message, row.channel): row.tries for row in await tx.execute(_TRIES, {"keys": list(keys)})}


async def _keep(tx: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    await tx.execute(_DELIVERY, rows)
    await tx.execute(_ATTEMPTS, [{column: row[name] for column, name in _ATTEMPT.items()} for row in rows])
    for row in rows:
        if row["b_state"] is DeliveryState.DELIVERED:
            tx.tally(received(row["b_channel"]))
        if row["b_digest"] and row["b_settled"] is not None:
            told = update(deliveries).where(
                deliveries.c.told_in == row["b_message"], deliveries.c.state != row["b_state"]
            )
            values = {"state": row["b_state"], "settled": row["b_settled"], "reason": row["b_reason"]}
            with_it = (await tx.execute(told.values(values))).rowcount
            if row["b_state"] is DeliveryState.DELIVERED:
                tx.tally(received(row["b_channel"]), with_it)


_KEY = tuple_(deliveries.c.message, deliveries.c.channel)
_TRIES = (
    select(deliveries.c.message, deliveries.c.channel, deliveries.c.tries)
    .where(_KEY.in_(bindparam("keys", expanding=True)), deliveries.c.state == DeliveryState.PENDING)
    .order_by(deliveries.c.message, deliveries.c.channel)
    .with_for_update()
)

_ATTEMPTS = insert(attempts)

_ATTEMPT = {
    name: f"b_{name}" for name in ("message", "channel", "number", "at", "seconds", "outcome", "status", "detail")
} | {"outcome": "b_state"}

_DELIVERY = (
    update(deliveries)
    .where(deliveries.c.message == bindparam("b_message"), deliveries.c.channel == bindparam("b_channel"))
    .values(
        state=bindparam("b_state"),
        tries=bindparam("b_number"),
        steps=bindparam("b_steps"),
        due=bindparam("b_due"),
        planned=bindparam("b_planned"),
        settled=bindparam("b_settled"),
        reason=bindparam("b_reason"),
        told_with=bindparam("b_told_with"),
        receipt=func.coalesce(bindparam("b_receipt", type_=deliveries.c.receipt.type), deliveries.c.receipt),
        claimed=None,
    )
)


def _row(attempt: Attempt, told: Attempted) -> dict[str, Any]:
    return {
        "b_message": told.message,
        "b_channel": attempt.channel,
        "b_state": attempt.state,
        "b_number": told.number,
        "b_steps": told.steps,
        "b_due": told.due,
        "b_planned": told.planned,
        "b_settled": None if attempt.state is DeliveryState.PENDING else attempt.at,
        "b_reason": attempt.reason,
        "b_receipt": attempt.receipt,
        "b_told_with": _leads(attempt, told),
        "b_at": attempt.at,
        "b_seconds": attempt.seconds,
        "b_status": attempt.status,
        "b_detail": attempt.detail,
        "b_digest": told.digest,
    }


def _leads(attempt: Attempt, told: Attempted) -> str | None:
    """In whose message *told* was taken; None: in its own, or it was not."""
    first = attempt.told[0].message
    return None if attempt.state is not DeliveryState.DELIVERED or told.message == first else first


def _recent(state: ChannelState, attempt: Attempt) -> list[int] | None:
    """When the channel took its last messages, if they are bounded."""
    if attempt.most is None:
        return None
    return rate.followed(state.recent, attempt.at + timedelta(seconds=attempt.seconds), attempt.most)


def _beside(state: ChannelState, attempt: Attempt) -> ChannelState:
    """The same of a channel that goes to where *attempt* went."""
    state = replace(state, claimed=None, free_at=attempt.free_at)
    return state if attempt.pause is None else _waiting(state, attempt.pause)


def _waiting(state: ChannelState, until: datetime) -> ChannelState:
    """The same of a channel that is to wait until then, if it was not to for longer."""
    return replace(state, paused_until=max(until, state.paused_until or until))


def _worn(state: ChannelState) -> bool:
    """Whether a channel is sent to one by one, or by probes, since it does not work."""
    return state.failures >= IN_A_ROW or state.opened is not None


def _after(state: ChannelState, attempt: Attempt) -> ChannelState:
    """How it stands with a channel behind *attempt*."""
    state = replace(state, claimed=None, free_at=attempt.free_at, missing_since=None)
    taken, ended = attempt.state is DeliveryState.DELIVERED, attempt.at + timedelta(seconds=attempt.seconds)
    circuit = state.circuit.after(attempt.at, ended, taken=taken, trips=attempt.trips, spread=attempt.spread)
    if circuit != state.circuit:
        state = replace(state, opened=circuit.opened, probes=circuit.probes, probe_at=circuit.probe_at)
    if attempt.state is DeliveryState.DELIVERED:
        state = replace(state, recent=_recent(state, attempt))
        recent = state.succeeded_at is not None and state.succeeded_at <= attempt.at < state.succeeded_at + _RECENT
        worked = state.failing_since is None and state.paused_until is None
        if recent and worked:
            return state  # nobody needs it by the second
        works = replace(state, failing_since=None, failures=0, paused_until=None, disabled_since=None)
        return replace(works, probe_at=circuit.probe_at, succeeded_at=attempt.at)
    again = state.paused_until is not None and attempt.at >= state.paused_until
    if attempt.pause is not None:
        state = replace(state, paused_until=attempt.pause)
        if not again:
            return state
    since = state.failing_since or attempt.at
    failed = replace(
        state,
        failing_since=since,
        failures=state.failures + 1,
        reason=attempt.reason,
        detail=attempt.detail,
        failed_at=attempt.at,
    )
    if attempt.at - since < channels.PATIENCE:
        return failed
    disabled = state.disabled_since or attempt.at
    return replace(failed, disabled_since=disabled, probe_at=attempt.at + channels.PROBE)
