"""Kills workers one after the other, each a step later than the one before, and compares receiver and tables."""

import asyncio
import multiprocessing
import random
import re
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace
from sqlalchemy import select

from service.model.delivery import State
from service.store import Database
from service.store.database import open_database
from service.store.schema import deliveries
from tests.killing.worker import Job, work
from tests.kit import books
from tests.kit.books import AnAlert, an_owed
from tests.kit.filings import now
from tests.kit.receiver import Receiver
from tests.kit.slackbot import CHANNEL, TOKEN, SlackApi
from tests.kit.trades import CHAIN, a_trade, owed

_MOST = 3  # alerts
_LATE = 4  # workers that live before others file the trade of the first
_AT_ONCE = 8  # requests in flight to one channel, a worker
_FILED = re.compile(r"4 (\d{10}-\d\d-\d{6})")  # as a message says which filings it tells
_LIMIT = 120.0  # seconds that a worker may live


@dataclass(slots=True)
class Outcome:
    """What came of it."""

    seeds: int = 0
    kills: int = 0
    alerts: int = 0
    together: int = 0  # of these: told in one message with another on the same trade
    repeated: int = 0  # webhooks that came again
    updated: int = 0  # messages of the bot that were written anew in their place
    wrong: list[str] = field(default_factory=list)

    def told(self) -> str:
        """In a line."""
        return (
            f"kill -9 between every two steps of the sender: {self.seeds} seeds, {self.kills} kills, {self.alerts} "
            f"alerts, {self.together} of them told with another on their trade; {self.repeated} webhooks repeated "
            f"under their id, {self.updated} Slack messages updated, "
            f"{len(self.wrong)} lost, doubled or repeated after they were recorded"
        )


async def play(folder: Path, seeds: int, first: int = 0) -> Outcome:
    """*seeds* of them, from *first* on."""
    url = f"sqlite:///{folder}/killing.db"
    database = await open_database(url)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.killing.worker"])
    outcome = Outcome()
    for seed in range(first, first + seeds):
        outcome.seeds += 1
        kind = ("webhook", "slack_bot")[seed % 2]
        async with _RECEIVERS[kind](url, seed) as (job, seen):
            await _play(database, context, job, seen, seed, outcome)
    await database.close()
    return outcome


async def _play(
    database: Database,
    context: multiprocessing.context.ForkServerContext,
    job: Job,
    seen: Callable[[], list[str]],
    seed: int,
    outcome: Outcome,
) -> None:
    chance = random.Random(seed)
    job = replace(job, pace=chance.choice((0.0, 0.001)) if job.kind == "slack_bot" else 0.0)
    waves = _waves(job.kind, seed, chance)
    ids = {one.id for wave in waves.values() for one in wave}
    recorded: set[str] = set()
    before = 0
    while ids != recorded:
        job = replace(job, dies=job.dies + 1)
        await books.owe(database, *waves.get(job.dies, ()), at=now())
        status = await _run(context, job)
        if status not in (0, -signal.SIGKILL):
            outcome.wrong.append(f"seed {seed}: a worker ended with {status}")
            return
        outcome.kills += status != 0
        came = seen()[before:]
        before += len(came)
        outcome.wrong += [f"seed {seed}: {one} came after it was recorded" for one in came if one in recorded]
        recorded = await _recorded(database, ids)
        flying = set(seen()) - recorded
        if len(flying) > (1 if job.pace else _AT_ONCE):
            outcome.wrong.append(f"seed {seed}: {len(flying)} were in flight")
    counted = Counter(seen())
    outcome.alerts += len(ids)
    led = {one for one, lead in (await _led(database, ids)).items() if lead in counted and job.kind == "slack_bot"}
    outcome.together += len(led)
    outcome.wrong += [f"seed {seed}: {one} is lost" for one in sorted(ids - set(counted) - led)]
    outcome.wrong += [f"seed {seed}: {one} is nobody's id" for one in sorted(set(counted) - ids)]
    again = sum(times - 1 for times in counted.values())
    if job.kind == "webhook":
        outcome.repeated += again
    else:
        outcome.updated += again


def _waves(kind: str, seed: int, chance: random.Random) -> dict[int, list[AnAlert]]:
    """What is owed before which worker: alerts on filings each for itself, or all on one trade."""
    count, late = chance.randint(1, _MOST), chance.randint(0, _LATE)
    if seed % 4 < 2:
        return {1: [an_owed(number, f"s{seed}", (kind,)) for number in range(count)]}
    first, *others = [owed(one, kind) for one in a_trade(*CHAIN[:count], rule=f"s{seed}", start=10 * seed)]
    return {1: [first], 1 + late: others} if late else {1: [first, *others]}


async def _run(context: multiprocessing.context.ForkServerContext, job: Job) -> int | None:
    """Start a worker, and wait until it has ended; returns its exit status, which is negative for a signal."""
    process = context.Process(target=work, args=(job,))
    process.start()
    await asyncio.to_thread(process.join, _LIMIT)
    if process.exitcode is None:
        process.kill()
        process.join()
        return None
    return process.exitcode


async def _recorded(database: Database, ids: set[str]) -> set[str]:
    query = select(deliveries.c.message).where(deliveries.c.message.in_(ids), deliveries.c.state == State.DELIVERED)
    async with database.reading() as connection:
        return set(await connection.scalars(query))


async def _led(database: Database, ids: set[str]) -> dict[str, str]:
    """Which alerts were told in the message of another, and of which."""
    query = select(deliveries.c.message, deliveries.c.told_with)
    query = query.where(deliveries.c.message.in_(ids), deliveries.c.told_with.is_not(None))
    async with database.reading() as connection:
        return {row.message: row.told_with for row in await connection.execute(query)}


Receiving = AsyncIterator[tuple[Job, Callable[[], list[str]]]]


@asynccontextmanager
async def _webhook(database: str, _: int) -> Receiving:
    async with Receiver() as receiver:
        job = Job(database=database, kind="webhook", url=f"{receiver.url}/hook", settings={}, pace=0.0, dies=0)
        yield job, lambda: [one.headers["webhook-id"] for one in receiver.received]
        assert 0 == receiver.wrongly_signed


@asynccontextmanager
async def _slack_bot(database: str, seed: int) -> Receiving:
    async with SlackApi() as api:
        settings = {"token": TOKEN, "channel": CHANNEL}
        job = Job(database=database, kind="slack_bot", url=api.url, settings=settings, pace=0.0, dies=0)
        yield job, lambda: api.written
        ids = [one["metadata"]["event_payload"]["id"] for one in api.messages]
        assert len(ids) == len(set(ids)), f"seed {seed}: written twice"
        told = Counter(one for message in api.messages for one in set(_FILED.findall(str(message["blocks"]))))
        assert {1} == set(told.values()), f"seed {seed}: a filing is told in two messages"


_RECEIVERS = {"webhook": _webhook, "slack_bot": _slack_bot}
