"""Kills workers one after the other, each a step later than the one before, and compares receivers and tables."""

import asyncio
import multiprocessing
import random
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec.structs import replace
from sqlalchemy import select

from service.model.delivery import DeliveryState
from service.store import Database, claims
from service.store.database import open_database
from service.store.schema import deliveries
from tests.killing.receivers import RECEIVERS, tells_of_one_trade
from tests.killing.worker import Job, work
from tests.kit import books
from tests.kit.books import AnAlert, an_owed
from tests.kit.filings import now
from tests.kit.trades import CHAIN, a_trade, owed

_MOST = 3  # alerts
_LATE = 4  # workers that live before others file the trade of the first
_FAILED = 0  # others file it as soon as the first has failed, and is not due yet
_AT_ONCE = 8  # requests in flight to one channel, a worker
_LIMIT = 120.0  # seconds that a worker may live
_RECEIVERS = tuple(RECEIVERS.values())


@dataclass(slots=True)
class Outcome:
    """What came of it."""

    seeds: int = 0
    kills: int = 0
    alerts: int = 0
    together: int = 0  # of these: told in one message with another on the same trade
    again: Counter[str] = field(default_factory=Counter)  # what came again, by the channel's kind
    wrong: list[str] = field(default_factory=list)

    def told(self) -> str:
        """In a line."""
        again = self.again
        return (
            f"kill -9 between every two steps of the sender: {self.seeds} seeds, {self.kills} kills, {self.alerts} "
            f"alerts, {self.together} of them told with another on their trade; {again['webhook']} webhooks and "
            f"{again['email']} mails repeated under their id, {again['slack_bot']} Slack messages updated, "
            f"{again['discord']} Discord messages repeated, "
            f"{len(self.wrong)} lost, doubled or repeated after they were recorded"
        )


async def play(url: str, seeds: int, first: int = 0) -> Outcome:
    """*seeds* of them, from *first* on, in the database at *url*: each kind of channel in its turn."""
    database = await open_database(url)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.killing.worker", "service.store.postgres"])
    outcome = Outcome()
    for seed in range(first, first + seeds):
        outcome.seeds += 1
        async with _RECEIVERS[seed % len(_RECEIVERS)](url, seed) as (job, seen):
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
    job = replace(job, pace=0.0 if job.kind == "webhook" else chance.choice((0.0, 0.001)))
    waves = _waves(job, seed, chance)
    ids = {one.id for wave in waves.values() for one in wave}
    recorded: set[str] = set()
    before = 0
    while ids != recorded:
        job = replace(job, dies=job.dies + 1)
        if _FAILED in waves and await _failed(database, ids):
            waves[job.dies] = waves.pop(_FAILED)
        await books.owe(database, *waves.get(job.dies, ()), at=now())
        status = await _run(context, job)
        if status not in (0, -signal.SIGKILL):
            outcome.wrong.append(f"seed {seed}: a worker ended with {status}")
            return
        outcome.kills += status != 0
        await claims.release(database)  # as if the time of its claims had passed: on PostgreSQL 40 s
        came = seen()[before:]
        before += len(came)
        outcome.wrong += [f"seed {seed}: {one} came after it was recorded" for one in came if one in recorded]
        recorded = await _recorded(database, ids)
        if status == 0 and job.dies >= max(waves) and ids != recorded:
            outcome.wrong.append(f"seed {seed}: {sorted(ids - recorded)} were given up")
            return
        flying = set(seen()) - recorded
        if len(flying) > (1 if job.pace else _AT_ONCE):
            outcome.wrong.append(f"seed {seed}: {len(flying)} were in flight")
    counted = Counter(seen())
    outcome.alerts += len(ids)
    led = {one for one, lead in (await _led(database, ids)).items() if lead in counted and job.kind != "webhook"}
    outcome.together += len(led)
    outcome.wrong += [f"seed {seed}: {one} is lost" for one in sorted(ids - set(counted) - led)]
    outcome.wrong += [f"seed {seed}: {one} is nobody's id" for one in sorted(set(counted) - ids)]
    outcome.again[job.kind] += sum(times - 1 for times in counted.values())


def _waves(job: Job, seed: int, chance: random.Random) -> dict[int, list[AnAlert]]:
    """What is owed before which worker: alerts on filings each for itself, or all on one trade."""
    count, late = chance.randint(1, _MOST), chance.randint(0, _LATE)
    if not tells_of_one_trade(seed):
        return {1: [an_owed(number, f"s{seed}", (job.kind,)) for number in range(count)]}
    first, *others = [owed(one, job.kind) for one in a_trade(*CHAIN[:count], rule=f"s{seed}", start=10 * seed)]
    if job.retry > 1:
        return {1: [first], _FAILED: others}
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


async def _failed(database: Database, ids: set[str]) -> bool:
    """Whether one of *ids* has failed, and was not delivered yet."""
    query = select(deliveries.c.message).where(
        deliveries.c.message.in_(ids), deliveries.c.state == DeliveryState.PENDING
    )
    async with database.reading() as connection:
        return await connection.scalar(query.where(deliveries.c.tries > 0).limit(1)) is not None


async def _recorded(database: Database, ids: set[str]) -> set[str]:
    query = select(deliveries.c.message).where(
        deliveries.c.message.in_(ids), deliveries.c.state == DeliveryState.DELIVERED
    )
    async with database.reading() as connection:
        return set(await connection.scalars(query))


async def _led(database: Database, ids: set[str]) -> dict[str, str]:
    """Which alerts were told in the message of another, and of which."""
    query = select(deliveries.c.message, deliveries.c.told_with)
    query = query.where(deliveries.c.message.in_(ids), deliveries.c.told_with.is_not(None))
    async with database.reading() as connection:
        return {row.message: row.told_with for row in await connection.execute(query)}
