"""The driver of SQLite, whose statements have run to their end when they return."""

import sqlite3
from collections.abc import Iterator
from typing import Any


class Cursor(sqlite3.Cursor):
    """Takes every row as it executes, so that no statement is left open and none goes on later."""

    _rows: Iterator[Any] = iter(())

    def execute(self, sql: str, parameters: Any = (), /) -> "Cursor":
        """Run *sql* to its end."""
        super().execute(sql, parameters)
        self._rows = iter(super().fetchall())
        return self

    def fetchone(self) -> Any:
        """The next row; None: there is no other."""
        return next(self._rows, None)

    def fetchall(self) -> list[Any]:
        """The rows that are left."""
        return list(self._rows)


class LocalFile(sqlite3.Connection):
    """The driver's connection, of whose cursors nothing is left to fetch."""

    def cursor(self, *_: Any) -> Cursor:  # type: ignore[override]  # the driver lets a caller choose the class
        """A new cursor."""
        return super().cursor(Cursor)
