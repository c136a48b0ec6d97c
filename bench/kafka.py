"""The same figures through Kafka and PostgreSQL on this machine, and the ratio to a plain copy of the same bytes."""

import asyncio
import gc
import os
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
from service.store.database import open_database
from service.vitals import Unwatched
from service.wire.topics import Event, Topic
from tests.servers.kafka import Kafka
from tests.servers.postgres import Postgres

FILINGS = 10_000
ROLES = ("relay", "parser", "matcher", "dispatcher")
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
    url, broker = await _new(postgres), Broker(bootstrap=kafka.address, prefix=f"bench-{uuid.uuid4().hex[:8]}.")
    await admin.create(broker, Shape(partitions=6))
    database = await open_database(url, pool=10)
    await provisioned(database)
    async with database.transaction() as tx:
        tx.emit(*made)
    await warm(broker)
    settings = Settings(
        database=url, kafka=kafka.address, kafka_prefix=broker.prefix, key=SecretStr(Fernet.generate_key().decode())
    )
    log, vitals = KafkaLog(broker, database, Unwatched()), Unwatched()
    watching = await asyncpg.connect(url)
    started = time.perf_counter()
    task = asyncio.create_task(serve(settings, database, log, vitals, ROLES))
    while not await _through(watching, log):
        await asyncio.sleep(_LOOK)
    seconds = time.perf_counter() - started
    await watching.close()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await log.close()
    await database.close()
    copied = await copy(broker, made)
    print(f"pipeline, Kafka and PostgreSQL, {FILINGS:,} filings, {RULES:,} rules; all roles in one process")
    print(f"  relay, parser, matcher, dispatcher            {FILINGS / seconds:8,.0f} filings/s (goal: 1,200)")
    print(f"  plain aiokafka copy of the same filings       {FILINGS / copied:8,.0f} filings/s")
    print(f"  ratio                                         {copied / seconds:8.2f}")


async def warm(broker: Broker) -> None:
    """Have a new cluster make the topics of its own that groups and transactions need: any other has them."""
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, transactional_id=f"{broker.prefix}warm")
    consumer = AIOKafkaConsumer(
        broker.topic(Topic.FILINGS), bootstrap_servers=broker.bootstrap, group_id=f"{broker.prefix}warm"
    )
    await producer.start()
    await consumer.start()
    await consumer.stop()
    await producer.stop()


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
    async def processes(settings: dict[str, str], config: Path) -> AsyncIterator[None]:
        settings = settings | {
            "database": await _new(postgres),
            "kafka": kafka.address,
            "kafka_prefix": f"bench-{uuid.uuid4().hex[:8]}.",
            "log_level": "error",
        }
        environment = os.environ | {f"FILINGBELL_{name.upper()}": value for name, value in settings.items()}
        broker = Broker(bootstrap=kafka.address, prefix=settings["kafka_prefix"])
        await admin.create(broker, Shape(partitions=6))
        running = [
            await asyncio.create_subprocess_exec(COMMAND, "run", role, "--config", str(config), env=environment)
            for role in ("poller", *ROLES)
        ]
        try:
            await asyncio.sleep(8)  # groups joined, leaders elected
            yield
        finally:
            for process in running:
                process.terminate()
            await asyncio.gather(*(process.wait() for process in running))

    demo, even = mornings()
    await play("Kafka and PostgreSQL, a process a role, the demo", demo, processes, " (goal: p99 250 ms)")
    await play("Kafka and PostgreSQL, a process a role, steady", even, processes, " (goal: p50 40 ms, p99 120 ms)")


async def _new(postgres: Postgres) -> str:
    name = f"bench_{uuid.uuid4().hex[:8]}"
    connection = await asyncpg.connect(postgres.url)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return f"{postgres.url.rpartition('/')[0]}/{name}"


async def _through(watching: asyncpg.Connection, log: KafkaLog) -> bool:
    """Whether every filing is parsed or dead, every parsed one is matched, and every alert is owed."""
    parsed = await watching.fetchval("SELECT count(*) FROM events WHERE topic IN ('form4.parsed', 'form4.dead')")
    if parsed < FILINGS or any((await log.lag()).values()):
        return False
    alerts, owed = await watching.fetchrow(
        "SELECT (SELECT count(*) FROM events WHERE topic = 'form4.alerts'), (SELECT count(*) FROM deliveries)"
    )
    return bool(alerts == owed)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="filingbell-bench-") as home:
        Path(home).chmod(0o755)
        asyncio.run(main(Path(home)))
