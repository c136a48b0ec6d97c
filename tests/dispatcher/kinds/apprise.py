"""Apprise, as the suite over every kind of channel must know it: by its service that posts JSON."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from consumers.dispatcher.post import Notification, Parcel
from consumers.dispatcher.room import units
from service.model.delivery import DeliveryState, Reason
from tests.dispatcher.kinds.kind import READ, WRONG_READ, Kind, answered
from tests.kit.answering import answering
from tests.kit.slack import assert_text

_USER, _PASSWORD, _PATH = "canary-USER-0123", "canary-PASSWORD-0123", "canary-path-0123"


def _taken(message: Any) -> None:
    assert isinstance(message, Notification)
    text = message.body.decode()
    assert 1 <= units(text) <= 8_000
    assert 1 <= units(message.title) <= 200
    for one in (text, message.title):
        assert_text(one)
        assert not set(one) & set("@<>")


def _named(message: Parcel) -> str | None:
    assert isinstance(message, Notification)
    return message.title


@asynccontextmanager
async def _echoing(kind: Kind) -> AsyncIterator[Mapping[str, Any]]:
    async def echo(request: web.Request) -> web.Response:
        return web.Response(status=500, reason=" ".join(kind.secret), text=f"{request.url} {dict(request.headers)}")

    async with answering(echo) as url:
        yield {"url": f"json://{_USER}:{_PASSWORD}@{url.partition('://')[2]}/{_PATH}"}


APPRISE = Kind(
    section={"type": "apprise", "url": f"json://{_USER}:{_PASSWORD}@apprise.example/{_PATH}"},
    more={"pace_seconds": 0.5, **READ},
    wrong={"type": "aprise", "url": f"nothing://{_PASSWORD}", "pace_seconds": -1, "quiet": "soon", **WRONG_READ},
    secret=(_USER, _PASSWORD, _PATH),
    final={},
    words=((answered(0), DeliveryState.DELIVERED, Reason.RECEIVED),),
    taken=_taken,
    whole=False,
    named=_named,
    echoing=_echoing,
    echoed=None,
)
