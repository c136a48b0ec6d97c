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

# A filing's event has the first two, a pruned one the time.
_NAMES = ("ce_time", "ce_subject", "ce_workspace", "ce_ruleid")
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
    if not headers or tuple(headers) != _NAMES[: len(headers)]:
        return None
    at, *told = headers.values()
    if not at.endswith(_UTC):
        return None
    return _encode([at[: -len(_UTC)], *told[:1], *map(shortened, told[1:])])


def _long(stored: bytes) -> dict[str, str]:
    at, *told = _decode(stored)
    told[1:] = [one if isinstance(one, str) else lengthened(one) for one in told[1:]]
    return dict(zip(_NAMES, (at + _UTC, *told), strict=False))
