"""The way out of this machine: what is connected to is checked as the connection is made."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import aiohappyeyeballs
import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.client_proto import ResponseHandler
from aiohttp.resolver import DefaultResolver
from yarl import URL

from service.egress import PUBLIC, Egress

_NEXT = 0.25  # seconds until the next of a host's addresses is tried beside one that does not answer


class NotAllowed(OSError):
    """What was to be connected to is not on the public internet, and nobody allows it.

    It does not say what it is: names of an internal network are not to be explored from here.
    """

    def __init__(self) -> None:
        super().__init__("not allowed")


class _Reader(ResponseHandler):
    """Reads an answer's head by itself.

    aiohttp drops a head that came in one piece with a body that cannot be read: bad chunks, or a body behind 204. The
    status would be lost with it, and what was received would be sent again.
    """

    def data_received(self, data: bytes) -> None:
        """Take *data*: first what may end the head, then the rest."""
        head, end, rest = data.partition(b"\r\n\r\n")
        super().data_received(head + end)
        if rest:
            super().data_received(rest)


@dataclass(frozen=True, slots=True)
class Doors:
    """Two ways out, which share no connection: one for what the operator names, one for everybody."""

    anywhere: aiohttp.ClientSession
    checked: aiohttp.ClientSession
    egress: Egress
    resolver: AbstractResolver
    tls: Callable[[], ssl.SSLContext]  # with the authorities that this machine trusts

    def to(self, url: str, *, trusted: bool, proxied: bool) -> aiohttp.ClientSession:
        """What to post to *url* with; raises NotAllowed, and InvalidURL.

        *trusted*: the operator's file names it. Through a proxy the connection is to the proxy, which the operator
        names, and what is behind it is the proxy's to refuse, but for what can be seen here.
        """
        if trusted:
            return self.anywhere
        to = _read(url)
        if self.egress.wrong(str(to), proxied=proxied):
            raise NotAllowed
        named = self.egress.names(to.raw_host or "", to.port or 0)
        return self.anywhere if named or proxied else self.checked

    async def connected(self, url: str, *, trusted: bool) -> socket.socket:
        """A connection to the host and port of *url*, for what is not HTTP; raises NotAllowed, and OSError.

        It goes directly, whatever proxy there is: the address is checked here as for every other connection.
        """
        to = _read(url)
        host, port = to.host or "", to.port or 0
        if not trusted and self.egress.wrong(url):
            raise NotAllowed
        free = trusted or self.egress.names(host, port)
        found = await self.resolver.resolve(host, port, socket.AF_UNSPEC)
        allowed = [one for one in found if free or not self.egress.refusal(one["host"], port)]
        if not allowed:
            raise NotAllowed
        return await aiohappyeyeballs.start_connection(
            [(one["family"], socket.SOCK_STREAM, one["proto"], "", (one["host"], port)) for one in allowed],
            happy_eyeballs_delay=_NEXT,
        )


def _read(url: str) -> URL:
    """*url* as aiohttp reads it; raises InvalidURL."""
    try:
        return URL(url)
    except ValueError:
        raise aiohttp.InvalidURL(url) from None


@asynccontextmanager
async def doors(egress: Egress = PUBLIC, resolver: AbstractResolver | None = None) -> AsyncIterator[Doors]:
    """The ways out; *egress* is what the operator allows, *resolver* what looks names up (None: the system)."""
    async with _session(None, resolver) as anywhere, _session(_checking(egress), resolver) as checked:
        yield Doors(anywhere, checked, egress, resolver or DefaultResolver(), cache(ssl.create_default_context))


def _session(make: Callable[[Any], socket.socket] | None, resolver: AbstractResolver | None) -> aiohttp.ClientSession:
    """What posts: it keeps no cookies, and follows no proxy of the environment."""
    connector = aiohttp.TCPConnector(  # limit: the sender knows how many may be open at once
        limit=0, socket_factory=make, resolver=resolver
    )
    connector._factory = partial(_Reader, loop=asyncio.get_running_loop())  # type: ignore[assignment]  # noqa: SLF001
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


def _checking(egress: Egress) -> Callable[[Any], socket.socket]:
    """What makes the socket of a connection, whose address nobody looks up again; it raises NotAllowed."""

    def make(info: Any) -> socket.socket:
        family, kind, protocol, _, place = info
        if egress.refusal(place[0], place[1]):
            raise NotAllowed
        return socket.socket(family=family, type=kind, proto=protocol)

    return make
