"""Headers as they are stored: in SQLite those that events have, in half of their JSON.

What an event's topic and id tell is left out already (`packing.shortened`). What is left is a time, the filing, and of
an alert its workspace and rule, whose names and ids written out are most of 175 bytes.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import orjson
from sqlalchemy import JSON, TypeDecorator
from sqlalchemy.engine import Dialect

from service.store.ids import lengthened, shortened

_NAMES = ("ce_time", "ce_subject", "ce_workspace", "ce_ruleid")  # of an alert
_IDS = 2  # a filing has those before, and the others are ids
_KNOWN = frozenset((_NAMES[:1], _NAMES[:_IDS], _NAMES))  # the first: of an event that was pruned
_UTC = "+00:00"  # how every time ends

Turn = Callable[[Any], Any]

_encode, _decode = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder().decode


class Headers(TypeDecorator[Mapping[str, str]]):
    """Headers of an event. Rows of versions before are JSON, and are read; other headers are still stored so."""

    impl = JSON
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Turn | None:
        """Shortens them, in SQLite."""
        return _stored if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Turn | None:
        """Gives back what was stored."""
        return _said if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _stored(headers: Mapping[str, str]) -> bytes | str:
    return _short(headers) or orjson.dumps(dict(headers)).decode()


def _said(stored: bytes | str) -> Mapping[str, str]:
    if isinstance(stored, bytes):
        return _long(stored)
    headers: Mapping[str, str] = orjson.loads(stored)
    return headers


def _short(headers: Mapping[str, str]) -> bytes | None:
    """Headers that are called so, in this order, at a time of UTC; None: they are others."""
    said: list[Any] = list(headers.values())
    if tuple(headers) not in _KNOWN or not said[0].endswith(_UTC):
        return None
    said[0] = said[0][: -len(_UTC)]
    if len(said) > _IDS:
        said[_IDS:] = map(shortened, said[_IDS:])
    return _encode(said)


def _long(stored: bytes) -> dict[str, str]:
    said = _decode(stored)
    said[0] += _UTC
    if len(said) > _IDS:
        said[_IDS:] = [one if isinstance(one, str) else lengthened(one) for one in said[_IDS:]]
    return dict(zip(_NAMES, said, strict=False))
