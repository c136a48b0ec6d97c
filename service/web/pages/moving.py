"""From what moves on a page to what aiohttp calls: each thing as the page's template shows it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import TypeVar

import msgspec
from aiohttp import web

from service.control.feed import Numbered
from service.web import sse
from service.web.auth import Asker
from service.web.context import Context
from service.web.pages.live import Live
from service.web.pages.page import Look
from service.web.pages.templates import Surroundings, Templates
from service.web.problems import Refusal
from service.web.security import Handler
from service.web.stream import StreamAsked
from service.web.streaming import StreamFollower, Streaming

T = TypeVar("T", bound=Numbered)

_ROW = "row"  # the event of a part that is added


def handler(live: Live[T], context: Context, templates: Templates, streaming: Streaming) -> Handler:
    """What serves *live* to a person who is signed in."""

    async def followed(request: web.Request, who: Asker) -> StreamFollower[T]:
        if who.signed is None:
            raise Refusal(HTTPStatus.UNAUTHORIZED, "unauthorized", "this is for pages: programs follow /api/v1")
        show = await live.shows(Look(context=context, asker=who, query=request.query))
        csrf = who.signed.csrf

        def told(thing: T) -> bytes:
            shown = show(thing)
            if shown is None:
                return b""
            around = Surroundings(title="", here=live.path, now=context.clock.now(), asker=who, csrf=csrf)
            html = templates.render(shown.template, shown.values, around)
            return sse.event(_ROW, thing.offset + 1, html.encode())

        feed = live.feed(context.feeds)
        return StreamFollower(
            name=live.name, feed=feed, tell=told, after=_after(request.query), missed="Load the page again"
        )

    return streaming.following(live.scope, followed)


def _after(query: Mapping[str, str]) -> int | None:
    """Where the page stands that follows, of all that its query says."""
    given = {"after": query["after"]} if "after" in query else {}
    try:
        return msgspec.convert(given, StreamAsked, strict=False).after
    except msgspec.ValidationError as error:
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "faulty", f"`after` cannot be used: {error}") from None
