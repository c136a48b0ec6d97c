"""Puts the service together: the only place that knows both packages."""

import asyncio
import random
import time
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta

import aiohttp

from consumers import stage
from consumers.dispatcher.guard import Guard
from consumers.dispatcher.schedule import RetrySchedule
from consumers.dispatcher.sender import Sender
from consumers.dispatcher.step import DispatcherStep
from consumers.matcher import RuleSet
from consumers.matcher.step import MatcherStep
from consumers.parser import Limits
from consumers.parser.step import ParserStep
from service.cli.configfile import Configuration
from service.edgar.client import EdgarClient
from service.edgar.pace import Pace
from service.log.table import TableSource
from service.poller.collect import Collector
from service.poller.live import LivePoller
from service.settings import Settings
from service.store import Database, marks

ROLES = ("poller", "parser", "matcher", "dispatcher")


def now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


async def serve(
    settings: Settings,
    configuration: Configuration,
    database: Database,
    roles: Collection[str] = ROLES,
    since: date | None = None,
) -> None:
    """Run *roles* until cancelled."""
    async with asyncio.TaskGroup() as group:
        if "poller" in roles:
            group.create_task(_poll(settings, database, since), name="poller")
        if "parser" in roles:
            limits = Limits(submission_bytes=settings.max_submission_bytes, xml_bytes=settings.max_xml_bytes)
            group.create_task(_stage(ParserStep(now, limits), database), name="parser")
        if "matcher" in roles:
            group.create_task(_stage(MatcherStep(RuleSet(configuration.rules), now), database), name="matcher")
        if "dispatcher" in roles:
            group.create_task(_stage(DispatcherStep(now), database), name="dispatcher")
            group.create_task(_send(settings, configuration, database), name="sender")


async def _stage(step: stage.Step[stage.T], database: Database) -> None:
    await stage.run(step, TableSource(database, step.group, step.topic), database, now)


async def _poll(settings: Settings, database: Database, since: date | None) -> None:
    contact = settings.contact()
    pace = Pace(settings.sec_rate, now, time.monotonic, asyncio.sleep)
    blocked = await marks.get(database, marks.BLOCKED)
    if blocked and blocked > now():
        pace.block("EDGAR refused this client before the restart", blocked)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        window = timedelta(seconds=settings.block_seconds)
        client = EdgarClient(session, pace, settings.sec_url, contact, now, window)
        poller = LivePoller(
            client,
            database,
            forms=settings.forms,
            interval=settings.poll_seconds,
            since=since,
            clock=now,
            sleep=asyncio.sleep,
        )
        collector = Collector(
            client, database, give_up=settings.give_up, clock=now, sleep=asyncio.sleep, chance=random.Random()
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(poller.run(), name="feed")
            group.create_task(collector.run(), name="collector")


async def _send(settings: Settings, configuration: Configuration, database: Database) -> None:
    schedule = RetrySchedule()
    if settings.retry_seconds is not None:
        schedule = RetrySchedule(delays=tuple(timedelta(seconds=seconds) for seconds in settings.retry_seconds))
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        guard = Guard(session, now)
        await Sender(configuration.channels, guard, database, schedule, now, random.Random()).run()
