"""The records of a set's tables in the order of their filings: in the files they stand in none."""

import csv
from bisect import bisect_right
from collections.abc import Collection, Iterator
from itertools import chain

from service.history.sets import ACCESSION, Table
from service.model.filing import accession_number
from service.store.history import key_of

Record = str | list[str]
"""A line as it stands in the file; where cells are quoted, they were read already."""


class Keys(dict[str, int | None]):
    """The keys of accession numbers; None of what is no accession number, which is counted."""

    def __init__(self) -> None:
        super().__init__()
        self.unreadable = 0

    def __missing__(self, accession: str) -> int | None:
        """Read it."""
        try:
            key = key_of(accession_number(accession.strip()))
        except ValueError:
            key = None
            self.unreadable += accession not in _EMPTY
        self[accession] = key
        return key


class Records:
    """Those of a table that are of the filings *wanted*, filing by filing; *wanted* None: of all."""

    def __init__(self, table: Table, keys: Keys, wanted: Collection[int] | None = None) -> None:
        found, records = list[int](), list[Record]()
        place, lines = table.needed(ACCESSION), table.lines
        for line in lines:
            record: Record = line
            cells = line.split("\t", place + 1)
            if '"' in line:
                record = cells = _quoted(line, lines)
            key = keys[cells[place] if place < len(cells) else cells[0]]
            if key is not None and (wanted is None or key in wanted):
                found.append(key)
                records.append(record)
        order = sorted(range(len(found)), key=found.__getitem__)
        self.keys = [found[place] for place in order]
        self._records = [records[place] for place in order]
        self._at = 0

    def until(self, key: int) -> Iterator[tuple[int, list[str]]]:
        """The cells of each record up to those of the filing *key*, from where the last call ended."""
        start, self._at = self._at, bisect_right(self.keys, key, self._at)
        records = self._records[start : self._at]
        cells = [one.rstrip("\r\n").split("\t") if isinstance(one, str) else one for one in records]
        return zip(self.keys[start : self._at], cells, strict=True)


def _quoted(line: str, lines: Iterator[str]) -> list[str]:
    """The record that begins with *line*, whose cells in quotes may go on in the next *lines*."""
    return next(csv.reader(chain((line,), lines), delimiter="\t"))


_EMPTY = frozenset({"\n", "\r\n", "\r"})
