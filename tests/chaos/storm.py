"""One seed: a fleet of workers, two servers, and a storm over all of them."""

import asyncio
import random
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import asyncpg
from cryptography.fernet import Fernet
from msgspec import Struct

from service.log import admin
from service.log.broker import Broker
from service.log.shape import Shape
from service.lookalike.server import LookAlike
from service.wire.topics import Topic
from tests.chaos.fleet import ROLES, Fleet
from tests.chaos.input import RULES, Stream, alerting
from tests.chaos.proxy import Proxy
from tests.chaos.verdict import Verdict, judge
from tests.kit.receiver import SECRET, Receiver
from tests.servers.kafka import Kafka
from tests.servers.postgres import Postgres

_CONFIG = """
channels:
  desk: {type: slack, url: "URL/slack", pace_seconds: 0}
  hook: {type: webhook, url: "URL/webhook", secrets: "SECRET"}
"""
_FREEZE = 13.0  # seconds: longer than a session of Kafka's (10), a lease (9) and an idle transaction (10)


class Outcome(Struct, frozen=True, kw_only=True):
    """What a seed came to."""

    seed: int
    filings: int
    seconds: float  # from the first filing in the feed to the last delivery
    blows: dict[str, int]
    fell: int  # workers that ended by themselves
    verdict: Verdict
    folder: Path


class Servers:
    """Kafka and PostgreSQL, and a proxy before each."""

    def __init__(self, folder: Path) -> None:
        self.kafka = Kafka(folder / "kafka")
        self.postgres = Postgres(folder / "postgres")
        self.proxies: dict[str, Proxy] = {}

    async def __aenter__(self) -> Self:
        await asyncio.gather(asyncio.to_thread(self.kafka.start), asyncio.to_thread(self.postgres.start))
        self.proxies["kafka"] = await Proxy(self.kafka.inner, self.kafka.proxy).__aenter__()
        self.proxies["postgres"] = await Proxy(self.postgres.port).__aenter__()
        return self

    async def __aexit__(self, *_error: object) -> None:
        for proxy in self.proxies.values():
            await proxy.__aexit__(None, None, None)
        self.kafka.kill()
        self.postgres.kill()


async def storm(
    servers: Servers, folder: Path, seed: int, count: int, *, rate: float, blows: int, only: str = ""
) -> Outcome:
    """*count* filings at *rate* a second through two workers of each role, with *blows* meanwhile."""
    chance = random.Random(seed)
    name = f"chaos_{uuid.uuid4().hex[:12]}"
    await _execute(servers.postgres.url, f"CREATE DATABASE {name}")
    direct = f"{servers.postgres.url.rpartition('/')[0]}/{name}"
    prefix = f"{name}."
    broker = Broker(bootstrap=servers.kafka.address, prefix=prefix)
    await admin.create(broker, Shape(partitions=3))
    async with AsyncExitStack() as stack:
        receiver = await stack.enter_async_context(Receiver(refuse=0.02, seed=seed))
        stream = Stream(count, rate)
        # Hundreds of times faster than EDGAR's busiest hour, so the feed must reach back as many times further.
        edgar = await stack.enter_async_context(LookAlike(stream, deepest=10**6))
        config = _CONFIG.replace("URL", receiver.url).replace("SECRET", SECRET) + RULES
        fleet = Fleet(folder, config, _settings(servers, name, prefix, edgar.url), 2, chance)
        stack.push_async_callback(fleet.kill_all)
        await fleet.start(*ROLES)
        await _until(lambda: _is_ready(direct), 60)
        began = time.monotonic()
        stream.begin(datetime.now(UTC) + timedelta(seconds=1.5))
        known = _blows(fleet, servers, chance)
        chosen = {name: blow for name, blow in known.items() if any(part in name for part in only.split(","))}
        dealt = await _deal(chosen, chance, stream, blows)
        await fleet.raise_the_fallen()
        await _until(lambda: _settled(direct, count, receiver), 240, fleet)
        seconds = time.monotonic() - began
        statuses = await fleet.stop()
        verdict = await judge(count, broker, direct, receiver)
    verdict.other += [f"a worker ended with status {status} on SIGTERM" for status in statuses if status]
    await _execute(servers.postgres.url, f"DROP DATABASE {name} WITH (FORCE)")
    return Outcome(
        seed=seed, filings=count, seconds=seconds, blows=dealt, fell=fleet.fell, verdict=verdict, folder=folder
    )


def _settings(servers: Servers, database: str, prefix: str, edgar: str) -> dict[str, str]:
    settings = {
        "DATABASE": f"postgresql://postgres@127.0.0.1:{servers.proxies['postgres'].port}/{database}",
        "KAFKA": f"127.0.0.1:{servers.kafka.proxy}",
        "KAFKA_PREFIX": prefix,
        "SEC_CONTACT": "Tests tests@example.com",
        "SEC_URL": edgar,
        "SEC_RATE": "5000",
        "POLL_SECONDS": "0.25",
        "RETRY_SECONDS": ",".join(["0.5"] * 60),
        "LOG_LEVEL": "info",
        "KEY": Fernet.generate_key().decode(),  # one for all: each worker has a home of its own
    }
    return {f"FILINGBELL_{name}": value for name, value in settings.items()}


def _blows(fleet: Fleet, servers: Servers, chance: random.Random) -> dict[str, Callable[[], Awaitable[object]]]:
    async def restart(server: Kafka | Postgres, *, orderly: bool) -> None:
        await asyncio.to_thread(server.stop if orderly else server.kill)
        await asyncio.sleep(chance.uniform(0.2, 3.0))
        await asyncio.to_thread(server.start)

    async def cut(name: str) -> None:
        servers.proxies[name].cut()

    return {
        "kill -9": fleet.kill,
        "SIGTERM": fleet.terminate,
        "SIGSTOP": lambda: fleet.freeze(_FREEZE),
        "rolling restart": fleet.roll,
        "Kafka restarted": lambda: restart(servers.kafka, orderly=True),
        "Kafka killed": lambda: restart(servers.kafka, orderly=False),
        "PostgreSQL restarted": lambda: restart(servers.postgres, orderly=True),
        "PostgreSQL killed": lambda: restart(servers.postgres, orderly=False),
        "connections to Kafka cut": lambda: cut("kafka"),
        "connections to PostgreSQL cut": lambda: cut("postgres"),
        "Kafka unreachable": lambda: servers.proxies["kafka"].stall(chance.uniform(1, 6)),
        "PostgreSQL unreachable": lambda: servers.proxies["postgres"].stall(chance.uniform(1, 6)),
    }


_OFTEN = {"kill -9": 4, "SIGTERM": 2, "SIGSTOP": 2}


async def _deal(
    blows: dict[str, Callable[[], Awaitable[object]]], chance: random.Random, stream: Stream, count: int
) -> dict[str, int]:
    """Deal *count* blows, spread over the time that filings appear; some go on while the next falls."""
    bag = [name for name in blows for _ in range(_OFTEN.get(name, 1))]
    chosen: list[str] = []
    while len(chosen) < count:
        chance.shuffle(bag)
        chosen += bag
    seconds = (stream.ends - datetime.now(UTC)) / timedelta(seconds=1)
    servers = asyncio.Lock()  # one server at a time is down
    async with asyncio.TaskGroup() as group:
        for name in chosen[:count]:
            await asyncio.sleep(chance.uniform(0.5, 1.5) * seconds / count)
            group.create_task(_one(blows[name], servers if "restarted" in name or "killed" in name else None))
    return dict(Counter(chosen[:count]))


async def _one(blow: Callable[[], Awaitable[object]], lock: asyncio.Lock | None) -> None:
    if lock is None:
        await blow()
    else:
        async with lock:
            await blow()


async def _until(
    condition: Callable[[], Awaitable[tuple[bool, object]]], patience: float, fleet: Fleet | None = None
) -> None:
    """Wait for *condition*, as long as what it reports changes within *patience* seconds."""
    last: object = None
    since = time.monotonic()
    while True:
        done, state = await condition()
        if done:
            return
        if state != last:
            last, since = state, time.monotonic()
        if time.monotonic() - since > patience:
            return  # the verdict says what is missing
        if fleet is not None:
            await fleet.raise_the_fallen()
        await asyncio.sleep(0.25)


async def _is_ready(database: str) -> tuple[bool, object]:
    """Whether the poller knows what is new, and the rule is there: it tells of nothing that came before it."""
    try:
        rows = await _execute(
            database, "SELECT (SELECT count(*) FROM marks), (SELECT count(*) FROM resources WHERE kind = 'rule')"
        )
    except (OSError, asyncpg.PostgresError):
        return False, None
    marks, rules = rows[0]
    return marks >= 2 and rules > 0, (marks, rules)


async def _settled(database: str, count: int, receiver: Receiver) -> tuple[bool, object]:
    """Whether every filing is through and every delivery made; and figures that change as long as it goes on."""
    try:
        rows = await _execute(
            database,
            "SELECT (SELECT count(*) FROM filings WHERE state = 'published'), "
            f"(SELECT count(*) FROM events WHERE topic IN ('{Topic.PARSED}', '{Topic.DEAD}')), "
            f"(SELECT count(*) FROM events WHERE topic = '{Topic.ALERTS}'), "
            "(SELECT count(*) FROM deliveries WHERE state = 'pending'), "
            "(SELECT count(*) FROM deliveries), (SELECT coalesce(max(seq), 0) FROM events), "
            "(SELECT coalesce(max(next), 0) FROM positions WHERE \"group\" = 'relay'), "
            "(SELECT sum(next) FROM positions)",
        )
    except (OSError, asyncpg.PostgresError):
        return False, None
    published, handled, alerts, pending, deliveries, last, relayed, _ = rows[0]
    expected = len(list(alerting(count)))
    through = published == handled == count and alerts == expected and deliveries == 2 * expected
    return through and not pending and relayed > last, (*rows[0], len(receiver.received))


async def _execute(url: str, statement: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url, timeout=10)
    try:
        rows: list[asyncpg.Record] = await connection.fetch(statement)
        return rows
    finally:
        await connection.close()
