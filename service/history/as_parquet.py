"""An export as Parquet, with the type of each column. Needs pyarrow, which is an extra."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import cache
from typing import IO, Any

from service.history.columns import COLUMNS, CellKind
from service.model.errors import ConfigError

_DIGITS, _PLACES = 38, 10  # the most that readers of every kind take; forms have at most 4 places
_ONE = Decimal(1).scaleb(-_PLACES)
_EXACT = Context(prec=_DIGITS, traps=[Inexact, InvalidOperation])
_GROUP = 100_000  # lines: what readers skip or take as a whole


class ParquetWriter:
    """Writes to *file*, so many lines at once; raises ConfigError without pyarrow."""

    def __init__(self, file: IO[bytes]) -> None:
        self._arrow = _arrow()
        self._schema = self._arrow.schema([(column.name, _types()[column.kind]) for column in COLUMNS])
        self._file = self._arrow.parquet.ParquetWriter(file, self._schema, compression="zstd")
        self._batches: list[Any] = []
        self._count = 0

    def write(self, lines: Sequence[Sequence[Any]]) -> Sequence[int]:
        """A number of more than 28 digits or 10 places is left out."""
        left: set[int] = set()
        arrays = [
            self._arrow.array(_made(column.kind, values, left), _types()[column.kind])
            for column, values in zip(COLUMNS, zip(*lines, strict=True), strict=True)
        ]
        self._batches.append(self._arrow.record_batch(arrays, schema=self._schema))
        self._count += len(lines)
        if self._count >= _GROUP:
            self._put()
        return sorted(left)

    def close(self) -> None:
        """With the last lines and the footer, without which it is no Parquet file."""
        self._put()
        self._file.close()

    def _put(self) -> None:
        if self._batches:
            self._file.write_table(self._arrow.Table.from_batches(self._batches), row_group_size=_GROUP)
        self._batches, self._count = [], 0


def _made(kind: CellKind, values: Iterable[Any], left: set[int]) -> list[Any]:
    """*values* as pyarrow takes them; the places of those that it cannot hold go to *left*."""
    if kind is CellKind.NOTES:
        return [list(value.items()) for value in values]
    if kind is not CellKind.NUMBER:
        return list(values)
    found = []
    for place, value in enumerate(values):
        try:
            found.append(value and value.quantize(_ONE, context=_EXACT))
        except (Inexact, InvalidOperation):
            left.add(place)
            found.append(None)
    return found


@cache
def _arrow() -> Any:
    try:
        import pyarrow.parquet  # noqa: PLC0415 - an extra
    except ImportError:
        raise ConfigError(
            "Parquet needs the package pyarrow, which is missing: make parquet, or pip install 'filingbell[parquet]'; "
            "--format csv needs nothing"
        ) from None
    return pyarrow


@cache
def _types() -> Mapping[CellKind, Any]:
    arrow = _arrow()
    return {
        CellKind.TEXT: arrow.string(),
        CellKind.DAY: arrow.date32(),
        CellKind.INSTANT: arrow.timestamp("us", tz="UTC"),
        CellKind.NUMBER: arrow.decimal128(_DIGITS, _PLACES),
        CellKind.FLAG: arrow.bool_(),
        CellKind.TEXTS: arrow.list_(arrow.string()),
        CellKind.NOTES: arrow.map_(arrow.string(), arrow.list_(arrow.string())),
    }
