"""What stands in a cell of a set, as the database keeps it. What cannot be read is nothing, and counted."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from service.model.ownership import AcquiredDisposed, OwnershipForm, Timeliness, TransactionCode

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_PLAIN_NUMBER = re.compile(r"-?\d{1,30}(?:\.\d{1,10})?", re.ASCII)
_PLAIN_COLUMN = re.compile(r"(?:\d{0,30}+(?:(?<=\d)\.\d{1,10}+)?+\n)*+", re.ASCII)  # with empty cells
_NOTE = re.compile(r"\bF\d{1,2}\b", re.ASCII)
_YES, _NO = frozenset({"1", "true", "y", "yes"}), frozenset({"0", "false", "n", "no"})
_KEPT = 20_000  # cells of a kind
_LONGEST = 18  # digits that the database takes for a whole number
_LARGEST = 40  # digits before the point


class Read(dict[Any, Any]):
    """What cells mean, by what stands in them: most come again. *how* raises ValueError or InvalidOperation."""

    def __init__(self, how: Callable[[Any], Any], odd: Callable[[], None]) -> None:
        super().__init__()
        self._how = how
        self._odd = odd

    def __missing__(self, cell: Any) -> Any:
        """Read it; what is empty is nothing."""
        try:
            found = self._how(cell) if cell else None
        except (ValueError, InvalidOperation):
            self._odd()
            return None
        if len(self) >= _KEPT:
            self.clear()
        self[cell] = found
        return found

    def all(self, cells: Sequence[Any]) -> Iterable[Any]:
        """What each of *cells* means."""
        return map(self.__getitem__, cells)


class Numbers(Read):
    """Numbers as sets have them: few come again, and nearly all are plain, which is seen of a whole column at once."""

    def all(self, cells: Sequence[str]) -> Iterable[Any]:
        """``1000.0`` as 1000."""
        if not _PLAIN_COLUMN.fullmatch("\n".join((*cells, ""))):
            return super().all(cells)
        return [
            (cell[:-2] if cell[-2:] == ".0" else cell.rstrip("0").rstrip(".") if "." in cell else cell) or None
            for cell in cells
        ]


class Cells:
    """Reads cells."""

    def __init__(self) -> None:
        self.odd = 0  # cells that could not be read
        self.day = Read(_day, self.count)
        self.number = Numbers(_number, self.count)
        self.text = Read(_text, self.count)
        self.yes = Read(_yes, self.count)
        self.notes = Read(_notes, self.count)

    def one_of(self, words: frozenset[str]) -> Read:
        """One of the form's own words."""

        def word(cell: str) -> str:
            found = cell.strip().upper()
            if found not in words:
                raise ValueError(cell)
            return found

        return Read(word, self.count)

    def cited(self, boxes: Sequence[str]) -> Read:
        """Which footnotes each of *boxes* cites, by the tuple of their cells."""
        notes = self.notes

        def cited(cells: tuple[str, ...]) -> str | None:
            found = (f"{box}={ids}" for box, cell in zip(boxes, cells, strict=True) if (ids := notes[cell]))
            return ";".join(found) or None

        return Read(cited, self.count)

    def count(self) -> None:
        """One more that could not be read."""
        self.odd += 1


def is_whole(cell: str) -> bool:
    """Whether it is a number such as a CIK, or the SEC's own of a row."""
    return cell.isdecimal() and cell.isascii() and len(cell) <= _LONGEST


def are_whole(cells: Sequence[str]) -> bool:
    """Whether each of *cells* is."""
    every = "".join(cells)
    return every.isdecimal() and every.isascii() and all(cells) and len(max(cells, key=len)) <= _LONGEST


CLOSED: Mapping[str, frozenset[str]] = {
    "transaction_code": frozenset(TransactionCode),
    "transaction_timeliness": frozenset(Timeliness),
    "transaction_acquired_disposed_code": frozenset(AcquiredDisposed),
    "direct_or_indirect_ownership": frozenset(OwnershipForm),
}
"""The boxes of few words, and these."""


def _day(cell: str) -> int:
    """``31-JUL-2024`` as 20240731."""
    day, month, year = cell.strip().split("-")
    found = date(int(year), _MONTHS.index(month.upper()) + 1, int(day))
    return found.year * 10_000 + found.month * 100 + found.day


def _number(cell: str) -> str:
    """``1000.0`` as 1000: its digits, without what only looks like a digit."""
    cell = cell.strip()
    if not _PLAIN_NUMBER.fullmatch(cell):  # 1.0E7
        exact = Decimal(cell)
        if not exact.is_finite() or exact.adjusted() > _LARGEST:
            raise ValueError(cell)
        cell = f"{exact:f}"
    return (cell.rstrip("0").rstrip(".") or "0") if "." in cell else cell


def _text(cell: str) -> str | None:
    """What was written; a NUL is nothing that PostgreSQL could keep."""
    return cell.replace("\0", "").strip() or None


def _yes(cell: str) -> int:
    """Whether it is ticked."""
    folded = cell.strip().lower()
    if folded not in _YES and folded not in _NO:
        raise ValueError(cell)
    return int(folded in _YES)


def _notes(cell: str) -> str:
    """``F1, F2`` as F1,F2; junk is left out."""
    return ",".join(dict.fromkeys(_NOTE.findall(cell)))
