"""A client of the streams, as docs/api.md describes one: it comes back to where it was, however it is cut off."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
from msgspec import Struct

from tests.kit.eventually import PATIENCE


class Told(Struct, frozen=True, kw_only=True):
    """An event of a stream; *name* is empty where it only says where the reader stands."""

    name: str
    id: str
    data: Any


class Follower:
    """Follows *url*; what it was told is in ``told``, without what only says where it stands.

    It shows *secret*: a token, or the cookie of a person, such as ``filingbell=...``.
    """

    def __init__(self, url: str, secret: str, last: str | None = None) -> None:
        self._url = url
        is_token = secret.startswith("fbt_")
        self._shown = {"Authorization": f"Bearer {secret}"} if is_token else {"Cookie": secret}
        self._cut = asyncio.Event()
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        self.last = last
        self.statuses: list[int] = []
        self.told: list[Told] = []
        self.marks: list[str] = []
        self._news = asyncio.Event()

    async def once(self) -> None:
        """Follow until the stream ends, or the connection breaks, or ``cut``."""
        headers = self._shown | ({"Last-Event-ID": self.last} if self.last else {})
        with suppress(aiohttp.ClientError, ConnectionError):
            async with self._session.get(self._url, headers=headers, timeout=aiohttp.ClientTimeout(None)) as answer:
                self.statuses.append(answer.status)
                self._heard()
                if answer.status == 200:
                    reading = asyncio.create_task(self._read(answer))
                    cutting = asyncio.create_task(self._cut.wait())
                    await asyncio.wait({reading, cutting}, return_when=asyncio.FIRST_COMPLETED)
                    self._cut.clear()
                    for task in (reading, cutting):
                        task.cancel()
                    await asyncio.gather(reading, cutting, return_exceptions=True)
                    answer.close()

    async def always(self) -> None:
        """Follow, and come back at once whenever the stream ends."""
        while True:
            await self.once()
            await asyncio.sleep(0.02)

    def cut(self) -> None:
        """Break the connection where it is."""
        self._cut.set()

    async def until(self, condition: Callable[["Follower"], bool]) -> None:
        """Return once *condition* holds."""
        async with asyncio.timeout(PATIENCE):
            while not condition(self):
                self._news.clear()
                await self._news.wait()

    async def close(self) -> None:
        """Close what is open."""
        await self._session.close()

    async def _read(self, answer: aiohttp.ClientResponse) -> None:
        async for name, given, data in _events(answer.content):
            self.last = given or self.last
            if data is None:
                self.marks.append(given)
            else:
                self.told.append(Told(name=name, id=given, data=data))
            self._heard()

    def _heard(self) -> None:
        self._news.set()


@asynccontextmanager
async def following(url: str, secret: str, last: str | None = None) -> AsyncIterator[Follower]:
    """A follower that comes back whenever the stream ends; it has been let in, or refused, when the block begins."""
    follower = Follower(url, secret, last)
    task = asyncio.create_task(follower.always())
    try:
        await follower.until(lambda one: bool(one.marks) or any(status != 200 for status in one.statuses))
        yield follower
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await follower.close()


async def _events(stream: aiohttp.StreamReader) -> AsyncIterator[tuple[str, str, Any]]:
    """Each whole event: its name, its id and its data; None: it has none."""
    rest = b""
    async for part in stream.iter_any():
        *blocks, rest = (rest + part).split(b"\n\n")
        for block in blocks:
            fields: dict[str, list[str]] = {}
            for line in block.decode().split("\n"):
                name, _, value = line.partition(": ")
                fields.setdefault(name, []).append(value)
            data = "\n".join(fields["data"]) if "data" in fields else None
            yield fields.get("event", [""])[-1], fields.get("id", [""])[-1], None if data is None else _read(data)


def _read(data: str) -> Any:
    return json.loads(data) if data.startswith("{") else data
