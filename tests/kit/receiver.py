"""A receiver of alerts that remembers everything, and can be told to misbehave."""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from aiohttp import web
from msgspec import Struct
from standardwebhooks import Webhook

from service.lookalike.loopback import Loopback
from tests.kit.answering import Handler

SECRET = "whsec_dGhlIHNlY3JldCBvZiB0aGUgdGVzdHMsIDMyIGJ5dGVz"


class Received(Struct, frozen=True):
    """One request, as it came."""

    path: str
    headers: dict[str, str]
    content: dict[str, Any]


class Receiver(Loopback):
    """Listens on loopback; webhooks must carry a right signature. *refuse* is the share answered with 503."""

    def __init__(self, refuse: float = 0.0, seed: int = 0) -> None:
        self._refuse = refuse
        self._chance = random.Random(seed)
        self.received: list[Received] = []
        self.wrongly_signed = 0
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_post("/{path}", self._receive)
        super().__init__(app)

    def ids(self) -> dict[tuple[str, str], list[str]]:
        """The webhook ids that came for each rule and filing, in their order."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for one in self.of("webhook"):
            key = (one.content["rule"], one.content["filing"]["accession"])
            found[key].append(one.headers["webhook-id"])
        return found

    def of(self, path: str) -> list[Received]:
        """What came to *path*."""
        return [one for one in self.received if one.path == path]

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        if "webhook-id" in headers:
            try:
                Webhook(SECRET).verify(body, headers)
            except Exception:
                self.wrongly_signed += 1
                return web.Response(status=401)
        self.received.append(Received(request.match_info["path"], headers, json.loads(body)))
        if self._chance.random() < self._refuse:  # received, but the answer says otherwise: the sender must repeat
            return web.Response(status=503)
        return web.Response(text="ok")


class Messages:
    """A receiver that keeps what it took, and answers as *answer* says, else 200."""

    def __init__(self, answer: Callable[[int], web.Response | None] = lambda _: None) -> None:
        self._answer = answer
        self.asked = 0
        self.taken: list[dict[str, Any]] = []

    async def receive(self, request: web.Request) -> web.StreamResponse:
        content = await request.json()
        self.asked += 1
        response = self._answer(self.asked - 1)
        if response is None:
            self.taken.append(content)
        return response or web.Response(text="ok")

    def numbers(self) -> list[int]:
        """The filings in the order in which they were told."""
        return [int(str(one["blocks"][-1]).split("0009990900-25-")[-1][:6]) for one in self.taken]


def in_turn(*statuses: int, **headers: str) -> tuple[Handler, list[float]]:
    """A receiver that answers with *statuses*, the last one for ever, and notes when it was asked."""
    asked: list[float] = []

    async def handler(_: web.Request) -> web.Response:
        status = statuses[min(len(asked), len(statuses) - 1)]
        asked.append(asyncio.get_running_loop().time())
        return web.Response(status=status, text="because", headers=headers if status >= 400 else {})

    return handler, asked
