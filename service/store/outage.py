"""What a database's errors mean to whoever called it."""

import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from service.model.errors import ConfigError, Unavailable
from service.store import rights

RESTORE = "docs/operations.md says how to restore a backup"

# SQLSTATE: connection; read-only (a standby, until it is promoted); idle too long in a transaction; serialization and
# deadlock; resources; locks; shutdown; system
_PASSING = ("08", "25006", "25P03", "40", "53", "55", "57", "58")
_REFUSED = ("28", "3D")  # wrong password, no such database
_FORBIDDEN = "42501"  # a right is missing
_OTHER_TABLES = ("42P01", "42703", "42P07", "42701", "3F")  # a table, column or schema is missing, or in the way

_LASTING = ("SQLITE_ERROR", "SQLITE_MISUSE", "SQLITE_CONSTRAINT", "SQLITE_MISMATCH", "SQLITE_RANGE", "SQLITE_TOOBIG")
_OTHER_TABLES_THERE = re.compile(r"no such (table|column)|already exists|duplicate column name|has no column named")


@contextmanager
def translated(where: str = "the database", role: str | None = None) -> Iterator[None]:
    """Turns a database's errors into Unavailable where waiting may help, and into ConfigError where a person must.

    *role* is who PostgreSQL knows us as.
    """
    try:
        yield
    except _raised() as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        what = f"{type(cause).__name__}: {cause}".splitlines()[0]
        told = _lasting(error, cause, where, role)
        if told is not None:
            raise ConfigError(told) from error
        if _passes(error, cause):
            raise Unavailable(f"{where}: {what}") from error
        raise
    except (PoolTimeoutError, OSError) as error:
        raise Unavailable(f"{where} cannot be reached: {type(error).__name__}: {error}") from error


def damaged(where: str, how: object) -> ConfigError:
    """What to say of the file *where*, with what SQLite says of it."""
    return ConfigError(f"{where} is damaged ({how}). Stop what uses it, and put a backup in its place: {RESTORE}")


def _raised() -> tuple[type[Exception], ...]:
    """What SQLAlchemy raises, and asyncpg past it, while connecting; SQLite does without asyncpg."""
    asyncpg = sys.modules.get("asyncpg")
    return (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError) if asyncpg else (DBAPIError,)


def _lasting(error: Exception, cause: object, where: str, role: str | None) -> str | None:
    """What is wrong and what to do, if waiting does not help; None: it may, or the fault is ours."""
    state, name = str(getattr(cause, "sqlstate", None) or ""), str(getattr(cause, "sqlite_errorname", ""))
    said = str(cause).splitlines()[0] if str(cause) else type(cause).__name__
    if name == "SQLITE_NOTADB":
        return (
            f"{where} is not an SQLite database, or its beginning is damaged ({said}). Set FILINGBELL_DATABASE or "
            f"FILINGBELL_HOME to another place, or put a backup in its place: {RESTORE}"
        )
    if name.startswith("SQLITE_CORRUPT"):
        return str(damaged(where, said))
    if state.startswith(_REFUSED):
        return f"FILINGBELL_DATABASE: the server refuses: {type(cause).__name__}: {said}"
    if state == _FORBIDDEN:
        return rights.missing(where, said, (error.statement if isinstance(error, DBAPIError) else None) or "", role)
    if state.startswith(_OTHER_TABLES) or (name == "SQLITE_ERROR" and _OTHER_TABLES_THERE.search(said)):
        return (
            f"{where} does not have the tables of this version ({said}): it was changed by hand, or is another "
            "program's. Set FILINGBELL_DATABASE or FILINGBELL_HOME to another place, or restore "
            f"the database: {RESTORE}"
        )
    return None


def _passes(error: Exception, cause: object) -> bool:
    """Whether the same may succeed later."""
    if isinstance(cause, sqlite3.Error):
        name = getattr(cause, "sqlite_errorname", None)  # None: what the driver itself says, such as of its text
        return isinstance(error, OperationalError) and name is not None and not name.startswith(_LASTING)
    state = str(getattr(cause, "sqlstate", None) or "")
    return state.startswith(_PASSING) or (not state and _of_a_connection(error)) or _broken(error)


def _of_a_connection(error: Exception) -> bool:
    return not isinstance(error, DBAPIError) or isinstance(error, OperationalError | InterfaceError)


def _broken(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and error.connection_invalidated
