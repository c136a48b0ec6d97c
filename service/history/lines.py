"""The records of a set's tables in the order of their filings: in the files they stand in none."""

import csv
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby, islice
from typing import Any, NamedTuple

from service.history.sets import ACCESSION, SetTable
from service.model.filing import accession_number
from service.store.history import key_of

Record = str | list[str]
"""A line as it stands in the file, without its end; where that takes thought, its cells."""


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
            self.unreadable += accession != ""
        self[accession] = key
        return key


class Places(dict[str, int | None]):
    """Where filings stand among *wanted*, by their accession numbers; None: they do not."""

    def __init__(self, wanted: Iterable[int], keys: Keys) -> None:
        super().__init__()
        self._places: Mapping[int | None, int] = {key: place for place, key in enumerate(wanted)}
        self._keys = keys

    def __missing__(self, accession: str) -> int | None:
        """Look it up."""
        place = self[accession] = self._places.get(self._keys[accession])
        return place


class Batch(NamedTuple):
    """Some records of a table, as they stand in it."""

    records: list[Record]
    accessions: list[str]  # that stands in each


def batches(table: SetTable) -> Iterator[Batch]:
    """All records of *table*, many at once, since a step of Python takes longer than a line."""
    place, lines = table.needed(ACCESSION), table.lines
    while batch := list(islice(lines, _BATCH)):
        stripped = [line.rstrip("\r\n") for line in batch]
        records, start = list[Record](), 0
        for at in [at for at, line in enumerate(batch) if '"' in line]:
            if at >= start:  # else it belongs to the record before
                records += stripped[start:at]
                reader = csv.reader(chain(islice(batch, at, None), lines), delimiter="\t")
                records.append(next(reader))
                start = at + reader.line_num
        records += stripped[start:]
        yield Batch(records, [_accession(record, place) for record in records])


def _accession(record: Record, place: int) -> str:
    if isinstance(record, str):
        if place == 0:
            return record.partition("\t")[0]
        record = record.split("\t")
    return record[place if place < len(record) else 0]


class Records:
    """Those of *every* that are of filings with a place, in the order of these; a cell for each of *width* columns."""

    def __init__(self, every: Iterable[Batch], width: int, places: Places) -> None:
        self.unreadable = 0  # records with more cells than there are columns
        found, records = list[int | None](), list[Record]()
        for batch in every:
            found += map(places.__getitem__, batch.accessions)
            records += batch.records
        for at in [at for at, one in enumerate(records) if one.count("\t") != width - 1]:
            if found[at] is not None:
                records[at] = cells = _cells(records[at], width)
                if len(cells) > width:
                    found[at] = None
                    self.unreadable += 1
        order = [at for at, place in enumerate(found) if place is not None] if None in found else range(len(found))
        order = sorted(order, key=found.__getitem__)  # type: ignore[arg-type]  # what is left has a place
        self._places: list[int] = [found[at] for at in order]  # type: ignore[misc]
        self._records = [records[at] for at in order]
        self._at = 0

    def until(self, place: int) -> tuple[Sequence[int], list[str]]:
        """The places up to and with *place*, from where the last call ended; and all cells, record by record."""
        start, self._at = self._at, bisect_right(self._places, place, self._at)
        cells = list[str]()
        for plain, group in groupby(self._records[start : self._at], _is_plain):
            records: Iterator[Any] = group
            cells += "\t".join(records).split("\t") if plain else chain.from_iterable(records)
        return self._places[start : self._at], cells


def _cells(record: Record, width: int) -> list[str]:
    """As many as there are columns, since empty ones at the end may be left out."""
    cells = record.split("\t") if isinstance(record, str) else record
    return cells + [""] * (width - len(cells))


def _is_plain(record: Record) -> bool:
    return isinstance(record, str)


_BATCH = 5000  # lines
