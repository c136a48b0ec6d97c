"""Quarterly sets: which were brought, how far each has come, and what it changed."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from msgspec import Struct
from sqlalchemy import ColumnElement, Integer, Row, Table, Text, bindparam, delete, func, select, type_coerce, update

from service.model.filing import Accession
from service.model.past import Brought
from service.store import facts
from service.store.connection import Connection
from service.store.database import Database, Transaction
from service.store.history import key_of
from service.store.schema import (
    Day,
    Exact,
    history_filings,
    history_notes,
    history_owners,
    history_rows,
    history_sets,
    history_symbols,
)

_CHUNK = 500  # keys in one question
_TABLES = history_filings, history_owners, history_rows, history_notes
_KNOWN, _BROUGHT = map(list(history_filings.columns.keys()).index, ("known", "brought"))
_EVERY = tuple(history_rows.columns.keys())
_FILING_OF = itemgetter(0)
_PLAIN: Mapping[type, Any] = {Day: Integer(), Exact: Text()}

Content = tuple[tuple[Any, ...], set[Any], Counter[Any], set[Any]]
"""What a filing says: of itself, of its owners, in its rows, and in its notes."""


Rows = Mapping[tuple[str, ...], Sequence[tuple[Any, ...]]]
"""Of ``history_rows``: by the columns that they fill, in the order of their filings; the other columns are empty."""


class Begun(Struct, frozen=True, kw_only=True):
    """A set that is brought, or was."""

    id: int
    name: str
    started: datetime
    finished: datetime | None  # None: it was interrupted, or goes on
    filings: int
    rows: int


class KnownSet(Struct, frozen=True, kw_only=True):
    """What is there of the filings of a set."""

    better: frozenset[int]  # EDGAR's documents were read
    brought: Mapping[int, int]  # sets brought these, and which


class Piece(NamedTuple):
    """Some filings of a set, as the database has them, in the order of their keys.

    Each row is in the order of the columns of its table.
    """

    filings: Mapping[int, tuple[Any, ...]]  # by key; up to ``left``, with ``known`` as a time
    owners: Sequence[tuple[Any, ...]]
    rows: Rows
    notes: Sequence[tuple[Any, ...]]
    traits: Mapping[int, int]  # by key; of each filing
    symbols: Sequence[tuple[int, str]] = ()  # in the order of ``history_symbols``: of issuers, those that are new

    def of(self, keys: Collection[int]) -> "Piece":
        """Those filings of it that are among *keys*."""
        return Piece(
            {key: filing for key, filing in self.filings.items() if key in keys},
            [owner for owner in self.owners if owner[0] in keys],
            {columns: [row for row in rows if row[0] in keys] for columns, rows in self.rows.items()},
            [note for note in self.notes if note[0] in keys],
            self.traits,
            self.symbols,
        )

    def runs(self, many: int) -> Iterator[Rows]:
        """Its rows, about so *many* at once: those of the same filings together, for they lie on the same pages."""
        keys, at = list(self.filings), dict.fromkeys(self.rows, 0)
        runs = min(len(keys), -(-sum(map(len, self.rows.values())) // many))
        for run in range(1, runs + 1):
            last, start = keys[len(keys) * run // runs - 1], at
            at = {one: bisect_right(rows, last, start[one], key=_FILING_OF) for one, rows in self.rows.items()}
            yield {one: rows[start[one] : at[one]] for one, rows in self.rows.items()}


async def begin(database: Database, name: str, digest: str, now: datetime) -> Begun:
    """The set with this *digest* as far as it has come."""
    async with database.transaction() as tx:
        row = {"name": name, "digest": digest, "started": now, "filings": 0, "rows": 0}
        await tx.add(history_sets, row)
        found = await tx.execute(select(history_sets).where(history_sets.c.digest == digest))
        return _begun(found.one())


async def every(database: Database) -> list[Begun]:
    """All of them, by name."""
    async with database.reading() as connection:
        rows = await connection.execute(select(history_sets).order_by(history_sets.c.name, history_sets.c.id))
        return [_begun(row) for row in rows]


async def that_brought(database: Database, accession: Accession) -> str | None:
    """The name of the set that brought the filing; None: none did."""
    brought = history_filings.c.filing == key_of(accession), history_filings.c.source == Brought.SET
    query = select(history_sets.c.name).join(history_filings, history_filings.c.brought == history_sets.c.id)
    async with database.reading() as connection:
        return await connection.scalar(query.where(*brought))


async def known(database: Database, keys: Collection[int]) -> KnownSet:
    """What is there of the filings *keys*."""
    better, brought = set[int](), dict[int, int]()
    at = history_filings.c
    wanted = sorted(keys)
    query = select(at.filing, at.source, at.brought).where(at.filing.in_(bindparam("keys", expanding=True)))
    async with database.reading() as connection:
        for start in range(0, len(wanted), _CHUNK):
            for row in await connection.execute(query, {"keys": wanted[start : start + _CHUNK]}):
                if row.source == Brought.FEED:
                    better.add(row.filing)
                else:
                    brought[row.filing] = row.brought
    return KnownSet(better=frozenset(better), brought=brought)


async def gone(database: Database, one: Begun, keys: Collection[int]) -> int:
    """How many filings an earlier issue of the set has brought that *keys* have not."""
    at = history_filings.c
    earlier = select(history_sets.c.id).where(history_sets.c.name == one.name, history_sets.c.id != one.id)
    async with database.reading() as connection:
        found = set(await connection.scalars(select(at.filing).where(at.brought.in_(earlier))))
    return len(found - set(keys))


async def differing(database: Database, piece: Piece) -> list[int]:
    """The filings of *piece* that an earlier issue said differently."""
    async with database.reading() as connection:
        stored = [await _stored(connection, table, piece.filings) for table in _TABLES]
    filings, owners, rows, notes = stored
    said = _contents(Piece({row[0]: row[:_BROUGHT] for row in filings}, owners, {_EVERY: rows}, notes, {}))
    return [key for key, content in _contents(piece).items() if said.get(key) != content]


async def replace(tx: Transaction, one: int, piece: Piece) -> None:
    """Forget what sets have brought of the filings of *piece*, and put it in as the set *one* brings it."""
    await facts.forget(tx, piece.filings, Brought.SET)
    for table in _TABLES:
        await tx.execute(delete(table).where(*_of_sets(table, piece.filings)))
    await bring_rows(tx, piece.rows)
    await bring_owners(tx, piece)
    await bring_filings(tx, one, piece)


async def bring_rows(tx: Transaction, rows: Rows) -> None:
    """Put *rows* in; what is there already stays."""
    for columns, some in rows.items():
        await tx.load(history_rows, some, columns)


async def bring_owners(tx: Transaction, piece: Piece) -> None:
    """Put in the owners and notes of *piece*, likewise."""
    await tx.load(history_owners, piece.owners)
    await tx.load(history_notes, piece.notes)


async def bring_filings(tx: Transaction, one: int, piece: Piece) -> None:
    """Put in the filings of *piece*, as the set *one* brings them; all else of them is there, and now they count."""
    known = {at: tx.instant(at) for at in {filing[_KNOWN] for filing in piece.filings.values()}}
    filings = [
        (*filing[:_KNOWN], known[filing[_KNOWN]], *filing[_KNOWN + 1 :], one, piece.traits[key])
        for key, filing in piece.filings.items()
    ]
    await tx.load(history_filings, filings)
    await tx.load(history_symbols, piece.symbols)


async def finish(tx: Transaction, one: int, now: datetime) -> Begun:
    """It is there, whole; returns it with what it has brought."""
    mine = select(history_filings.c.filing).where(history_filings.c.brought == one)
    filings = select(func.count()).select_from(mine.subquery())
    theirs = history_rows.c.source == Brought.SET, history_rows.c.filing.in_(mine)
    rows = select(func.count()).select_from(history_rows).where(*theirs)
    counts = {"filings": filings.scalar_subquery(), "rows": rows.scalar_subquery()}
    await tx.execute(update(history_sets).where(history_sets.c.id == one).values(finished=now, **counts))
    return _begun((await tx.execute(select(history_sets).where(history_sets.c.id == one))).one())


def _begun(row: Row[Any]) -> Begun:
    return Begun(**{name: getattr(row, name) for name in Begun.__struct_fields__})


async def _stored(connection: Connection, table: Table, keys: Collection[int]) -> list[tuple[Any, ...]]:
    """What sets brought of the filings *keys*, as the database itself has it."""
    plain = [type_coerce(column, _PLAIN.get(type(column.type), column.type)) for column in table.columns]
    found = await connection.execute(select(*plain).where(*_of_sets(table, keys)))
    return [tuple(row) for row in found]


def _of_sets(table: Table, keys: Collection[int]) -> Iterator[ColumnElement[bool]]:
    """What sets have brought of the filings *keys*."""
    yield table.c.filing.in_(keys)
    if "source" in table.c:
        yield table.c.source == Brought.SET


def _contents(piece: Piece) -> dict[int, Content]:
    """What each filing says, whatever number the SEC gives its rows. When it was known follows from its day."""
    rows = defaultdict[int, Counter[Any]](Counter)
    owners, notes = (defaultdict[int, set[Any]](set) for _ in range(2))
    for owner in {owner[:3]: owner for owner in reversed(piece.owners)}.values():  # of equal keys the first is kept
        owners[owner[0]].add(owner[2:])
    for columns, some in piece.rows.items():
        places = [columns.index(name) if name in columns else None for name in _EVERY]
        for row in {row[:4]: row for row in reversed(some)}.values():
            _, _, part, _, *said = (None if place is None else row[place] for place in places)
            rows[row[0]][part, *said] += 1
    for note in {note[:2]: note for note in reversed(piece.notes)}.values():
        notes[note[0]].add(note[1:])
    return {
        key: ((*filing[2:_KNOWN], *filing[_KNOWN + 1 :]), owners[key], rows[key], notes[key])
        for key, filing in piece.filings.items()
    }
