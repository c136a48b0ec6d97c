"""Brings a set of the SEC into the past: in pieces, so that it goes on where it was interrupted, and comes once."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from operator import itemgetter
from typing import Any

from msgspec import Struct

from service.history.reading import Reading, sum_of
from service.history.sets import FILINGS, OWNERS, TABLES, Set
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
        sums: defaultdict[int, int] = defaultdict(int)
        reached = (-1, 0) if begun.table is None else (TABLES.index(begun.table), begun.row)
        for number, name in enumerate(TABLES):
            for start, piece in _pieces(_rows(reading, name)):
                _add_up(sums, name, piece)
                end = start + len(piece)
                if (number, end) > reached:
                    there = max(0, reached[1] - start) if number == reached[0] else 0
                    await self._put(begun.id, name, end, [row for key, row in piece[there:] if key in wanted], sums)
                self._tell(reading.read)

    async def _put(self, begun: int, name: str, position: int, piece: list[Any], sums: dict[int, int]) -> None:
        piece.sort(key=itemgetter(0))
        for start in range(0, len(piece), _AT_ONCE):
            async with self._database.transaction(lasting=False) as tx:
                await _bring(tx, begun, name, piece[start : start + _AT_ONCE], sums)
        async with self._database.transaction(lasting=False) as tx:
            await sets.reach(tx, begun, name, position)


async def _bring(tx: Transaction, one: int, name: str, rows: list[Any], sums: dict[int, int]) -> None:
    if name == FILINGS:
        await sets.bring_filings(tx, rows, one, sums)
    else:
        await (sets.bring_owners if name == OWNERS else sets.bring_rows)(tx, rows)


def _rows(reading: Reading, name: str) -> Iterator[tuple[int, Any]]:
    if name == FILINGS:
        return reading.filings()
    return reading.owners() if name == OWNERS else reading.rows(name)


def _sums(reading: Reading) -> dict[int, int]:
    """Of each filing, over all tables."""
    sums: defaultdict[int, int] = defaultdict(int)
    for name in TABLES:
        for _, piece in _pieces(_rows(reading, name)):
            _add_up(sums, name, piece)
    return sums


def _pieces(rows: Iterator[tuple[int, Any]]) -> Iterator[tuple[int, list[tuple[int, Any]]]]:
    """*rows* in pieces, each with the number of its first row."""
    start = 0
    while piece := list(islice(rows, _PIECE)):
        yield start, piece
        start += len(piece)


def _add_up(sums: dict[int, int], name: str, piece: list[tuple[int, Any]]) -> None:
    for key, row in piece:
        sums[key] += sum_of(name, row)
