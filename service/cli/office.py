"""For commands that want something of EDGAR: a poller that runs does it; where none can, the command does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console
from rich.text import Text

from service import settings as environment
from service import telemetry
from service.cli.run import only_one
from service.cli.wiring import now, serve_background
from service.model.errors import ConfigError
from service.settings import Settings
from service.store import Database, leases
from service.store.database import open_database


@asynccontextmanager
async def working(settings: Settings, database: Database, console: Console) -> AsyncIterator[None]:
    """While the context is open, what is asked of EDGAR gets done. One process at a time talks to it: one rate limit.

    On a database of one machine this process does it unless a poller runs there. On PostgreSQL the pollers do.
    """
    if not database.one_machine:
        if await leases.holder(database, "poller", now()) is None:
            console.print(Text("No poller runs: start one (insiderwire run poller), and it sees to this.", "yellow"))
        yield
        return
    with only_one(settings, ("poller",), wanted=False) as alone:
        if not alone:
            yield
            return
        settings.contact()
        async with asyncio.TaskGroup() as group:  # should the work end by itself, nobody waits for it in vain
            task = group.create_task(serve_background(settings, database))
            yield
            task.cancel()


@asynccontextmanager
async def office(console: Console) -> AsyncIterator[tuple[Settings, Database]]:
    """The database, made if there is none yet, and somebody who does what is asked of EDGAR."""
    settings = environment.load()
    telemetry.configure_logs("error")  # what goes well is shown as a table or a bar
    if settings.database_url.startswith("sqlite"):
        try:
            settings.home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"INSIDERWIRE_HOME: {settings.home} cannot be written to: {error.strerror}") from error
    database = await open_database(settings.database_url)
    try:
        async with working(settings, database, console):
            yield settings, database
    finally:
        await database.close()
