"""The database and the log, for commands that look at what the service did."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service import settings as environment
from service.log.backends import open_log
from service.log.source import Log
from service.store import Database
from service.store.database import open_database
from service.vitals import Unwatched


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[Database, Log]]:
    """The service's database and log; raises ConfigError if there is none yet, Unavailable where it is away."""
    settings = environment.load()
    database = await open_database(settings.database_url, create=False)
    log = open_log(settings.broker, database, Unwatched())
    try:
        yield database, log
    finally:
        await log.close()
        await database.close()
