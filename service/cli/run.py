"""``run``: the service, until it is stopped."""

import asyncio
from contextlib import AsyncExitStack
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import structlog

from service import settings as environment
from service import telemetry
from service.cli.calendar import refuse_unknown
from service.cli.configfile import Configuration
from service.cli.current import Current
from service.cli.signals import Signals
from service.cli.wiring import CONFIGURED, ROLES, roles_of, scrubber, serve
from service.clock import Clock, SystemClock
from service.health import Monitor
from service.locks import Locks, only_one
from service.log.backends import open_log
from service.metrics import Metrics
from service.model.errors import ConfigError, Stop, Unavailable
from service.presence import Presence
from service.settings import Settings
from service.store import Database
from service.store.database import file_of, open_database
from service.words import nearest

E = TypeVar("E", bound=BaseException)

log = structlog.get_logger()


def run(roles: tuple[str, ...], config: Path, since: date | None) -> None:
    """Run *roles* (empty: all) with the rules in *config*."""
    for role in roles:
        if role not in ROLES:
            close = nearest(role, ROLES)
            meant = f"; did you mean {close!r}?" if close else f"; known are {', '.join(ROLES)}"
            raise ConfigError(f"there is no role {role!r}{meant}")
        if roles.count(role) > 1:
            raise ConfigError(f"{role} is named twice")
    if since is not None:
        refuse_unknown(since, f"--since {since}")
    settings = environment.load()
    chosen = roles or roles_of(settings)
    if "relay" in chosen and not settings.kafka:
        raise ConfigError("there is nothing to relay to: set FILINGBELL_KAFKA=host:9092, or leave the relay out")
    telemetry.configure_logs(settings.log_level)
    if "poller" in chosen:
        settings.contact()  # before anything else: without it nothing will come
    current = Current.of(config) if CONFIGURED.intersection(chosen) else Current(Configuration.nothing())
    telemetry.configure_logs(settings.log_level, scrub=scrubber(settings, current.configuration))
    with only_one(settings, chosen) as locks:
        assert locks is not None
        asyncio.run(until_stopped(settings, current, chosen, since, locks=locks))


async def until_stopped(
    settings: Settings,
    current: Current,
    roles: tuple[str, ...],
    since: date | None,
    clock: Clock | None = None,
    locks: Locks | None = None,
) -> None:
    """Run *roles* until a signal ends it. Raises Stop where only a person can help."""
    metrics = Metrics()
    async with AsyncExitStack() as stack:
        database = await _reached(settings)
        stack.push_async_callback(database.close)
        events = open_log(settings.broker, database, metrics)
        stack.push_async_callback(events.close)
        file = file_of(settings.database_url)
        presence = Presence(
            database,
            SystemClock(),
            roles,
            version("filingbell"),
            folder=file.resolve().parent if file else None,
            keep=locks.keep if locks else None,
            loaded=lambda: current.loaded,
        )
        if settings.listens:
            monitor = Monitor(
                settings.listens, metrics, database, events, roles, settings.reconcile_at, lambda: presence.trouble
            )
            await stack.enter_async_context(monitor)
        await stack.enter_async_context(presence)
        task = asyncio.create_task(serve(settings, current, database, events, metrics, roles, since, clock))
        signals = Signals(task, settings.stop_seconds, partial(current.reload, partial(_hide, settings)))
        signals.listen()
        log.info(
            "started",
            roles=list(roles),
            rules=len(current.configuration.rules),
            channels=list(current.configuration.channels),
            home=str(settings.home),
            database="one machine" if database.one_machine else "PostgreSQL",
            kafka=settings.kafka,
        )
        try:
            await task
        except asyncio.CancelledError:
            presence.why = signals.why
            log.info("stopped; what was under way goes on at the next start")
        except BaseExceptionGroup as group:
            stops = group.subgroup(Stop)
            if stops is None:
                if isinstance(group, ExceptionGroup):
                    await database.diagnose(group)
                raise
            stop = first(stops)
            presence.why = str(stop)
            raise stop from group


def _hide(settings: Settings, old: Configuration, new: Configuration) -> None:
    """What was secret stays so: requests with it may still be under way."""
    telemetry.configure_logs(settings.log_level, scrub=scrubber(settings, old, new))


async def _reached(settings: Settings) -> Database:
    """The database; one that is not there yet is waited for, as a server that starts beside us may be."""
    pause = 0.5
    while True:
        try:
            return await open_database(settings.database_url, pool=settings.database_pool)
        except Unavailable as error:
            log.warning("the database cannot be reached; trying again", detail=str(error), seconds=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 15.0)


def first(group: BaseExceptionGroup[E]) -> E:
    """The first of the errors that *group* holds, however deep."""
    found: BaseExceptionGroup[E] | E = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found
