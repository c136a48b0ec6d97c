"""From a start to a signal: what a process of the service opens, runs, and closes."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias, TypeVar

import structlog
from aiohttp.web import Application

from service.clock import Clock, SystemClock, now
from service.locks import Locks
from service.log.backends import open_log
from service.log.source import Log
from service.model.errors import ConfigError, Stop, Unavailable
from service.model.resource import ResourceKind
from service.runtime.hiding import Hiding
from service.runtime.provisioned import Provisioned
from service.runtime.signals import Signals
from service.runtime.wiring import serve
from service.settings import WEB, Settings
from service.store import Database, resources
from service.store.database import file_of, open_database
from service.vault import Vault, open_vault
from service.watch.health import Monitor
from service.watch.metrics import Metrics
from service.watch.presence import Presence

Served: TypeAlias = Callable[[str, str | None], None]  # the address, and the link that makes the first account

E = TypeVar("E", bound=BaseException)
T = TypeVar("T")

log = structlog.get_logger()


async def until_stopped(
    settings: Settings,
    file: Path | None,
    roles: tuple[str, ...],
    since: date | None,
    clock: Clock | None = None,
    locks: Locks | None = None,
    hiding: Hiding | None = None,
    served: Served | None = None,
) -> None:
    """Run *roles* until a signal ends it, with what *file* configures. Raises Stop where only a person can help.

    *served* is told where browsers find it, once they do.
    """
    hiding = hiding or Hiding(settings)
    metrics = Metrics()
    async with AsyncExitStack() as stack:
        database = await _patiently(partial(open_database, settings.database_url, pool=settings.database_pool))
        stack.push_async_callback(database.close)
        events = open_log(settings.broker, database, metrics)
        stack.push_async_callback(events.close)
        folder = file_of(settings.database_url)
        vault = open_vault(settings.home, settings.vault_key)
        source = None if file is None else Provisioned(file, database, vault)
        if source is not None:
            await _patiently(source.apply)
        somebody_is_alerted = await _patiently(partial(_somebody_is_alerted, database))
        presence: Presence | None = None

        def probe() -> str | None:
            return presence.trouble if presence else None

        if settings.listens and (settings.http or WEB in roles):
            app = _application(database, events, vault, settings) if WEB in roles else None
            monitor = Monitor(settings.listens, metrics, database, events, roles, settings, probe, app)
            roles = await _listening(stack, monitor, settings, roles)
        presence = Presence(
            database,
            SystemClock(),
            roles,
            version("filingbell"),
            folder=folder.resolve().parent if folder else None,
            keep=locks.keep if locks else None,
            loaded=lambda: source.loaded if source else None,
        )

        await stack.enter_async_context(presence)
        task = asyncio.create_task(serve(settings, database, events, metrics, roles, since, clock, hiding, probe))
        signals = Signals(task, settings.stop_seconds, source.again if source else _nothing_to_apply)
        signals.listen()
        log.info(
            "started",
            roles=list(roles),
            configuration=None if source is None else source.loaded.path,
            home=str(settings.home),
            database="one machine" if database.one_machine else "PostgreSQL",
            kafka=settings.kafka,
        )
        if served and settings.site and WEB in roles:
            first_link = await _patiently(partial(_first_link, database, settings.site))
            served(settings.site, first_link)
        if not somebody_is_alerted:
            log.warning(
                "nobody_is_alerted", help="there is no rule yet: filingbell apply FILE, or filingbell rules add"
            )
        await _ended(task, database, presence, signals)


async def _ended(task: asyncio.Task[None], database: Database, presence: Presence, signals: Signals) -> None:
    """Wait for the end of *task*, and have *presence* say why it came. Raises Stop, and what nobody foresaw."""
    try:
        await task
    except asyncio.CancelledError:
        presence.why = signals.why
        log.info("stopped")
    except BaseExceptionGroup as group:
        stops = group.subgroup(Stop)
        if stops is None:
            if isinstance(group, ExceptionGroup):
                await database.diagnose(group)
            raise
        stop = first(stops)
        presence.why = str(stop)
        raise stop from group


async def _listening(
    stack: AsyncExitStack, monitor: Monitor, settings: Settings, roles: tuple[str, ...]
) -> tuple[str, ...]:
    """Enter *monitor*; returns the roles that can be run: all, or those that need no address that nobody has set."""
    try:
        await stack.enter_async_context(monitor)
    except ConfigError as error:
        others = tuple(role for role in roles if role != WEB)
        if settings.http or not others:
            raise
        log.warning(
            "pages_not_served",
            detail=str(error),
            help="set FILINGBELL_HTTP=127.0.0.1:PORT for another port, or FILINGBELL_HTTP=off; all else runs",
        )
        return others
    return roles


def _application(database: Database, events: Log, vault: Vault, settings: Settings) -> Application:
    """What serves people and programs; it is loaded where it is served alone."""
    from service.web.app import application  # noqa: PLC0415
    from service.web.context import Context  # noqa: PLC0415

    return application(Context(database, events, vault, settings, SystemClock()))


async def _first_link(database: Database, site: str) -> str | None:
    """The link that makes the first account; None: somebody has one."""
    from service.control import people  # noqa: PLC0415

    secret = await people.first_link(database, now())
    return f"{site}/welcome/{secret}" if secret else None


async def _somebody_is_alerted(database: Database) -> bool:
    """Whether a rule tells anybody of what is published."""
    _, rules = await resources.every(database, kind=ResourceKind.RULE)
    return any(rule.enabled for rule in rules)


async def _nothing_to_apply() -> None:
    log.warning("nothing_to_apply", detail="this process was started without a configuration file")


async def _patiently(attempt: Callable[[], Awaitable[T]]) -> T:
    """What *attempt* returns; a database that is away is waited for, as a server that starts beside us may be."""
    pause = 0.5
    while True:
        try:
            return await attempt()
        except Unavailable as error:
            log.warning("database_unavailable", detail=str(error), seconds=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 15.0)


def first(group: BaseExceptionGroup[E]) -> E:
    """The first of the errors that *group* holds, however deep."""
    found: BaseExceptionGroup[E] | E = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found
