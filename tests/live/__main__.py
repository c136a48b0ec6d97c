"""``python -m tests.live --filings 5000 --changes 200``: figures; exit status 1 if anything was lost or doubled."""

import argparse
import asyncio
import sys
import tempfile
import uuid
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

import asyncpg
from cryptography.fernet import Fernet

from service.log import admin
from service.log.broker import Broker
from service.log.shape import Shape
from service.store.database import open_database
from tests.chaos.fleet import Worker
from tests.control.desk import Answers, Floor
from tests.kit.process import LOOPBACK
from tests.live.play import Outcome, embedded, play, taken_over
from tests.servers.kafka import Kafka
from tests.servers.postgres import Postgres

ROLES = ("matcher", "matcher", "dispatcher", "dispatcher", "relay")
FOLLOWED = 2.0  # seconds
WAIT = 0.005  # seconds


async def distributed(folder: Path, seed: int, filings: int, changes: int, rate: float) -> Outcome:
    """A run with two matchers, two dispatchers and a relay as processes, on Kafka and PostgreSQL."""
    kafka, postgres = Kafka(folder / "kafka"), Postgres(folder / "postgres")
    name, key = f"live_{uuid.uuid4().hex[:12]}", Fernet.generate_key().decode()
    async with AsyncExitStack() as stack:
        await asyncio.gather(asyncio.to_thread(kafka.start), asyncio.to_thread(postgres.start))
        stack.callback(kafka.kill)
        stack.callback(postgres.kill)
        connection = await asyncpg.connect(postgres.url)
        await connection.execute(f"CREATE DATABASE {name}")
        await connection.close()
        url = f"{postgres.url.rpartition('/')[0]}/{name}"
        await admin.create(Broker(bootstrap=kafka.address, prefix=f"{name}."), Shape(partitions=4))
        database = await open_database(url)
        stack.push_async_callback(database.close)
        receiver = await stack.enter_async_context(Answers({}))
        settings = {
            "FILINGBELL_DATABASE": url,
            "FILINGBELL_KAFKA": kafka.address,
            "FILINGBELL_KAFKA_PREFIX": f"{name}.",
            "FILINGBELL_KEY": key,
            "FILINGBELL_EGRESS_ALLOW": LOOPBACK,  # the editor is a person, whose receivers are on this machine
            "FILINGBELL_LOG_LEVEL": "info",
        }
        workers = [Worker(role, number, folder, settings) for number, role in enumerate(ROLES)]
        for worker in workers:
            await worker.start()
            stack.push_async_callback(worker.kill)
        followers = [worker.log for worker in workers if worker.role != "relay"]
        return await play(
            Floor(database, folder / "home", key=key),
            seed,
            filings,
            changes,
            rate,
            lambda: {name: told for log in followers for name, told in _told(log).items()},
            receiver,
        )


def _told(log: Path) -> dict[str, list[tuple[datetime, int]]]:
    return taken_over(log) or {log.stem: []}  # it has not begun yet


def is_good(outcome: Outcome) -> bool:
    """Whether all that was promised held."""
    return outcome.verdict.good and max(outcome.follow) <= FOLLOWED and max(outcome.waits, default=0.0) <= WAIT


async def main(folder: Path, seed: int, filings: int, changes: int, rate: float, only: str) -> bool:
    """Both runs; returns whether all is well."""
    good = True
    if only in ("", "embedded"):
        database = await open_database(f"sqlite:///{folder}/filingbell.db")
        outcome = await embedded(database, folder / "home", seed, filings, changes, rate)
        await database.close()
        good &= told("embedded, SQLite", outcome)
    if only in ("", "distributed"):
        outcome = await distributed(folder, seed, filings, changes, rate)
        good &= told("2 matchers, 2 dispatchers, Kafka and PostgreSQL", outcome)
    return good


def told(name: str, outcome: Outcome) -> bool:
    """Print it, and what is wrong with it; returns whether all is well."""
    print(f"{name}: {outcome}", flush=True)
    for fault in [*outcome.verdict.lost, *outcome.verdict.doubled, *outcome.verdict.unexplained][:20]:
        print(f"  {fault}", flush=True)
    return is_good(outcome)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.live")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--filings", type=int, default=5_000)
    parser.add_argument("--changes", type=int, default=200)
    parser.add_argument("--rate", type=float, default=100.0, help="filings a second")
    parser.add_argument("--only", default="", choices=["", "embedded", "distributed"])
    chosen = parser.parse_args()
    logs = Path(tempfile.mkdtemp(prefix="filingbell-live-"))
    logs.chmod(0o755)  # PostgreSQL runs as another user
    sys.exit(not asyncio.run(main(logs, chosen.seed, chosen.filings, chosen.changes, chosen.rate, chosen.only)))
