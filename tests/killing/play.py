"""Kills workers one after the other, each a step later than the one before, and compares receiver and tables."""

import asyncio
import multiprocessing
import random
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
from tests.kit.books import an_owed
from tests.kit.filings import now
from tests.kit.receiver import Receiver
from tests.kit.slackbot import CHANNEL, TOKEN, SlackApi

_MOST = 3  # alerts
_AT_ONCE = 8  # requests in flight to one channel, a worker
_LIMIT = 120.0  # seconds that a worker may live


@dataclass(slots=True)
class Outcome:
    """What came of it."""

    seeds: int = 0
    kills: int = 0
    alerts: int = 0
    repeated: int = 0  # webhooks that came again
    updated: int = 0  # messages of the bot that were written anew in their place
    wrong: list[str] = field(default_factory=list)

    def told(self) -> str:
        """In a line."""
        return (
            f"kill -9 between every two steps of the sender: {self.seeds} seeds, {self.kills} kills, {self.alerts} "
            f"alerts; {self.repeated} webhooks repeated under their id, {self.updated} Slack messages updated, "
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
    owed = [an_owed(number, f"s{seed}", (job.kind,)) for number in range(chance.randint(1, _MOST))]
    ids = {one.id for one in owed}
    await books.owe(database, *owed, at=now())
    recorded: set[str] = set()
    before = 0
    while ids != recorded:
        job = replace(job, dies=job.dies + 1)
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
    outcome.wrong += [f"seed {seed}: {one} is lost" for one in sorted(ids - set(counted))]
    outcome.wrong += [f"seed {seed}: {one} is nobody's id" for one in sorted(set(counted) - ids)]
    again = sum(times - 1 for times in counted.values())
    if job.kind == "webhook":
        outcome.repeated += again
    else:
        outcome.updated += again


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


_RECEIVERS = {"webhook": _webhook, "slack_bot": _slack_bot}
