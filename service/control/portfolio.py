"""A portfolio as people export it: CSV with a header, or one ticker, CIK or name on each line. Pure."""

import csv
import io
from collections.abc import Iterator, Mapping
from itertools import islice
from types import MappingProxyType

from msgspec import Struct

from service.model.errors import ConfigError

_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        heading: column
        for column, headings in {
            "ticker": ("ticker", "tickers", "symbol", "ticker symbol", "trading symbol", "stock symbol", "stock"),
            "cik": ("cik", "cik str", "cik number", "issuer cik"),
            "name": ("name", "company", "company name", "issuer", "issuer name", "security name", "title"),
        }.items()
        for heading in headings
    }
)
"""What headings say of a column. Others, such as quantities, are left alone."""

_DELIMITERS = ",;\t|"
_MOST = 100_000  # rows
_HEAD = 20  # lines in which the header is looked for


class PortfolioRow(Struct, frozen=True, kw_only=True):
    """One line that says something."""

    line: int
    ticker: str = ""
    cik: str = ""
    name: str = ""
    text: str = ""  # where there is no header: any of them


def rows_of(text: str, source: str) -> list[PortfolioRow]:
    """The rows of *text*, which stands in *source*; raises ConfigError where nobody can tell what its columns are.

    What stands before a header, as the name of an account does, says nothing. There are at most 100,000.
    """
    lines = list(islice(_lines(text.removeprefix("\ufeff"), source), _MOST + _HEAD))
    if len(lines) >= _MOST + _HEAD:
        raise ConfigError(f"{source}: a portfolio has at most {_MOST:,} lines; import it in parts")
    for place, (_, said) in enumerate(lines[:_HEAD]):
        if (columns := _header(said)) and (place == 0 or len(said) > 1):
            return [_row(line, cells, columns) for line, cells in lines[place + 1 :]]
    for line, said in lines:
        if len([cell for cell in said if cell]) > 1:
            raise ConfigError(
                f"{source}:{line}: it has several columns, and none of them is called ticker, symbol, cik or name: "
                "name the columns in the first line"
            )
    return [PortfolioRow(line=line, text=said[0]) for line, said in lines]


def _lines(text: str, source: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each line that says something, with its number."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        for cells in reader:
            said = [cell.strip() for cell in cells]
            if any(said) and not said[0].startswith("#"):
                yield reader.line_num, said
    except csv.Error as error:
        raise ConfigError(f"{source}:{reader.line_num}: it cannot be read as CSV: {error}") from None


def _row(line: int, said: list[str], columns: Mapping[str, int]) -> PortfolioRow:
    return PortfolioRow(line=line, **{name: said[place] for name, place in columns.items() if place < len(said)})


def _header(said: list[str]) -> dict[str, int]:
    """Which columns there are, and where; empty: this is no header."""
    found: dict[str, int] = {}
    for place, cell in enumerate(said):
        column = _COLUMNS.get(" ".join(cell.casefold().replace("_", " ").replace("-", " ").split()))
        if column is not None:
            found.setdefault(column, place)
    return found


def _delimiter(text: str) -> str:
    """What parts cells: what stands most often in the first lines."""
    head = "\n".join(text.split("\n", _HEAD)[:_HEAD])
    return max(_DELIMITERS, key=head.count)
