"""TLS before a PostgreSQL that was built without: what a client says is encrypted, the server does not know."""

import asyncio
import ssl
from pathlib import Path

from tests.kit.between import Between, join

_ASKS = (8).to_bytes(4) + (80877103).to_bytes(4)  # PostgreSQL's SSLRequest


class TlsFront(Between):
    """Answers a request for TLS by TLS, and passes what comes through it to *port*; nothing else gets through."""

    def __init__(self, port: int, certificate: Path, key: Path) -> None:
        super().__init__()
        self._to = port
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self.through = 0  # sessions

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.readexactly(8) == _ASKS:
            writer.write(b"S")
            await writer.start_tls(self._context)
            self.through += 1
            await join(reader, writer, self._to)
