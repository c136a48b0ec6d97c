"""What the service and the process that reads beside it say to each other: a length, and so much MessagePack."""

from typing import Any

import msgspec

from consumers.parser.reading import Outcome

HEAD = 4  # bytes that say how many follow

_encode = msgspec.msgpack.Encoder().encode
_asked = msgspec.msgpack.Decoder(list[bytes])
_told = msgspec.msgpack.Decoder(list[Outcome])


def framed(said: Any) -> bytes:
    """*said*, as it is sent."""
    body = _encode(said)
    return len(body).to_bytes(HEAD, "big") + body


def size(head: bytes) -> int:
    """How many bytes follow *head*."""
    return int.from_bytes(head, "big")


def asked(body: bytes) -> list[bytes]:
    """The values of events that are to be read; raises msgspec.MsgspecError."""
    return _asked.decode(body)


def told(body: bytes) -> list[Outcome]:
    """What came of them; raises msgspec.MsgspecError."""
    return _told.decode(body)
