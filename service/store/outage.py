"""What a database's errors mean to whoever called it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from service.model.errors import ConfigError, Unavailable

# SQLSTATE: connection; read-only (a standby, until it is promoted); idle too long in a transaction; serialization and
# deadlock; resources; locks; shutdown; system
_PASSING = ("08", "25006", "25P03", "40", "53", "55", "57", "58")
_REFUSED = ("28", "3D")  # wrong password, no such database


@contextmanager
def translated(where: str = "the database") -> Iterator[None]:
    """Turns a database's errors into Unavailable where waiting may help, and into ConfigError where it refuses us."""
    try:
        yield
    except _raised() as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        state = str(getattr(cause, "sqlstate", None) or "")
        what = f"{type(cause).__name__}: {cause}".splitlines()[0]
        if state.startswith(_REFUSED):
            raise ConfigError(f"FILINGBELL_DATABASE: the server refuses: {what}") from error
        if state.startswith(_PASSING) or (not state and _of_a_connection(error)) or _broken(error):
            raise Unavailable(f"{where}: {what}") from error
        raise
    except (PoolTimeoutError, OSError) as error:
        raise Unavailable(f"{where} cannot be reached: {type(error).__name__}: {error}") from error


def _raised() -> tuple[type[Exception], ...]:
    """What SQLAlchemy raises, and asyncpg past it, while connecting; SQLite does without asyncpg."""
    asyncpg = sys.modules.get("asyncpg")
    return (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError) if asyncpg else (DBAPIError,)


def _of_a_connection(error: Exception) -> bool:
    return not isinstance(error, DBAPIError) or isinstance(error, OperationalError | InterfaceError)


def _broken(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and error.connection_invalidated
