"""How the text of an element becomes the value of a field.

The model is the table: each Struct's field names and types say which elements there are and how they read.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import get_args

import msgspec
from msgspec import Struct

from service.model.filing import Cik, central_index_key

Column = tuple[str, Callable[[str], object]]
"""A field's name, and what makes its value of an element's text (raises ValueError or KeyError)."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})")  # xs:decimal
_ZONED_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})")  # xs:date
BOOLEANS = {
    "0": False,
    "false": False,
    "1": True,
    "true": True,
    "FALSE": False,
    "False": False,
    "TRUE": True,
    "True": True,
}


def columns(kind: type[Struct]) -> Mapping[str, Column]:
    """The scalar fields of *kind* by their element's name, with their readers."""
    found: dict[str, Column] = {}
    for field in msgspec.structs.fields(kind):
        choices = [choice for choice in get_args(field.type) or (field.type,) if choice is not type(None)]
        reader = _reader(choices[0]) if len(choices) == 1 else None
        if reader is not None:
            found[element_name(field.name)] = (field.name, reader)
    return found


def element_name(field: str) -> str:
    """The SEC's element for a *field*: ``transaction_date`` is ``transactionDate``."""
    first, *rest = field.split("_")
    return (first + "".join(map(str.capitalize, rest))).replace("NonUs", "NonUS")


@lru_cache(1024)
def field_name(element: str) -> str:
    """The field that an *element* would be: ``transactionCoding`` is ``transaction_coding``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", element).lower()


def number(text: str) -> Decimal:
    """An xs:decimal, with the digits it was filed with."""
    plain = len(text) <= 30 and text.isascii() and text.replace(".", "", 1).isdigit()  # nearly all, and quicker
    if not plain and not _NUMBER.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is no decimal number")
    return Decimal(text)


def day(text: str) -> date:
    """An xs:date; its zone, if any, is left out (a trading day has none)."""
    if len(text) == 10 and text[4] == text[7] == "-":  # nearly all
        return date.fromisoformat(text)
    match = _ZONED_DATE.fullmatch(text)
    if not match:
        raise ValueError(f"{text[:40]!r} is no date")
    return date.fromisoformat(match[1])


def _reader(kind: object) -> Callable[[str], object] | None:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {member.value: member for member in kind}.__getitem__
    return _READERS.get(kind)


_READERS: Mapping[object, Callable[[str], object]] = {
    str: str,
    Decimal: number,
    date: day,
    bool: BOOLEANS.__getitem__,
    Cik: central_index_key,
}
