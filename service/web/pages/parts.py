"""A part of a list that has a known length, and the addresses of those beside it."""

from collections.abc import Mapping
from urllib.parse import urlencode

from msgspec import Struct

_PAGE = "page"  # what names the part in an address
_DIGITS = 6


class ListPart(Struct, frozen=True, kw_only=True):
    """Some of a list."""

    first: int  # the place of its first in the list, from 1; 0: there is none
    last: int
    total: int
    before: str | None  # the address of the part before; None: this is the first
    behind: str | None  # of the next one; None: this is the last


def start_of(query: Mapping[str, str], size: int) -> int:
    """How many stand before the part of *size* that is asked for; what is no number is the first."""
    given = query.get(_PAGE, "")
    number = int(given) if given.isascii() and given.isdecimal() and len(given) <= _DIGITS else 1
    return (max(number, 1) - 1) * size


def part_of(path: str, query: Mapping[str, str], size: int, total: int) -> ListPart:
    """The part of *size* that *query* asks for, of *total*; whatever else narrows the list stays in the addresses."""
    start = start_of(query, size)
    number = start // size + 1
    last = min(start + size, total)

    def address(wanted: int) -> str:
        others = {name: value for name, value in query.items() if name != _PAGE and value}
        asked = others | ({_PAGE: str(wanted)} if wanted > 1 else {})
        return f"{path}?{urlencode(asked)}" if asked else path

    return ListPart(
        first=start + 1 if start < total else 0,
        last=last if start < total else 0,
        total=total,
        before=address(min(number - 1, max(-(-total // size), 1))) if number > 1 else None,
        behind=address(number + 1) if last < total and start < total else None,
    )
