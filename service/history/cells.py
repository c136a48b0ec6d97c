"""What stands in a cell of a set, as the database keeps it. What cannot be read is nothing, and counted."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from service.model.ownership import AcquiredDisposed, OwnershipForm, Timeliness, TransactionCode

T = TypeVar("T")

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_PLAIN_NUMBER = re.compile(r"-?\d{1,30}(?:\.\d{1,10})?", re.ASCII)
_NOTE = re.compile(r"\bF\d{1,2}\b", re.ASCII)
_YES, _NO = frozenset({"1", "true", "y", "yes"}), frozenset({"0", "false", "n", "no"})
_LONGEST = 18  # digits that the database takes for a whole number
_LARGEST = 40  # digits before the point


class Cells:
    """Reads cells; days and footnotes stand in many rows, so each is read once."""

    def __init__(self) -> None:
        self.odd = 0  # cells that could not be read
        self._days: dict[str, int | None] = {}
        self._notes: dict[str, str] = {}

    def day(self, cell: str) -> int | None:
        """``31-JUL-2024`` as 20240731."""
        if cell not in self._days:
            self._days[cell] = self._read(_day, cell)
        return self._days[cell]

    def number(self, cell: str) -> str | None:
        """``1000.0`` as 1000: its digits, without what only looks like a digit."""
        whole = cell[:-2]
        if cell[-2:] == ".0" and whole.isdecimal() and whole.isascii():  # most of them
            return whole
        return self._read(_number, cell)

    def notes(self, cell: str) -> str:
        """``F1, F2`` as F1,F2; junk is left out."""
        found = self._notes.get(cell)
        if found is None:
            found = self._notes[cell] = ",".join(dict.fromkeys(_NOTE.findall(cell)))
        return found

    def yes(self, cell: str) -> int | None:
        """Whether it is ticked."""
        folded = cell.strip().lower()
        if folded not in _YES and folded not in _NO:
            self.odd += 1
            return None
        return int(folded in _YES)

    def one_of(self, words: frozenset[str]) -> Callable[[str], str | None]:
        """One of the form's own words."""

        def read(cell: str) -> str | None:
            word = cell.strip().upper()
            if word in words:
                return word
            self.odd += 1
            return None

        return read

    def _read(self, how: Callable[[str], T], cell: str) -> T | None:
        try:
            return how(cell.strip())
        except (ValueError, InvalidOperation):
            self.odd += 1
            return None


def text(cell: str) -> str | None:
    """What was written; a NUL is nothing that PostgreSQL could keep."""
    return cell.replace("\0", "").strip() or None


def is_whole(cell: str) -> bool:
    """Whether it is a number such as a CIK, or the SEC's own of a row."""
    return cell.isdecimal() and cell.isascii() and len(cell) <= _LONGEST


CLOSED: Mapping[str, frozenset[str]] = {
    "transaction_code": frozenset(TransactionCode),
    "transaction_timeliness": frozenset(Timeliness),
    "transaction_acquired_disposed_code": frozenset(AcquiredDisposed),
    "direct_or_indirect_ownership": frozenset(OwnershipForm),
}
"""The boxes of few words, and these."""


def _day(cell: str) -> int:
    day, month, year = cell.split("-")
    found = date(int(year), _MONTHS.index(month.upper()) + 1, int(day))
    return found.year * 10_000 + found.month * 100 + found.day


def _number(cell: str) -> str:
    if not _PLAIN_NUMBER.fullmatch(cell):  # 1.0E7
        exact = Decimal(cell)
        if not exact.is_finite() or exact.adjusted() > _LARGEST:
            raise ValueError(cell)
        cell = f"{exact:f}"
    return (cell.rstrip("0").rstrip(".") or "0") if "." in cell else cell
