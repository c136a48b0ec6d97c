"""Sends what is owed: one loop over all channels, by due time, so that idle ones cost nothing."""

import asyncio
import random
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from consumers.dispatcher import claiming
from consumers.dispatcher.agenda import Agenda
from consumers.dispatcher.channelbook import Addressee, ChannelBook
from consumers.dispatcher.departures import Departures
from consumers.dispatcher.flight import Means, fly
from consumers.dispatcher.guard import Guard
from consumers.dispatcher.lane import Lane, Message
from consumers.dispatcher.missing import MissingChannels
from consumers.dispatcher.quiet import LONGEST
from consumers.dispatcher.schedule import RetrySchedule
from consumers.dispatcher.turns import Turns
from consumers.following import Snapshots
from service.model.circuit import Circuits
from service.model.delivery import DeliveryState
from service.model.errors import Unavailable
from service.model.identity import ChannelId
from service.store import Database, Transaction, attempts, channels, claims, deliveries, holds
from service.store.attempts import Attempt
from service.store.channels import ChannelState
from service.store.claims import CLAIM
from service.store.group_commit import GroupCommit
from service.vitals import Vitals

_LOOK = 5.0  # seconds between looks for what nobody rang for
_TOGETHER = 64  # channels in one claim
_QUICK = 1.0  # seconds
_TURN = timedelta(milliseconds=1)  # until a channel comes behind those that go to the same place

log = structlog.get_logger()


class Sender:
    """Sends every owed alert to its channel, until it is received or refused for good.

    The row that owes it was committed before, and the attempt is recorded after: a crash between sending and
    recording repeats that one request, with the same id. Cancelling ``run`` lets requests in flight end first.

    Each channel gets what it is owed oldest first, at its pace and within its limit of requests in flight; one with a
    pace takes one at a time, from whatever worker. One that asks us to wait is left alone until then, and costs no
    alert a step of its schedule by it. So one that is slow holds up no other, and what waits for one workspace holds up
    no other workspace: their channels are claimed for in turn, and each has its share of requests in flight.
    """

    def __init__(
        self,
        book: Snapshots[ChannelBook],
        guard: Guard,
        database: Database,
        schedule: RetrySchedule,
        clock: Callable[[], datetime],
        chance: random.Random,
        vitals: Vitals,
    ) -> None:
        self._follow = book
        self._book = ChannelBook(revision=book.current.revision, addressees={})
        self._database = database
        self._means = Means(
            guard=guard,
            database=database,
            attempts=GroupCommit(database, attempts.record, urgent=True),  # before a backlog of filings
            schedule=schedule,
            clock=clock,
            chance=chance,
            vitals=vitals,
            circuits=Circuits(),
        )
        self._missing = MissingChannels(database)
        self._bell = database.chime(deliveries.BELLS)
        self._begin()

    def _begin(self) -> None:
        self._agenda = Agenda()
        self._turns = Turns()
        self._lanes: dict[ChannelId, Lane] = {}
        self._sent: dict[ChannelId, int] = {}  # by channels with siblings, as lanes have it
        self._departures = Departures(self._send)
        self._look_at = time.monotonic()

    async def run(self) -> None:
        """Send without end; raises Unavailable where the database is."""
        if self._database.one_machine:  # nobody else sends from it: claims are those of a run that died
            await claims.release(self._database)
        self._begin()
        exchanges = asyncio.create_task(self._await_exchanges(), name="channel book")
        try:
            while True:
                await self._come_round()
        finally:
            exchanges.cancel()
            await self._departures.close()
            await self._give_back(self._lanes.values())

    async def _await_exchanges(self) -> None:
        book = self._follow.current
        while True:
            book = await self._follow.after(book)
            self._bell.ring()

    async def _come_round(self) -> None:
        """Look at what may be due, and send it; or wait until something is."""
        self._means.vitals.beat("sender")
        for name in self._bell.taken():
            self._agenda.note(ChannelId(name), self._means.clock())
        if self._follow.current is not self._book:
            await self._take_over(self._follow.current)
        if time.monotonic() >= self._look_at:
            await self._look()
        now = self._means.clock()
        due = self._due(now)
        if due:
            await self._claim(due, now)
        else:
            await self._bell.wait(self._idle(now))

    def _idle(self, now: datetime) -> float:
        """For how many seconds there is nothing to begin, as far as is known."""
        seconds = self._look_at - time.monotonic()
        following = self._agenda.next()
        if following is not None:
            seconds = min(seconds, (following - now) / timedelta(seconds=1))
        return max(0.0, seconds)

    async def _take_over(self, book: ChannelBook) -> None:
        """Send by *book* from now on. What was claimed for a channel that changed is given back, and claimed anew."""
        self._book = book
        self._means = replace(self._means, siblings=book.siblings())
        changed: list[Lane] = []
        for known, lane in list(self._lanes.items()):
            addressee = book.addressees.get(known)
            if addressee is None or addressee.revision != lane.addressee.revision:
                changed.append(lane)
            if addressee is None:
                del self._lanes[known]
            else:
                lane.addressee, lane.siblings = addressee, self._means.siblings.get(known, ())
        await self._give_back(changed)
        async with self._database.transaction() as tx:
            await channels.served(tx, book.addressees)
            await self._let_go(tx)
        self._look_at = time.monotonic()

    async def _let_go(self, tx: Transaction) -> None:
        """What quiet hours hold that have changed since, or are no more, is decided on again."""
        now = self._means.clock()
        for channel, until in await holds.held(tx, now):
            addressee = self._book.addressees.get(ChannelId(channel))
            hours = addressee.channel.quiet if addressee is not None else None
            if addressee is not None and until != (hours and hours.until(now)):
                await holds.let_go(tx, channel, until)

    async def _look(self) -> None:
        """Find out for which channels something waits, over all of them: what nobody rang for, and what was missed."""
        self._look_at = time.monotonic() + _LOOK
        now, longest = self._means.clock(), self._means.schedule.latest
        queues = await claims.queues(self._database)
        self._means.circuits.forget([ChannelId(one.state.channel) for one in queues if one.state.opened], now)
        if late := [one.state.channel for one in queues if one.last > now + longest]:
            async with self._database.transaction() as tx:
                await holds.put_right(tx, late, now, longest, LONGEST)
        for one in queues:
            addressee = self._book.addressees.get(ChannelId(one.state.channel))
            if addressee is not None:
                free = one.state.free(now, addressee.channel.interval, CLAIM, longest)
                due = now if one.last > now + longest else one.first
                self._agenda.note(addressee.id, max(free, due))
        unknown = [one.state.channel for one in queues if one.state.channel not in self._book.addressees]
        await self._missing.look(unknown, now)

    def _due(self, now: datetime) -> list[Lane]:
        """The channels to claim for now: one of each workspace in turn, longest due first."""
        while (channel := self._agenda.take(now)) is not None:
            addressee = self._book.addressees.get(channel)
            if addressee is not None:
                self._turns.add(addressee.workspace, channel)
        found: list[Lane] = []
        while len(found) < _TOGETHER and (channel := self._turns.take(self._departures.may_claim)) is not None:
            addressee = self._book.addressees.get(channel)
            if addressee is None:
                continue
            lane = self._lanes.get(channel) or self._lane(addressee)
            if not lane.room:
                lane.more = True
            elif claiming.fits(lane, found):
                found.append(lane)
            else:
                self._turns.put_back(addressee.workspace, channel)
                break
        return found

    def _lane(self, addressee: Addressee) -> Lane:
        siblings, state = self._means.siblings.get(addressee.id, ()), ChannelState(channel=addressee.id)
        sent = self._sent.get(addressee.id, 0)
        self._lanes[addressee.id] = lane = Lane(addressee=addressee, siblings=siblings, sent=sent, state=state)
        return lane

    async def _claim(self, lanes: list[Lane], now: datetime) -> None:
        for lane in lanes:
            lane.claiming = True  # or a request that ends meanwhile would drop it, and another take its place
        claimed = await claiming.claim(self._database, lanes, now, self._means.schedule.latest)
        for lane in lanes:
            found, lane.claiming = claimed[lane.addressee.id], False
            lane.more = found.more
            if found.again is not None:
                self._agenda.note(lane.addressee.id, found.again + _behind(lane))
            if lane.siblings and found.messages:
                lane.sent = self._sent[lane.addressee.id] = max(self._sent.values(), default=0) + 1
            self._departures.claimed(lane, found.messages)
            self._drop_if_idle(lane)

    async def _send(self, lane: Lane, message: Message) -> None:
        attempt = None
        try:
            attempt = await fly(message, lane.addressee, lane.state, self._means)
            if attempt is not None:
                await self._stop(lane, attempt)
        except Exception:  # its claim runs out, and it is tried again
            log.exception("delivery_failed_inside", channel=lane.addressee.name)
        finally:
            self._landed(lane, attempt)

    async def _stop(self, lane: Lane, attempt: Attempt) -> None:
        """Begin nothing more of what was claimed before *attempt* had the channel wait, and others of its kind."""
        if attempt.everywhere is not None:
            await self._give_back([one for one in self._lanes.values() if one.addressee.kind == attempt.everywhere])
        elif attempt.trips:
            await self._give_back([lane])  # its circuit is open: the next is a probe, and claimed as one

    def _landed(self, lane: Lane, attempt: Attempt | None) -> None:
        """Go on with *lane*, and with who waited for a place."""
        now = self._means.clock()
        if attempt is not None:
            lane.quick = attempt.seconds < _QUICK and attempt.state is DeliveryState.DELIVERED
            if attempt.state is DeliveryState.PENDING:
                due = min(told.due for told in attempt.told)
                self._agenda.note(lane.addressee.id, max(due, attempt.pause or due, attempt.free_at or due))
            for sibling in set(lane.siblings) - {lane.addressee.id}:
                self._agenda.note(sibling, attempt.free_at or now)
        self._departures.landed(lane)
        if lane.more and lane.room:
            lane.more = False
            free_at = attempt.free_at if attempt is not None else None
            self._agenda.note(lane.addressee.id, (free_at or now) + _behind(lane))
        self._drop_if_idle(lane)
        self._bell.ring()

    def _drop_if_idle(self, lane: Lane) -> None:
        """Keep nothing of a channel to which nothing goes."""
        if lane.idle and not lane.more and self._lanes.get(lane.addressee.id) is lane:
            del self._lanes[lane.addressee.id]

    async def _give_back(self, lanes: Iterable[Lane]) -> None:
        """End the claims of what was not begun, so that another worker sends it now."""
        chosen = {one for lane in lanes for one in self._departures.dropped(lane)}
        if chosen:
            with suppress(Unavailable):  # then they run out
                async with self._database.transaction() as tx:
                    await claims.give_back(tx, chosen)


def _behind(lane: Lane) -> timedelta:
    """How much later than it may *lane* is looked at, so that its siblings are looked at with it."""
    return _TURN if lane.siblings else timedelta(0)
