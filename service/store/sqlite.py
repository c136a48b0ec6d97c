"""SQLite: one file, one machine. The default, which needs nothing installed."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError

from service.model.errors import ConfigError
from service.store.connection import JSON
from service.store.driver import LocalFile
from service.store.local import LocalEngine
from service.store.padding import pad_lists

_ELSEWHERE = "set FILINGBELL_HOME (or FILINGBELL_DATABASE) to another place"
_CLOSED = "cannot be written to by this user, or its folder cannot"
_NULL: dict[None, None] = {}  # whose method gives None for None, and is the quickest that does
_REFUSALS = ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")


def file_of(url: URL) -> Path:
    """The file that *url* names; raises ConfigError if it names none."""
    if not url.database or url.database == ":memory:":
        raise ConfigError("FILINGBELL_DATABASE: the database must be a file, such as sqlite:///filingbell.db")
    return Path(url.database)


def make_folder(file: Path) -> None:
    """Make the folder of *file*; raises ConfigError if that cannot be."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"the folder {file.parent} cannot be made: {error.strerror}; {_ELSEWHERE}") from error


def engine(url: URL, *, create: bool) -> LocalEngine:
    """The engine for the file that *url* names; raises ConfigError if it cannot be, or with *create* false is not."""
    file = file_of(url)
    if not _is_there(file):
        if not create:
            raise ConfigError(f"there is no database {file}: start `filingbell run` first, or set FILINGBELL_HOME")
        make_folder(file)
    elif create and not os.access(file, os.W_OK):  # SQLite would tell no sooner than at the first change
        raise ConfigError(f"the database {file} {_CLOSED}; change that, or {_ELSEWHERE}")
    made = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        connect_args={"factory": LocalFile, "timeout": 0},  # who waits for a lock is LocalEngine
        pool_size=4,
        max_overflow=-1,  # to wait for a connection would stop the event loop
        pool_use_lifo=True,  # whose pages are still in memory
        **JSON,
    )
    pad_lists(made.dialect)
    _prepare(made, create=create)
    # The driver asks how to adapt these, and looks for long where nobody says: it took a third of the time of inserts.
    sqlite3.register_adapter(type(None), _NULL.get)
    sqlite3.register_adapter(bytes, bytes)  # which gives back what it is given
    return LocalEngine(made)


def _is_there(file: Path) -> bool:
    """Raises ConfigError where something else is there, or nobody can tell."""
    try:
        mode = file.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise ConfigError(f"the database {file} cannot be opened: {error.strerror}; {_ELSEWHERE}") from error
    if not stat.S_ISREG(mode):
        raise ConfigError(f"the database {file} is not a file; {_ELSEWHERE}")
    return True


@contextmanager
def usable(name: str) -> Iterator[None]:
    """Turns SQLite's refusals of *name*, which is being opened, into ConfigError; later they are an outage."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if str(getattr(cause, "sqlite_errorname", "")).startswith(_REFUSALS):
            raise ConfigError(f"{name} {_CLOSED}; change that, or {_ELSEWHERE}") from error
        raise


def _prepare(made: Engine, *, create: bool) -> None:
    """Durable commits, readers beside one writer, and transactions that are ours to begin."""

    @event.listens_for(made, "connect")
    def connect(connection: DBAPIConnection, _record: object) -> None:
        connection.isolation_level = None  # else the driver begins when it likes
        cursor = connection.cursor()
        tables = {name for (name,) in cursor.execute("SELECT name FROM sqlite_master").fetchall()}
        if not tables:
            # It holds for a file that is made now, so it comes before WAL, which writes the first page; of any other
            # file it would write the header, and wait for whoever writes.
            cursor.execute("PRAGMA auto_vacuum=INCREMENTAL")
        if not tables or (create and "alembic_version" in tables):  # another program's file stays as it is
            cursor.execute("PRAGMA journal_mode=WAL")
        for pragma in ("synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
