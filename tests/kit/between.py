"""What stands between a client and a server: it takes connections on the loopback address and passes them on."""

import asyncio
import ssl
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Between(ABC):
    """Listens on ``port`` while the context is open, with *tls* if given; leaving it ends every connection."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    @abstractmethod
    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Deal with one connection, which is closed afterwards; it may break off at any time."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self.answer(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            self._tasks.discard(task)


async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, sent: bytes = b"") -> None:
    """Connect to the local *port*, send it *sent*, then pass everything on in both directions."""
    back, on = await asyncio.open_connection("127.0.0.1", port)
    on.write(sent)
    await asyncio.gather(_pass(reader, on), _pass(back, writer))


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()
