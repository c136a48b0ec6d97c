"""What the store asks of a database, be it SQLite's file or PostgreSQL's server."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias, TypeVar, TypeVarTuple, overload

import orjson
from sqlalchemy import Connection as SyncConnection
from sqlalchemy import Table
from sqlalchemy.engine import CursorResult, Dialect, ScalarResult
from sqlalchemy.sql import Executable
from sqlalchemy.sql.selectable import TypedReturnsRows

if TYPE_CHECKING:  # the one of the two that is not used is not loaded
    from sqlalchemy.dialects import postgresql, sqlite

JSON: Mapping[str, Callable[[Any], Any]] = {  # of every engine: columns of JSON, written and read
    "json_serializer": lambda value: orjson.dumps(value).decode(),
    "json_deserializer": orjson.loads,
}

APPENDED = "appended"  # the tally of the events of a topic, those included that were pruned since

Insert: TypeAlias = "postgresql.Insert | sqlite.Insert"

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Connection(Protocol):
    """A connection inside a transaction. Every row of a result is there once it is returned."""

    @overload
    async def execute(self, statement: TypedReturnsRows[*Ts], rows: Any = None, /) -> CursorResult[*Ts]: ...

    @overload
    async def execute(self, statement: Executable, rows: Any = None, /) -> CursorResult[*tuple[Any, ...]]: ...

    async def execute(self, statement: Executable, rows: Any = None, /) -> Any:
        """Run *statement*, once or for each of *rows*."""
        ...

    async def scalar(self, statement: TypedReturnsRows[T], values: Any = None, /) -> T | None:
        """The first column of the first row; None: there is no row."""
        ...

    async def scalars(self, statement: TypedReturnsRows[T], values: Any = None, /) -> ScalarResult[T]:
        """The first column of every row."""
        ...

    async def exec_driver_sql(
        self, statement: str, rows: Sequence[tuple[Any, ...]] | tuple[Any, ...], /
    ) -> CursorResult[Any]:
        """Run *statement*, in the driver's own words, for each of *rows*, or once with the values of a tuple.

        Values are as the database has them.
        """
        ...

    async def run_sync(self, work: Callable[[SyncConnection], T], /) -> T:
        """What *work* returns, which does to the connection what cannot be awaited, such as migrations."""
        ...


class Rows(NamedTuple):
    """Rows to insert, but for those whose key or id the table has already; each value as the database has it."""

    table: Table
    columns: tuple[str, ...]  # in the order of the values
    values: Sequence[tuple[Any, ...]]


class Writes(NamedTuple):
    """What a transaction has yet to write."""

    inserts: Sequence[Rows] = ()  # which need not see each other
    events: Sequence[Mapping[str, Any]] = ()  # rows of the log, in their order
    tallied: Mapping[str, int] = {}  # by totals' names, what is added to them; appended events are counted besides
    bells: Collection[str] = ()  # to ring at the commit in every other process that listens


class Engine(Protocol):
    """Where connections come from. A cancellation leaves no transaction open."""

    one_machine: bool  # the database is a file, whose bells ring in this process alone
    file: Path | None  # where it lies; None: a server has it
    dialect: Dialect
    name: str  # what an outage calls it
    role: str | None  # who the server knows us as; None: it is a file

    def connect(self) -> AbstractAsyncContextManager[Connection]:
        """A connection that sees what was committed when it first reads, and changes nothing."""
        ...

    def begin(self, *, lasting: bool = True) -> AbstractAsyncContextManager[Connection]:
        """A connection whose changes commit at the end of the block; they are rolled back if it raises.

        Not *lasting*: this process and all others see them, but a machine that loses power may forget them, whole.
        """
        ...

    @staticmethod
    def insert(table: Table) -> Insert:
        """An INSERT that can say what becomes of a conflict."""
        ...

    async def write(self, connection: Connection, writes: Writes) -> None:
        """Write all of *writes*, in an order in which nobody waits for another but whoever commits.

        Events become visible in the order of their numbers, and an id comes once: until the commit, nobody else
        appends. Behind that, totals are added up in the order of their names.
        """
        ...

    async def listen(self, ring: Callable[[str], None]) -> None:
        """Ring what other processes notify, without end."""
        ...

    async def migrate_alone(self, connection: Connection) -> None:
        """Until the commit, nobody else migrates."""
        ...

    async def damage(self) -> str | None:
        """What is wrong with the file; None: nothing, or a server has it, which knows by itself."""
        ...

    async def dispose(self) -> None:
        """Close every connection."""
        ...
