"""All that a transaction writes last in one statement of PostgreSQL: what takes the time is the way there and back.

Rows go as one array a column, so that a statement is the same however many they are, and is prepared once.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple

import orjson
from sqlalchemy import JSON
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.schema import Table

from service.store.connection import APPENDED, Rows, Writes
from service.store.packing import pack

CHANNEL = "filingbell"  # of LISTEN and NOTIFY
_APPEND_LOCK = 0x1256_0001  # advisory: whoever appends to events
_STATEMENTS = 256  # that are remembered: there are as many as tables that are written together

_TOLD = "told AS (SELECT pg_notify(CAST(? AS text), bell) FROM unnest(CAST(? AS text[])) AS bell)"
_LOCK = "lock AS MATERIALIZED (SELECT pg_advisory_xact_lock(?))"
_APPENDED = (
    'appended AS (INSERT INTO events (topic, "key", id, headers, value, shared) '
    'SELECT topic, "key", id, CAST(headers AS json), value, shared FROM lock, '
    "unnest(CAST(? AS text[]), CAST(? AS text[]), CAST(? AS text[]), CAST(? AS text[]), CAST(? AS bytea[]), "
    'CAST(? AS bigint[])) WITH ORDINALITY AS new (topic, "key", id, headers, value, shared, place) ORDER BY place '
    "ON CONFLICT DO NOTHING RETURNING topic)"
)
_COUNTED = f"SELECT '{APPENDED}.' || topic AS name, count(*) AS total FROM appended GROUP BY topic"  # noqa: S608
_TALLIED = "SELECT name, total FROM unnest(CAST(? AS text[]), CAST(? AS bigint[])) AS tallied (name, total)"
_ADDED = (
    "added AS (INSERT INTO tallies (name, total) "
    "SELECT name, sum(total) FROM (TOTALS) AS every GROUP BY name ORDER BY name "
    "ON CONFLICT (name) DO UPDATE SET total = tallies.total + excluded.total)"
)


class _Shape(NamedTuple):
    """What a statement does, whatever the values."""

    inserts: tuple[tuple[Table, tuple[str, ...]], ...]
    bells: bool
    events: bool
    tallied: bool


def compound(writes: Writes, dialect: Dialect) -> tuple[str, tuple[Any, ...]]:
    """The statement that writes *writes*, and its values.

    Sequence numbers are drawn at the insert and become visible at the commit. Without a lock a higher one could become
    visible before a lower one, and a reader that has passed the gap would never come back to it. Everybody waits for
    whoever holds the lock, so it is taken as late as can be; the totals, which wait for one another too, are added up
    behind it.
    """
    inserts = _by_table(writes.inserts)
    shape = _Shape(tuple(inserts), bool(writes.bells), bool(writes.events), bool(writes.tallied))
    return _sql(shape, dialect), tuple(_values(inserts, writes))


def _by_table(inserts: Sequence[Rows]) -> dict[tuple[Table, tuple[str, ...]], list[tuple[Any, ...]]]:
    found: dict[tuple[Table, tuple[str, ...]], list[tuple[Any, ...]]] = {}
    for one in inserts:
        found.setdefault((one.table, one.columns), []).extend(one.values)
    return found


def _values(inserts: dict[tuple[Table, tuple[str, ...]], list[tuple[Any, ...]]], writes: Writes) -> Iterator[Any]:
    """In the order in which `_sql` names them."""
    for rows in inserts.values():
        yield from map(list, zip(*rows, strict=True))
    if writes.bells:
        yield CHANNEL
        yield sorted(writes.bells)
    if writes.events:
        yield _APPEND_LOCK
        for column in ("topic", "key", "id"):
            yield [row[column] for row in writes.events]
        yield [orjson.dumps(row["headers"]).decode() for row in writes.events]
        yield [pack(row["value"]) for row in writes.events]
        yield [row["shared"] for row in writes.events]
    if writes.tallied:
        yield list(writes.tallied)
        yield list(writes.tallied.values())


@lru_cache(maxsize=_STATEMENTS)
def _sql(shape: _Shape, dialect: Dialect) -> str:
    parts = [f"put{place} AS ({_insert(*one, dialect)})" for place, one in enumerate(shape.inserts)]
    totals = []
    if shape.bells:
        parts.append(_TOLD)
    if shape.events:
        parts += [_LOCK, _APPENDED]
        totals.append(_COUNTED)
    if shape.tallied:
        totals.append(_TALLIED)
    if totals:
        parts.append(_ADDED.replace("TOTALS", " UNION ALL ".join(totals)))
    whole = f"WITH {', '.join(parts)} SELECT{' count(*) FROM told' if shape.bells else ''}"
    number = count(1)
    return "".join(f"${next(number)}" if one == "?" else one for one in whole)


def _insert(table: Table, columns: Sequence[str], dialect: Dialect) -> str:
    is_json = {one: isinstance(table.columns[one].type, JSON) for one in columns}
    kinds = ["text" if is_json[one] else str(table.columns[one].type.compile(dialect)) for one in columns]
    arrays = ", ".join(f"CAST(? AS {kind}[])" for kind in kinds)
    names = ", ".join(f'"{one}"' for one in columns)
    values = ", ".join(f'CAST("{one}" AS json)' if is_json[one] else f'"{one}"' for one in columns)
    return (
        f'INSERT INTO "{table.name}" ({names}) '  # noqa: S608  # names of our own
        f"SELECT {values} FROM unnest({arrays}) AS new ({names}) ON CONFLICT DO NOTHING"
    )
