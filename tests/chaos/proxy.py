"""A TCP proxy that can cut every connection, or let nothing through for a while."""

import asyncio
from types import TracebackType
from typing import Self


class Proxy:
    """Listens on *port* of the loopback address (0: a free one) and passes on to *target*."""

    def __init__(self, target: int, port: int = 0) -> None:
        self._target = target
        self._listening = port
        self._open: set[asyncio.StreamWriter] = set()
        self._serving = set[asyncio.Task[None]]()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._server: asyncio.Server | None = None
        self.port = port

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._listening)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self._flowing.set()
        while self._serving:
            self.cut()
            await asyncio.wait(self._serving, timeout=0.1)  # one that was just opening is cut in the next round

    def cut(self) -> None:
        """Reset every connection."""
        for writer in self._open:
            writer.transport.abort()

    async def stall(self, seconds: float) -> None:
        """Let nothing through for *seconds*: connections stay open, and nothing answers."""
        self._flowing.clear()
        await asyncio.sleep(seconds)
        self._flowing.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = asyncio.current_task()
        assert serving is not None
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, far_writer}
        try:
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        except OSError:
            pass
        finally:
            for end in (writer, far_writer):
                self._open.discard(end)
                end.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(64 * 1024):
            await self._flowing.wait()
            writer.write(data)
            await writer.drain()
        writer.transport.abort()
