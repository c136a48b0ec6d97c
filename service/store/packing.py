"""Values as they are stored: compressed against a dictionary of what filings have in common.

zlib knows a dictionary by its checksum and puts that at the head of what it has compressed, so that a second one can be
added beside the first. What is stored with the first must be readable for ever: never change its file.
"""

import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import LargeBinary, TypeDecorator
from sqlalchemy.engine import Dialect

from service.wire.topics import Event, Topic, attributes

_DICTIONARY = Path(__file__).with_name("dictionary.txt")  # an alert, a parsed filing and a filing, made up
_LEVEL = 3  # a tenth larger than level 6, and a third quicker
_PACKED = b"\x78\x7d"  # how zlib's streams of that level with a dictionary begin; JSON never does


class Packed(TypeDecorator[bytes]):
    """Bytes that are stored compressed. Rows of versions before are not, and are read as they are; nor is b""."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Compress."""
        return value and pack(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:
        """Give back what was stored."""
        return value and unpack(value)


def pack(value: bytes) -> bytes:
    """*value* compressed; b"" stays b""."""
    if not value:
        return value
    compressor = _primed().copy()  # which costs less than to read the dictionary again
    return compressor.compress(value) + compressor.flush()


def unpack(stored: bytes) -> bytes:
    """What was packed; what never was comes back as it is."""
    if not stored.startswith(_PACKED):
        return stored
    return zlib.decompressobj(zdict=_dictionary()).decompress(stored)


def shortened(event: Event) -> dict[str, str]:
    """The headers of *event* without those that its topic and id tell."""
    told = attributes(event.topic, event.id)
    if any(event.headers.get(name) != value for name, value in told.items()):
        return dict(event.headers)
    return {name: value for name, value in event.headers.items() if name not in told}


def lengthened(topic: Topic, event_id: str, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that were shortened to *headers*; those of an earlier version are whole."""
    return attributes(topic, event_id) | dict(headers)


@cache
def _dictionary() -> bytes:
    return _DICTIONARY.read_bytes()


@cache
def _primed() -> "zlib._Compress":
    return zlib.compressobj(_LEVEL, zdict=_dictionary())
