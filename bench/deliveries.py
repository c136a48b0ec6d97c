"""Deliveries a second to 50 endpoints, and what holds them up: a backlog, bad receivers, others' and old deliveries.

``python -m bench.deliveries [SECONDS] [ROWS]``: how long each part is offered deliveries, and how many rows of
another channel stand in the way.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from bench import pipeline
from bench.endpoints import book, came, endpoints
from consumers import stage
from consumers.dispatcher.door import doors
from consumers.dispatcher.guard import Guard
from consumers.dispatcher.schedule import RetrySchedule
from consumers.dispatcher.sender import Sender
from consumers.dispatcher.step import DispatcherStep
from consumers.matcher.rulebook import Rulebook
from consumers.matcher.step import MatcherStep
from consumers.parser.limits import Limits
from consumers.parser.step import ParserStep
from consumers.steps import Step
from service import telemetry
from service.clock import now
from service.control.sampling import sample
from service.log.table import TableLog
from service.model.delivery import DeliveryState
from service.model.identity import DEFAULT, Prefix, WorkspaceId, derived_id
from service.model.message import MessageKind
from service.store import Database, events, workspaces
from service.store.database import open_database
from service.store.schema import channel_states
from service.store.schema import deliveries as table
from service.store.schema import messages as stored
from service.vitals import Unwatched
from service.wire import encode
from service.wire.topics import Topic
from tests.kit.books import AnAlert, add_channels, owe

ENDPOINTS = 50
RATE = 1_000  # deliveries a second that are offered
STEADY = 100  # likewise, where it is about how long each takes
HANGING = 300  # channels of another workspace
OTHER = WorkspaceId(derived_id(Prefix.WORKSPACE, "other"))
ROUNDS = 3
PERIOD = 0.02  # seconds between two transactions that owe some
PATIENCE = 60.0  # seconds for what was offered to arrive


class Offered:
    """What was offered, and what became of it."""

    def __init__(self, owed: dict[str, float], came: dict[str, float]) -> None:
        self.lost = len(owed.keys() - came.keys())
        self.waits = [1000 * (came[one] - at) for one, at in owed.items() if one in came]  # milliseconds
        arrived = [came[one] for one in owed if one in came]
        self.rate = len(arrived) / (max(arrived) - min(owed.values()))

    def __str__(self) -> str:
        return (
            f"{self.rate:6,.0f}/s  p50 {share(self.waits, 0.5):7.1f} ms  p99 {share(self.waits, 0.99):7.1f} ms  "
            f"{len(self.waits):,} received, {self.lost} lost"
        )


def share(values: Sequence[float], part: float) -> float:
    """The value within which that part of *values* lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


async def main() -> None:
    """Print the figures."""
    telemetry.configure_logs("critical")
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 200_000
    print(f"deliveries, embedded, {ENDPOINTS} webhooks, {seconds:.0f} s each")
    async with endpoints() as url:
        good = [f"{url}/ok/{number}" for number in range(ENDPOINTS)]
        async with sending(good) as database:
            found = await offer(database, url, good, RATE, seconds)
            print(f"  offered {RATE:,}/s (goal: {RATE:,}/s, p99 1 s)          {found}")
        async with sending(good) as database, backlog(database) as read:
            found = await offer(database, url, good, RATE, seconds)
            print(f"  while a backlog is worked off (goal: 800/s)   {found}; {await read():,.0f} filings/s")
        await held_up(url, good, seconds)
        await shared(url, good[0])
        await behind(url, good, rows)


async def held_up(url: str, good: Sequence[str], seconds: float) -> None:
    """How long healthy endpoints wait beside one that hangs and ten that refuse, against without; in turn."""
    healthy, bad = good[:-11], [f"{url}/hang/0", *(f"{url}/{429 if n % 2 else 500}/{n}" for n in range(10))]
    waits: dict[bool, list[float]] = {False: [], True: []}
    async with sending(healthy) as alone, sending([*healthy, *bad]) as beside:
        for _ in range(ROUNDS):
            for with_bad, database in ((False, alone), (True, beside)):
                found = await offer(database, url, healthy, STEADY, seconds / 2, beside=bad if with_bad else ())
                waits[with_bad] += found.waits
    p50, p99 = ([share(waits[with_bad], part) for with_bad in (False, True)] for part in (0.5, 0.99))
    print(f"  {len(healthy)} healthy ones, offered {STEADY}/s              p50 {p50[0]:7.1f} ms  p99 {p99[0]:7.1f} ms")
    print(f"  beside 1 that hangs, 10 that say 429 and 500  p50 {p50[1]:7.1f} ms  p99 {p99[1]:7.1f} ms", end="")
    print(f"  p50 {p50[1] / p50[0]:.2f} x, p99 {p99[1] / p99[0]:.2f} x (goal: 1.10 x)")


async def shared(url: str, good: str) -> None:
    """How long a delivery takes beside channels of another workspace, all of which hang, against without."""
    hanging = [f"{url}/hang/{number}" for number in range(HANGING)]
    took: dict[bool, list[float]] = {False: [], True: []}
    async with sending([good]) as alone, sending([good, *hanging], dict.fromkeys(hanging, OTHER)) as beside:
        first = sample("bench", now())
        owed = [replace(first, id=f"hangs-{number}", workspace=OTHER) for number in range(2)]
        names = tuple(map(_id, hanging))
        await owe(
            beside,
            *[AnAlert(id=one.id, value=encode(one), workspace=OTHER, channels=names) for one in owed],
            at=now(),
        )
        await asyncio.sleep(2)
        for _ in range(50):
            for with_others, database in ((False, alone), (True, beside)):
                found = await offer(database, url, [good], 1 / PERIOD, PERIOD)
                took[with_others].append(share(found.waits, 0.5))
    without, within = (sorted(took[with_others])[25] for with_others in (False, True))
    print(f"  one delivery, beside {HANGING} channels of another workspace that hang  p50 {within:7.1f} ms", end="")
    print(f"   {within / without:.2f} x")


async def behind(url: str, good: Sequence[str], rows: int) -> None:
    """How long a delivery takes beside a channel with many dead and pending rows, against without."""
    far = f"{url}/500/far"
    took: dict[bool, list[float]] = {False: [], True: []}
    async with sending(good) as empty, sending([*good, far]) as full:
        await fill(full, _id(far), rows)
        await asyncio.sleep(1)
        for _ in range(200):
            for filled, database in ((False, empty), (True, full)):
                found = await offer(database, url, good[:1], 1 / PERIOD, PERIOD)
                took[filled].append(share(found.waits, 0.5))
    without, within = (sorted(took[filled])[100] for filled in (False, True))
    print(f"  one delivery, nothing else there                p50 {without:7.1f} ms")
    print(f"  beside {rows:,} dead and {rows:,} pending rows   p50 {within:7.1f} ms   {within / without:.2f} x")


@asynccontextmanager
async def sending(urls: Sequence[str], of: Mapping[str, WorkspaceId] | None = None) -> AsyncIterator[Database]:
    """A new database, from which a sender sends to *urls*, *of* these workspaces (else the default one)."""
    with tempfile.TemporaryDirectory() as home:
        database = await open_database(f"sqlite:///{home}/bench.db")
        async with database.transaction() as tx:
            await workspaces.add(tx, "other", now())
        for url in urls:
            await add_channels(database, _id(url), workspace=(of or {}).get(url, DEFAULT))
        async with doors() as opened:
            guard = Guard(opened, now, str)
            sender = Sender(book(urls, of), guard, database, RetrySchedule(), now, random.Random(1), Unwatched())
            task = asyncio.create_task(sender.run())
            try:
                yield database
            finally:
                task.cancel()
                await asyncio.wait([task], timeout=1)
                task.cancel()
                await asyncio.wait([task])
        await database.close()


async def offer(
    database: Database, url: str, urls: Sequence[str], rate: float, seconds: float, beside: Sequence[str] = ()
) -> Offered:
    """Owe *urls* *rate* alerts a second, one to each in turn, and as many to each *beside*; wait for what arrives."""
    owed: dict[str, float] = {}
    first, turn, started = sample("bench", now()), 0, time.perf_counter()
    every = [*urls, *beside]
    while (elapsed := time.perf_counter() - started) < seconds or not owed:
        new = []
        while turn <= min(elapsed, seconds) * rate * len(every) / len(urls):
            to = every[turn % len(every)]
            alert = replace(first, id=f"{started}-{turn}")
            new.append(AnAlert(id=alert.id, value=encode(alert), channels=(_id(to),)))
            if to not in beside:
                owed[alert.id] = time.time()
            turn += 1
        await owe(database, *new, at=now())
        await asyncio.sleep(PERIOD)
    return Offered(owed, await arrived(url, owed))


async def arrived(url: str, owed: dict[str, float]) -> dict[str, float]:
    """When each of *owed* came, as far as it has within a minute."""
    until = time.monotonic() + PATIENCE
    while True:
        found = await came(url)
        if owed.keys() <= found.keys() or time.monotonic() > until:
            return found
        await asyncio.sleep(0.005 if len(owed) < 10 else 0.5)


@asynccontextmanager
async def backlog(database: Database) -> AsyncIterator[Callable[[], Awaitable[float]]]:
    """20,000 filings, which the stages work off meanwhile; gives what says how many a second they parse."""
    async with database.transaction() as tx:
        tx.emit(*pipeline.published(20_000))
    log = TableLog(database, Unwatched())
    rules = Rulebook.of(pipeline.rules())
    steps: list[Step[Any]] = [
        ParserStep(now, Limits(), Unwatched()),
        MatcherStep(lambda: rules, now, Unwatched()),
        DispatcherStep(now),
    ]
    started = time.perf_counter()
    tasks = [
        asyncio.create_task(stage.run(step, log.source(step.group, step.topic), database, now, Unwatched()))
        for step in steps
    ]

    async def read() -> float:
        return (await events.counts(database)).get(Topic.PARSED, 0) / (time.perf_counter() - started)

    try:
        yield read
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def fill(database: Database, channel: str, rows: int) -> None:
    """*rows* dead deliveries of *channel*, and as many that are due tomorrow: what a dead endpoint leaves."""
    at = now() - timedelta(hours=20)
    told = {"kind": MessageKind.ALERT, "workspace": DEFAULT, "value": b"{}", "created": at}

    def made(number: int, state: DeliveryState, due: datetime) -> dict[str, object]:
        row = {"message": f"{state}-{number}", "channel": channel, "state": state, "due": due, "created": at}
        return row | {"tries": 3, "steps": 3, "settled": at if state is DeliveryState.DEAD else None}

    for state, due in ((DeliveryState.DEAD, at), (DeliveryState.PENDING, now() + timedelta(hours=10))):
        for start in range(0, rows, 10_000):
            async with database.transaction() as tx:
                await tx.add(channel_states, [{"channel": channel, "failures": 9}])
                names = [f"{state}-{number}" for number in range(start, min(rows, start + 10_000))]
                await tx.add(stored, [told | {"id": name} for name in names])
                await tx.add(table, [made(number, state, due) for number in range(start, min(rows, start + 10_000))])


def _id(url: str) -> str:
    return url.split("/", 3)[-1]


if __name__ == "__main__":
    asyncio.run(main())
