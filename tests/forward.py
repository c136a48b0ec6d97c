"""A forward proxy that counts what is asked of it, and stands for the world behind it."""

import asyncio
import ssl
from types import TracebackType
from typing import Self


class ForwardProxy:
    """Takes CONNECT, and requests with whole addresses; each goes to the local port that *world* names for its host.

    Behind a CONNECT it speaks TLS for that host, with *context*.
    """

    def __init__(
        self,
        world: dict[str, int],
        context: ssl.SSLContext | None = None,
        refusal: str = "",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._world = world
        self._context = context
        self._refusal = refusal
        self._tls = tls  # of the proxy itself
        self._tasks: set[asyncio.Task[None]] = set()
        self.asked: list[str] = []  # "CONNECT host:443", "GET http://host"
        self.logins: set[str] = set()  # of the header Proxy-Authorization
        self.port = 0

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
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            await self._answer(head, reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _answer(self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        method, target, _ = head.split(" ", 2)
        self.logins |= {line.partition(": ")[2] for line in head.split("\r\n") if line.startswith("Proxy-Auth")}
        if self._refusal:
            writer.write(f"HTTP/1.1 {self._refusal}\r\nContent-Length: 0\r\n\r\n".encode())
            return
        if method == "CONNECT":
            self.asked.append(f"CONNECT {target}")
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            assert self._context is not None
            await writer.start_tls(self._context)
            host, sent = target.partition(":")[0], b""
        else:
            host = target.removeprefix("http://").partition("/")[0]
            self.asked.append(f"{method} http://{host}")
            lines = head.replace(f"http://{host}", "", 1).split("\r\n")
            sent = "\r\n".join([lines[0], "Connection: close", *lines[1:]]).encode()
        back, on = await asyncio.open_connection("127.0.0.1", self._world[host])
        on.write(sent)
        await asyncio.gather(_pass(reader, on), _pass(back, writer))


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()
