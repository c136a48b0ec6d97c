"""What is committed in order, read once in a process and given to all who follow it.

Whoever follows is nothing but a position, the number of the first thing not yet given: a slow reader holds up nobody,
and costs no memory. The latest things are kept for all; who is further behind reads the database.
"""

import asyncio
from bisect import bisect_left
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import structlog

from service.control.handled import Handled
from service.model.errors import TryAgain
from service.store import Database, events
from service.wire.topics import Record, Topic

_LOOK = 1.0  # seconds between looks for what other processes wrote; this one's own commits ring
_PAUSE = 1.0  # seconds after an outage
_AT_ONCE = 200  # things that are read at once for all
_BEHIND = 20  # likewise, for one reader that is far behind
_READERS_BEHIND = 2  # that read at the same time
_KEPT, _KEPT_BYTES = 500, 4 * 1024 * 1024  # of the latest things
_PART = 256 * 1024  # bytes that a reader is given at once, or one thing if it is larger

log = structlog.get_logger()


class Numbered(Protocol):
    """Something that has a number."""

    @property
    def offset(self) -> int:
        """Its number, which nothing that is committed later falls below."""
        ...


T = TypeVar("T", bound=Numbered)


class Origin(Protocol[T]):
    """Where a feed reads: things that become visible in the order of their numbers. Raises Unavailable."""

    bell: str  # what rings when there is more

    async def bounds(self) -> tuple[int, int]:
        """The number from which on nothing is missing, and the one behind all that is there."""
        ...

    async def stands(self) -> int:
        """The number before which everything is on a page that is read now."""
        ...

    async def read(self, start: int, limit: int) -> Sequence[T]:
        """Up to *limit* things from *start* on, in order; nothing means that there is nothing."""
        ...

    def size(self, thing: T) -> int:
        """The bytes that *thing* takes, about."""
        ...


class TopicOrigin:
    """The events of a topic, in the ``events`` table: every log begins there, and one number says where a reader is."""

    def __init__(self, database: Database, topic: Topic, handled: Handled) -> None:
        self.bell: str = topic
        self._handled = handled
        self._database = database
        self._topic = topic

    async def bounds(self) -> tuple[int, int]:
        """Of the whole table, so that a reader of a quiet topic gets on too."""
        return await events.bounds(self._database)

    async def stands(self) -> int:
        """Before the first that its stage has not handled."""
        return await self._handled.before()

    async def read(self, start: int, limit: int) -> Sequence[Record]:
        """The topic's events."""
        return await events.read(self._database, self._topic, start, limit)

    def size(self, thing: Record) -> int:
        """Those of its value."""
        return len(thing.value)


@dataclass(frozen=True, slots=True)
class Stretch(Generic[T]):
    """What is there from a position on."""

    things: Sequence[T]
    after: int  # where to go on


class Feed(Generic[T]):
    """The things of *origin*, for any number of readers."""

    def __init__(self, database: Database, origin: Origin[T]) -> None:
        self._origin = origin
        self._bell = database.bell(origin.bell)
        self._readers = 0
        self._task: asyncio.Task[None] | None = None  # None: nobody reads
        self._news = asyncio.Event()
        self._latest: list[T] = []  # all from `begin` to `head`
        self._begin = self._head = 0
        self._bytes = 0
        self._behind = asyncio.Semaphore(_READERS_BEHIND)

    @property
    def readers(self) -> int:
        """How many follow it."""
        return self._readers

    async def bounds(self) -> tuple[int, int]:
        """The position from which on nothing is missing, and the one of now. Raises Unavailable."""
        return await self._origin.bounds()

    async def stands(self) -> int:
        """The position of a page that is read now. Raises Unavailable."""
        return await self._origin.stands()

    @asynccontextmanager
    async def followed(self) -> AsyncIterator[None]:
        """Reads on while the context is open, for whoever is in `beyond`."""
        self._readers += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name=f"feed {self._origin.bell}")
        try:
            yield
        finally:
            self._readers -= 1
            if not self._readers:
                await self._stop()

    async def beyond(self, position: int, limit: float) -> Stretch[T]:
        """What is there from *position* on, as soon as there is something; after *limit* seconds, nothing.

        Raises Unavailable, where the database has to be asked.
        """
        news = self._news
        if position >= self._head:
            with suppress(TimeoutError):
                async with asyncio.timeout(limit):
                    await news.wait()
            if self._task is not None and self._task.done():
                self._task.result()  # raises what nobody expected
        if position >= self._begin:
            return self._of_latest(position)
        async with self._behind:
            found = await self._origin.read(position, _BEHIND)
        return Stretch(found, found[-1].offset + 1 if found else self._begin)

    def wake(self) -> None:
        """Let everybody who waits look again."""
        self._news.set()
        self._news = asyncio.Event()

    def _of_latest(self, position: int) -> Stretch[T]:
        start = end = bisect_left(self._latest, position, key=lambda one: one.offset)
        taken = 0
        while end < len(self._latest) and taken < _PART:
            taken += self._origin.size(self._latest[end])
            end += 1
        things = self._latest[start:end]
        if end < len(self._latest):
            return Stretch(things, things[-1].offset + 1)
        return Stretch(things, max(position, self._head))

    async def _run(self) -> None:
        started = False
        while True:
            try:
                if not started:
                    _, self._begin = await self._origin.bounds()
                    self._head = self._begin
                    started = True
                    self.wake()
                self._bell.clear()  # before looking: what comes while looking rings again
                if not await self._read():
                    await self._bell.wait(_LOOK)
            except TryAgain as outage:
                log.warning("feed_interrupted", feed=self._origin.bell, detail=str(outage), seconds=_PAUSE)
                await asyncio.sleep(_PAUSE)

    async def _read(self) -> bool:
        """Read what is there; returns whether there was something."""
        _, end = await self._origin.bounds()  # before: all below it can be read then
        if end <= self._head:
            return False
        found = await self._origin.read(self._head, _AT_ONCE)
        self._latest.extend(found)
        self._bytes += sum(map(self._origin.size, found))
        self._head = found[-1].offset + 1 if found else end
        self._drop()
        if found:
            self.wake()
        return bool(found)

    def _drop(self) -> None:
        gone = 0
        while len(self._latest) - gone > _KEPT or (self._bytes > _KEPT_BYTES and gone < len(self._latest)):
            self._bytes -= self._origin.size(self._latest[gone])
            self._begin = self._latest[gone].offset + 1
            gone += 1
        del self._latest[:gone]

    async def _stop(self) -> None:
        task, self._task = self._task, None
        self._latest, self._bytes, self._begin, self._head = [], 0, 0, 0
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
