"""The database, for commands that look at what the service did."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service import settings as environment
from service.store import Database
from service.store.database import open_database


@asynccontextmanager
async def opened() -> AsyncIterator[Database]:
    """The service's database; raises ConfigError if there is none yet."""
    database = await open_database(environment.load().database_url, create=False)
    try:
        yield database
    finally:
        await database.close()
