"""What follows a stream, to aiohttp: who follows, from where on, and until when."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Generic, TypeAlias, TypeVar

import structlog
from aiohttp import web

from service.control.feed import Feed, Numbered
from service.model.errors import TryAgain
from service.model.person import Scope
from service.web import sse, standing
from service.web.auth import RENEWED, Asker, sign_in
from service.web.context import Context
from service.web.problems import FaultShown, Refusal
from service.web.rates import Rates
from service.web.security import Handler
from service.web.serving import admitted, asked
from service.web.standing import StillServed
from service.web.stream import LARGEST, Gap, Stream, StreamAsked
from service.wire import encode
from service.wire.topics import Record

T = TypeVar("T", bound=Numbered)

Telling: TypeAlias = Callable[[T], bytes]  # what a reader is sent of it; empty: nothing

_BEAT = 15.0  # seconds after which a reader is told that it is still served
_PAUSE = 1.0  # seconds after an outage
_LONGEST = 3600.0  # seconds until a reader has to come back: what a proxy in front lets in, it is asked for again
_MOST, _MOST_OF_ONE = 1000, 100  # streams of this process, and of one token or person

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFollower(Generic[T]):
    """One who follows something."""

    name: str  # what they follow
    feed: Feed[T]
    tell: Telling[T]
    after: int | None  # what they have seen; None: they begin now
    missed: str  # where to read what is not kept any more


class Streaming:
    """The streams of this process."""

    def __init__(self, context: Context, rates: Rates, strangers: Rates) -> None:
        self._context = context
        self._rates = rates
        self._strangers = strangers
        self._standing = StillServed(context)
        self._open: Counter[str] = Counter()
        self._closing = False

    def handler(self, stream: Stream) -> Handler:
        """What serves *stream*."""

        async def followed(request: web.Request, who: Asker) -> StreamFollower[Record]:
            query: StreamAsked = asked(StreamAsked, request)

            def told(record: Record) -> bytes:
                if not stream.sees(who, record):
                    return b""
                return sse.event(stream.event, record.offset + 1, record.value)

            return StreamFollower(
                name=stream.name,
                feed=self._context.feeds.topic(stream.topic),
                tell=told,
                after=query.after,
                missed=stream.missed,
            )

        return self.following(stream.scope, followed)

    def following(
        self, scope: Scope, followed: Callable[[web.Request, Asker], Awaitable[StreamFollower[Any]]]
    ) -> Handler:
        """What serves whoever has *scope* and follows what *followed* says."""

        async def serve(request: web.Request) -> web.StreamResponse:
            who, limits = await admitted(self._context, request, self._rates, self._strangers)
            who.need(scope)
            one = await followed(request, who)
            last = _last(request)
            with self._place(who):
                first, end = await one.feed.bounds()
                start = _start(last if last is not None else one.after, first, end, one.missed)
                reader = sse.Reader(request)
                reader.response.headers.update(limits)
                if RENEWED in request:
                    sign_in(self._context, reader.response, request[RENEWED])
                await self._follow(one, who, reader, start)
            return reader.response

        return serve

    async def close(self, _app: web.Application) -> None:
        """End every stream: who followed comes back, and finds another process."""
        self._closing = True
        self._context.feeds.wake()

    @contextmanager
    def _place(self, who: Asker) -> Iterator[None]:
        """Room for one more stream; raises Refusal where there is none."""
        if self._closing or self._open.total() >= _MOST:
            raise Refusal(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "streams",
                "as many streams are open as this process serves: try again, or run `filingbell run web` once more",
                headers={"Retry-After": "5"},
            )
        if self._open[who.id] >= _MOST_OF_ONE:
            detail = f"{_MOST_OF_ONE} streams of this token or person are open already: close some"
            raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, "streams", detail, headers={"Retry-After": "15"})
        self._open[who.id] += 1
        try:
            yield
        finally:
            self._open[who.id] -= 1
            self._open += Counter()  # forgets who has none

    async def _follow(self, one: StreamFollower[T], who: Asker, reader: sse.Reader, start: "_Start") -> None:
        try:
            await reader.begin(start.position)
            if start.gap is not None:
                await reader.send(sse.event("gap", start.position, encode(start.gap)))
            async with one.feed.followed():
                await self._send(one, who, reader, start.position)
        except sse.Gone:
            log.debug("reader_gone", stream=one.name)

    async def _send(self, one: StreamFollower[T], who: Asker, reader: sse.Reader, position: int) -> None:
        """Send what comes from *position* on, until the reader goes, may not be told any more, or we end."""
        loop = asyncio.get_running_loop()
        told = checked = loop.time()
        over = told + _LONGEST
        while reader.is_there and not self._closing and (now := loop.time()) < over:
            if now - checked >= standing.EVERY:
                if not await self._standing.still(reader.request, who):
                    return
                checked = now
            if now - told >= _BEAT:
                await reader.send(sse.mark(position))
                told = now
            try:
                found = await one.feed.beyond(position, min(told + _BEAT, checked + standing.EVERY) - now)
            except TryAgain:
                await asyncio.sleep(_PAUSE)
                continue
            if data := b"".join(map(one.tell, found.things)):
                await reader.send(data)
                told = loop.time()
            position = found.after


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    """Where a stream begins."""

    position: int
    gap: Gap | None = None  # None: where it was asked for


def _start(after: int | None, first: int, end: int, missed: str) -> _Start:
    if after is None or first <= after <= end:
        return _Start(position=end if after is None else after)
    position = first if after < first else end
    why = "what came next is not kept any more" if after < first else "this log has not come so far: it is another one"
    return _Start(position=position, gap=Gap(asked=after, after=position, detail=f"{why}. {missed}."))


def _last(request: web.Request) -> int | None:
    """What the reader has received last, as it says when it comes back."""
    given = request.headers.get(sse.LAST_EVENT_ID, "")
    if not given:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) <= len(str(LARGEST)) and int(given) <= LARGEST):
        fault = FaultShown(path=(sse.LAST_EVENT_ID,), message="this is no id of this stream's")
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "faulty", "the stream cannot go on from there", (fault,))
    return int(given)
