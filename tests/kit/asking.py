"""The one client of EDGAR, as the service makes it."""

import time as machine
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from itertools import pairwise

import aiohttp

from service.clock import Clock, SystemClock
from service.edgar.client import EdgarClient
from service.edgar.pace import Host, Pace
from service.poller import access
from service.proxy import Way, directly
from service.store import Database
from service.vitals import Unwatched, Vitals


class Starts:
    """When each request started, as the client's *permit*: what the network delays does not count."""

    def __init__(self) -> None:
        self._at: list[float] = []

    def __call__(self) -> None:
        self._at.append(machine.monotonic())

    def hold(self, rate: int) -> bool:
        """Whether no more than *rate* started in any one second."""
        return all(later - earlier > 1.0 for earlier, later in zip(self._at, self._at[rate:], strict=False))

    def longest_pause(self) -> float:
        """Seconds."""
        return max(later - earlier for earlier, later in pairwise(self._at))


@asynccontextmanager
async def asking(
    url: str,
    database: Database,
    *,
    rate: float = 2000,
    contact: str = "Tests tests@example.com",
    block_seconds: float = 600,
    patience: float = 10.0,
    clock: Clock | None = None,
    permit: Callable[[], None] = lambda: None,
    watcher: Vitals | None = None,
    way: Way = directly,
) -> AsyncIterator[EdgarClient]:
    """A client of the look-alike at *url* that remembers blocks in *database*."""
    chosen = clock or SystemClock()
    pace = Pace(rate, chosen)
    await access.recall(database, pace, chosen, timedelta(seconds=block_seconds * 1.1))
    async with aiohttp.ClientSession() as session:
        yield EdgarClient(
            session,
            pace,
            {Host.WWW: url, Host.DATA: url},
            contact,
            chosen,
            block_seconds=block_seconds,
            patience=patience,
            refused=partial(access.remember, database),
            permit=permit,
            watcher=watcher or Unwatched(),
            way=way,
        )
