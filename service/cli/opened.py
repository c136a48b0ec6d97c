"""The database, for commands that look at what the service did."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import make_url

from service import settings as environment
from service.model.errors import ConfigError
from service.store import Database
from service.store.database import open_database


@asynccontextmanager
async def opened() -> AsyncIterator[Database]:
    """The service's database; raises ConfigError if there is none yet."""
    database = await open_database(_existing())
    try:
        yield database
    finally:
        await database.close()


def _existing() -> str:
    url = environment.load().database_url
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").exists():
        raise ConfigError(
            f"there is no database {parsed.database}: start `insiderwire run` first, or set INSIDERWIRE_HOME"
        )
    return url
