"""What users may change while the service runs, as each worker holds it: a whole snapshot, exchanged for the next."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar

import structlog

from service.model.identity import Revision
from service.model.resource import Resource
from service.store import Database, resources
from service.store.resources import Since
from service.vitals import Vitals

T = TypeVar("T")
S_co = TypeVar("S_co", covariant=True)

_LOOK = 1.0  # seconds between looks for changes that rang no bell here: another process's, on SQLite

log = structlog.get_logger()


class Snapshots(Protocol[S_co]):
    """What gives the latest snapshot."""

    @property
    def current(self) -> S_co:
        """The latest snapshot: whole, and never changed."""
        ...

    async def after(self, snapshot: Any) -> S_co:
        """The latest snapshot, once it is another than *snapshot*."""
        ...


class Fixed(Generic[T]):
    """One snapshot, for ever."""

    def __init__(self, snapshot: T) -> None:
        self.current = snapshot

    async def after(self, snapshot: T) -> T:
        """Never returns: there is no other."""
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]


class Following(Generic[T]):
    """Makes a *T* of the resources and keeps it up to date: ``current`` is replaced whole, never changed.

    *make* makes it of everything; *change*, if there is one, makes the next one of the last and of what was changed. It
    may return the last one, where that is still right: then nobody has anything to do.

    Whoever works on a batch takes ``current`` once for the batch. A snapshot is made in a thread, so that the loop goes
    on meanwhile; one that cannot be made leaves the last one standing.
    """

    def __init__(
        self,
        name: str,
        database: Database,
        make: Callable[[Revision, Sequence[Resource]], T],
        vitals: Vitals,
        change: Callable[[T, Since], T] | None = None,
    ) -> None:
        self._name = name
        self._database = database
        self._make = make
        self._vitals = vitals
        self._change = change
        self._revision: Revision | None = None
        self._current: T | None = None
        self._exchanged = asyncio.Event()
        self._turn = asyncio.Lock()

    @property
    def current(self) -> T:
        """The latest snapshot; ``load`` must have returned once."""
        assert self._current is not None
        return self._current

    async def load(self) -> None:
        """Take over what has changed since; raises Unavailable where the database is."""
        async with self._turn:  # who follows and who needs a snapshot to begin with both load
            revision = await self._next()
            if revision == self._revision:
                return
            log.info("configuration_taken_over", of=self._name, revision=revision)
            self._revision = revision
            self._exchanged.set()

    async def _next(self) -> Revision:
        """Make the next snapshot, if anything was changed; returns as of when the latest stands."""
        if self._change is None or self._current is None or self._revision is None:
            revision = await resources.revision(self._database)
            return revision if revision == self._revision else await self._made()
        since = await resources.since(self._database, self._revision)
        if since is None:
            return await self._made()
        if since.revision != self._revision:
            self._current = await asyncio.to_thread(self._change, self._current, since)
        return since.revision

    async def _made(self) -> Revision:
        revision, every = await resources.every(self._database)
        self._current = await asyncio.to_thread(self._make, revision, every)
        return revision

    async def after(self, snapshot: Any) -> T:
        """The latest snapshot, once it is another than *snapshot*."""
        while self.current is snapshot:
            self._exchanged.clear()
            await self._exchanged.wait()
        return self.current

    async def run(self) -> None:
        """Follow without end; raises Unavailable where the database is."""
        bell = self._database.bell(resources.CHANGED)
        while True:
            self._vitals.beat(f"following/{self._name}")
            bell.clear()
            await self.load()
            await bell.wait(_LOOK)
