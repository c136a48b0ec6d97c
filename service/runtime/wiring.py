"""Puts the service together: the only place that knows both packages."""

import asyncio
import random
import sys
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Iterable,
    Iterator,
    Sequence,
)
from contextlib import asynccontextmanager, suppress
from datetime import date, timedelta
from functools import cached_property, partial
from typing import Any

import aiohttp
import structlog

from consumers import stage
from consumers.configuration import Configuration
from consumers.dispatcher.channelbook import ChannelBook, changed, channelbook
from consumers.dispatcher.door import doors
from consumers.dispatcher.guard import Guard
from consumers.dispatcher.notices import Notices
from consumers.dispatcher.schedule import RetrySchedule
from consumers.dispatcher.sender import Sender
from consumers.dispatcher.step import DispatcherStep
from consumers.following import Following
from consumers.matcher.rulebook import Rulebook, rulebook
from consumers.matcher.step import MatcherStep
from consumers.parser.limits import Limits
from consumers.parser.step import ParserStep
from consumers.quarantine import FloodGate
from service.clock import Clock, SystemClock, now
from service.control.failing import Breaker
from service.control.placing import Placer
from service.edgar.client import EdgarClient
from service.edgar.pace import Pace
from service.housekeeping import Housekeeping
from service.log.source import Log
from service.log.table import TableLog
from service.model.errors import ConfigError, Unavailable
from service.model.identity import Revision
from service.model.resource import Resource
from service.poller import access
from service.poller.backfill import Backfiller
from service.poller.collect import Collector
from service.poller.live import LivePoller
from service.poller.reconcile import Reconciler
from service.poller.requests import Requests
from service.poller.tickers import TickerReader
from service.runtime.hiding import Hiding
from service.runtime.interruption import kept
from service.runtime.leader import Leader
from service.runtime.provisioned import provisioned
from service.settings import WEB, Settings
from service.store import Database
from service.store.resources import Since
from service.unbroken import unbroken
from service.vault import Vault, open_vault
from service.vitals import Unwatched, Vitals
from service.watch.look import Probe
from service.watch.watch import Watch

FILE = "filingbell.yaml"

_SWITCH = 0.001  # seconds until a thread that makes a snapshot, say, gives the loop its turn; Python's own are 5 ms

log = structlog.get_logger()


async def serve(
    settings: Settings,
    database: Database,
    events: Log,
    vitals: Vitals,
    roles: Collection[str],
    since: date | None = None,
    clock: Clock | None = None,
    hiding: Hiding | None = None,
    probe: Probe | None = None,
) -> None:
    """Run *roles* until cancelled. Outages are waited out; raises Stop, in a group, where only a person can help.

    Rules and channels are those of the database, as they stand and as they change.
    """
    service = _Service(
        settings, database, events, vitals, since, clock or SystemClock(), hiding or Hiding(settings), probe
    )
    sys.setswitchinterval(_SWITCH)
    async with asyncio.TaskGroup() as group:
        for name, run in service.loops(roles):
            group.create_task(kept(name, run, vitals), name=name)


async def serve_embedded(
    settings: Settings, configuration: Configuration, database: Database, since: date | None = None
) -> None:
    """Run the whole service on *database* alone, until cancelled; nobody watches it but who runs it."""
    vitals = Unwatched()
    await provisioned(database, open_vault(settings.home, settings.vault_key), configuration, FILE)
    await serve(settings, database, TableLog(database, vitals), vitals, settings.roles, since)


async def serve_background(settings: Settings, database: Database) -> None:
    """Fetch what reconciliation and backfills want, without the feed, until cancelled: for when no poller runs."""
    service = _Service(
        settings, database, TableLog(database, Unwatched()), Unwatched(), None, SystemClock(), Hiding(settings)
    )
    await kept("background", service.background, Unwatched())


class _Service:
    """The loops of each role."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        events: Log,
        vitals: Vitals,
        since: date | None,
        clock: Clock,
        hiding: Hiding,
        probe: Probe | None = None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._events = events
        self._vitals = vitals
        self._since = since
        self._clock = clock
        self._hiding = hiding
        self._probe = probe
        self._rules = Following("rules", database, rulebook, vitals, Rulebook.since)
        self._channels = Following("channels", database, self._channelbook, vitals, self._changed_channelbook)
        self._pace = Pace(settings.sec_rate, clock)  # outlives the poller's interruptions
        self._requests = Requests(database, clock, vitals)

    def loops(self, roles: Collection[str]) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
        """Name and loop of all that *roles* do."""
        settings = self._settings
        if "poller" in roles:
            poller = Leader("poller", self._database, now, self._vitals)
            yield "poller", partial(poller.run, partial(self._poll, poller))
        if "parser" in roles:
            limits = Limits(submission_bytes=settings.max_submission_bytes, xml_bytes=settings.max_xml_bytes)
            yield "parser", partial(self._stage, ParserStep(now, limits, self._vitals))
        if "matcher" in roles:
            yield "rules", self._rules.run
            yield "matcher", self._match
            yield "failing-rules", Breaker(self._database, now, self._vitals).run
            yield "placing", Placer(self._database, now, self._vitals).run
        if "dispatcher" in roles:
            yield "dispatcher", partial(self._stage, DispatcherStep(now))
            yield "channels", self._channels.run
            yield "sender", self._send
            yield "notices", Notices(self._database, now, self._vitals).run
            watch = Leader("watch", self._database, now, self._vitals)
            yield "watch", partial(watch.run, self._watch)
        if "relay" in roles:
            relay = Leader("relay", self._database, now, self._vitals)
            yield "relay", partial(relay.run, partial(self._relay, relay))
        if WEB in roles:
            from service.control.upkeep import Upkeep  # noqa: PLC0415  # with what only web uses

            yield WEB, Upkeep(self._database, self._clock, self._vitals).run

    async def _stage(self, step: stage.Step[stage.T]) -> None:
        source = self._events.source(step.group, step.topic)
        gate = FloodGate(step.group) if self._settings.flood == "stop" else None
        await stage.run(step, source, self._database, now, self._vitals, gate)

    async def _watch(self) -> None:
        async with asyncio.TaskGroup() as group:
            watch = Watch(self._settings, self._database, self._events, self._clock, self._vitals, self._probe)
            group.create_task(watch.run(), name="watch")
            keeper = Housekeeping(self._settings, self._database, self._clock, self._vitals)
            group.create_task(keeper.run(), name="housekeeping")

    async def _match(self) -> None:
        await self._rules.load()
        await self._stage(MatcherStep(lambda: self._rules.current, now, self._vitals))

    @cached_property
    def _vault(self) -> Vault:
        """The vault as it was first opened: a key file that is lost meanwhile takes no channel away."""
        return open_vault(self._settings.home, self._settings.vault_key)

    def _channelbook(self, revision: Revision, resources: Sequence[Resource]) -> ChannelBook:
        return self._learnt(channelbook(self._vault)(revision, resources), resources)

    def _changed_channelbook(self, book: ChannelBook, since: Since) -> ChannelBook:
        return self._learnt(changed(self._vault)(book, since), since.changed)

    def _learnt(self, book: ChannelBook, resources: Iterable[Resource]) -> ChannelBook:
        """*book*, whose secrets no log shows from now on."""
        self._hiding.learn(book.secrets, [one.name for one in resources])
        return book

    async def _relay(self, leader: Leader) -> None:
        from service.log.admin import make_missing  # noqa: PLC0415  # aiokafka is loaded only where Kafka is used
        from service.log.relay import Relay  # noqa: PLC0415

        broker = self._settings.broker
        if broker is None:
            raise ConfigError("there is nothing to relay to: set FILINGBELL_KAFKA=host:9092")
        for made in await make_missing(broker):
            log.info("topic", detail=made)
        retention = self._settings.retention
        await Relay(broker, self._database, retention, now, self._vitals, leader.confirm).run()

    async def background(self) -> None:
        """What the poller does beside reading the feed."""
        async with self._edgar(lambda: None) as client, asyncio.TaskGroup() as group:
            for name, loop in self._fetching(client):
                group.create_task(loop, name=name)

    async def _poll(self, leader: Leader) -> None:
        async with self._edgar(leader.permit) as client, asyncio.TaskGroup() as group:
            poller = LivePoller(
                client,
                self._database,
                forms=self._settings.forms,
                rhythm=self._settings.rhythm,
                since=self._since,
                clock=self._clock,
                vitals=self._vitals,
            )
            group.create_task(poller.run(), name="feed")
            for name, loop in self._fetching(client):
                group.create_task(loop, name=name)

    def _fetching(self, client: EdgarClient) -> Iterator[tuple[str, Coroutine[Any, Any, None]]]:
        """Name and loop of what fetches, and of what finds what the feed does not show."""
        settings, clock, vitals = self._settings, self._clock, self._vitals
        chance = random.Random()
        collector = Collector(
            client, self._database, give_up=settings.give_up, clock=clock, chance=chance, vitals=vitals
        )
        reconciler = Reconciler(
            client,
            self._database,
            forms=settings.forms,
            trusted_at=settings.reconcile_at,
            clock=clock,
            vitals=vitals,
        )
        backfiller = Backfiller(client, self._database, forms=settings.forms, clock=clock, vitals=vitals)
        yield "collector", collector.run()
        yield "reconciler", reconciler.run()
        yield "backfiller", backfiller.run()
        yield "requests", self._requests.run()
        yield "tickers", TickerReader(client, self._database, clock=clock, vitals=vitals).run()

    @asynccontextmanager
    async def _edgar(self, permit: Callable[[], None]) -> AsyncIterator[EdgarClient]:
        """The one client, which keeps to the blocks of earlier runs."""
        settings = self._settings
        contact = settings.contact()
        await access.recall(self._database, self._pace, self._clock, timedelta(seconds=settings.block_seconds * 1.1))
        self._pace.begin()
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            try:
                yield EdgarClient(
                    session,
                    self._pace,
                    settings.sites,
                    contact,
                    self._clock,
                    block_seconds=settings.block_seconds,
                    patience=settings.sec_timeout_seconds,
                    refused=partial(access.remember, self._database),
                    permit=self._requests.permitted(permit),
                    watcher=self._requests,
                    way=settings.way,
                )
            finally:
                with suppress(Unavailable):  # then they are written by the next
                    await unbroken(self._requests.write())

    async def _send(self) -> None:
        await self._channels.load()
        settings = self._settings
        schedule = RetrySchedule()
        if settings.retry_seconds is not None:
            schedule = RetrySchedule(delays=tuple(timedelta(seconds=seconds) for seconds in settings.retry_seconds))
        async with doors(settings.egress) as opened:
            guard = Guard(opened, now, self._hiding, settings.way)
            sender = Sender(self._channels, guard, self._database, schedule, now, random.Random(), self._vitals)
            await sender.run()
