"""Server-sent events, as the HTML standard has them: what is written, to one reader, and what it may cost."""

import asyncio
from http import HTTPStatus

from aiohttp import hdrs, web

CONTENT_TYPE = "text/event-stream"
LAST_EVENT_ID = "Last-Event-ID"

_RETRY = 2000  # milliseconds after which a reader that was cut off comes back
_PATIENCE = 30.0  # seconds that a reader may take nothing
_HEADERS = {
    hdrs.CONTENT_TYPE: CONTENT_TYPE,
    hdrs.CACHE_CONTROL: "no-store",
    "X-Accel-Buffering": "no",  # nginx passes each event on as it comes
}


class Gone(Exception):
    """The reader is gone, or takes nothing: it comes back to where it was."""


def event(name: str, position: int, data: bytes) -> bytes:
    """An event *name*, after which a reader stands at *position*."""
    lines = b"\ndata: ".join(data.splitlines())
    return b"event: %s\nid: %d\ndata: %s\n\n" % (name.encode(), position, lines)


def mark(position: int) -> bytes:
    """What says nothing but that the stream goes on, and that a reader stands at *position*."""
    return b"id: %d\n\n" % position


class Reader:
    """Whoever reads the answer to *request*; what it does not take is bounded: ``send`` waits, and at last gives up."""

    def __init__(self, request: web.Request) -> None:
        self.request = request
        self.response = web.StreamResponse(status=HTTPStatus.OK, headers=_HEADERS)

    async def begin(self, position: int) -> None:
        """Say where the reader stands, so that it can come back even if nothing comes before it is cut off.

        Raises Gone.
        """
        try:
            await self.response.prepare(self.request)
        except ConnectionError as error:
            raise Gone from error
        await self.send(b"retry: %d\n%s" % (_RETRY, mark(position)))

    async def send(self, data: bytes) -> None:
        """Send *data*; raises Gone."""
        try:
            async with asyncio.timeout(_PATIENCE):
                await self.response.write(data)
        except (ConnectionError, TimeoutError) as error:
            if self.request.transport is not None:
                self.request.transport.abort()  # what it has not taken is dropped
            raise Gone from error

    @property
    def is_there(self) -> bool:
        """Whether the connection is open, as far as can be told."""
        transport = self.request.transport
        return transport is not None and not transport.is_closing()
