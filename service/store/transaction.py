"""One SQL transaction a step: what it did, what it emits and how far it has read commit together or not at all."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy.engine import CursorResult
from sqlalchemy.sql import Executable
from sqlalchemy.sql.elements import TextClause
from sqlalchemy.sql.schema import Table
from sqlalchemy.sql.selectable import SelectBase
from sqlalchemy.sql.visitors import iterate

from service.store import ids, schema, sharing
from service.store.connection import Connection, Engine, Rows, Writes
from service.store.inserts import inserting
from service.store.packing import shortened
from service.wire.topics import Event

EVENTS = "events"  # the bell that rings when anything is appended, whatever its topic

_INSTANT = schema.Instant()
_STATEMENTS = 32  # of which is remembered what they read: most are made once, and asked in every transaction


class Transaction:
    """An open transaction. Emitted events are appended, in their order, when it commits."""

    def __init__(self, connection: Connection, engine: Engine) -> None:
        self._connection = connection
        self._engine = engine
        self._events: list[Event] = []
        self._inserts: list[Rows] = []
        self._rings: set[str] = set()
        self._tallied: Counter[str] = Counter()

    async def execute(self, statement: Executable, rows: Any = None) -> CursorResult[Any]:
        """Run *statement*, once or for each of *rows*."""
        if self._inserts and _may_see(statement, self._inserts):
            await self._write()
        return await self._connection.execute(statement, rows)

    async def add(self, table: Table, rows: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
        """Insert *rows*, but for those whose key or id *table* has already: a repetition changes nothing.

        All of them name the same columns.
        """
        every = [rows] if isinstance(rows, Mapping) else rows
        if every:
            insert = inserting(self._engine.insert, self._engine.dialect, table, tuple(every[0]))
            await self._insert(Rows(table, insert.columns, insert.bound(every)))

    async def load(self, table: Table, rows: Sequence[tuple[Any, ...]], columns: tuple[str, ...] = ()) -> None:
        """Insert *rows* as `add` does: many, each with a value for every column as the database itself has it.

        *columns*: for these alone, in the order in which the table has them.
        """
        if rows:
            await self._insert(Rows(table, columns or tuple(table.columns.keys()), rows))

    async def _insert(self, rows: Rows) -> None:
        """At once where the database is near; else with what comes next, before anything that can see it."""
        self._inserts.append(rows)
        if self._engine.one_machine:
            await self._write()

    async def _write(
        self,
        events: Sequence[Mapping[str, Any]] = (),
        tallied: Mapping[str, int] = MappingProxyType({}),
        bells: Collection[str] = (),
    ) -> None:
        """Write what waits, and these."""
        writes = Writes(self._inserts, events, tallied, bells)
        self._inserts = []
        if any(writes):
            await self._engine.write(self._connection, writes)

    def instant(self, at: datetime | None) -> Any:
        """*at* as the database itself has it, for `load`."""
        return _INSTANT.process_bind_param(at, self._engine.dialect)

    def id(self, text: str) -> str | bytes:
        """The id *text* as the database itself has it, for `load`."""
        return ids.shortened(text) if self._engine.one_machine else text

    def emit(self, *events: Event) -> None:
        """Append *events* to the log if, and only if, this transaction commits; no id comes a second time."""
        self._events.extend(events)

    def tally(self, name: str, by: int = 1) -> None:
        """Add *by* to the total that is kept as *name*."""
        self._tallied[name] += by

    def ring(self, bell: str) -> None:
        """Wake who waits for *bell* once this has committed."""
        self._rings.add(bell)

    async def flush(self) -> set[str]:
        """Append what was emitted, then add up what was tallied; returns the bells to ring after the commit.

        Everybody does so in this order, the last thing before the commit, so that no two wait for each other.
        """
        rows = await self._rows()
        if rows:
            self._rings |= {EVENTS, *(e.topic for e in self._events)}
        await self._write(rows, self._tallied, self._rings)
        return self._rings

    async def _rows(self) -> list[dict[str, Any]]:
        """The emitted events as they are stored; what several of them have in common is stored first, once."""
        times = Counter(event.shared for event in self._events if event.shared)
        kept = {
            part: (await self.execute(sharing.KEEPING, {"common": part})).scalar_one()
            for part, count in times.items()
            if count > 1
        }
        return [
            {
                "topic": str(event.topic),  # the driver takes long to see that a word is text
                "key": event.key,
                "id": event.id,
                "headers": shortened(event),
                "value": (
                    sharing.without(event.value, event.shared_at, event.shared) if event.shared in kept else event.value
                ),
                "shared": kept.get(event.shared),
            }
            for event in self._events
        ]


def _may_see(statement: Executable, inserts: Sequence[Rows]) -> bool:
    """Whether *statement* could tell that *inserts* wait: all can, but a SELECT from other tables."""
    read = _read(statement) if isinstance(statement, SelectBase) else None
    return read is None or any(one.table in read for one in inserts)


@lru_cache(maxsize=_STATEMENTS)
def _read(statement: SelectBase) -> frozenset[Table] | None:
    """The tables that *statement* reads; None: any, since a part of it is text."""
    parts = list(iterate(statement))
    if any(isinstance(one, TextClause) for one in parts):
        return None
    return frozenset(one for one in parts if isinstance(one, Table))
