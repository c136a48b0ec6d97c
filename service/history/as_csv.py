"""An export as CSV (RFC 4180, UTF-8), for spreadsheets and pipes."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import IO, Any

from service.history.columns import COLUMNS, CellKind

_FORMULA = tuple("=+-@\t\r")  # with these a cell begins that a spreadsheet would compute
_BETWEEN = "; "  # two owners


class CsvWriter:
    """Writes to *file*, line by line."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
        self._rows = csv.writer(self._file, lineterminator="\r\n")
        self._rows.writerow([column.name for column in COLUMNS])

    def write(self, lines: Sequence[Sequence[Any]]) -> Sequence[int]:
        """Every number is written as it was filed."""
        self._rows.writerows(
            ["" if value is None else said(value) for said, value in zip(_SAID, line, strict=True)] for line in lines
        )
        return ()

    def close(self) -> None:
        """Leave the file open: it is its owner's."""
        self._file.flush()
        self._file.detach()


def _text(value: str) -> str:
    """What filers wrote must stay text: an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def _instant(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _notes(value: Mapping[str, Sequence[str]]) -> str:
    """``security_title=F1,F2; exercise_date=F3``."""
    return _BETWEEN.join(f"{box}={','.join(ids)}" for box, ids in value.items())


_HOW: Mapping[CellKind, Callable[[Any], str]] = {
    CellKind.TEXT: _text,
    CellKind.DAY: lambda value: str(value.isoformat()),
    CellKind.INSTANT: _instant,
    CellKind.NUMBER: lambda value: f"{value:f}",
    CellKind.FLAG: lambda value: "true" if value else "false",
    CellKind.TEXTS: lambda value: _text(_BETWEEN.join(value)),
    CellKind.NOTES: _notes,
}
_SAID = tuple(_HOW[column.kind] for column in COLUMNS)
