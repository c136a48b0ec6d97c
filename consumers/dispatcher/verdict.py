"""What an outcome means for the deliveries that were sent, and for their channel. Pure."""

import random
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from consumers.dispatcher.outcome import Outcome
from consumers.dispatcher.schedule import RetrySchedule
from service.model.delivery import DeliveryState, Reason
from service.model.message import MessageKind
from service.store.attempts import Attempted
from service.store.claims import Owed

_UNAVAILABLE = 503


class SendingVerdict(Struct, frozen=True, kw_only=True):
    """How it goes on."""

    state: DeliveryState
    detail: str
    told: tuple[Attempted, ...]
    pause: datetime | None = None  # until when the channel is left alone; None: it did not ask for that


def verdict_on(
    message: Sequence[Owed],
    outcome: Outcome,
    now: datetime,
    schedule: RetrySchedule,
    failures: int,
    chance: random.Random,
    *,
    probing: bool = False,
) -> SendingVerdict:
    """What *outcome* means for *message*, to a channel that had failed *failures* times in a row.

    A test is tried once: whoever asks for it sees what came of it. For all else a step of the schedule is used up by
    a failure at its time: neither by one that was tried before its time, nor by a receiver that asks us to wait, nor by
    *probing* a channel that is disabled, which gives up nothing but what the service refuses for its form.
    """
    pause = now + schedule.pause(failures, outcome.retry_after) if _asks_to_wait(outcome) else None
    if message[0].kind is MessageKind.TEST:
        state = DeliveryState.DEAD if outcome.state is DeliveryState.PENDING else outcome.state
        told = tuple(_told(one, due=now) for one in message)
        return SendingVerdict(state=state, detail=outcome.detail, told=told, pause=pause)
    if probing and outcome.state is not DeliveryState.DELIVERED and outcome.reason is not Reason.INVALID_MESSAGE:
        told = tuple(_told(one, due=one.due, planned=one.planned) for one in message)
        return SendingVerdict(state=DeliveryState.PENDING, detail=outcome.detail, told=told)
    if outcome.state is not DeliveryState.PENDING:
        return SendingVerdict(
            state=outcome.state, detail=outcome.detail, told=tuple(_told(one, due=now) for one in message)
        )
    if pause is not None:
        told = tuple(_told(one, due=one.due, planned=one.planned) for one in message)
        return SendingVerdict(state=DeliveryState.PENDING, detail=outcome.detail, told=told, pause=pause)
    early = [one.planned for one in message if one.planned is not None and one.planned > now]
    steps = min(one.steps for one in message) + 1  # of several, none is given up before its time
    delay = schedule.after(steps, outcome.retry_after, chance)
    if delay is None and not early:
        detail = f"given up after {max(one.tries for one in message) + 1} tries; the last: {outcome.detail}"
        return SendingVerdict(
            state=DeliveryState.DEAD, detail=detail, told=tuple(_told(one, due=now) for one in message)
        )
    due = max(early) if delay is None else now + delay
    told = tuple(
        _told(one, due=one.planned)
        if one.planned is not None and one.planned > now
        else _told(one, due=due, steps=one.steps + 1)
        for one in message
    )
    return SendingVerdict(state=DeliveryState.PENDING, detail=outcome.detail, told=told)


def _asks_to_wait(outcome: Outcome) -> bool:
    """429, and 503 with Retry-After: the receiver lives, and wants less."""
    if outcome.reason is Reason.RATE_LIMITED:
        return True
    return outcome.status == _UNAVAILABLE and outcome.retry_after is not None


def _told(owed: Owed, *, due: datetime, planned: datetime | None = None, steps: int | None = None) -> Attempted:
    return Attempted(
        message=owed.message,
        number=owed.tries + 1,
        steps=owed.steps if steps is None else steps,
        due=due,
        planned=planned,
        digest=owed.kind is MessageKind.DIGEST,
    )
