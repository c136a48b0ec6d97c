"""The database: its transactions, who waits for what they commit, and how it is opened."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from pathlib import Path
from weakref import WeakSet

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from service.model.errors import ConfigError
from service.store import sqlite
from service.store.address import FORM
from service.store.bell import Bell, Chime
from service.store.connection import APPENDED, Connection, Engine
from service.store.migrate import is_current, migrate, revision_of, revisions, unmigrated
from service.store.outage import damaged, translated
from service.store.transaction import EVENTS, Transaction
from service.store.turn import Turns

__all__ = ["APPENDED", "EVENTS", "Database", "Transaction", "file_of", "migrated", "open_database"]


class Database:
    """The state of the service, and in the embedded default its log as well.

    SQLite admits one writer: writers of this process take turns on a lock of their own, so that they queue fairly
    instead of spinning on SQLite's. Readers never wait (WAL).
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._bells: dict[str, WeakSet[Bell]] = defaultdict(WeakSet)
        self._chimes: WeakSet[Chime] = WeakSet()
        self.one_machine = engine.one_machine
        self.file = engine.file  # None: a server has it
        self._turns = Turns() if self.one_machine else None  # on PostgreSQL the pool is the limit
        self._listener: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def transaction(self, *, urgent: bool = False, lasting: bool = True) -> AsyncIterator[Transaction]:
        """Commits at the end of the block; rolls back if it raises. What is *urgent* goes before what else waits.

        What need not be *lasting* waits for no disk: a machine that loses power may forget it, whole.

        Raises Unavailable where the database cannot do it now: then it was rolled back, or, if the connection broke
        at the commit, it may have committed, and whoever goes on reads the state anew.
        """
        async with self._turns.taken(urgent=urgent) if self._turns else nullcontext():
            with translated(self._engine.name, self._engine.role):
                async with self._engine.begin(lasting=lasting) as connection:
                    transaction = Transaction(connection, self._engine)
                    yield transaction
                    rings = await transaction.flush()
            for name in rings:
                self._ring(name)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """A connection that sees everything committed so far and changes nothing; raises Unavailable."""
        with translated(self._engine.name, self._engine.role):
            async with self._engine.connect() as connection:
                yield connection

    def bell(self, name: str) -> Bell:
        """A bell that rings whenever something is committed for *name*, such as a topic.

        On SQLite it hears this process alone, on PostgreSQL the others as well.
        """
        self._listen()
        bell = Bell()
        self._bells[name].add(bell)
        return bell

    def chime(self, prefix: str) -> Chime:
        """As a bell, for every name that begins with *prefix*; it says which of them rang."""
        self._listen()
        chime = Chime(prefix)
        self._chimes.add(chime)
        return chime

    async def diagnose(self, error: Exception) -> None:
        """Raises ConfigError if what failed with *error*, which nobody expected, failed because the file is damaged.

        It looks at every page, which takes a second a gigabyte or so: that is for when something has gone wrong.
        """
        damage = await self._engine.damage()
        if damage is not None:
            raise damaged(self._engine.name, damage) from error

    async def close(self) -> None:
        """Close every connection."""
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
        await self._engine.dispose()

    def _listen(self) -> None:
        if self._listener is None and not self.one_machine:
            self._listener = asyncio.create_task(self._engine.listen(self._ring), name="listener")

    def _ring(self, name: str) -> None:
        for bell in self._bells.get(name, ()):
            bell.ring()
        for chime in self._chimes:
            if name.startswith(chime.prefix):
                chime.heard(name)


async def open_database(url: str, *, create: bool = True, upgrade: bool = True, pool: int = 5) -> Database:
    """The database at *url* (``sqlite:///path`` or ``postgresql://...``), with this version's schema.

    It is made if there is none and *create* is true, and brought up to date if it is older and *upgrade* is true; else
    nothing of it changes. Raises ConfigError where it cannot be used so; Unavailable where it cannot be reached now.
    """
    engine = _engine(url, create=create, pool=pool)
    try:
        with translated(engine.name, engine.role), sqlite.usable(engine.name):
            await _brought_up(engine, create=create, upgrade=upgrade)
    except BaseException:
        await engine.dispose()
        raise
    return Database(engine)


async def migrated(url: str) -> tuple[str | None, str]:
    """Make the database at *url*, or bring it up to date; returns the revisions before (None: it was made) and after.

    Raises as open_database.
    """
    engine = _engine(url, create=True, pool=1)
    try:
        with translated(engine.name, engine.role), sqlite.usable(engine.name):
            return await _brought_up(engine, create=True, upgrade=True), revisions()[-1]
    finally:
        await engine.dispose()


async def _brought_up(engine: Engine, *, create: bool, upgrade: bool) -> str | None:
    """Migrate if that is needed and allowed; returns the revision before."""
    async with engine.connect() as connection:
        found = await connection.run_sync(revision_of)
        if is_current(found):
            return found
        if not (create if found is None else upgrade):
            raise await connection.run_sync(partial(unmigrated, revision=found))
    async with engine.begin() as connection:
        await engine.migrate_alone(connection)
        found = await connection.run_sync(migrate)
    if found is not None and not is_current(found):  # nobody was quicker
        import structlog  # with greenlet, which a file that is up to date does without

        structlog.get_logger().info("database_upgraded", before=found, after=revisions()[-1])
    return found


def file_of(url: str) -> Path | None:
    """The file of the database at *url*; None: a server has it. Raises ConfigError where there can be none."""
    return sqlite.file_of(_file_address(url)) if _scheme(url) == "sqlite" else None


def _scheme(url: str) -> str:
    scheme, there, _ = url.partition("://")
    if not there:
        raise ConfigError(f"FILINGBELL_DATABASE: this is not a database address; use sqlite:///PATH or {FORM}")
    return scheme.partition("+")[0]


def _file_address(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):  # an impossible port is a ValueError
        raise ConfigError("FILINGBELL_DATABASE: this is not a database address; use sqlite:///PATH") from None


def _engine(url: str, *, create: bool, pool: int) -> Engine:
    match _scheme(url):
        case "sqlite":
            return sqlite.engine(_file_address(url), create=create)
        case "postgresql" | "postgres":
            from service.store import postgres  # its driver takes 10 MB

            return postgres.engine(url, pool=pool)
        case other:
            raise ConfigError(
                f"FILINGBELL_DATABASE: {other!r} is not supported; use sqlite:///PATH or postgresql://..."
            )
