"""What the tables are made of: times, indexes of few rows, and the one list of all tables."""

from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Index,
    Integer,
    MetaData,
    Text,
    TypeDecorator,
    literal_column,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine, UserDefinedType

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class _Microseconds(UserDefinedType[int]):
    """A whole number, in a column that is declared as it was when these were texts: SQLite takes either."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """As migrations declare it."""
        return "DATETIME"


_FIRST = datetime(MINYEAR, 1, 1, 0, 0, 1, tzinfo=UTC)  # to PostgreSQL's driver the very ends are infinite
_LAST = datetime(MAXYEAR, 12, 31, 23, 59, 59, tzinfo=UTC)
_ENDS = frozenset({MINYEAR, MAXYEAR})


def _within(value: datetime) -> datetime:
    """*value*, or the nearest time that UTC has: an offset can lead beyond its first and its last."""
    try:
        return min(max(value.astimezone(UTC), _FIRST), _LAST)
    except OverflowError:
        return _FIRST if value.year == MINYEAR else _LAST


class Instant(TypeDecorator[datetime]):
    """An aware time in UTC. In SQLite the microseconds since 1970: as text, a time takes three times the room."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """What the database has for it."""
        return dialect.type_descriptor(_Microseconds() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | int | None:
        """Refuse what has no zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        if value.year in _ENDS:
            value = _within(value)
        return (value - _EPOCH) // _MICROSECOND if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """The time, in UTC."""
        return _EPOCH + value * _MICROSECOND if isinstance(value, int) else value


class Day(TypeDecorator[date]):
    """A day as a number that can be read, such as 20250304: as text it takes twice the room in SQLite."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> int | None:
        """The number."""
        return None if value is None else value.year * 10_000 + value.month * 100 + value.day

    def process_result_value(self, value: int | None, dialect: Dialect) -> date | None:
        """The day."""
        return None if value is None else date(value // 10_000, value // 100 % 100, value % 100)


class Exact(TypeDecorator[Decimal]):
    """A number to its last digit, as text: SQLite's own numbers are binary fractions."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """The digits, without an exponent."""
        return None if value is None else f"{value:f}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """The number."""
        return None if value is None else Decimal(value)


def only(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index that holds the few rows for which *where* is true: it stays small however much is stored.

    So it is on PostgreSQL too, where migrations make it: to say so here would load that dialect for every command.
    """
    return Index(name, *columns, unique=unique, sqlite_where=text(where))


def literally(column: ColumnElement[str], value: str) -> ColumnElement[bool]:
    """Whether *column* is the word *value*, as the statement says it: a parameter keeps planners from such an index."""
    return column == literal_column(f"'{value}'")


SEQUENCE = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only in INTEGER PRIMARY KEY

metadata = MetaData()
