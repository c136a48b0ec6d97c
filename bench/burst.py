"""Many filings in one second to a Slack that takes one message a second: when the last is told, and what is refused."""

import asyncio
import json
import re
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from aiohttp import web
from msgspec.structs import replace

from bench.latency import Late, embedded
from service import telemetry
from service.clock import now
from service.lookalike.archive import FolderArchive
from service.lookalike.loopback import Loopback
from service.lookalike.server import LookAlike
from service.store import events
from service.store.database import open_database
from service.wire.topics import Topic
from tests.kit.archives import listings

CONFIG = """
channels:
  desk: {type: slack, url: "URL/services/x"}
rules:
  everything: {channels: desk}
  purchases: {kinds: purchase, channels: desk}
"""


class StrictSlack:
    """200 at most once a second, else 429 with Retry-After: 1; what was told, in its order."""

    def __init__(self) -> None:
        self._last = 0.0
        self.began: float | None = None  # when the first message came
        self.refused = 0
        self.messages: list[list[str]] = []  # the filings that each one tells
        self.ended = 0.0

    async def receive(self, request: web.Request) -> web.Response:
        """Take or refuse a message."""
        content = await request.json()
        at = asyncio.get_running_loop().time()
        self.began = at if self.began is None else self.began
        if at - self._last < 1.0:
            self.refused += 1
            return web.Response(status=429, headers={"Retry-After": "1"}, text="rate_limited")
        self._last = self.ended = at
        filings = re.findall(r"0009990900-25-\d{6}", json.dumps(content["blocks"]))
        self.messages.append(list(dict.fromkeys(filings)))
        return web.Response(text="ok")

    @property
    def told(self) -> list[str]:
        """Every filing, as often as it was told."""
        return [filing for message in self.messages for filing in message]


async def main(counts: Sequence[int] = (100, 500)) -> None:
    """Print the figures for each of *counts*."""
    telemetry.configure_logs("critical")
    for count in counts:
        await play(count)


async def play(count: int) -> None:
    """*count* filings within a second, each of which meets two rules."""
    slack = StrictSlack()
    app = web.Application()
    app.router.add_post("/{path:.*}", slack.receive)
    first, *_ = made = listings(count)
    at_once = [replace(one, accepted=first.accepted + timedelta(seconds=n / count)) for n, one in enumerate(made)]
    async with AsyncExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        late = Late()
        edgar = await stack.enter_async_context(LookAlike(late))
        receiver = await stack.enter_async_context(Loopback(app))
        config = home / "filingbell.yaml"
        config.write_text(CONFIG.replace("URL", receiver.url))
        settings = {
            "home": str(home),
            "sec_url": edgar.url,
            "sec_contact": "bench bench@example.com",
            "sec_rate": "1000",
            "poll_seconds": "0.05",
        }
        await stack.enter_async_context(embedded(settings, config))
        late.archive = FolderArchive(at_once, now() + timedelta(seconds=1), 1.0)
        while len(set(slack.told)) < count:
            await asyncio.sleep(0.1)
        alerted = await order(f"sqlite:///{home}/filingbell.db")
    rank = {filing: place for place, filing in enumerate(alerted)}
    digests = [message for message in slack.messages if len(message) > 1]
    out_of_order = sum(rank[one] > rank[following] for one, following in pairwise(slack.told))
    print(
        f"burst to a Slack of one message a second: {count} filings, {2 * count} alerts: the last is told after "
        f"{slack.ended - (slack.began or 0.0):.0f} s, {len(slack.messages)} messages, {len(digests)} of them digests, "
        f"{slack.refused} refused (429), {len(slack.told) - count} told twice, {out_of_order} out of order",
        flush=True,
    )


async def order(url: str) -> list[str]:
    """The filings in the order in which form4.alerts has them."""
    database = await open_database(url)
    records = await events.read(database, Topic.ALERTS, 0, 10_000)
    await database.close()
    return list(dict.fromkeys(record.headers["ce_subject"] for record in records))


if __name__ == "__main__":
    asyncio.run(main())
