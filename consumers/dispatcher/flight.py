"""One message on its way: from what was claimed to what is recorded of it."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog

from consumers.dispatcher import gather
from consumers.dispatcher.channelbook import Addressee
from consumers.dispatcher.channels.channel import MessagePlace
from consumers.dispatcher.exchange import SEARCH, exchange, keeps
from consumers.dispatcher.guard import Guard
from consumers.dispatcher.lane import Message
from consumers.dispatcher.outcome import Outcome
from consumers.dispatcher.schedule import RetrySchedule
from consumers.dispatcher.verdict import verdict_on
from service.model.alert import Alert
from service.model.circuit import SPREAD, Circuits
from service.model.delivery import DeliveryState, Reason
from service.model.errors import Unavailable
from service.model.identity import ChannelId
from service.model.message import MessageKind
from service.model.notice import Notice
from service.store import Database, receipts
from service.store.attempts import Attempt
from service.store.channels import ChannelState
from service.store.group_commit import GroupCommit
from service.vitals import Vitals

_REQUEST = timedelta(seconds=16)  # the longest that a request takes
_AGAIN = 1.0  # seconds before an attempt that could not be recorded is recorded again

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What every message is sent with."""

    guard: Guard
    database: Database
    attempts: GroupCommit[Attempt, bool]
    schedule: RetrySchedule
    clock: Callable[[], datetime]
    chance: random.Random
    vitals: Vitals
    circuits: Circuits
    siblings: Mapping[ChannelId, tuple[ChannelId, ...]] = field(default_factory=dict)  # as in the book of channels


async def fly(message: Message, addressee: Addressee, state: ChannelState, means: Means) -> Attempt | None:
    """Send *message* to *addressee*, with which it stood as *state* says, and record what came of it.

    None: it waited here for so long that another worker may have it before a request ends; nothing was sent.
    """
    first = message[0]
    with structlog.contextvars.bound_contextvars(accession=first.accession, channel=addressee.name):
        at = means.clock()
        search = SEARCH if keeps(type(addressee.channel)) else timedelta(0)
        if at + search + _REQUEST > first.claimed:
            return None
        started = time.monotonic()
        others = [one.value for one in message[1:]]
        simply = any(one.reason == Reason.INVALID_MESSAGE for one in message)
        outcome, content = await exchange(
            addressee.channel,
            means.guard,
            first.kind,
            first.value,
            at,
            others,
            simply=simply,
            trusted=addressee.trusted,
            again=any(gather.may_stand(one) for one in message),
            place=partial(_place, message, addressee, means),
        )
        attempt = _attempt(message, addressee, state, outcome, means, at, time.monotonic() - started)
        means.vitals.sent(addressee.kind, attempt.state, outcome.reason, attempt.seconds)
        if not await _record(attempt, means):
            log.warning("sent_twice", message=first.message)
            return attempt
        if attempt.trips:
            log.warning("circuit_opened")
        elif state.opened is not None and attempt.state is DeliveryState.DELIVERED:
            log.info("circuit_closed")
        if first.kind is not MessageKind.TEST:  # whoever asked for it is told
            _tell(attempt, means.clock())
        if (
            attempt.state is DeliveryState.DELIVERED
            and isinstance(content, Alert)
            and not content.filing.provenance.history
        ):
            for _ in (one for one in message if one.held is None):
                means.vitals.alerted(content.filing.times, at + timedelta(seconds=attempt.seconds))
        return attempt


async def _place(message: Message, addressee: Addressee, means: Means, content: Alert | Notice) -> MessagePlace:
    """Where *content* stands in its channel, which is below what it follows."""
    taken = None
    if isinstance(content, Alert) and content.first_told_by is None and content.follows is not None:
        taken = await receipts.of(means.database, content.follows, addressee.id)
    if isinstance(content, Alert) and taken is None and content.follows_trade:
        taken = await receipts.of_trade(means.database, content, addressee.id)
    unsure = any(gather.unsure(one) for one in message)
    if taken is None:
        return MessagePlace(unsure=unsure)
    return MessagePlace(behind=taken.message, thread=taken.receipt, unsure=unsure)


def _attempt(
    message: Message,
    addressee: Addressee,
    state: ChannelState,
    outcome: Outcome,
    means: Means,
    at: datetime,
    seconds: float,
) -> Attempt:
    now, interval = means.clock(), addressee.channel.interval
    probing = state.disabled_since is not None
    verdict = verdict_on(message, outcome, now, means.schedule, state.failures, means.chance, probing=probing)
    counts = state.opened is None and verdict.pause is None
    trips = counts and means.circuits.trips(addressee.id, outcome.reason, now)
    return Attempt(
        channel=addressee.id,
        told=verdict.told,
        at=at,
        seconds=seconds,
        state=verdict.state,
        status=outcome.status,
        detail=verdict.detail,
        reason=None if verdict.state is DeliveryState.DELIVERED else outcome.reason,
        free_at=now + interval if interval else None,
        most=addressee.channel.max_per_hour,
        trips=trips,
        spread=means.chance.uniform(0, SPREAD) if trips or state.opened is not None else 0.0,
        pause=verdict.pause,
        siblings=means.siblings.get(addressee.id, ()),
        everywhere=addressee.kind if outcome.everywhere and verdict.pause is not None else None,
        receipt=outcome.receipt,
    )


async def _record(attempt: Attempt, means: Means) -> bool:
    """Record *attempt* however long the database is away: an attempt forgotten is a request repeated."""
    while True:
        try:
            return await means.attempts.write(attempt)
        except Unavailable as error:
            log.warning("attempt_not_saved", detail=str(error))
            means.vitals.beat("sender")
            await asyncio.sleep(_AGAIN)


def _tell(attempt: Attempt, now: datetime) -> None:
    for told in attempt.told:
        match attempt.state:
            case DeliveryState.DELIVERED:
                log.info("delivered", message=told.message, tries=told.number)
            case DeliveryState.PENDING:
                wait = max(told.due, attempt.pause or told.due) - now
                seconds = round(wait / timedelta(seconds=1), 1)
                log.warning("delivery_retrying", message=told.message, detail=attempt.detail, seconds=seconds)
            case DeliveryState.DEAD:
                again = f"filingbell deliveries resend {told.message}"
                log.error("delivery_given_up", message=told.message, detail=attempt.detail, to_send_again=again)
