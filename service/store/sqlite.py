"""SQLite: one file, one machine. The default, which needs nothing installed."""

from pathlib import Path
from typing import Any

from sqlalchemy import URL, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from service.model.errors import ConfigError


def engine(url: URL, *, create: bool) -> AsyncEngine:
    """The engine for the file that *url* names; raises ConfigError if it cannot be, or with *create* false is not."""
    if not url.database or url.database == ":memory:":
        raise ConfigError("INSIDERWIRE_DATABASE: the database must be a file, such as sqlite:///insiderwire.db")
    path = Path(url.database)
    if not create and not path.exists():
        raise ConfigError(f"there is no database {path}: start `insiderwire run` first, or set INSIDERWIRE_HOME")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"INSIDERWIRE_HOME: {path.parent} cannot be made: {error.strerror}") from error
    made = create_async_engine(url.set(drivername="sqlite+aiosqlite"), pool_size=4, max_overflow=4)
    _prepare(made)
    return made


def _prepare(made: AsyncEngine) -> None:
    """Durable commits, readers beside one writer, and transactions that are ours to begin."""

    @event.listens_for(made.sync_engine, "connect")
    def connect(connection: DBAPIConnection, _record: object) -> None:
        connection.isolation_level = None  # else the driver begins when it likes
        cursor = connection.cursor()
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(made.sync_engine, "begin")
    def begin(connection: Any) -> None:
        reading = connection.get_execution_options().get("insiderwire_reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
