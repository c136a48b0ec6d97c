"""Puts the service together: the only place that knows both packages."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial

import aiohttp
import structlog

from consumers import stage
from consumers.dispatcher.guard import Guard
from consumers.dispatcher.schedule import RetrySchedule
from consumers.dispatcher.sender import Sender
from consumers.dispatcher.step import DispatcherStep
from consumers.matcher import RuleSet
from consumers.matcher.step import MatcherStep
from consumers.parser import Limits
from consumers.parser.step import ParserStep
from consumers.quarantine import FloodGate
from service.cli.configfile import Configuration
from service.edgar.client import EdgarClient
from service.edgar.pace import Pace
from service.leader import Leader
from service.log.source import Log
from service.log.table import TableLog
from service.model.errors import ConfigError, TryAgain
from service.poller.collect import Collector
from service.poller.live import LivePoller
from service.settings import Settings
from service.store import Database, marks
from service.vitals import Unwatched, Vitals

ROLES = ("poller", "parser", "matcher", "dispatcher", "relay")

_PAUSE = 0.5  # seconds before a role that was interrupted goes on
_LONGEST_PAUSE = 5.0

log = structlog.get_logger()


def now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


def roles_of(settings: Settings) -> tuple[str, ...]:
    """What a whole service consists of: without Kafka there is nothing to relay."""
    return ROLES if settings.kafka else tuple(role for role in ROLES if role != "relay")


async def serve(
    settings: Settings,
    configuration: Configuration,
    database: Database,
    events: Log,
    vitals: Vitals,
    roles: Collection[str],
    since: date | None = None,
) -> None:
    """Run *roles* until cancelled. Outages are waited out; raises Stop, in a group, where only a person can help."""
    service = _Service(settings, configuration, database, events, vitals, since)
    async with asyncio.TaskGroup() as group:
        for name, run in service.loops(roles):
            group.create_task(kept(name, run, vitals), name=name)


async def serve_embedded(
    settings: Settings, configuration: Configuration, database: Database, since: date | None = None
) -> None:
    """Run the whole service on *database* alone, until cancelled; nobody watches it but who runs it."""
    vitals = Unwatched()
    await serve(settings, configuration, database, TableLog(database, vitals), vitals, roles_of(settings), since)


async def kept(name: str, run: Callable[[], Awaitable[None]], vitals: Vitals) -> None:
    """Run *run*, and again whenever an outage ends it: every loop goes on from what is committed."""
    pause = _PAUSE
    while True:
        started = time.monotonic()
        try:
            await run()
        except* TryAgain as outage:
            if time.monotonic() - started > _LONGEST_PAUSE:
                pause = _PAUSE  # it had gone well for a while
            log.warning("interrupted; going on from where it stood", loop=name, detail=_told(outage), seconds=pause)
        vitals.ended(name)
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


class _Service:
    """The loops of each role."""

    def __init__(
        self,
        settings: Settings,
        configuration: Configuration,
        database: Database,
        events: Log,
        vitals: Vitals,
        since: date | None,
    ) -> None:
        self._settings = settings
        self._configuration = configuration
        self._database = database
        self._events = events
        self._vitals = vitals
        self._since = since
        self._pace = Pace(settings.sec_rate, now, time.monotonic, asyncio.sleep)  # outlives the poller's interruptions

    def loops(self, roles: Collection[str]) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
        """Name and loop of all that *roles* do."""
        settings = self._settings
        if "poller" in roles:
            poller = Leader("poller", self._database, now, self._vitals)
            yield "poller", partial(poller.run, self._poll)
        if "parser" in roles:
            limits = Limits(submission_bytes=settings.max_submission_bytes, xml_bytes=settings.max_xml_bytes)
            yield "parser", partial(self._stage, ParserStep(now, limits))
        if "matcher" in roles:
            yield "matcher", partial(self._stage, MatcherStep(RuleSet(self._configuration.rules), now))
        if "dispatcher" in roles:
            yield "dispatcher", partial(self._stage, DispatcherStep(now))
            yield "sender", self._send
        if "relay" in roles:
            relay = Leader("relay", self._database, now, self._vitals)
            yield "relay", partial(relay.run, partial(self._relay, relay))

    async def _stage(self, step: stage.Step[stage.T]) -> None:
        source = self._events.source(step.group, step.topic)
        gate = FloodGate(step.group) if self._settings.flood == "stop" else None
        await stage.run(step, source, self._database, now, self._vitals, gate)

    async def _relay(self, leader: Leader) -> None:
        from service.log.admin import make_missing  # noqa: PLC0415  # aiokafka is loaded only where Kafka is used
        from service.log.relay import Relay  # noqa: PLC0415

        broker = self._settings.broker
        if broker is None:
            raise ConfigError("there is nothing to relay to: set INSIDERWIRE_KAFKA=host:9092")
        for made in await make_missing(broker):
            log.info("topic", detail=made)
        retention = self._settings.retention
        await Relay(broker, self._database, retention, now, self._vitals, leader.confirm).run()

    async def _poll(self) -> None:
        settings, database = self._settings, self._database
        contact = settings.contact()
        blocked = await marks.get(database, marks.BLOCKED)
        if blocked and blocked > now():
            self._pace.block("EDGAR refused this client before the restart", blocked)
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            window = timedelta(seconds=settings.block_seconds)
            client = EdgarClient(session, self._pace, settings.sec_url, contact, now, window)
            poller = LivePoller(
                client,
                database,
                forms=settings.forms,
                interval=settings.poll_seconds,
                since=self._since,
                vitals=self._vitals,
                clock=now,
                sleep=asyncio.sleep,
            )
            collector = Collector(
                client,
                database,
                give_up=settings.give_up,
                clock=now,
                sleep=asyncio.sleep,
                chance=random.Random(),
                vitals=self._vitals,
            )
            async with asyncio.TaskGroup() as group:
                group.create_task(poller.run(), name="feed")
                group.create_task(collector.run(), name="collector")

    async def _send(self) -> None:
        settings = self._settings
        schedule = RetrySchedule()
        if settings.retry_seconds is not None:
            schedule = RetrySchedule(delays=tuple(timedelta(seconds=seconds) for seconds in settings.retry_seconds))
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            guard = Guard(session, now)
            sender = Sender(
                self._configuration.channels, guard, self._database, schedule, now, random.Random(), self._vitals
            )
            await sender.run()


def _told(outage: BaseException) -> str:
    """What lies at the bottom of an exception group, in words."""
    if isinstance(outage, BaseExceptionGroup):
        return "; ".join(dict.fromkeys(_told(one) for one in outage.exceptions))
    return str(outage)
