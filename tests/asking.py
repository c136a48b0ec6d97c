"""The one client of EDGAR, as the service makes it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

import aiohttp

from service.clock import Clock, SystemClock
from service.edgar.client import EdgarClient
from service.edgar.pace import Host, Pace
from service.poller import access
from service.store import Database
from service.vitals import Unwatched, Vitals


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
        )
