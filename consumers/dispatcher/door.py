"""The way out of this machine: what is connected to is checked as the connection is made."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.client_proto import ResponseHandler
from yarl import URL

from service.egress import PUBLIC, Egress


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

    def to(self, url: str, *, trusted: bool, proxied: bool) -> aiohttp.ClientSession:
        """What to post to *url* with; raises NotAllowed, and InvalidURL.

        *trusted*: the operator's file names it. Through a proxy the connection is to the proxy, which the operator
        names, and what is behind it is the proxy's to refuse, but for what can be seen here.
        """
        if trusted:
            return self.anywhere
        try:
            to = URL(url)  # as aiohttp reads it
        except ValueError:
            raise aiohttp.InvalidURL(url) from None
        if self.egress.wrong(str(to), proxied=proxied):
            raise NotAllowed
        named = self.egress.names(to.raw_host or "", to.port or 0)
        return self.anywhere if named or proxied else self.checked


@asynccontextmanager
async def doors(egress: Egress = PUBLIC, resolver: AbstractResolver | None = None) -> AsyncIterator[Doors]:
    """The ways out; *egress* is what the operator allows, *resolver* what looks names up (None: the system)."""
    async with _session(None, resolver) as anywhere, _session(_checking(egress), resolver) as checked:
        yield Doors(anywhere, checked, egress)


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
