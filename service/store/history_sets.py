"""Quarterly sets: which were brought, how far each has come, and what it changed."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Row, delete, func, select, update

from service.model.past import Brought
from service.store.database import Database, Transaction
from service.store.schema import (
    history_filings,
    history_notes,
    history_owners,
    history_rows,
    history_sets,
    history_symbols,
)

_CHUNK = 5000  # keys in one question


class Begun(Struct, frozen=True, kw_only=True):
    """A set that is brought, or was."""

    id: int
    name: str
    started: datetime
    finished: datetime | None  # None: it was interrupted, or goes on
    table: str | None  # everything before this row of that table is there; None: nothing is
    row: int
    filings: int
    rows: int


class Known(Struct, frozen=True, kw_only=True):
    """What is there of the filings of a set."""

    better: frozenset[int]  # EDGAR's documents were read
    sums: Mapping[int, int]  # of those that a set brought
    brought: Mapping[int, int]  # by which set


async def begin(database: Database, name: str, digest: str, now: datetime) -> Begun:
    """The set with this *digest* as far as it has come."""
    async with database.transaction() as tx:
        row = {"name": name, "digest": digest, "started": now, "row": 0, "filings": 0, "rows": 0}
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
    better, sums, brought = set[int](), dict[int, int](), dict[int, int]()
    at = history_filings.c
    wanted = sorted(keys)
    async with database.reading() as connection:
        for start in range(0, len(wanted), _CHUNK):
            these = at.filing.in_(wanted[start : start + _CHUNK])
            for row in await connection.execute(select(at.filing, at.source, at.sum, at.brought).where(these)):
                if row.source == Brought.FEED:
                    better.add(row.filing)
                else:
                    sums[row.filing], brought[row.filing] = row.sum, row.brought
    return Known(better=frozenset(better), sums=sums, brought=brought)


async def gone(database: Database, one: Begun, keys: Collection[int]) -> int:
    """How many filings an earlier issue of the set has brought that *keys* have not."""
    at = history_filings.c
    earlier = select(history_sets.c.id).where(history_sets.c.name == one.name, history_sets.c.id != one.id)
    async with database.reading() as connection:
        found = set(await connection.scalars(select(at.filing).where(at.brought.in_(earlier))))
    return len(found - set(keys))


async def remove(tx: Transaction, keys: Sequence[int]) -> None:
    """Forget what sets have brought of the filings *keys*: another issue says it differently."""
    for table in (history_rows, history_owners, history_filings):
        await tx.execute(delete(table).where(table.c.filing.in_(keys), table.c.source == Brought.SET))
    await tx.execute(delete(history_notes).where(history_notes.c.filing.in_(keys)))


async def bring_rows(tx: Transaction, rows: Sequence[tuple[Any, ...]]) -> None:
    """Put them in, as the database has them; what is there already stays."""
    await tx.load(history_rows, rows)


async def bring_owners(tx: Transaction, owners: Sequence[tuple[Any, ...]]) -> None:
    """Likewise."""
    await tx.load(history_owners, owners)


async def bring_notes(tx: Transaction, notes: Sequence[tuple[Any, ...]]) -> None:
    """Likewise."""
    await tx.load(history_notes, notes)


async def bring_filings(
    tx: Transaction, filings: Sequence[tuple[Any, ...]], one: int, sums: Mapping[int, int], traits: Mapping[int, int]
) -> None:
    """Likewise, as the set *one* brings them, each with its remarks at the end: from now on they are there."""
    whole = [(*row[:6], tx.instant(row[6]), *row[7:-1], one, sums[row[0]], traits[row[0]]) for row in filings]
    await tx.load(history_notes, [(row[0], 0, row[-1]) for row in filings if row[-1]])
    await tx.load(history_filings, whole)
    await tx.load(history_symbols, sorted({(row[3], row[5]) for row in filings if row[5]}))


async def reach(tx: Transaction, one: int, table: str, row: int) -> None:
    """Everything before *row* of *table* is there."""
    await tx.execute(update(history_sets).where(history_sets.c.id == one).values(table=table, row=row))


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
