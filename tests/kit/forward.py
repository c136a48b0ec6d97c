"""A forward proxy that counts what is asked of it, and stands for the world behind it."""

import asyncio
import ssl

from tests.kit.between import Between, join


class ForwardProxy(Between):
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
        super().__init__(tls)
        self._world = world
        self._context = context
        self._refusal = refusal
        self.asked: list[str] = []  # "CONNECT host:443", "GET http://host"
        self.logins: set[str] = set()  # of the header Proxy-Authorization

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
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
        await join(reader, writer, self._world[host], sent)
