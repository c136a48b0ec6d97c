"""What stands at the other end: a receiver of each kind, and which alerts it says that it was told, in their order."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from aiohttp import web

from service.lookalike.loopback import Loopback
from tests.killing.worker import Job
from tests.kit.mailbox import Mailbox
from tests.kit.receiver import Messages, Receiver
from tests.kit.slackbot import CHANNEL, TOKEN, SlackApi

Receiving = AsyncIterator[tuple[Job, Callable[[], list[str]]]]

_FILING = re.compile(r"4 (\d{10}-\d\d-(\d{6}))")  # as a message says which filings it tells, its own the last


@asynccontextmanager
async def _webhook(database: str, _: int) -> Receiving:
    async with Receiver() as receiver:
        yield (
            Job(database=database, kind="webhook", url=f"{receiver.url}/hook"),
            lambda: [one.headers["webhook-id"] for one in receiver.received],
        )
        assert 0 == receiver.wrongly_signed


def tells_of_one_trade(seed: int) -> bool:
    """Whether all alerts of *seed* are on one trade."""
    return seed // len(RECEIVERS) % 2 == 1


@asynccontextmanager
async def _slack_bot(database: str, seed: int) -> Receiving:
    """Of some seeds it is away at first: others come on a trade whose first alert has failed and is not due yet."""
    async with SlackApi() as api:
        fails = seed // len(RECEIVERS) % 4 == 1
        away = 4 + seed % 3 if fails else 0  # requests, of which the fourth is the first that is recorded
        api.says["chat.postMessage"] = [web.Response(status=503) for _ in range(away)]
        settings = {"token": TOKEN, "channel": CHANNEL}
        retry = 2.0 if fails else 0.02
        job = Job(database=database, kind="slack_bot", url=api.url, settings=settings, retry=retry)
        yield job, lambda: api.written
        ids = [one["metadata"]["event_payload"]["id"] for one in api.messages]
        assert len(ids) == len(set(ids)), f"seed {seed}: written twice"
        told = Counter(one for message in api.messages for one in set(_FILING.findall(str(message["blocks"]))))
        assert {1} == set(told.values()), f"seed {seed}: a filing is told in two messages"
        whole = [one for one in api.texts if "same trade as" not in one]
        assert len(whole) == 1 or not tells_of_one_trade(seed), f"seed {seed}: a trade is told in full twice"


@asynccontextmanager
async def _email(database: str, _: int) -> Receiving:
    async with Mailbox() as mailbox:
        settings = {"sender": "alerts@example.com", "to": "anna@example.com", "security": "none"}
        yield (
            Job(database=database, kind="email", url=f"127.0.0.1:{mailbox.port}", settings=settings),
            lambda: [one.message["Message-ID"].removeprefix("<").partition("@")[0] for one in mailbox.taken],
        )


@asynccontextmanager
async def _discord(database: str, seed: int) -> Receiving:
    """Its messages carry no id: the filing is what tells one from another, and that one comes again it must say."""

    def told(messages: Messages) -> list[str]:
        return [f"s{seed}-{int(_FILING.findall(str(one))[-1][1]):03d}" for one in messages.taken]

    messages = Messages()
    app = web.Application()
    app.router.add_post("/api/webhooks/1/token", messages.receive)
    async with Loopback(app) as server:
        yield Job(database=database, kind="discord", url=f"{server.url}/api/webhooks/1/token"), lambda: told(messages)
        known: set[str] = set()
        for one, name in zip(messages.taken, told(messages), strict=True):
            marked = one["content"].startswith("Sent again")
            assert marked or name not in known, f"seed {seed}: {name} comes again as if it were new"
            known.add(name)


RECEIVERS: dict[str, Callable[[str, int], AbstractAsyncContextManager[tuple[Job, Callable[[], list[str]]]]]] = {
    "webhook": _webhook,
    "slack_bot": _slack_bot,
    "email": _email,
    "discord": _discord,
}
