"""What the suite over every kind of channel must know of each."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from consumers.dispatcher.post import Answer, Parcel, Request
from service.model.delivery import DeliveryState, Reason
from tests.kit.answering import answering

NIGHT = "22:00-07:00 America/New_York"
TIMES: Mapping[str, Any] = {  # of every kind
    "quiet": NIGHT,
    "digest": "16:30 weekdays",
    "digest_when_empty": True,
    "max_per_hour": 20,
}
WRONG_TIMES: Mapping[str, Any] = {
    "digest": "at noon",
    "digest_when_empty": "often",
    "max_per_hour": 0,
}  # as is each kind's own "quiet"


READ: Mapping[str, Any] = {**TIMES, "every_filing": True}  # of every kind that people read
WRONG_READ: Mapping[str, Any] = {**WRONG_TIMES, "every_filing": "sometimes"}
WORDS: Mapping[str, Any] = {**READ, "template": "{{ headline }}\n{{ link }}"}  # of those with words
WRONG_WORDS: Mapping[str, Any] = {**WRONG_READ, "template": "{{ headlin }}"}


def answered(status: int, text: str = "", phrase: str = "Phrase") -> Answer:
    """What a receiver answers."""
    return Answer(status=status, phrase=phrase, text=text, retry_after=None)


SLOW_DOWN = answered(429)


@asynccontextmanager
async def echoing(kind: "Kind") -> AsyncIterator[Mapping[str, Any]]:
    """The settings by which the kind's requests come to a server that repeats all of them as an error."""

    async def echo(request: web.Request) -> web.Response:
        said = f"{request.url} {dict(request.headers)} {'/'.join(kind.secret)}"
        return web.Response(status=500, reason=" ".join(kind.secret), text=said)

    async with answering(echo) as url:
        path = kind.section.get("url", "").partition("://")[2].partition("/")[2]
        yield {"url": f"{url}/{path}"}


def of_http(request: Parcel) -> str | None:
    """By what a receiver can tell that *request* is a repetition, beside what is in it."""
    assert isinstance(request, Request)
    assert "filingbell" == request.headers["User-Agent"]
    return request.headers.get("webhook-id")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of channel, as its service has it."""

    section: Mapping[str, Any]  # the least that it needs
    more: Mapping[str, Any]  # its other settings, each with a value that it takes
    wrong: Mapping[str, Any]  # of each of its settings a value that it refuses
    secret: tuple[str, ...]  # what of these nobody must be shown
    final: Mapping[str, Answer]  # its service's last words, as the docs call them
    words: tuple[tuple[Answer, DeliveryState, Reason], ...]  # what else its service says in its own way
    taken: Callable[[Any], None]  # raises where the service would not take what is sent
    posts_to: str | None = None  # None: its section's address
    whole: bool  # whether everything that was filed is in what is sent, or what there is room for
    named: Callable[[Parcel], str | None] = of_http
    echoing: Callable[["Kind"], AbstractAsyncContextManager[Mapping[str, Any]]] = echoing
    echoed: int | None = 500  # the status of that error; None: it has none
    waits: Answer = SLOW_DOWN  # how its service asks us to wait
