"""What a database's errors mean to whoever called it."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from service.model.errors import ConfigError, Unavailable

# SQLSTATE: connection; idle too long in a transaction; serialization and deadlock; resources; locks; shutdown; system
_PASSING = ("08", "25P03", "40", "53", "55", "57", "58")
_REFUSED = ("28", "3D")  # wrong password, no such database


@contextmanager
def translated(where: str = "the database") -> Iterator[None]:
    """Turns a database's errors into Unavailable where waiting may help, and into ConfigError where it refuses us."""
    try:
        yield
    except (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        state = str(getattr(cause, "sqlstate", None) or "")
        what = f"{type(cause).__name__}: {cause}".splitlines()[0]
        if state.startswith(_REFUSED):
            raise ConfigError(f"FILINGBELL_DATABASE: the server refuses: {what}") from error
        if state.startswith(_PASSING) or (not state and isinstance(error, _CONNECTION_ERRORS)) or _broken(error):
            raise Unavailable(f"{where}: {what}") from error
        raise
    except (PoolTimeoutError, OSError) as error:
        raise Unavailable(f"{where} cannot be reached: {type(error).__name__}: {error}") from error


_CONNECTION_ERRORS = (OperationalError, InterfaceError, asyncpg.InterfaceError)


def _broken(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and error.connection_invalidated
