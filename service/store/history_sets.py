"""Quarterly sets: which were brought, how far each has come, and what it changed."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from msgspec import Struct
from sqlalchemy import ColumnElement, Integer, Row, Table, Text, delete, func, select, type_coerce, update

from service.model.past import Brought
from service.store.connection import Connection
from service.store.database import Database, Transaction
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

_CHUNK = 5000  # keys in one question
_TABLES = history_filings, history_owners, history_rows, history_notes
_ISSUER, _SYMBOL, _KNOWN, _BROUGHT = (
    [column.name for column in history_filings.columns].index(name) for name in ("issuer", "symbol", "known", "brought")
)
_PLAIN: Mapping[type, Any] = {Day: Integer(), Exact: Text()}

Content = tuple[tuple[Any, ...], set[Any], Counter[Any], set[Any]]
"""What a filing says: of itself, of its owners, in its rows, and in its notes."""


class Begun(Struct, frozen=True, kw_only=True):
    """A set that is brought, or was."""

    id: int
    name: str
    started: datetime
    finished: datetime | None  # None: it was interrupted, or goes on
    filings: int
    rows: int


class Known(Struct, frozen=True, kw_only=True):
    """What is there of the filings of a set."""

    better: frozenset[int]  # EDGAR's documents were read
    brought: Mapping[int, int]  # sets brought these, and which


class Piece(NamedTuple):
    """Some filings of a set, as the database has them: each row in the order of the columns of its table."""

    filings: Mapping[int, tuple[Any, ...]]  # by key; up to ``left``, with ``known`` as a time
    owners: Sequence[tuple[Any, ...]]
    rows: Sequence[tuple[Any, ...]]
    notes: Sequence[tuple[Any, ...]]
    traits: Mapping[int, int]  # by key; of each filing

    def of(self, keys: Collection[int]) -> "Piece":
        """Those filings of it that are among *keys*."""
        return Piece(
            {key: filing for key, filing in self.filings.items() if key in keys},
            [owner for owner in self.owners if owner[0] in keys],
            [row for row in self.rows if row[0] in keys],
            [note for note in self.notes if note[0] in keys],
            self.traits,
        )


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


async def known(database: Database, keys: Collection[int]) -> Known:
    """What is there of the filings *keys*."""
    better, brought = set[int](), dict[int, int]()
    at = history_filings.c
    wanted = sorted(keys)
    async with database.reading() as connection:
        for start in range(0, len(wanted), _CHUNK):
            these = at.filing.in_(wanted[start : start + _CHUNK])
            for row in await connection.execute(select(at.filing, at.source, at.brought).where(these)):
                if row.source == Brought.FEED:
                    better.add(row.filing)
                else:
                    brought[row.filing] = row.brought
    return Known(better=frozenset(better), brought=brought)


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
    said = _contents(Piece({row[0]: row[:_BROUGHT] for row in filings}, owners, rows, notes, {}))
    return [key for key, content in _contents(piece).items() if said.get(key) != content]


async def replace(tx: Transaction, one: int, piece: Piece) -> None:
    """Forget what sets have brought of the filings of *piece*, and put it in as the set *one* brings it."""
    for table in _TABLES:
        await tx.execute(delete(table).where(*_of_sets(table, piece.filings)))
    await bring_rows(tx, piece.rows)
    await bring_notes(tx, piece.notes)
    await bring_owners(tx, piece.owners)
    await bring_filings(tx, one, piece)


async def bring_rows(tx: Transaction, rows: Sequence[tuple[Any, ...]]) -> None:
    """Put *rows* in; what is there already stays."""
    await tx.load(history_rows, rows)


async def bring_notes(tx: Transaction, notes: Sequence[tuple[Any, ...]]) -> None:
    """Likewise."""
    await tx.load(history_notes, notes)


async def bring_owners(tx: Transaction, owners: Sequence[tuple[Any, ...]]) -> None:
    """Likewise."""
    await tx.load(history_owners, owners)


async def bring_filings(tx: Transaction, one: int, piece: Piece) -> None:
    """Put in the filings of *piece*, as the set *one* brings them; all else of them is there, and now they count."""
    filings = [
        (*filing[:_KNOWN], tx.instant(filing[_KNOWN]), *filing[_KNOWN + 1 :], one, piece.traits[key])
        for key, filing in piece.filings.items()
    ]
    await tx.load(history_filings, filings)
    await tx.load(history_symbols, sorted({(row[_ISSUER], row[_SYMBOL]) for row in filings if row[_SYMBOL]}))


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
    for row in {row[:4]: row for row in reversed(piece.rows)}.values():
        rows[row[0]][row[2], *row[4:]] += 1
    for note in {note[:2]: note for note in reversed(piece.notes)}.values():
        notes[note[0]].add(note[1:])
    return {
        key: ((*filing[2:_KNOWN], *filing[_KNOWN + 1 :]), owners[key], rows[key], notes[key])
        for key, filing in piece.filings.items()
    }
