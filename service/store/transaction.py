"""One SQL transaction a step: what it did, what it emits and how far it has read commit together or not at all."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import CursorResult
from sqlalchemy.sql import Executable
from sqlalchemy.sql.schema import Table

from service.store import ids, schema, sharing
from service.store.connection import Connection, Engine, Insert
from service.store.inserts import inserting, loading
from service.store.packing import shortened
from service.wire.topics import Event

EVENTS = "events"  # the bell that rings when anything is appended, whatever its topic
APPENDED = "appended"  # the tally of the events of a topic, those included that were pruned since


_INSTANT = schema.Instant()


class Transaction:
    """An open transaction. Emitted events are appended, in their order, when it commits."""

    def __init__(self, connection: Connection, engine: Engine) -> None:
        self._connection = connection
        self._engine = engine
        self._events: list[Event] = []
        self._rings: set[str] = set()
        self._tallied: Counter[str] = Counter()

    async def execute(self, statement: Executable, rows: Any = None) -> CursorResult[Any]:
        """Run *statement*, once or for each of *rows*."""
        return await self._connection.execute(statement, rows)

    async def add(self, table: Table, rows: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
        """Insert *rows*, but for those whose key or id *table* has already: a repetition changes nothing.

        All of them name the same columns.
        """
        every = [rows] if isinstance(rows, Mapping) else rows
        if every:
            insert = inserting(self._engine.insert, self._engine.dialect, table, tuple(every[0]))
            await self._connection.exec_driver_sql(insert.sql, insert.bound(every))

    async def load(self, table: Table, rows: Sequence[tuple[Any, ...]], columns: tuple[str, ...] = ()) -> None:
        """Insert *rows* as `add` does: many, each with a value for every column as the database itself has it.

        *columns*: for these alone, in the order in which the table has them.
        """
        if rows:
            insert = loading(self._engine.insert, self._engine.dialect, table, columns)
            await self._connection.exec_driver_sql(insert, rows)

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
        if self._rings:
            await self._engine.notify(self._connection, self._rings)
        if rows:
            await self._append(rows)
        if self._tallied:
            await self._add_up()
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

    async def _append(self, rows: list[dict[str, Any]]) -> None:
        new = await self._engine.append(self._connection, rows)
        topics = Counter(row["topic"] for row in rows)
        if new != len(rows):  # some came before; nobody else appends until the commit: the last are the new ones
            last = select(schema.events.c.topic).order_by(schema.events.c.seq.desc()).limit(new).subquery()
            found = await self.execute(select(last.c.topic, func.count().label("new")).group_by(last.c.topic))
            topics = Counter({row.topic: row.new for row in found})
        for topic, count in topics.items():
            self.tally(f"{APPENDED}.{topic}", count)

    async def _add_up(self) -> None:
        rows = [{"name": name, "total": by} for name, by in sorted(self._tallied.items())]
        await self.execute(_adding_up(self._engine.insert), rows)


@cache
def _adding_up(insert: Callable[[Table], Insert]) -> Insert:
    made = insert(schema.tallies)
    more = {"total": schema.tallies.c.total + made.excluded.total}
    return made.on_conflict_do_update(index_elements=["name"], set_=more)
