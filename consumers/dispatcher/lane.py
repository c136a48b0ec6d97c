"""The loop that sends what one channel is owed."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from consumers.dispatcher import gather
from consumers.dispatcher.channelbook import Addressee
from consumers.dispatcher.digest import digest_message, of_a_burst
from consumers.dispatcher.exchange import exchange
from consumers.dispatcher.guard import Guard
from consumers.dispatcher.outcome import Outcome
from consumers.dispatcher.schedule import RetrySchedule
from consumers.dispatcher.verdict import verdict_on
from service.model.alert import Alert
from service.model.delivery import Obligation, Reason
from service.model.errors import Unavailable
from service.store import Database, Transaction, claims, deliveries, messages
from service.store.attempts import Attempt
from service.store.channels import ChannelState
from service.store.claims import CLAIM, Owed
from service.store.deliveries import State
from service.store.together import Together
from service.vitals import Vitals
from service.wire import decode

LOOK = 5.0  # seconds between looks for what nobody rang for

_AT_ONCE = 8  # requests in flight to one channel, a worker
_AHEAD = 32  # messages claimed at once where the channel answers quickly
_QUICK = 1.0  # seconds
_WINDOW = 500  # deliveries in which those of one filing find each other
_REQUEST = timedelta(seconds=16)  # the longest that a request takes
_BUSY = 0.1  # seconds until the next try where another worker holds what is due
_AGAIN = 1.0  # seconds before an attempt that could not be recorded is recorded again

Message = tuple[Owed, ...]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What every lane sends with."""

    guard: Guard
    database: Database
    attempts: Together[Attempt, bool]
    schedule: RetrySchedule
    clock: Callable[[], datetime]
    chance: random.Random
    vitals: Vitals


class Lane:
    """Sends what a channel is owed, oldest first and at the channel's pace.

    A channel with a pace takes one request at a time, from whatever worker. One that asks us to wait is left alone
    until then, and costs no alert a step of its schedule by it.
    """

    def __init__(self, addressee: Addressee, means: Means) -> None:
        self._id = addressee.id
        self._name = addressee.name
        self._workspace = addressee.workspace
        self._kind = addressee.kind
        self._channel = addressee.channel
        self._means = means
        self._paced = bool(self._channel.interval)
        self._bell = means.database.bell(deliveries.bell(self._id))
        self._queue: deque[Message] = deque()
        self._flying: set[asyncio.Task[None]] = set()
        self._state = ChannelState(channel=self._id)
        self._quick = False  # the last request was answered at once
        self._more = False  # the last claim got all it asked for: there is more

    async def run(self) -> None:
        """Send without end; raises Unavailable where the database is. Cancelled, it lets requests in flight end."""
        try:
            while True:
                self._means.vitals.beat(f"sender/{self._id}")
                self._bell.clear()
                self._start()
                if self._queue or len(self._flying) >= self._limit():
                    await self._bell.wait(LOOK)
                    continue
                now = self._means.clock()
                if not self._more and (seconds := await self._idle(now)):
                    await self._bell.wait(seconds)
                    continue
                looked, room = not self._more, self._room()
                claimed = await self._claim(now, room)
                self._queue.extend(claimed)
                self._more = len(claimed) == room and not self._paced
                if looked and not claimed:  # another worker is about to
                    await self._bell.wait(_BUSY)
        finally:
            await _landing(self._flying)
            await self._give_back()

    async def _idle(self, now: datetime) -> float:
        """For how many seconds there is nothing to send, as far as is known."""
        schedule, interval = self._means.schedule, self._channel.interval
        following = await claims.ready(self._means.database, self._id, now, interval, schedule.latest)
        if following is None:
            return LOOK
        return min(LOOK, max(0.0, (following - now) / timedelta(seconds=1)))

    async def _give_back(self) -> None:
        """End the claims of what was not begun, so that another worker sends it now."""
        if self._queue:
            with suppress(Unavailable):  # then they run out
                async with self._means.database.transaction() as tx:
                    await claims.give_back(tx, self._id, [one.message for group in self._queue for one in group])

    def _limit(self) -> int:
        """How many requests may be in flight: one to a channel that asked us to wait, until it takes one."""
        return 1 if self._paced or self._state.paused_until else _AT_ONCE

    def _room(self) -> int:
        """How many messages to claim: more than can go at once only where they will soon."""
        if self._quick and not self._paced and not self._state.failing_since:
            return _AHEAD
        return self._limit() - len(self._flying)

    def _start(self) -> None:
        while self._queue and len(self._flying) < self._limit():
            task = asyncio.create_task(self._send(self._queue.popleft()))
            self._flying.add(task)
            task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        self._bell.ring()
        if not task.cancelled() and (error := task.exception()):  # its claim runs out, and it is tried again
            log.error("delivery_failed_inside", channel=self._name, exc_info=error)

    async def _claim(self, now: datetime, room: int) -> list[Message]:
        """Up to *room* messages that are due, which no other worker sends until the claim runs out."""
        latest, merges = self._means.schedule.latest, self._channel.together is not None
        async with self._means.database.transaction() as tx:
            state = await claims.free(tx, self._id, now, self._channel.interval, latest)
            if state is None:
                return []
            self._state = state
            waiting = await claims.waiting(tx, self._id, now, latest, _WINDOW if self._paced or merges else room)
            groups = gather.by_filing(waiting) if merges else [(one,) for one in waiting]
            chosen = [tuple(one.message for one in group) for group in groups[:room]]
            told = gather.burst(groups, self._channel.interval, now) if self._paced else ()
            if told and (digest := await self._digest(tx, told, now)):
                chosen = [digest]
            if not chosen:
                return []
            ids = [one for group in chosen for one in group]
            owed = await claims.take(tx, self._id, ids, now + CLAIM, alone=self._paced)
            messages = [tuple(owed[one] for one in group if one in owed) for group in chosen]
        return [message for message in messages if message]

    async def _digest(self, tx: Transaction, told: gather.Group, now: datetime) -> tuple[str, ...]:
        """Owe one message instead of *told*, which settle with it; empty: none of them can be read."""
        values = await messages.values(tx, [one.message for one in told])
        alerts = {one.message: alert for one in told if (alert := _readable(values.get(one.message, b"")))}
        if not alerts:
            return ()
        notice = of_a_burst(self._name, list(alerts.values()), now)
        await messages.keep(tx, [digest_message(notice, self._workspace)], now)
        at = told[0].created
        await deliveries.keep(tx, [(notice.id, Obligation(channel=self._id, due=at))], at)
        await claims.join(tx, self._id, list(alerts), notice.id)
        log.info("digest_owed", digest=notice.id, channel=self._name, alerts=len(alerts))
        return (notice.id,)

    async def _send(self, message: Message) -> None:
        first, means = message[0], self._means
        with structlog.contextvars.bound_contextvars(accession=first.accession, channel=self._name):
            at = means.clock()
            if at + _REQUEST > first.claimed:
                return  # it waited here for too long, and another may have it before this request ends
            started = time.monotonic()
            others = [one.value for one in message[1:]]
            simply = any(one.reason == Reason.INVALID_MESSAGE for one in message)
            outcome, content = await exchange(
                self._channel, means.guard, first.kind, first.value, at, others, simply=simply
            )
            attempt = self._attempt(message, outcome, at, time.monotonic() - started)
            self._quick = attempt.seconds < _QUICK and outcome.state is State.DELIVERED
            means.vitals.sent(self._kind, attempt.state, outcome.reason, attempt.seconds)
            if not await self._record(attempt):
                log.warning("sent_twice", message=first.message)
                return
            self._tell(attempt)
            if (
                attempt.state is State.DELIVERED
                and isinstance(content, Alert)
                and not content.filing.provenance.history
            ):
                for _ in message:
                    means.vitals.alerted(content.filing.times, at + timedelta(seconds=attempt.seconds))

    async def _record(self, attempt: Attempt) -> bool:
        """Record *attempt* however long the database is away: an attempt forgotten is a request repeated."""
        while True:
            try:
                return await self._means.attempts.write(attempt)
            except Unavailable as error:
                log.warning("attempt_not_saved", detail=str(error))
                self._means.vitals.beat(f"sender/{self._id}")
                await asyncio.sleep(_AGAIN)

    def _attempt(self, message: Message, outcome: Outcome, at: datetime, seconds: float) -> Attempt:
        now, interval = self._means.clock(), self._channel.interval
        verdict = verdict_on(message, outcome, now, self._means.schedule, self._state.failures, self._means.chance)
        return Attempt(
            channel=self._id,
            told=verdict.told,
            at=at,
            seconds=seconds,
            state=verdict.state,
            status=outcome.status,
            detail=verdict.detail,
            reason=None if verdict.state is State.DELIVERED else outcome.reason,
            free_at=now + interval if interval else None,
            pause=verdict.pause,
        )

    def _tell(self, attempt: Attempt) -> None:
        for told in attempt.told:
            match attempt.state:
                case State.DELIVERED:
                    log.info("delivered", message=told.message, tries=told.number)
                case State.PENDING:
                    wait = max(told.due, attempt.pause or told.due) - self._means.clock()
                    seconds = round(wait / timedelta(seconds=1), 1)
                    log.warning("delivery_retrying", message=told.message, detail=attempt.detail, seconds=seconds)
                case State.DEAD:
                    again = f"filingbell deliveries resend {told.message}"
                    log.error("delivery_given_up", message=told.message, detail=attempt.detail, to_send_again=again)


def _readable(value: bytes) -> Alert | None:
    """The alert, or None where it cannot be read: that one is tried by itself, and its failure recorded."""
    try:
        return decode(value, Alert)
    except Exception:
        log.exception("alert_unreadable")
        return None


async def _landing(flying: set[asyncio.Task[None]]) -> None:
    """Let requests in flight end and be recorded; whoever stops the process bounds how long that takes."""
    while flying:
        try:
            await asyncio.wait(flying)
        except asyncio.CancelledError:  # asked a second time: now at once
            for task in flying:
                task.cancel()
            await asyncio.gather(*flying, return_exceptions=True)
            raise
