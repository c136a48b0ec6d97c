"""Brings a set of the SEC into the past, filing by filing: so it goes on where it was interrupted, and comes once."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from service.history.reading import Reading
from service.history.sets import Set
from service.store import Database
from service.store import history_sets as sets
from service.store.history_sets import Begun, KnownSet, Piece

_FILINGS = 2000  # at once: their indexes are in another order, and each transaction writes most pages of these
_ROWS = 3000  # in a transaction: for some 15 ms nobody else writes
_REPLACED = 250  # filings likewise


class ImportOutcome(Struct, frozen=True, kw_only=True):
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
    """Brings sets, one after the other; *tell* hears how many bytes of the set are there."""

    def __init__(self, database: Database, clock: Callable[[], datetime], tell: Callable[[int], None]) -> None:
        self._database = database
        self._clock = clock
        self._tell = tell

    async def bring(self, source: Set) -> ImportOutcome:
        """Bring *source*; raises ConfigError where it cannot be read."""
        begun = await sets.begin(self._database, source.name, await asyncio.to_thread(source.digest), self._clock())
        if begun.finished is not None:
            return ImportOutcome(name=begun.name, again=True, filings=begun.filings, rows=begun.rows)
        reading = Reading(source)
        keys = await asyncio.to_thread(reading.keys)
        there = await sets.known(self._database, keys)
        changed, same = await self._read(begun, reading, keys, there, source.size)
        async with self._database.transaction() as tx:
            done = await sets.finish(tx, begun.id, self._clock())
        return ImportOutcome(
            name=begun.name,
            filings=done.filings,
            rows=done.rows,
            changed=changed,
            same=same,
            better=len(there.better),
            gone=await sets.gone(self._database, begun, keys),
            odd=reading.odd,
            unreadable=reading.unreadable,
        )

    async def _read(
        self, begun: Begun, reading: Reading, keys: set[int], there: KnownSet, size: int
    ) -> tuple[int, int]:
        """Bring what is not there just so; returns how many filings an earlier issue said differently, and just so."""
        wanted = keys - there.better - {key for key, one in there.brought.items() if one == begun.id}
        changed = same = done = 0
        for piece in reading.pieces(wanted, _FILINGS):
            earlier = there.brought.keys() & piece.filings.keys()
            if earlier:
                differing = await self._replace(begun, piece.of(earlier))
                changed += differing
                same += len(earlier) - differing
            await self._put(begun, piece.of(piece.filings.keys() - earlier) if earlier else piece)
            done += len(piece.filings)
            self._tell(size * done // len(wanted))
        return changed, same

    async def _replace(self, begun: Begun, piece: Piece) -> int:
        """Of filings that are there, bring those which an earlier issue said differently; returns how many."""
        differing = await sets.differing(self._database, piece)
        for start in range(0, len(differing), _REPLACED):
            async with self._database.transaction(lasting=False) as tx:
                await sets.replace(tx, begun.id, piece.of(frozenset(differing[start : start + _REPLACED])))
        return len(differing)

    async def _put(self, begun: Begun, piece: Piece) -> None:
        """Bring filings that are not there: itself last, so that none counts before it is whole."""
        for rows in piece.runs(_ROWS):
            async with self._database.transaction(lasting=False) as tx:
                await sets.bring_rows(tx, rows)
        async with self._database.transaction(lasting=False) as tx:
            await sets.bring_owners(tx, piece)
        async with self._database.transaction(lasting=False) as tx:
            await sets.bring_filings(tx, begun.id, piece)
