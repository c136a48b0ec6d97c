"""What each compression costs the relay, and leaves on Kafka's disk: the bundled filings, as filed and as parsed."""

import asyncio
import contextlib
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from bench.pipeline import published
from consumers.parser.limits import Limits
from consumers.parser.step import ParserStep
from service import telemetry
from service.clock import now
from service.log import admin
from service.log.broker import Broker
from service.log.kafka import KafkaLog
from service.log.relay import Relay
from service.log.shape import Shape
from service.model.errors import UnusableDocument
from service.store import Transaction
from service.store.database import open_database
from service.vitals import Unwatched
from service.wire.topics import Event, Record, Topic
from tests.servers.kafka import Kafka

FILINGS = 2_000
COMPRESSIONS = ("none", "gzip", "lz4", "snappy", "zstd")


async def main(folder: Path) -> None:
    """Print the figures."""
    telemetry.configure_logs("critical")
    kafka = Kafka(folder / "kafka")
    kafka.start()
    filed = published(FILINGS)
    made = [*filed, *parsed(filed)]
    total = sum(len(event.value) for event in made)
    print(f"compression, {len(made):,} events of {total / len(made):,.0f} bytes on average, through the relay")
    try:
        for compression in COMPRESSIONS:
            broker = Broker(bootstrap=kafka.address, prefix=f"{compression}.", compression=compression)
            seconds = await relayed(folder / compression, broker, made)
            print(
                f"  {compression:8} {stored(folder / 'kafka', broker) / total:6.2f} of the size, "
                f"{1000 * seconds / len(made):6.2f} ms of CPU an event"
            )
    finally:
        kafka.kill()


def parsed(filed: list[Event]) -> list[Event]:
    """What the parser makes of *filed*."""
    step, made = ParserStep(now, Limits(), Unwatched()), []
    for number, event in enumerate(filed):
        record = Record(
            topic=event.topic,
            partition=0,
            offset=number,
            key=event.key,
            id=event.id,
            headers=event.headers,
            value=event.value,
        )
        with contextlib.suppress(UnusableDocument):
            made.append(step.read(record))
    return made


async def relayed(home: Path, broker: Broker, made: list[Event]) -> float:
    """Seconds of this process's CPU until *made* can be read on *broker*."""
    await admin.create(broker, Shape(partitions=6))
    database = await open_database(f"sqlite:///{home}/bench.db")
    async with database.transaction() as tx:
        tx.emit(*made)

    async def alone(_: Transaction) -> None:
        """There is no other relay."""

    log = KafkaLog(broker, database, Unwatched())
    await log.lag()  # after which it knows which cluster it is
    relay = Relay(broker, database, timedelta(days=1), now, Unwatched(), alone)
    started = time.process_time()
    task = asyncio.create_task(relay.run())
    while (await log.relayed() or 0) <= len(made):
        await asyncio.sleep(0.1)
    seconds = time.process_time() - started
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await log.close()
    await database.close()
    return seconds


def stored(folder: Path, broker: Broker) -> int:
    """The bytes of *broker*'s topics on its disk."""
    prefixed = [folder.glob(f"data/{broker.topic(topic)}-*/*.log") for topic in Topic]
    return sum(path.stat().st_size for paths in prefixed for path in paths)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="filingbell-bench-") as home:
        asyncio.run(main(Path(home)))
