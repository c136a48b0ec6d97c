"""Sends what is owed: one loop a channel, so that a slow one holds up no other."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog

from consumers.dispatcher.channels import Channel
from consumers.dispatcher.exchange import exchange
from consumers.dispatcher.guard import Guard
from consumers.dispatcher.outcome import Outcome
from consumers.dispatcher.schedule import RetrySchedule
from service.model.alert import Alert
from service.model.errors import Unavailable
from service.model.notice import Notice
from service.store import Database, deliveries
from service.store.deliveries import Attempt, Owed, State
from service.store.together import Together
from service.vitals import Vitals

_AT_ONCE = 8  # requests in flight to one channel, a worker
_LOOK = 5.0  # seconds between looks for what nobody rang for
_BUSY = 0.1  # seconds until the next try where another worker holds what is due
_CLAIM = timedelta(seconds=40)  # a request takes 15 s at most; what was claimed and not recorded by then was lost
_GRACE = timedelta(minutes=15)  # a worker of a newer configuration may know the channel: a deployment rolls
_AGAIN = 1.0  # seconds before an attempt that could not be recorded is recorded again

log = structlog.get_logger()


class Sender:
    """Sends every owed alert to its channel, until it is received or refused for good.

    The row that owes it was committed before, and the attempt is recorded after: a crash between sending and
    recording repeats that one request, with the same id. Cancelling ``run`` lets requests in flight end first.
    """

    def __init__(
        self,
        channels: Mapping[str, Channel],
        guard: Guard,
        database: Database,
        schedule: RetrySchedule,
        clock: Callable[[], datetime],
        chance: random.Random,
        vitals: Vitals,
    ) -> None:
        self._channels = channels
        self._guard = guard
        self._database = database
        self._schedule = schedule
        self._clock = clock
        self._chance = chance
        self._vitals = vitals
        self._together = Together(database)

    async def run(self) -> None:
        """Send without end; raises Unavailable where the database is."""
        if self._database.one_machine:  # nobody else sends from it: claims are those of a run that died
            await deliveries.release(self._database)
        async with asyncio.TaskGroup() as group:
            for name, channel in self._channels.items():
                group.create_task(self._serve(name, channel), name=f"channel {name}")
            group.create_task(self._settle_orphans(), name="orphans")

    async def _serve(self, name: str, channel: Channel) -> None:
        bell = self._database.bell(deliveries.bell(name))
        flying: set[asyncio.Task[None]] = set()

        def landed(task: asyncio.Task[None]) -> None:
            flying.discard(task)
            bell.ring()
            if not task.cancelled() and (error := task.exception()):  # its claim runs out, and it is tried again
                log.error("a delivery failed for a fault of ours", channel=name, exc_info=error)

        try:
            while True:
                self._vitals.beat(f"sender/{name}")
                bell.clear()
                free = _AT_ONCE - len(flying)
                if not free:
                    await bell.wait(_LOOK)
                    continue
                following, now = await deliveries.eligible(self._database, name), self._clock()
                if following is None or following > now:
                    await bell.wait(self._wait(now, following))
                    continue
                claimed = await deliveries.claim(self._database, name, now, now + _CLAIM, free)
                if not claimed:  # another worker is about to
                    await bell.wait(_BUSY)
                for item in claimed:
                    task = asyncio.create_task(self._deliver(name, channel, item))
                    flying.add(task)
                    task.add_done_callback(landed)
        finally:
            await _landing(flying)

    def _wait(self, now: datetime, following: datetime | None) -> float:
        if following is None:
            return _LOOK
        return min(_LOOK, max(0.0, (following - now) / timedelta(seconds=1)))

    async def _deliver(self, name: str, channel: Channel, owed: Owed) -> None:
        with structlog.contextvars.bound_contextvars(accession=owed.accession, alert=owed.alert, channel=name):
            at = self._clock()
            if at >= owed.claimed:
                return  # this process slept through its claim: another has it by now
            started = time.monotonic()
            kind = Notice if owed.accession is None else Alert
            outcome, content = await exchange(channel, self._guard, kind, owed.value, at)
            attempt = self._attempt(name, owed, outcome, at, time.monotonic() - started)
            self._vitals.sent(name, attempt.state, outcome.reason, attempt.seconds)
            if await self._record(attempt):
                self._tell(attempt)
                if attempt.state is State.DELIVERED and isinstance(content, Alert) and not content.filing.history:
                    self._vitals.alerted(content.filing.times, at + timedelta(seconds=attempt.seconds))
            else:
                log.warning("sent by another worker as well, under the same id", tries=attempt.number)

    async def _record(self, attempt: Attempt) -> bool:
        """Record *attempt* however long the database is away: an attempt forgotten is a request repeated."""
        while True:
            try:
                return await self._together.write(partial(deliveries.record, attempt=attempt))
            except Unavailable as error:
                log.warning("an attempt cannot be recorded; trying again", detail=str(error))
                self._vitals.beat(f"sender/{attempt.channel}")
                await asyncio.sleep(_AGAIN)

    def _attempt(self, name: str, owed: Owed, outcome: Outcome, at: datetime, seconds: float) -> Attempt:
        number = owed.tries + 1
        state, detail, due = outcome.state, outcome.detail, at
        if state is State.PENDING:
            delay = self._schedule.after(number, outcome.retry_after, self._chance)
            if delay is None:
                state, detail = State.DEAD, f"given up after {number} tries; the last: {detail}"
            else:
                due = self._clock() + delay
        return Attempt(
            alert=owed.alert,
            channel=name,
            number=number,
            at=at,
            seconds=seconds,
            state=state,
            due=due,
            status=outcome.status,
            detail=detail,
        )

    def _tell(self, attempt: Attempt) -> None:
        match attempt.state:
            case State.DELIVERED:
                log.info("delivered", tries=attempt.number)
            case State.PENDING:
                seconds = round((attempt.due - self._clock()) / timedelta(seconds=1), 1)
                log.warning("not delivered yet; trying again", detail=attempt.detail, seconds=seconds)
            case State.DEAD:
                log.error("not delivered, and given up", detail=attempt.detail)

    async def _settle_orphans(self) -> None:
        """Fail what is owed to channels that are configured no more, rather than leave it for ever."""
        while True:
            now = self._clock()
            before = now - (timedelta(0) if self._database.one_machine else _GRACE)
            for alert, name, tries in await deliveries.pending_elsewhere(self._database, self._channels, before):
                detail = f"channel {name!r} is not configured"
                attempt = Attempt(
                    alert=alert,
                    channel=name,
                    number=tries + 1,
                    at=now,
                    seconds=0.0,
                    state=State.DEAD,
                    due=now,
                    status=None,
                    detail=detail,
                )
                async with self._database.transaction() as tx:
                    await deliveries.record(tx, attempt)
                log.error("not delivered, and given up", alert=alert, channel=name, detail=detail)
            await asyncio.sleep(_LOOK)


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
