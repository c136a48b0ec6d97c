"""One SQL transaction a step: what it did, what it emits and how far it has read commit together or not at all."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from weakref import WeakSet

from sqlalchemy import URL, func, make_url, select
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import ArgumentError
from sqlalchemy.sql import Executable
from sqlalchemy.sql.schema import Table

from service.model.errors import ConfigError
from service.store import ids, schema, sharing, sqlite
from service.store.address import FORM
from service.store.bell import Bell, Chime
from service.store.connection import Connection, Engine, Insert
from service.store.inserts import inserting, loading
from service.store.migrate import is_current, migrate, revision_of, revisions, unmigrated
from service.store.outage import damaged, translated
from service.store.packing import shortened
from service.store.turn import Turns
from service.wire.topics import Event

EVENTS = "events"  # the bell that rings when anything is appended, whatever its topic
APPENDED = "appended"  # the tally of the events of a topic, those included that were pruned since


_INSTANT = schema.Instant()


class Transaction:
    """An open transaction. Emitted events are appended, in their order, when it commits."""

    def __init__(self, connection: Connection, engine: Engine) -> None:
        self._connection = connection
        self._engine = engine
        self._events: list[Event] = []
        self._rings: set[str] = set()
        self._tallied: Counter[str] = Counter()

    async def execute(self, statement: Executable, rows: Any = None) -> CursorResult[Any]:
        """Run *statement*, once or for each of *rows*."""
        return await self._connection.execute(statement, rows)

    async def add(self, table: Table, rows: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
        """Insert *rows*, but for those whose key or id *table* has already: a repetition changes nothing.

        All of them name the same columns.
        """
        every = [rows] if isinstance(rows, Mapping) else rows
        if every:
            insert = inserting(self._engine.insert, self._engine.dialect, table, tuple(every[0]))
            await self._connection.exec_driver_sql(insert.sql, insert.bound(every))

    async def load(self, table: Table, rows: Sequence[tuple[Any, ...]], columns: tuple[str, ...] = ()) -> None:
        """Insert *rows* as `add` does: many, each with a value for every column as the database itself has it.

        *columns*: for these alone, in the order in which the table has them.
        """
        if rows:
            insert = loading(self._engine.insert, self._engine.dialect, table, columns)
            await self._connection.exec_driver_sql(insert, rows)

    def instant(self, at: datetime | None) -> Any:
        """*at* as the database itself has it, for `load`."""
        return _INSTANT.process_bind_param(at, self._engine.dialect)

    def id(self, text: str) -> str | bytes:
        """The id *text* as the database itself has it, for `load`."""
        return ids.shortened(text) if self._engine.one_machine else text

    def emit(self, *events: Event) -> None:
        """Append *events* to the log if, and only if, this transaction commits; no id comes a second time."""
        self._events.extend(events)

    def tally(self, name: str, by: int = 1) -> None:
        """Add *by* to the total that is kept as *name*."""
        self._tallied[name] += by

    def ring(self, bell: str) -> None:
        """Wake who waits for *bell* once this has committed."""
        self._rings.add(bell)

    async def flush(self) -> set[str]:
        """Append what was emitted, then add up what was tallied; returns the bells to ring after the commit.

        Everybody does so in this order, the last thing before the commit, so that no two wait for each other.
        """
        rows = await self._rows()
        if rows:
            self._rings |= {EVENTS, *(e.topic for e in self._events)}
        if self._rings:
            await self._engine.notify(self._connection, self._rings)
        if rows:
            await self._append(rows)
        if self._tallied:
            await self._add_up()
        return self._rings

    async def _rows(self) -> list[dict[str, Any]]:
        """The emitted events as they are stored; what several of them have in common is stored first, once."""
        times = Counter(event.shared for event in self._events if event.shared)
        kept = {
            part: (await self.execute(sharing.KEEPING, {"common": part})).scalar_one()
            for part, count in times.items()
            if count > 1
        }
        return [
            {
                "topic": str(event.topic),  # the driver takes long to see that a word is text
                "key": event.key,
                "id": event.id,
                "headers": shortened(event),
                "value": (
                    sharing.without(event.value, event.shared_at, event.shared) if event.shared in kept else event.value
                ),
                "shared": kept.get(event.shared),
            }
            for event in self._events
        ]

    async def _append(self, rows: list[dict[str, Any]]) -> None:
        new = await self._engine.append(self._connection, rows)
        topics = Counter(row["topic"] for row in rows)
        if new != len(rows):  # some came before; nobody else appends until the commit: the last are the new ones
            last = select(schema.events.c.topic).order_by(schema.events.c.seq.desc()).limit(new).subquery()
            found = await self.execute(select(last.c.topic, func.count().label("new")).group_by(last.c.topic))
            topics = Counter({row.topic: row.new for row in found})
        for topic, count in topics.items():
            self.tally(f"{APPENDED}.{topic}", count)

    async def _add_up(self) -> None:
        rows = [{"name": name, "total": by} for name, by in sorted(self._tallied.items())]
        await self.execute(_adding_up(self._engine.insert), rows)


@cache
def _adding_up(insert: Callable[[Table], Insert]) -> Insert:
    made = insert(schema.tallies)
    more = {"total": schema.tallies.c.total + made.excluded.total}
    return made.on_conflict_do_update(index_elements=["name"], set_=more)


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
