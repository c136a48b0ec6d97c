"""The database and the log, for commands that look at what the service did."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service import settings as environment
from service.log.backends import open_log
from service.log.source import Log
from service.model.errors import FilingbellError
from service.settings import Settings
from service.store import Database
from service.store.database import open_database
from service.vitals import Unwatched


@asynccontextmanager
async def opened(*, create: bool = False, settings: Settings | None = None) -> AsyncIterator[tuple[Database, Log]]:
    """The service's database and log, as they are; a database that is not there yet is made if *create* is true.

    *settings* None: those of the environment. Raises ConfigError if there is no database, or one of another version;
    Unavailable where it is away.
    """
    settings = settings or environment.load()
    database = await open_database(settings.database_url, create=create, upgrade=False)
    log = open_log(settings.broker, database, Unwatched())
    try:
        yield database, log
    except (FilingbellError, OSError):
        raise
    except Exception as error:
        await database.diagnose(error)
        raise
    finally:
        await log.close()
        await database.close()
