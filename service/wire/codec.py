"""Values to JSON and back, exactly: a Decimal is a JSON number with every digit it was filed with."""

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def _plain(value: Any) -> Any:
    """What is written of *value*, which is of no type that msgspec knows: a mapping of our own, as every mapping."""
    if isinstance(value, Mapping):
        return dict(value.items())
    raise NotImplementedError


_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=_plain)


def encode(value: object) -> bytes:
    """*value* (a Struct of ``service.model``) as compact JSON."""
    return _encoder.encode(value)


def decode(data: bytes, kind: type[T]) -> T:
    """The *kind* that *data* holds; raises msgspec.MsgspecError where it holds none.

    Keys that this version does not know are ignored, so that newer producers can be read.
    """
    decoded: T = _decoder(kind).decode(data)  # type: ignore[arg-type]  # a type is hashable
    return decoded


@cache
def _decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    return msgspec.json.Decoder(kind)
