"""TLS before a PostgreSQL that was built without: what a client says is encrypted, the server does not know."""

import asyncio
import ssl
from pathlib import Path
from types import TracebackType
from typing import Self

_ASKS = (8).to_bytes(4) + (80877103).to_bytes(4)  # PostgreSQL's SSLRequest


class TlsFront:
    """Answers a request for TLS by TLS, and passes what comes through it to *port*; nothing else gets through."""

    def __init__(self, port: int, certificate: Path, key: Path) -> None:
        self._to = port
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self.port = 0
        self.through = 0  # sessions
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
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
            if await reader.readexactly(8) == _ASKS:
                writer.write(b"S")
                await writer.start_tls(self._context)
                self.through += 1
                back, on = await asyncio.open_connection("127.0.0.1", self._to)
                await asyncio.gather(_pass(reader, on), _pass(back, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            self._tasks.discard(task)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()
