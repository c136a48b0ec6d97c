"""The filings of a set as the database keeps them, some at once."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain, compress, repeat
from operator import itemgetter
from typing import Any, NamedTuple

from service.history.cells import Cells, are_whole, is_whole
from service.history.lines import Batch, Keys, Places, Records, batches
from service.history.sets import FILINGS, NOTES, OWNERS, ROWS, Set
from service.history.tables import Cut, Made, plan
from service.model.ownership import TransactionCode
from service.model.trait import AMENDMENT, SWAP, TRAIT_OF_CODE
from service.store.history_sets import Piece, Rows

_HELD = 96 * 1024 * 1024  # bytes of tables whose lines are held: a quarter with more is read in several runs


class _Reader(NamedTuple):
    """Reads a table."""

    until: Callable[[int], Made]  # its next rows as the database has them, up to those of the filing at that place
    fills: tuple[str, ...]  # as `Plan` has it


class Reading:
    """Reads one set; what cannot be read is left out and counted."""

    def __init__(self, source: Set) -> None:
        self._set = source
        self._cells = Cells()
        self._keys = Keys()
        self._filings = list[Batch]()  # the table of them, which is read twice
        self._symbols = set[tuple[int, str]]()  # that were given
        self._rows = 0  # that could not be read

    @property
    def odd(self) -> int:
        """Cells that could not be read."""
        return self._cells.odd

    @property
    def unreadable(self) -> int:
        """Rows without an accession number, a day or a company, or with more cells than there are columns."""
        return self._rows + self._keys.unreadable

    def keys(self) -> set[int]:
        """The filings of the set."""
        with self._set.table(FILINGS) as table:
            self._filings = list(batches(table))
        return {key for batch in self._filings for one in batch.accessions if (key := self._keys[one]) is not None}

    def pieces(self, wanted: Collection[int], many: int) -> Iterator[Piece]:
        """These filings of the set, so *many* at once, in the order of their keys: pages are written once."""
        keys = sorted(wanted)
        runs = 1 + self._set.size // _HELD
        for run in range(runs):
            yield from self._run(keys[len(keys) * run // runs : len(keys) * (run + 1) // runs], many)

    def _run(self, keys: Sequence[int], many: int) -> Iterator[Piece]:
        places = Places(keys, self._keys)
        tables = {name: self._table(name, keys, places) for name in self._set.tables}
        for start in range(0, len(keys), many):
            last = min(start + many, len(keys)) - 1
            filings = self._usable(tables[FILINGS].until(last), _FILING)
            found = {filing[0]: filing[:-1] for filing in filings}
            rows = {tables[name].fills: list(tables[name].until(last)) for name in ROWS}
            notes = [(filing[0], 0, filing[-1]) for filing in filings if filing[-1]]
            if NOTES in tables:
                notes += [note for note in self._usable(tables[NOTES].until(last), _NOTE) if note[2]]
                notes.sort(key=_FILING_OF)
            symbols = {(filing[_ISSUER], filing[_SYMBOL]) for filing in filings if filing[_SYMBOL]} - self._symbols
            self._symbols |= symbols
            owners = list(tables[OWNERS].until(last))
            piece = Piece(found, owners, rows, notes, _traits(found, rows), sorted(symbols))
            yield piece if len(found) == min(many, len(keys) - start) else piece.of(found)

    def _table(self, name: str, keys: Sequence[int], places: Places) -> _Reader:
        """The table *name*, of the filings *keys*."""
        with self._set.table(name) as table:
            planned = plan(name, table, self._cells)
            width = table.width
            records = Records(self._filings if name == FILINGS else batches(table), width, places)
        self._rows += records.unreadable

        def until(last: int) -> Made:
            found, cells = records.until(last)
            if planned.whole is not None and not are_whole(cells[planned.whole :: width]):
                good = list(map(is_whole, cells[planned.whole :: width]))
                self._rows += good.count(False)
                found = list(compress(found, good))
                cells = list(compress(cells, chain.from_iterable(repeat(one, width) for one in good)))
            return planned.make(list(map(keys.__getitem__, found)), Cut(cells, width))

        return _Reader(until, planned.fills)

    def _usable(self, rows: Made, needed: Callable[[Sequence[Any]], Sequence[Any]]) -> list[tuple[Any, ...]]:
        """Those of *rows* that have something in the columns *needed*."""
        every = list(rows)
        found = [row for row in every if None not in needed(row)]
        self._rows += len(every) - len(found)
        return found


_FILING, _NOTE = itemgetter(2, 7), itemgetter(0, 1)  # its form and its day; its number
_ISSUER, _SYMBOL = 3, 5  # their places in a filing
_FILING_OF = itemgetter(0)
_TRAITS: Mapping[str | None, int] = {code and TransactionCode(code).value: bit for code, bit in TRAIT_OF_CODE.items()}


def _traits(filings: Mapping[int, Sequence[Any]], rows: Rows) -> Mapping[int, int]:
    """What stands in each of *filings*, as `service.model.trait` counts it."""
    found = defaultdict(int, {key: AMENDMENT if filing[2].endswith("/A") else 0 for key, filing in filings.items()})
    for columns, filled in rows.items():
        if "transaction_code" in columns:
            code, swapped = map(columns.index, ("transaction_code", "equity_swap_involved"))
            for row in filled:
                found[row[0]] |= _TRAITS[row[code]] | (SWAP if row[swapped] else 0)
    return found
