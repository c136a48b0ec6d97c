"""SQLite's statements run where they are asked for, on the event loop, unless they take long.

A short statement takes some 50 us; a hop to a thread and back takes twice as long, and on a busy loop waits several
milliseconds for the interpreter's lock. Whatever may take long must still not hold up the loop:

- a SELECT that takes longer than 5 ms is interrupted and asked again in a thread;
- given rows go in by slices, larger ones where they go quickly, and after 5 ms of them the loop comes round;
- a change that does not name its rows by their whole key may find any number, and goes to a thread;
- COMMIT waits for the disk, in a thread, unless it need not last;
- what another process has locked is asked for again every 5 ms, where SQLite itself would sleep.

So one statement holds up the loop for some 5 ms, and no more than the slice of rows that was begun then.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from operator import and_, eq
from pathlib import Path
from traceback import clear_frames
from typing import Any, TypeVar, TypeVarTuple, overload

from sqlalchemy import Connection, Engine, Table, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import CursorResult, ScalarResult
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import Delete, Executable, Insert, Update
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, BooleanClauseList
from sqlalchemy.sql.operators import in_op
from sqlalchemy.sql.selectable import SelectBase, TypedReturnsRows

from service.store import connection as seam
from service.store.inserts import inserting
from service.store.schema import events, tallies
from service.text import one_line
from service.unbroken import unbroken

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_BRIEF = 0.005  # seconds that a statement may hold up the loop
_LOOK = 1000  # steps of SQLite's machine between looks at the time: some 20 us
_SLICE = 50  # rows at once, to begin with
_QUICK = 0.001  # seconds: what a slice takes at most before the next one is twice as large
_LOCKED = 30.0  # seconds to wait for another process
_AGAIN = 0.005  # seconds between looks whether it is done
_LASTING = "lasting"  # how a connection commits, among what is known of it
_AT_MOST = 32  # commits in a row that do not last: then one does, else the journal would grow without end
_COMMITS = {  # onto the disk; or into the journal's file alone, which the next lasting one brings there
    True: ("synchronous=FULL", "wal_autocheckpoint=1000"),
    False: ("synchronous=NORMAL", "wal_autocheckpoint=0"),
}
_SCANS = 4  # threads for reading; writers take turns, so they have one

_ADDED = sqlite.insert(tallies)
_ADDING_UP = _ADDED.on_conflict_do_update(
    index_elements=["name"], set_={"total": tallies.c.total + _ADDED.excluded.total}
)


class LocalEngine:
    """Engine over Core's synchronous one for a file of SQLite, whose pool must give a connection at once."""

    one_machine = True
    role: str | None = None

    def __init__(self, engine: Engine) -> None:
        self.name = f"the database {engine.url.database}"
        self.file: Path | None = Path(str(engine.url.database))
        self.dialect = engine.dialect
        self._engine = engine
        self._reader = ThreadPoolExecutor(_SCANS, thread_name_prefix="sqlite-reader")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self._passing = 0  # commits that need not last, since one did

    @asynccontextmanager
    async def connect(self) -> AsyncIterator["LocalConnection"]:
        """A connection that sees what was committed when it first reads, and changes nothing."""
        connection = await _unlocked(partial(self._begun, "BEGIN"))
        with connection:
            yield LocalConnection(connection, self._reader)

    @asynccontextmanager
    async def begin(self, *, lasting: bool = True) -> AsyncIterator["LocalConnection"]:
        """A connection that alone may write, until its changes commit at the end of the block."""
        self._passing = 0 if lasting or self._passing == _AT_MOST else self._passing + 1
        lasting = not self._passing
        connection = await _unlocked(partial(self._begun, "BEGIN IMMEDIATE", lasting=lasting))
        with connection:  # which rolls back what has not been committed, without a pause that could be cancelled
            yield LocalConnection(connection, self._writer)
            if lasting:
                await _aside(self._writer, connection.commit)
            else:
                connection.commit()  # waits for no disk

    @staticmethod
    def insert(table: Table) -> sqlite.Insert:
        """An INSERT as SQLite speaks it, which can say what becomes of a conflict."""
        return sqlite.insert(table)

    async def write(self, connection: seam.Connection, writes: seam.Writes) -> None:
        """Write *writes*. One transaction at a time draws numbers, and no other process hears bells."""
        for one in writes.inserts:
            insert = inserting(sqlite.insert, self.dialect, one.table, one.columns)
            await connection.exec_driver_sql(insert.sql, one.values)
        totals = Counter(writes.tallied)
        if writes.events:
            totals.update(await self._appended(connection, writes.events))
        if totals:
            rows = [{"name": name, "total": by} for name, by in sorted(totals.items())]
            await connection.execute(_ADDING_UP, rows)

    async def _appended(self, connection: seam.Connection, rows: Sequence[Mapping[str, Any]]) -> Counter[str]:
        """Append *rows* to the events; returns how many of each topic were new, by the names of their totals."""
        insert = inserting(sqlite.insert, self.dialect, events, tuple(rows[0]))
        new = (await connection.exec_driver_sql(insert.sql, insert.bound(rows))).rowcount
        topics: Iterable[str] = (row["topic"] for row in rows)
        if new != len(rows):  # some came before; nobody else appends until the commit: the last are the new ones
            last = select(events.c.topic).order_by(events.c.seq.desc()).limit(new)
            topics = (await connection.scalars(last)).all()
        return Counter(f"{seam.APPENDED}.{topic}" for topic in topics)

    async def listen(self, ring: Callable[[str], None]) -> None:
        """There is nothing to hear."""

    async def migrate_alone(self, connection: seam.Connection) -> None:
        """Whoever has begun is alone."""

    async def damage(self) -> str | None:
        """What is wrong with the file, if anything is."""

        def look() -> str | None:
            try:
                with self._engine.connect() as connection:
                    found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
            except DBAPIError as error:
                return str(error.orig) if _says(error, "SQLITE_CORRUPT") or _says(error, "SQLITE_NOTADB") else None
            return None if found == "ok" else one_line(found)

        return await _aside(self._reader, look)

    async def dispose(self) -> None:
        """Close every connection; the last to leave the file moves its journal into it."""
        await _aside(self._writer, self._engine.dispose)
        self._writer.shutdown()
        self._reader.shutdown()

    def _begun(self, begin: str, *, lasting: bool | None = None) -> Connection:
        connection = self._engine.connect()
        try:
            if lasting is not None and connection.info.get(_LASTING, True) is not lasting:
                for pragma in _COMMITS[lasting]:
                    connection.exec_driver_sql(f"PRAGMA {pragma}")
                connection.info[_LASTING] = lasting
            connection.exec_driver_sql(begin)
        except BaseException:
            connection.close()
            raise
        return connection


class LocalConnection:
    """Connection over a synchronous one; *threads* run what takes long."""

    def __init__(self, connection: Connection, threads: Executor) -> None:
        self._connection = connection
        self._threads = threads

    @overload
    async def execute(self, statement: TypedReturnsRows[*Ts], rows: Any = None, /) -> CursorResult[*Ts]: ...

    @overload
    async def execute(self, statement: Executable, rows: Any = None, /) -> CursorResult[*tuple[Any, ...]]: ...

    async def execute(self, statement: Executable, rows: Any = None, /) -> Any:
        """Run *statement*, once or for each of *rows*, whose changes it counts."""
        if isinstance(statement, SelectBase):
            return await self._read(statement, rows)
        if not _is_short(statement):
            return await _aside(self._threads, partial(self._connection.execute, statement, rows))
        if not isinstance(rows, list) or len(rows) <= _SLICE:
            return self._connection.execute(statement, rows)
        return await self._slices(partial(self._connection.execute, statement), rows)

    async def exec_driver_sql(self, statement: str, rows: Sequence[tuple[Any, ...]], /) -> CursorResult[Any]:
        """Run *statement* for each of *rows*, which go in by slices."""
        return await self._slices(partial(self._connection.exec_driver_sql, statement), rows)

    async def scalar(self, statement: TypedReturnsRows[T], values: Any = None, /) -> T | None:
        """The first column of the first row; None: there is no row."""
        return (await self.execute(statement, values)).scalar()

    async def scalars(self, statement: TypedReturnsRows[T], values: Any = None, /) -> ScalarResult[T]:
        """The first column of every row."""
        return (await self.execute(statement, values)).scalars()

    async def run_sync(self, work: Callable[[Connection], T], /) -> T:
        """What *work* returns, in a thread."""
        return await _aside(self._threads, partial(work, self._connection))

    async def _read(self, query: SelectBase, values: Any) -> CursorResult[Any]:
        read = partial(self._connection.execute, query, values)
        try:
            return await _unlocked(partial(self._briefly, read))
        except DBAPIError as error:
            if not _says(error, "SQLITE_INTERRUPT"):
                raise
            clear_frames(error.__traceback__)  # else it would hold the statement and its values until garbage is sought
        return await _aside(self._threads, read)

    async def _slices(self, run: Callable[[Any], CursorResult[Any]], rows: Sequence[Any]) -> CursorResult[Any]:
        changed = start = 0
        many, began = _SLICE, time.monotonic()
        until = began + _BRIEF
        while start < len(rows):
            if began > until:
                await asyncio.sleep(0)
                began = time.monotonic()
                until = began + _BRIEF
            result = run(rows[start : start + many])
            changed += result.rowcount
            start += many
            took, began = time.monotonic() - began, time.monotonic()
            many *= 2 if took < _QUICK else 1
        result.rowcount = changed
        return result

    def _briefly(self, read: Callable[[], T]) -> T:
        """What *read* returns; raises what SQLite says of an interruption if that takes too long."""
        with _interrupted(self._connection, time.monotonic() + _BRIEF):
            return read()


def _is_short(statement: Executable) -> bool:
    """Whether *statement* touches no more rows than it names: it gives them, or the whole key of each."""
    if isinstance(statement, Insert):
        return statement.select is None
    if not isinstance(statement, Update | Delete) or statement.whereclause is None:
        return False
    where = statement.whereclause
    claims = where.clauses if isinstance(where, BooleanClauseList) and where.operator is and_ else (where,)
    named = {
        claim.left
        for claim in claims
        if isinstance(claim, BinaryExpression)
        and claim.operator in {eq, in_op}
        and isinstance(claim.right, BindParameter)
    }
    return named.issuperset(statement.table.primary_key)


async def _aside(threads: Executor, work: Callable[[], T]) -> T:
    """What *work* returns, in a thread; a cancellation waits for it, since the connection is in its hands."""
    return await unbroken(asyncio.get_running_loop().run_in_executor(threads, work))


async def _unlocked(work: Callable[[], T]) -> T:
    """What *work* returns, once no other process is in its way."""
    until = time.monotonic() + _LOCKED
    while True:
        try:
            return work()
        except DBAPIError as error:
            if not _says(error, "SQLITE_BUSY") or time.monotonic() > until:
                raise
        await asyncio.sleep(_AGAIN)


@contextmanager
def _interrupted(connection: Connection, at: float) -> Iterator[None]:
    """Whatever *connection* still does *at* that time ends with SQLITE_INTERRUPT."""
    driver: Any = connection.connection.driver_connection
    driver.set_progress_handler(lambda: time.monotonic() > at, _LOOK)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)


def _says(error: DBAPIError, name: str) -> bool:
    return str(getattr(error.orig, "sqlite_errorname", "")).startswith(name)
