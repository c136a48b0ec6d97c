"""What the store asks of a database, be it SQLite's file or PostgreSQL's server."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar, TypeVarTuple, overload

from sqlalchemy import URL
from sqlalchemy import Connection as SyncConnection
from sqlalchemy.engine import CursorResult, Dialect, ScalarResult
from sqlalchemy.sql import Executable
from sqlalchemy.sql.selectable import TypedReturnsRows

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Connection(Protocol):
    """A connection inside a transaction. Every row of a result is there once it is returned."""

    @overload
    async def execute(self, statement: TypedReturnsRows[*Ts], /) -> CursorResult[*Ts]: ...

    @overload
    async def execute(self, statement: Executable, rows: Any = None, /) -> CursorResult[*tuple[Any, ...]]: ...

    async def execute(self, statement: Executable, rows: Any = None, /) -> Any:
        """Run *statement*, once or for each of *rows*."""
        ...

    async def scalar(self, statement: TypedReturnsRows[T], /) -> T | None:
        """The first column of the first row; None: there is no row."""
        ...

    async def scalars(self, statement: TypedReturnsRows[T], /) -> ScalarResult[T]:
        """The first column of every row."""
        ...

    async def run_sync(self, work: Callable[[SyncConnection], T], /) -> T:
        """What *work* returns, which does to the connection what cannot be awaited, such as migrations."""
        ...


class Engine(Protocol):
    """Where connections come from. A cancellation leaves no transaction open."""

    @property
    def dialect(self) -> Dialect:
        """Which SQL is spoken."""
        ...

    @property
    def url(self) -> URL:
        """The database's address."""
        ...

    def connect(self) -> AbstractAsyncContextManager[Connection]:
        """A connection that sees what was committed when it first reads, and changes nothing."""
        ...

    def begin(self) -> AbstractAsyncContextManager[Connection]:
        """A connection whose changes commit at the end of the block; they are rolled back if it raises."""
        ...

    async def dispose(self) -> None:
        """Close every connection."""
        ...
