"""Ids as they are stored: those that are 128 bits written out, as these bits."""

from functools import lru_cache
from typing import Any

from sqlalchemy import Text, TypeDecorator
from sqlalchemy.engine import Dialect

from service.model.identity import Prefix, number_of, written

_MARKS = {  # never another for the same
    Prefix.WORKSPACE: 1,
    Prefix.RULE: 2,
    Prefix.WATCHLIST: 3,
    Prefix.CHANNEL: 4,
    Prefix.PERSON: 5,
    Prefix.TOKEN: 6,
    Prefix.INVITATION: 7,
    Prefix.SILENCE: 8,
}
_PREFIXES = {mark: prefix for prefix, mark in _MARKS.items()}
_BYTES = 16


class Id(TypeDecorator[str]):
    """An id, by which rows of several tables belong together. In SQLite it takes half the room that its text does.

    That is for a UUID, and for what `derived_id` and `new_id` make; any other stays text, and equal ids are equal
    in either form. PostgreSQL keeps the text.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | bytes | None:
        """Shorten it."""
        return shortened(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """Give back what was stored."""
        return lengthened(value) if isinstance(value, bytes) else value


def shortened(text: str) -> str | bytes:
    """The id *text* as it is stored; the same for one that no rule of ours makes."""
    if len(text) == 36:
        return _bits(text) or text
    return _marked(text)


def lengthened(stored: bytes) -> str:
    """The id that was shortened to *stored*."""
    return _hyphened(stored.hex()) if len(stored) == _BYTES else _unmarked(stored)


@lru_cache(4096)  # an alert's is written to four tables, one soon after the other
def _bits(text: str) -> bytes | None:
    """A UUID's; None: *text* is no UUID, or is not written as Python writes one."""
    try:
        bits = bytes.fromhex(text.replace("-", ""))
    except ValueError:
        return None
    return bits if len(bits) == _BYTES and _hyphened(bits.hex()) == text else None


def _hyphened(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


@lru_cache(4096)  # rules and channels are few, and come again and again
def _marked(text: str) -> str | bytes:
    known = number_of(text)
    if known is None:
        return text
    prefix, number = known
    return bytes([_MARKS[prefix]]) + number.to_bytes(_BYTES, "big")


@lru_cache(4096)
def _unmarked(stored: bytes) -> str:
    return written(_PREFIXES[stored[0]], int.from_bytes(stored[1:], "big"))
