"""One SQL transaction a step: what it did, what it emits and how far it has read commit together or not at all."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event, insert, make_url
from sqlalchemy.engine import CursorResult
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.sql import Executable

from service.model.errors import ConfigError
from service.store import schema
from service.store.bell import Bell
from service.store.migrate import migrate
from service.wire.topics import Event


class Transaction:
    """An open transaction. Emitted events are appended, in their order, when it commits."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._events: list[Event] = []
        self._rings: set[str] = set()

    async def execute(self, statement: Executable, rows: Any = None) -> CursorResult[Any]:
        """Run *statement*, once or for each of *rows*."""
        return await self._connection.execute(statement, rows)

    def emit(self, *events: Event) -> None:
        """Append *events* to the log if, and only if, this transaction commits."""
        self._events.extend(events)

    def ring(self, bell: str) -> None:
        """Wake who waits for *bell* once this has committed."""
        self._rings.add(bell)

    async def flush(self) -> set[str]:
        """Append what was emitted; returns the bells to ring after the commit."""
        if self._events:
            rows = [
                {"topic": e.topic, "key": e.key, "id": e.id, "headers": dict(e.headers), "value": e.value}
                for e in self._events
            ]
            await self._connection.execute(insert(schema.events), rows)
            self._rings.update(e.topic for e in self._events)
            self._events.clear()
        return self._rings


class Database:
    """The state of the service, and in the embedded default its log as well.

    SQLite admits one writer: writers of this process take turns on a lock of their own, so that they queue fairly
    instead of spinning on SQLite's. Readers never wait (WAL).
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writing = asyncio.Lock()
        self._bells: dict[str, list[Bell]] = defaultdict(list)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Commits at the end of the block; rolls back if it raises."""
        async with self._writing:
            async with self._engine.begin() as connection:
                transaction = Transaction(connection)
                yield transaction
                rings = await transaction.flush()
            for name in rings:
                for bell in self._bells[name]:
                    bell.ring()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees everything committed so far and changes nothing."""
        async with self._engine.connect() as connection:
            yield await connection.execution_options(insiderwire_reading=True)

    def bell(self, name: str) -> Bell:
        """A bell that rings whenever this process commits something for *name*, such as a topic."""
        bell = Bell()
        self._bells[name].append(bell)
        return bell

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


async def open_database(url: str, *, create: bool = True) -> Database:
    """The database at *url* (``sqlite:///path``), brought up to this version's schema.

    Raises ConfigError where it cannot be used, or with *create* false where there is none.
    """
    engine = create_async_engine(_async_url(url, create=create), pool_size=4, max_overflow=4)
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(migrate)
    except BaseException:
        await engine.dispose()
        raise
    return Database(engine)


def _async_url(url: str, *, create: bool) -> str:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError("INSIDERWIRE_DATABASE: this is no database address; use sqlite:///PATH") from None
    if parsed.get_backend_name() != "sqlite":
        raise ConfigError(f"INSIDERWIRE_DATABASE: {parsed.get_backend_name()!r} is not supported; use sqlite:///PATH")
    if not parsed.database or parsed.database == ":memory:":
        raise ConfigError("INSIDERWIRE_DATABASE: the database must be a file, such as sqlite:///insiderwire.db")
    path = Path(parsed.database)
    if not create and not path.exists():
        raise ConfigError(f"there is no database {path}: start `insiderwire run` first, or set INSIDERWIRE_HOME")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"INSIDERWIRE_HOME: {path.parent} cannot be made: {error.strerror}") from error
    return parsed.set(drivername="sqlite+aiosqlite").render_as_string(hide_password=False)


def _prepare_sqlite(engine: AsyncEngine) -> None:
    """Durable commits, readers beside one writer, and transactions that are ours to begin."""

    @event.listens_for(engine.sync_engine, "connect")
    def connect(connection: DBAPIConnection, _record: object) -> None:
        connection.isolation_level = None  # else the driver begins when it likes
        cursor = connection.cursor()
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        reading = connection.get_execution_options().get("insiderwire_reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
