"""The reconciler and the collector, running by a clock that is set, and what they say of a day."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date, time, timedelta
from functools import partial

from service.model import calendar
from service.model.filing import FilingEvent
from service.poller.collect import Collector
from service.poller.reconcile import Reconciler
from service.store import Database, day_records, days, events
from service.store.day_records import DayRecord
from service.store.days import DayState
from service.vitals import Unwatched
from service.wire import decode
from service.wire.topics import Topic
from tests.kit.asking import asking
from tests.kit.clocks import SetClock
from tests.kit.eventually import eventually
from tests.kit.indexes import TUESDAY
from tests.kit.tasks import going_on

MORNING = calendar.at(TUESDAY + timedelta(days=1), time(6, 1))


@asynccontextmanager
async def reconciling(url: str, database: Database, clock: SetClock) -> AsyncIterator[None]:
    async with asking(url, database, clock=clock) as client:
        vitals = Unwatched()
        reconciler = Reconciler(client, database, forms=("4",), trusted_at=time(6), clock=clock, vitals=vitals)
        collector = Collector(
            client, database, give_up=timedelta(hours=24), clock=clock, chance=random.Random(1), vitals=vitals
        )
        async with going_on(reconciler.run(), collector.run()):
            yield


def account(
    database: Database, condition: Callable[[DayRecord], bool], day: date = TUESDAY
) -> Callable[[], Awaitable[bool]]:
    async def holds() -> bool:
        return any(condition(record) for record in await day_records.records(database, only=[day]))

    return holds


async def looked_at_until_settled(database: Database, clock: SetClock, day: date) -> DayRecord:
    """Move *clock* to the time of each look at *day*, until there is nothing to wait for."""
    look = 0
    while True:
        look += 1
        await eventually(account(database, partial(_looked_at, look), day))
        (record,) = await day_records.records(database, only=[day])
        if record.state is not DayState.DUE:
            return record
        clock.set(record.due + timedelta(seconds=1))
        async with database.transaction() as tx:
            tx.ring(days.ASKED)


def _looked_at(times: int, record: DayRecord) -> bool:
    return record.looks >= times


async def published(database: Database) -> list[FilingEvent]:
    return [decode(record.value, FilingEvent) for record in await events.read(database, Topic.FILINGS, 0, 10_000)]
