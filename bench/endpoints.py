"""Receivers of webhooks, in a process of their own, so that they take nothing from what is measured."""

import asyncio
import base64
import secrets
import sys
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

import aiohttp
import orjson
from aiohttp import web

from consumers.dispatcher.channelbook import Addressee, ChannelBook
from consumers.dispatcher.channels import load
from consumers.following import Fixed
from service.lookalike.loopback import Loopback
from service.model.identity import DEFAULT, ChannelId, Revision, WorkspaceId

SECRET = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


class Endpoints:
    """What answers as its path says (``ok``, a status, ``hang``), and remembers when each message came first."""

    def __init__(self) -> None:
        self._came: dict[str, float] = {}

    async def receive(self, request: web.Request) -> web.Response:
        """Answer a delivery."""
        kind = request.match_info["kind"]
        if kind == "hang":
            await asyncio.sleep(3600)
        await request.read()
        if kind != "ok":
            return web.Response(status=int(kind), text="no")
        self._came.setdefault(request.headers["webhook-id"], time.time())
        return web.Response(text="ok")

    async def report(self, _: web.Request) -> web.Response:
        """When each message came."""
        return web.Response(body=orjson.dumps(self._came))


async def serve() -> None:
    """Serve until stdin ends; the address is the first line that is printed."""
    endpoints, app = Endpoints(), web.Application()
    app.router.add_post("/{kind}/{number}", endpoints.receive)
    app.router.add_get("/report", endpoints.report)
    async with Loopback(app) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


@asynccontextmanager
async def endpoints() -> AsyncIterator[str]:
    """The address of such a process."""
    arguments = ("-m", "bench.endpoints")
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=pipe, stdout=pipe)
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.kill()
        await process.wait()


async def came(url: str) -> dict[str, float]:
    """When each message came to the endpoints at *url*."""
    async with aiohttp.ClientSession() as session, session.get(f"{url}/report") as answer:
        return dict(orjson.loads(await answer.read()))


def book(urls: Iterable[str], of: Mapping[str, WorkspaceId] | None = None) -> Fixed[ChannelBook]:
    """A webhook for each of *urls*, *of* these workspaces (else the default one); what follows the host is its id."""
    addressees = {}
    for url in urls:
        name = ChannelId(url.split("/", 3)[-1])
        channel = load({"hook": {"type": "webhook", "url": url, "secrets": SECRET}})["hook"]
        addressees[name] = Addressee(
            id=name,
            workspace=(of or {}).get(url, DEFAULT),
            name=name,
            kind="webhook",
            revision=Revision(1),
            channel=channel,
            trusted=True,
        )
    return Fixed(ChannelBook(revision=Revision(1), addressees=addressees))


if __name__ == "__main__":
    asyncio.run(serve())
