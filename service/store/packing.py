"""Values as they are stored: compressed against a dictionary of what filings have in common.

zlib knows a dictionary by its checksum and puts that at the head of what it has compressed, so that there can be
several. What is stored with one must be readable for ever: never change its file. Once values look different, add one.
"""

import zlib
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import LargeBinary, TypeDecorator
from sqlalchemy.engine import Dialect

from service.wire.topics import Event, Topic, attributes

# An alert, a parsed filing and a filing, made up, as they were then; the last one is what values are packed with.
_DICTIONARIES = [Path(__file__).with_name(name) for name in ("dictionary.txt", "dictionary-2.txt")]
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


class PackedOften(Packed):
    """The same, where many rows that are read one after the other have one and the same."""

    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:
        """Give back what was stored; the last few are remembered."""
        return value and _remembered(value)


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
    return zlib.decompressobj(zdict=_by_checksum()[stored[2:6]]).decompress(stored)


@lru_cache(maxsize=16)
def _remembered(stored: bytes) -> bytes:
    return unpack(stored)


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
def _by_checksum() -> dict[bytes, bytes]:
    """The dictionaries, as the heads of streams name them; in their order."""
    every = [file.read_bytes() for file in _DICTIONARIES]
    return {zlib.adler32(one).to_bytes(4, "big"): one for one in every}


@cache
def _primed() -> "zlib._Compress":
    *_, latest = _by_checksum().values()
    return zlib.compressobj(_LEVEL, zdict=latest)
