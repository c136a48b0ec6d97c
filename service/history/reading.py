"""The filings of a set as the database keeps them, some at once."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

from service.history.cells import Cells, is_whole
from service.history.lines import Keys, Records
from service.history.sets import FILINGS, NOTES, OWNERS, ROWS, Set
from service.history.tables import Made, plan
from service.model.ownership import TransactionCode
from service.model.trait import AMENDMENT, SWAP, TRAIT_OF_CODE
from service.store.history_sets import Piece
from service.store.recorded import PLAIN

_HELD = 96 * 1024 * 1024  # bytes of tables whose lines are held: a quarter with more is read in several runs


class Reading:
    """Reads one set; what cannot be read is left out and counted."""

    def __init__(self, source: Set) -> None:
        self._set = source
        self._cells = Cells()
        self._keys = Keys()
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
            return set(Records(table, self._keys).keys)

    def pieces(self, wanted: Collection[int], many: int) -> Iterator[Piece]:
        """These filings of the set, so *many* at once, in the order of their keys: pages are written once."""
        keys = sorted(wanted)
        runs = 1 + self._set.size // _HELD
        for run in range(runs):
            yield from self._run(keys[len(keys) * run // runs : len(keys) * (run + 1) // runs], many)

    def _run(self, keys: Sequence[int], many: int) -> Iterator[Piece]:
        these = frozenset(keys)
        tables = {name: self._table(name, these) for name in self._set.tables}
        for start in range(0, len(keys), many):
            last = keys[min(start + many, len(keys)) - 1]
            filings = self._usable(tables[FILINGS](last), _FILING)
            found = {filing[0]: filing[:-1] for filing in filings}
            rows = sorted(chain.from_iterable(tables[name](last) for name in ROWS), key=_ROW)
            notes = [(filing[0], 0, filing[-1]) for filing in filings if filing[-1]]
            if NOTES in tables:
                notes += [note for note in self._usable(tables[NOTES](last), _NOTE) if note[2]]
            piece = Piece(found, list(tables[OWNERS](last)), rows, sorted(notes), _traits(found, rows))
            yield piece if len(found) == min(many, len(keys) - start) else piece.of(found)

    def _table(self, name: str, wanted: Collection[int]) -> Callable[[int], Made]:
        """The table *name*: each call gives its next rows as the database has them, up to those of a filing."""
        with self._set.table(name) as table:
            whole, make = plan(name, table, self._cells)
            width = table.width
            records = Records(table, self._keys, wanted)

        def until(last: int) -> Made:
            keys, rows = list[int](), list[list[str]]()
            for key, row in records.until(last):
                if len(row) < width:
                    row.extend([""] * (width - len(row)))  # empty cells at the end may be left out
                if len(row) == width and (whole is None or is_whole(row[whole])):
                    keys.append(key)
                    rows.append(row)
                else:
                    self._rows += 1
            return make(keys, list(zip(*rows, strict=True)) or [()] * width)

        return until

    def _usable(self, rows: Made, needed: Callable[[Sequence[Any]], Sequence[Any]]) -> list[tuple[Any, ...]]:
        """Those of *rows* that have something in the columns *needed*."""
        every = list(rows)
        found = [row for row in every if None not in needed(row)]
        self._rows += len(every) - len(found)
        return found


_FILING, _NOTE = itemgetter(2, 7), itemgetter(0, 1)  # its form and its day; its number
_ROW = itemgetter(0, 2, 3)  # its place in its table
_CODE, _SWAPPED = (4 + PLAIN.index(name) for name in ("transaction_code", "equity_swap_involved"))
_TRAITS: Mapping[str | None, int] = {code and TransactionCode(code).value: bit for code, bit in TRAIT_OF_CODE.items()}


def _traits(filings: Mapping[int, Sequence[Any]], rows: Iterable[Sequence[Any]]) -> Mapping[int, int]:
    """What stands in each of *filings*, as `service.model.trait` counts it."""
    found = defaultdict(int, {key: AMENDMENT if filing[2].endswith("/A") else 0 for key, filing in filings.items()})
    for row in rows:
        if row[2] % 2:  # a transaction, of either table
            found[row[0]] |= _TRAITS[row[_CODE]] | (SWAP if row[_SWAPPED] else 0)
    return found
