"""Holds watchlists against the SEC's list whenever that says something new."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec
import structlog
from msgspec import Struct

from service.control import resources
from service.control.placed import moved_of, placed, some, tickers_of
from service.model.identity import WorkspaceId
from service.model.resource import SERVICE, Action, Actor, Resource, ResourceKind
from service.model.tickers import Moved, Placement, Tickers
from service.store import Database, moved, tickers
from service.store import resources as stored
from service.vitals import Vitals

_LOOK = 60.0  # seconds between looks for what nobody rang for

log = structlog.get_logger()


class _Found(Struct, frozen=True):
    """What the list says of a watchlist."""

    before: Resource
    placed: tuple[Placement, ...]
    moved: tuple[Moved, ...]


class Placer:
    """Places what a new list knows and an older one did not, and notes what has moved. Several may run.

    What a watchlist has placed is never changed here.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime], vitals: Vitals) -> None:
        self._database = database
        self._clock = clock
        self._vitals = vitals
        self._done: datetime | None = None  # when the list had changed that was looked at last

    async def run(self) -> None:
        """Look without end; raises Unavailable where the database is."""
        bell = self._database.bell(tickers.READ)
        while True:
            self._vitals.beat("placing")
            bell.clear()
            changed = (await tickers.reading(self._database)).changed
            if changed is not None and changed != self._done and await self.look():
                self._done = changed
            else:
                await bell.wait(_LOOK)

    async def look(self) -> bool:
        """Hold every watchlist against the list as it is; false: some were changed meanwhile, and are to be again."""
        listed = await tickers.known(self._database)
        if listed is None:
            return True
        _, every = await stored.every(self._database, kind=ResourceKind.WATCHLIST)
        known = {(one.watchlist, one.ticker, one.after.cik) for one in await moved.every(self._database)}
        found = await asyncio.to_thread(lambda: [_held(one, listed) for one in every])
        by_workspace: defaultdict[WorkspaceId, list[_Found]] = defaultdict(list)
        for one in found:
            noted = {key for key in known if key[0] == one.before.id}
            says = {(one.before.id, two.ticker, two.after.cik) for two in one.moved}
            if len(one.placed) != len(one.before.placed) or noted != says:
                by_workspace[one.before.workspace].append(one)
        return all([await self._write(workspace, new, listed) for workspace, new in by_workspace.items()])

    async def _write(self, workspace: WorkspaceId, found: Iterable[_Found], listed: Tickers) -> bool:
        actor, now = Actor(name=SERVICE, workspace=workspace), self._clock()
        whole = True
        async with self._database.transaction() as tx:
            stands = {one.id: one for one in await stored.locked(tx, workspace)}
            for one in found:
                before = one.before
                if before.id not in stands or stands[before.id].revision != before.revision:
                    whole = False
                    continue
                new = {two.ticker for two in one.placed} - {two.ticker for two in before.placed}
                if new:
                    after = msgspec.structs.replace(before, placed=one.placed)
                    reason = f"found on the SEC's list of {listed.day}: {some(new)}"
                    await resources.write(tx, actor, Action.PLACED, before, after, now, reason)
                    log.info("tickers_placed", watchlist=before.name, workspace=workspace, count=len(new))
                await moved.replace(tx, before.id, workspace, one.moved, now)
        return whole


def _held(resource: Resource, listed: Tickers) -> _Found:
    """What *listed* says of *resource*."""
    return _Found(resource, placed(tickers_of(resource), resource.placed, listed), tuple(moved_of(resource, listed)))
