"""Values as they are stored: compressed against a dictionary of what filings have in common.

The first byte of a value names its dictionary, so that there can be several. What is stored with one must be readable
for ever: never change its file. Once values look different, add one.
"""

import threading
import zlib
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import zstandard
from sqlalchemy import LargeBinary, TypeDecorator
from sqlalchemy.engine import Dialect

from service.wire.topics import Event, Topic, attributes

# An alert, a parsed filing and a filing, made up, as they were then; the last one is what values are packed with.
_DICTIONARIES = [Path(__file__).with_name(name) for name in ("dictionary.txt", "dictionary-2.txt", "dictionary-3.txt")]
_LEVEL = 3  # of Zstandard: a thirtieth larger than zlib's level 3, four times as quick
_PACKED = bytes((len(_DICTIONARIES),))  # JSON never begins so
_ZSTD = frozenset(bytes((number,)) for number in range(2, len(_DICTIONARIES) + 1))  # the first was zlib's alone
_ZLIB = b"\x78\x7d"  # how values of versions before begin: zlib's level 3, with a dictionary


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
    return _PACKED + _mine().packer.compress(value) if value else value


def unpack(stored: bytes) -> bytes:
    """What was packed; what never was comes back as it is."""
    if (head := stored[:1]) in _ZSTD:
        return _mine().unpacker(head).decompress(memoryview(stored)[1:])
    if stored.startswith(_ZLIB):
        return zlib.decompressobj(zdict=_by_checksum()[stored[2:6]]).decompress(stored)
    return stored


@lru_cache(maxsize=16)
def _remembered(stored: bytes) -> bytes:
    return unpack(stored)


def shortened(event: Event) -> dict[str, str]:
    """The headers of *event* without those that its topic and id tell."""
    told = attributes(event.topic, event.id)
    if not told.items() <= event.headers.items():
        return dict(event.headers)
    return {name: value for name, value in event.headers.items() if name not in told}


def lengthened(topic: Topic, event_id: str, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that were shortened to *headers*; those of an earlier version are whole."""
    return attributes(topic, event_id) | dict(headers)


class _Mine(threading.local):
    """What packs and unpacks in one thread: neither may be used by two at once."""

    def __init__(self) -> None:
        self.packer = zstandard.ZstdCompressor(level=_LEVEL, dict_data=_prepared())
        self._unpackers = {_PACKED: zstandard.ZstdDecompressor(dict_data=_prepared())}

    def unpacker(self, head: bytes) -> zstandard.ZstdDecompressor:
        """What unpacks values that begin with *head*; those of versions before come seldom."""
        found = self._unpackers.get(head)
        if found is None:
            found = self._unpackers[head] = zstandard.ZstdDecompressor(dict_data=_dictionary(head[0]))
        return found


@cache
def _mine() -> _Mine:
    return _Mine()


@cache
def _dictionary(number: int) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(_DICTIONARIES[number - 1].read_bytes(), zstandard.DICT_TYPE_RAWCONTENT)


@cache
def _prepared() -> zstandard.ZstdCompressionDict:
    """The latest one, prepared once for all threads."""
    dictionary = _dictionary(len(_DICTIONARIES))
    dictionary.precompute_compress(level=_LEVEL)
    return dictionary


@cache
def _by_checksum() -> dict[bytes, bytes]:
    """The dictionaries, as the heads of zlib's streams name them."""
    every = [file.read_bytes() for file in _DICTIONARIES]
    return {zlib.adler32(one).to_bytes(4, "big"): one for one in every}
