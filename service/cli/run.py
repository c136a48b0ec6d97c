"""``run``: the service, until it is stopped."""

import asyncio
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import IO, TypeVar

import structlog

from service import settings as environment
from service import telemetry
from service.cli import configfile
from service.cli.calendar import refuse_unknown
from service.cli.configfile import Configuration
from service.cli.wiring import ROLES, roles_of, scrubber, serve
from service.clock import Clock
from service.health import Monitor
from service.log.backends import open_log
from service.metrics import Metrics
from service.model.errors import ConfigError, Stop, Unavailable
from service.settings import FILE_NAME, Settings
from service.store import Database
from service.store.database import file_of, open_database
from service.store.sqlite import make_folder
from service.words import nearest

E = TypeVar("E", bound=BaseException)

_LOCK_PATIENCE = 2.0  # seconds

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
    configuration = configfile.load(config)
    telemetry.configure_logs(settings.log_level, scrub=scrubber(settings, configuration))
    with only_one(settings, chosen):
        asyncio.run(until_stopped(settings, configuration, chosen, since))


async def until_stopped(
    settings: Settings,
    configuration: Configuration,
    roles: tuple[str, ...],
    since: date | None,
    clock: Clock | None = None,
) -> None:
    """Run *roles* until a signal ends it. Raises Stop where only a person can help."""
    metrics = Metrics()
    async with AsyncExitStack() as stack:
        database = await _reached(settings)
        stack.push_async_callback(database.close)
        events = open_log(settings.broker, database, metrics)
        stack.push_async_callback(events.close)
        if settings.listens:
            monitor = Monitor(settings.listens, metrics, database, events, roles, settings.reconcile_at)
            await stack.enter_async_context(monitor)
        task = asyncio.create_task(serve(settings, configuration, database, events, metrics, roles, since, clock))
        _stop_on_signals(task, settings.stop_seconds)
        log.info(
            "started",
            roles=list(roles),
            rules=len(configuration.rules),
            channels=list(configuration.channels),
            home=str(settings.home),
            database="one machine" if database.one_machine else "PostgreSQL",
            kafka=settings.kafka,
        )
        try:
            await task
        except asyncio.CancelledError:
            log.info("stopped; what was under way goes on at the next start")
        except BaseExceptionGroup as group:
            stops = group.subgroup(Stop)
            if stops is None:
                raise
            raise first(stops) from group


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


def _stop_on_signals(task: asyncio.Task[None], seconds: float) -> None:
    """SIGTERM or SIGINT: let what is under way end, *seconds* at most. Once more: at once."""
    loop = asyncio.get_running_loop()

    def too_long() -> None:
        log.error("stopping takes too long; what was under way is repeated at the next start, under the same id")
        os._exit(os.EX_TEMPFAIL)

    def stop() -> None:
        if task.cancelling():
            os._exit(130)
        log.info("stopping: letting what is under way end", seconds=seconds)
        task.cancel()
        loop.call_later(seconds, too_long)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)


def first(group: BaseExceptionGroup[E]) -> E:
    """The first of the errors that *group* holds, however deep."""
    found: BaseExceptionGroup[E] | E = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found


def _locked(lock: IO[str], patience: float) -> bool:
    """Whether *lock* could be had within *patience* seconds: a command may be looking whether somebody holds it."""
    ends = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= ends:
                return False
            time.sleep(0.1)
        else:
            return True


@contextmanager
def only_one(settings: Settings, roles: tuple[str, ...], *, wanted: bool = True) -> Iterator[bool]:
    """On a database of one machine, keep a second of any of *roles* off it: that is what stands for a lease there.

    Raises ConfigError if there is one already; unless it is *wanted* that much, gives False instead.
    """
    file = file_of(settings.database_url)
    if file is None:
        yield True
        return
    with ExitStack() as locks:
        for role in roles:
            if not _locked(locks.enter_context(_lock(file, role)), patience=_LOCK_PATIENCE if wanted else 0.0):
                if not wanted:
                    yield False
                    return
                raise ConfigError(
                    f"another {role} runs on {file} (the service, or a command that stands in for it); stop it, or "
                    "set FILINGBELL_HOME to another folder"
                )
        yield True


def _lock(file: Path, role: str) -> IO[str]:
    """What stands for the one *role* on the database in *file*: beside it, where whoever uses it looks."""
    make_folder(file)
    whole = file.resolve()
    lock = whole.with_name(f"{role}.lock" if whole.name == FILE_NAME else f"{whole.name}.{role}.lock")
    try:
        return lock.open("w")
    except OSError as error:
        raise ConfigError(
            f"{lock} cannot be written to: {error.strerror}; run this as the user who owns the folder, or set "
            "FILINGBELL_HOME to another one"
        ) from error
