"""A process that sends what is owed, and kills itself with -9 at a step of its way."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import structlog
from msgspec import Struct

from consumers.dispatcher.guard import Guard
from consumers.dispatcher.post import Answer, NoAnswer, Parcel
from consumers.dispatcher.schedule import RetrySchedule
from service.store import Database, Transaction, deliveries
from service.store.database import open_database
from tests.kit.eventually import eventually
from tests.kit.sending import sending


class Job(Struct, frozen=True, kw_only=True):
    """What a worker is to do."""

    database: str  # its address
    kind: str  # of the channel, which is its name too
    url: str
    settings: dict[str, Any] = {}
    pace: float = 0.0
    retry: float = 0.02  # seconds until what failed is tried again
    dies: int = 0  # at which step: before and after each transaction and request, and before each commit


class _Steps:
    """Counts steps, and ends the process at one of them."""

    def __init__(self, dies: int) -> None:
        self._left = dies

    def step(self) -> None:
        """Go on, or not."""
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def work(job: Job) -> None:
    """Send until nothing is owed any more, or this process dies."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(_work(job))


async def _work(job: Job) -> None:
    steps = _Steps(job.dies)
    database = await open_database(job.database)
    _count(database, steps)

    class Mortal(Guard):
        """The way out, at which the process may die."""

        async def post(self, parcel: Parcel, *, trusted: bool = False) -> Answer | NoAnswer:
            steps.step()
            answer = await super().post(parcel, trusted=trusted)
            steps.step()
            return answer

    async def nothing_waits() -> bool:
        return not await deliveries.pending(database)

    channel: dict[str, Any] = {job.kind: job.url}
    schedule = RetrySchedule(delays=(timedelta(seconds=job.retry),) * 3, jitter=0.0)
    async with sending(database, schedule, job.kind, pace=job.pace, settings=job.settings, guard=Mortal, **channel):
        await eventually(nothing_waits)
    await database.close()


def _count(database: Database, steps: _Steps) -> None:
    begin = database.transaction

    @asynccontextmanager
    async def transaction(**options: bool) -> AsyncIterator[Transaction]:
        steps.step()
        async with begin(**options) as tx:
            yield tx
            steps.step()
        steps.step()

    database.transaction = transaction  # type: ignore[method-assign]
