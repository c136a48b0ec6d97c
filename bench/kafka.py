"""The same figures through Kafka and PostgreSQL on this machine, beside a plain copy of the same bytes."""

import asyncio
import gc
import os
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from cryptography.fernet import Fernet
from pydantic import SecretStr

from bench.latency import mornings, play
from bench.pipeline import RULES, Unlisted, provisioned, published
from service import telemetry
from service.cli.app import YOUNG
from service.log import admin
from service.log.broker import Broker
from service.log.kafka import KafkaLog
from service.log.shape import Shape
from service.runtime.wiring import serve
from service.settings import Settings
from service.store import Database, deliveries, events
from service.store.database import open_database
from service.vitals import Unwatched
from service.wire.topics import Event, Topic
from tests.servers.kafka import Kafka
from tests.servers.postgres import Postgres

FILINGS = 10_000
ROLES = ("relay", "parser", "matcher", "dispatcher")
Service = Callable[[Settings, Database, KafkaLog], AbstractAsyncContextManager[None]]

_JOINED = 8.0  # seconds until groups are joined and leaders elected
_LOOK = 0.1  # seconds between looks whether all is through
COMMAND = str(Path(sys.executable).with_name("filingbell"))


async def main(folder: Path) -> None:
    """Print the figures."""
    telemetry.configure_logs("critical")
    gc.set_threshold(YOUNG)  # as the command has it
    kafka, postgres = Kafka(folder / "kafka"), Postgres(folder / "postgres")
    try:
        kafka.start()
        postgres.start()
        print(f"Apache Kafka {kafka.version} and {postgres.version}, on this machine")
        await pipeline(kafka, postgres)
        await latency(kafka, postgres)
    finally:
        kafka.kill()
        postgres.kill()


async def pipeline(kafka: Kafka, postgres: Postgres) -> None:
    """Filings a second from the events table through Kafka and every stage, and a plain copy of the same bytes."""
    made = published(FILINGS, Unlisted())
    print(f"pipeline, Kafka and PostgreSQL, {FILINGS:,} filings at once, {RULES:,} rules")
    for what, service in (("all roles in one process", together), ("a process a role (goal: 1,200)", apart)):
        broker = await _new_broker(kafka)
        settings = Settings(
            database=await _new_database(postgres),
            kafka=broker.bootstrap,
            kafka_prefix=broker.prefix,
            key=SecretStr(Fernet.generate_key().decode()),
        )
        seconds = await through(settings, broker, made, service)
        copied = await copy(broker, made)
        print(f"  {what:45} {FILINGS / seconds:8,.0f} filings/s")
        print(f"  {'a plain copy of the same filings by aiokafka':45} {FILINGS / copied:8,.0f} filings/s")


async def through(settings: Settings, broker: Broker, made: Sequence[Event], service: Service) -> float:
    """Seconds from the commit of *made* until *service* has sent them through every stage."""
    assert settings.database is not None
    database = await open_database(settings.database.get_secret_value(), pool=10)
    log = KafkaLog(broker, database, Unwatched())
    await provisioned(database)
    async with service(settings, database, log):
        await asyncio.sleep(_JOINED)
        async with database.transaction() as tx:
            tx.emit(*made)
        started = time.perf_counter()
        while not await _all_through(database, log):
            await asyncio.sleep(_LOOK)
        seconds = time.perf_counter() - started
    await log.close()
    await database.close()
    return seconds


@asynccontextmanager
async def together(settings: Settings, database: Database, log: KafkaLog) -> AsyncIterator[None]:
    """The roles in this process."""
    task = asyncio.create_task(serve(settings, database, log, Unwatched(), ROLES))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def apart(settings: Settings, _: Database, __: KafkaLog) -> AsyncIterator[None]:
    """The roles as they are deployed."""
    assert settings.database is not None
    assert settings.key is not None
    told = {
        "database": settings.database.get_secret_value(),
        "kafka": settings.kafka or "",
        "kafka_prefix": settings.kafka_prefix,
        "key": settings.key.get_secret_value(),
    }
    async with processes(told, ROLES):
        yield


async def copy(broker: Broker, made: list[Event]) -> float:
    """Seconds to read every record of form4.filings and write it to another topic, with nothing promised."""
    other = Broker(bootstrap=broker.bootstrap, prefix=f"{broker.prefix}copy.")
    await admin.create(other, Shape(partitions=6))
    consumer = AIOKafkaConsumer(
        broker.topic(Topic.FILINGS),
        bootstrap_servers=broker.bootstrap,
        group_id=f"{broker.prefix}copy",
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=broker.bootstrap, compression_type=broker.compression, max_batch_size=256 * 1024
    )
    started = time.perf_counter()
    await consumer.start()
    await producer.start()
    read = 0
    while read < len(made):
        fetched = await consumer.getmany(timeout_ms=500, max_records=500)
        sent = [
            await producer.send(other.topic(Topic.FILINGS), one.value, one.key, headers=list(one.headers))
            for records in fetched.values()
            for one in records
        ]
        await asyncio.gather(*sent)
        await consumer.commit()
        read += len(sent)
    seconds = time.perf_counter() - started
    await consumer.stop()
    await producer.stop()
    return seconds


async def latency(kafka: Kafka, postgres: Postgres) -> None:
    """From the feed to the webhook, with every role a process of its own."""

    @asynccontextmanager
    async def deployed(settings: dict[str, str], config: Path) -> AsyncIterator[None]:
        broker = await _new_broker(kafka)
        stores = {"database": await _new_database(postgres), "kafka": kafka.address, "kafka_prefix": broker.prefix}
        async with processes(settings | stores, ("poller", *ROLES), "--config", str(config)):
            await asyncio.sleep(_JOINED)
            yield

    demo, even = mornings()
    await play("Kafka and PostgreSQL, a process a role, the demo", demo, deployed, " (goal: p99 250 ms)")
    await play("Kafka and PostgreSQL, a process a role, steady", even, deployed, " (goal: p50 40 ms, p99 120 ms)")


@asynccontextmanager
async def processes(settings: dict[str, str], roles: Sequence[str], *options: str) -> AsyncIterator[None]:
    """Each of *roles* in a process of its own."""
    told = {f"FILINGBELL_{name.upper()}": value for name, value in {**settings, "log_level": "critical"}.items()}
    running = [
        await asyncio.create_subprocess_exec(COMMAND, "run", role, *options, env=os.environ | told) for role in roles
    ]
    try:
        yield
    finally:
        for process in running:
            process.terminate()
        await asyncio.gather(*(process.wait() for process in running))


async def _new_broker(kafka: Kafka) -> Broker:
    broker = Broker(bootstrap=kafka.address, prefix=f"bench-{uuid.uuid4().hex[:8]}.")
    await admin.create(broker, Shape(partitions=6))
    return broker


async def _new_database(postgres: Postgres) -> str:
    name = f"bench_{uuid.uuid4().hex[:8]}"
    connection = await asyncpg.connect(postgres.url)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return f"{postgres.url.rpartition('/')[0]}/{name}"


async def _all_through(database: Database, log: KafkaLog) -> bool:
    """Whether every filing is parsed or dead, every parsed one is matched, and every alert is owed."""
    counted = await events.counts(database)
    if counted.get(Topic.PARSED, 0) + counted.get(Topic.DEAD, 0) < FILINGS or any((await log.lag()).values()):
        return False
    alerts = (await events.counts(database)).get(Topic.ALERTS, 0)
    return alerts == sum((await deliveries.counts(database)).values())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="filingbell-bench-") as home:
        Path(home).chmod(0o755)
        asyncio.run(main(Path(home)))
