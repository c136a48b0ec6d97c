"""A server that says what the test wants said."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

from aiohttp import web

from service.lookalike.loopback import Loopback

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def answering(answer: Handler) -> AsyncIterator[str]:
    """A server that answers everything with *answer*; gives its address."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with Loopback(app) as server:
        yield server.url


Say = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def saying(say: Say) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that reads a request and then does *say*; gives its address, and the request lines it has read."""
    asked: list[bytes] = []
    serving: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(cast(asyncio.Task[Any], asyncio.current_task()))
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            asked.append(head.split(b"\r\n")[0])
            await say(writer)
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        yield f"http://{host}:{port}", asked
        for task in serving:
            task.cancel()


def bytes_of(data: bytes) -> Say:
    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(data)

    return say
