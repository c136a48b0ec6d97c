"""``run``: the service, until it is stopped."""

import asyncio
import difflib
import fcntl
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path

import structlog

from service import settings as environment
from service import telemetry
from service.cli import configfile
from service.cli.configfile import Configuration
from service.cli.wiring import ROLES, serve
from service.model.errors import ConfigError
from service.settings import Settings
from service.store.database import open_database

log = structlog.get_logger()


def run(roles: tuple[str, ...], config: Path, since: date | None) -> None:
    """Run *roles* (empty: all) with the rules in *config*."""
    for role in roles:
        if role not in ROLES:
            close = difflib.get_close_matches(role, ROLES, n=1)
            meant = f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(ROLES)}"
            raise ConfigError(f"there is no role {role!r}{meant}")
    chosen = roles or ROLES
    settings = environment.load()
    telemetry.configure_logs(settings.log_level)
    if "poller" in chosen:
        settings.contact()  # before anything else: without it nothing will come
    configuration = configfile.load(config)
    with _only_one(settings.home, chosen):
        asyncio.run(_until_stopped(settings, configuration, chosen, since))


async def _until_stopped(
    settings: Settings, configuration: Configuration, roles: tuple[str, ...], since: date | None
) -> None:
    database = await open_database(settings.database_url)
    task = asyncio.ensure_future(serve(settings, configuration, database, roles, since))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    log.info(
        "started",
        roles=list(roles),
        rules=len(configuration.rules),
        channels=list(configuration.channels),
        home=str(settings.home),
    )
    try:
        await task
    except asyncio.CancelledError:
        log.info("stopped; what was under way goes on at the next start")
    finally:
        await database.close()


@contextmanager
def _only_one(home: Path, roles: tuple[str, ...]) -> Iterator[None]:
    """Keep a second of any of *roles* off the same state: two pollers would not share the SEC's rate limit."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        with ExitStack() as locks:
            for role in roles:
                lock = locks.enter_context((home / f"{role}.lock").open("w"))
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise ConfigError(
                        f"another {role} runs on {home}; stop it, or set INSIDERWIRE_HOME to another folder"
                    ) from None
            yield
    except PermissionError as error:
        raise ConfigError(f"INSIDERWIRE_HOME: {home} cannot be written to: {error.strerror}") from error
