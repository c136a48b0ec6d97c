"""PostgreSQL: for more than one machine. What it needs beyond SQLite stands here."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import structlog
from sqlalchemy import URL, Table, event, text
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from service.store.address import Address, address_of
from service.store.compound import CHANNEL, compound
from service.store.connection import JSON, Connection, Writes
from service.store.padding import pad_lists
from service.store.session import connected

_READ_ONLY = "25006"  # SQLSTATE
_MIGRATE_LOCK = 0x1256_0002  # advisory: whoever migrates
_LISTEN_AGAIN = 2.0  # seconds
_PATIENCE = 10.0  # seconds for the listening connection, and for what is asked of it
_CHECK = 30.0  # seconds between looks whether the listening connection still lives

_SETTINGS = {
    # A worker that is stopped in the middle of a transaction must not hold up the others for long.
    "idle_in_transaction_session_timeout": "10s",
    "lock_timeout": "20s",
    "statement_timeout": "60s",
    "jit": "off",  # no query here is long enough to earn it
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}

log = structlog.get_logger()


def engine(url: str, *, pool: int) -> "ServerEngine":
    """The engine for the server that *url* names, with at most *pool* connections; none is opened yet."""
    address = address_of(url)
    made = create_async_engine(
        URL.create("postgresql+asyncpg", address.user, database=address.database),
        async_creator=partial(connected, address, settings=_SETTINGS, patience=address.patience, command_timeout=70),
        pool_size=pool,
        max_overflow=0,
        pool_timeout=30,
        pool_recycle=1800,
        pool_use_lifo=True,  # few connections do most, and know the statements
        **JSON,
    )
    pad_lists(made.dialect)
    event.listen(made.sync_engine, "handle_error", _leave_a_standby)
    return ServerEngine(made, address)


def _leave_a_standby(context: ExceptionContext) -> None:
    """A server that has become one is left, with every session there, for the host that is in its place now."""
    if getattr(context.original_exception, "sqlstate", None) == _READ_ONLY:
        context.is_disconnect = True


class ServerEngine:
    """Engine over asyncpg, which cancels cleanly."""

    one_machine = False
    file: Path | None = None
    name = "the database"

    def __init__(self, engine: AsyncEngine, address: Address) -> None:
        self.role: str | None = address.user
        self.dialect = engine.dialect
        self._engine = engine
        self._reads = engine.execution_options(isolation_level="AUTOCOMMIT")  # no BEGIN and ROLLBACK around a SELECT
        self._address = address

    def connect(self) -> AbstractAsyncContextManager[Connection]:
        """A connection that sees, at each statement, everything committed so far."""
        return self._reads.connect()

    def begin(self, *, lasting: bool = True) -> AbstractAsyncContextManager[Connection]:
        """A connection whose changes commit at the end of the block, and always last: workers outlive the server."""
        return self._engine.begin()

    @staticmethod
    def insert(table: Table) -> Insert:
        """An INSERT as PostgreSQL speaks it, which can say what becomes of a conflict."""
        return insert(table)

    async def write(self, connection: Connection, writes: Writes) -> None:
        """Write *writes* in one statement; from the first event until the commit, nobody else appends."""
        await connection.exec_driver_sql(*compound(writes, self.dialect))

    async def listen(self, ring: Callable[[str], None]) -> None:
        """Ring what other processes notify, without end.

        Bells are only for speed (every reader also looks by itself), so a lost connection is opened again and no more.
        """

        def heard(_connection: Any, _pid: int, _channel: str, payload: Any) -> None:
            ring(str(payload))

        while True:
            try:
                async with _listening(self._address) as connection:
                    await connection.add_listener(CHANNEL, heard)
                    while True:
                        await asyncio.sleep(_CHECK)
                        await connection.execute("SELECT 1")
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                log.debug("not_listening", detail=str(error))
            await asyncio.sleep(_LISTEN_AGAIN)

    async def migrate_alone(self, connection: Connection) -> None:
        """Until the commit, nobody else migrates."""
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATE_LOCK})

    async def damage(self) -> str | None:
        """The server's to find."""
        return None

    async def dispose(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


@asynccontextmanager
async def _listening(address: Address) -> AsyncIterator[Any]:
    """A connection of its own, outside the pool."""
    connection = await connected(address, settings={}, patience=_PATIENCE, command_timeout=_PATIENCE)
    try:
        yield connection
    finally:
        connection.terminate()
