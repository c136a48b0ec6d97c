"""Brings a set of the SEC into the past: in pieces, so that it goes on where it was interrupted, and comes once."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from operator import itemgetter
from typing import Any

from msgspec import Struct

from service.history.reading import Reading, sum_of, trait_of
from service.history.sets import FILINGS, NOTES, OWNERS, TABLES, Set
from service.store import Database, Transaction
from service.store import history_sets as sets
from service.store.history_sets import Begun

_PIECE = 20_000  # rows that are sorted: those of a filing lie together, so each page is written a few times
_AT_ONCE = 2000  # in a transaction: for some 15 ms nobody else writes
_REMOVED = 500  # filings likewise


class Outcome(Struct, frozen=True, kw_only=True):
    """What came of a set."""

    name: str
    again: bool = False  # it was there already, and nothing was read
    filings: int = 0  # that it brought, those that were interrupted included
    rows: int = 0
    changed: int = 0  # of these: an earlier issue said them differently
    same: int = 0  # filings that an earlier issue has brought just so
    better: int = 0  # filings whose documents were read: they stand as EDGAR served them
    gone: int = 0  # filings of an earlier issue that this one has not; they stay
    odd: int = 0  # cells that could not be read
    unreadable: int = 0  # rows likewise


class Importer:
    """Brings sets, one after the other; *tell* hears how many bytes of the set were read."""

    def __init__(self, database: Database, clock: Callable[[], datetime], tell: Callable[[int], None]) -> None:
        self._database = database
        self._clock = clock
        self._tell = tell

    async def bring(self, source: Set) -> Outcome:
        """Bring *source*; raises ConfigError where it cannot be read."""
        begun = await sets.begin(self._database, source.name, await asyncio.to_thread(source.digest), self._clock())
        if begun.finished is not None:
            return Outcome(name=begun.name, again=True, filings=begun.filings, rows=begun.rows)
        keys = await asyncio.to_thread(Reading(source).keys)
        there = await sets.known(self._database, keys)
        same, changed = await self._compared(source, there)
        reading = Reading(source)
        wanted = keys - there.better - same
        await self._read(begun, reading, wanted)
        async with self._database.transaction() as tx:
            done = await sets.finish(tx, begun.id, self._clock())
        return Outcome(
            name=begun.name,
            filings=done.filings,
            rows=done.rows,
            changed=changed,
            same=sum(there.brought[key] != begun.id for key in same),
            better=len(there.better),
            gone=await sets.gone(self._database, begun, keys),
            odd=reading.odd,
            unreadable=reading.unreadable,
        )

    async def _compared(self, source: Set, there: sets.Known) -> tuple[set[int], int]:
        """The filings that are there just so, and how many were there differently, and are removed."""
        if not there.sums:
            return set(), 0
        found = await asyncio.to_thread(_sums, Reading(source))
        same = {key for key, said in there.sums.items() if found.get(key) == said}
        changed = sorted(there.sums.keys() - same)
        for start in range(0, len(changed), _REMOVED):
            async with self._database.transaction(lasting=False) as tx:
                await sets.remove(tx, changed[start : start + _REMOVED])
        return same, len(changed)

    async def _read(self, begun: Begun, reading: Reading, wanted: set[int]) -> None:
        """Put in what is not there yet; what is, is read again for the sums alone."""
        told = _Told()
        reached = (-1, 0) if begun.table is None else (TABLES.index(begun.table), begun.row)
        for number, name in enumerate(TABLES):
            for start, piece in _pieces(reading.table(name)):
                told.add(name, piece)
                end = start + len(piece)
                if (number, end) > reached:
                    there = max(0, reached[1] - start) if number == reached[0] else 0
                    await self._put(begun.id, name, end, [row for key, row in piece[there:] if key in wanted], told)
                self._tell(reading.read)

    async def _put(self, begun: int, name: str, position: int, piece: list[Any], told: "_Told") -> None:
        piece.sort(key=itemgetter(0))
        for start in range(0, len(piece), _AT_ONCE):
            async with self._database.transaction(lasting=False) as tx:
                await _bring(tx, begun, name, piece[start : start + _AT_ONCE], told)
        async with self._database.transaction(lasting=False) as tx:
            await sets.reach(tx, begun, name, position)


class _Told:
    """What the tables together tell of each filing."""

    def __init__(self) -> None:
        self.sums: defaultdict[int, int] = defaultdict(int)
        self.traits: defaultdict[int, int] = defaultdict(int)

    def add(self, name: str, piece: list[tuple[int, Any]]) -> None:
        """Add *piece* of the table *name*."""
        for key, row in piece:
            self.sums[key] += sum_of(name, row)
            self.traits[key] |= trait_of(name, row)


async def _bring(tx: Transaction, one: int, name: str, rows: list[Any], told: _Told) -> None:
    if name == FILINGS:
        await sets.bring_filings(tx, rows, one, told.sums, told.traits)
    else:
        await {OWNERS: sets.bring_owners, NOTES: sets.bring_notes}.get(name, sets.bring_rows)(tx, rows)


def _sums(reading: Reading) -> dict[int, int]:
    """Of each filing, over all tables."""
    told = _Told()
    for name in TABLES:
        for _, piece in _pieces(reading.table(name)):
            told.add(name, piece)
    return told.sums


def _pieces(rows: Iterator[tuple[int, Any]]) -> Iterator[tuple[int, list[tuple[int, Any]]]]:
    """*rows* in pieces, each with the number of its first row."""
    start = 0
    while piece := list(islice(rows, _PIECE)):
        yield start, piece
        start += len(piece)
