"""What a request brings along, to its last byte; what cannot be read is its sender's fault, and no error in the log."""

import asyncio
from collections.abc import Awaitable
from http import HTTPStatus
from typing import Any, TypeVar

from aiohttp import web
from multidict import MultiDictProxy

from service.web.problems import Refusal

T = TypeVar("T")

_PATIENCE = 120.0  # seconds until all of it has come

_UNREADABLE = (  # what comes of parts, character sets and encodings that are none, and of a connection that ends
    ConnectionError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
    web.RequestPayloadError,
)


async def body(request: web.Request) -> bytes:
    """The body of *request*; raises Refusal."""
    return await _whole(request.read(), "body")


async def fields(request: web.Request) -> MultiDictProxy[Any]:
    """The fields and files of the form that is sent; raises Refusal."""
    found = await _whole(request.post(), "form")
    if any(isinstance(value, str) and "\0" in value for value in found.values()):  # PostgreSQL has no such text
        raise Refusal(HTTPStatus.BAD_REQUEST, "form", "the form has a character that no text has: send it without")
    return found


async def _whole(coming: Awaitable[T], what: str) -> T:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await coming
    except TimeoutError:
        detail = f"the {what} has not come within {_PATIENCE:.0f} s: send it again"
        raise Refusal(HTTPStatus.REQUEST_TIMEOUT, "timeout", detail) from None
    except _UNREADABLE:
        raise Refusal(HTTPStatus.BAD_REQUEST, what, f"the {what} cannot be read: send it again") from None
