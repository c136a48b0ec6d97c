"""INSERTs in the driver's own words: to bind a row through SQLAlchemy takes longer than to insert it."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple, Self

from sqlalchemy.engine import Dialect
from sqlalchemy.sql.schema import Table

from service.store.connection import Insert

Making = Callable[[Table], Insert]
"""Begins an INSERT as a database speaks it."""


class Inserting(NamedTuple):
    """An INSERT of rows, which leaves out those whose key or id the table has already."""

    sql: str
    columns: tuple[str, ...]
    takes: tuple[Callable[[Mapping[str, Any]], Any], ...]  # the value of each parameter
    turns: tuple[Callable[[Any], Any] | None, ...]  # and how the database has it; None: as it is

    @classmethod
    def of(cls, making: Making, dialect: Dialect, table: Table, columns: Sequence[str]) -> Self:
        """Into *columns* of *table*."""
        made = making(table).on_conflict_do_nothing().compile(dialect=dialect, column_keys=columns)
        order: Sequence[str] = made.positiontup or ()
        types = [table.columns[name].type.dialect_impl(dialect) for name in order]
        turns = tuple(one.bind_processor(dialect) for one in types)
        return cls(str(made), tuple(order), tuple(map(itemgetter, order)), turns)

    def bound(self, rows: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
        """*rows*, by the names of their columns, as the driver takes them."""
        columns = [
            map(take, rows) if turn is None else map(turn, map(take, rows))
            for take, turn in zip(self.takes, self.turns, strict=True)
        ]
        return list(zip(*columns, strict=True))


@cache
def inserting(making: Making, dialect: Dialect, table: Table, columns: tuple[str, ...]) -> Inserting:
    """The INSERT into *columns* of *table*: made once, for to make a statement takes longer than to run it."""
    return Inserting.of(making, dialect, table, columns)
