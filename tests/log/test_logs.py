"""What every log promises: order, replay, position, compare-and-swap, supersession, poison, big records, restart."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from msgspec import Struct

from consumers import stage
from consumers.parser.limits import Limits
from consumers.parser.step import ParserStep
from consumers.steps import Step
from service.log import admin
from service.log.backends import open_log
from service.log.broker import Broker
from service.log.relay import Relay
from service.log.shape import Shape
from service.log.source import Batch, Log, Source
from service.model.errors import Superseded
from service.runtime.interruption import kept
from service.store import Database, Transaction, letters
from service.store.database import open_database
from service.store.letters import WhichLetters
from service.vitals import Unwatched
from service.wire.topics import Event, Record, Topic
from tests.conftest import new_database_url
from tests.kit.eventually import eventually
from tests.kit.filings import a_filing_event, alone, now

LOGS = ("sqlite", "postgresql", "kafka over sqlite", "kafka over postgresql")


class Bench(Struct, frozen=True):
    """One log, and what fills it."""

    log: Log
    database: Database

    async def publish(self, *published: Event) -> None:
        """Append, as a stage would."""
        async with self.database.transaction() as tx:
            tx.emit(*published)

    async def all_of(self, topic: Topic) -> list[Record]:
        """What stands on *topic*, as any consumer reads it."""
        return [record async for record in self.log.tail(topic, None, follow=False)]


@pytest.fixture(params=LOGS)
async def bench(request: pytest.FixtureRequest, tmp_path) -> AsyncIterator[Bench]:
    """Every log in turn; with Kafka a relay runs, and the topics have three partitions."""
    kafka, _, backend = request.param.rpartition(" over ")
    url = await asyncio.to_thread(new_database_url, request, tmp_path, backend)
    broker: Broker | None = request.getfixturevalue("broker") if kafka else None
    database = await open_database(url, pool=8)
    async with _relaying(broker, database):
        log = open_log(broker, database, Unwatched())
        yield Bench(log, database)
        await log.close()
    await database.close()


@asynccontextmanager
async def _relaying(broker: Broker | None, database: Database) -> AsyncIterator[None]:
    if broker is None:
        yield
        return
    await admin.create(broker, Shape(partitions=3))
    publisher = Relay(broker, database, timedelta(days=7), now, Unwatched(), alone)
    relay = asyncio.create_task(kept("relay", publisher.run, Unwatched()))
    try:
        yield
    finally:
        relay.cancel()
        await asyncio.gather(relay, return_exceptions=True)


class Recorder:
    """A step that remembers what it wrote."""

    group = "parser"
    topic = Topic.FILINGS

    def __init__(self, fail: Callable[[], bool] = lambda: False) -> None:
        self.written: list[Record] = []
        self._fail = fail

    def read(self, record: Record) -> Record:
        return record

    async def write(self, tx: Transaction, results: list[Record]) -> None:
        if self._fail():
            raise Superseded("as if another worker had moved the position")
        self.written += results


@asynccontextmanager
async def running(step: Step[object], bench: Bench, batch: int = 100) -> AsyncIterator[None]:
    source = bench.log.source(step.group, step.topic, batch)
    task = asyncio.create_task(stage.run(step, source, bench.database, now, Unwatched()))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def by_issuer(records: list[Record]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for record in records:
        found.setdefault(record.key, []).append(record.id)
    return found


def expected(numbers: range, issuers: int = 7) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for number in numbers:
        found.setdefault(f"{9900000 + number % issuers:010d}", []).append(f"filing-0009990900-25-{number:06d}")
    return found


def filing_of(number: int, issuers: int = 7) -> Event:
    return a_filing_event(number, cik=f"{9900000 + number % issuers:010d}")


async def test_each_issuers_filings_come_once_and_in_order_across_restarts(bench: Bench) -> None:
    """The position moves with the work, so a restart goes on exactly behind it."""
    step = Recorder()
    await bench.publish(*(filing_of(number) for number in range(250)))
    for upto in (250, 300):
        async with running(step, bench, batch=40):
            await eventually(wrote(step, upto))
        if upto == 250:
            await bench.publish(*(filing_of(number) for number in range(250, 300)))

    assert expected(range(300)) == by_issuer(step.written)


async def test_a_group_of_its_own_reads_everything_from_the_beginning(bench: Bench) -> None:
    """Replay: what one group has read is nothing to another."""
    first, second = Recorder(), Recorder()
    second.group = "matcher"
    await bench.publish(*(filing_of(number) for number in range(60)))
    for step in (first, second):
        async with running(step, bench):
            await eventually(wrote(step, 60))

    assert by_issuer(first.written) == by_issuer(second.written) == expected(range(60))


async def test_a_batch_that_was_rolled_back_comes_again(bench: Bench) -> None:
    """Superseded is no loss: the stage reads from the database's position."""
    chance = random.Random(4)
    step = Recorder(lambda: chance.random() < 0.4)
    await bench.publish(*(filing_of(number) for number in range(120)))
    async with running(step, bench, batch=7):
        await eventually(wrote(step, 120))

    assert expected(range(120)) == by_issuer(step.written)


async def test_workers_of_one_group_share_the_work_without_doubling_it(bench: Bench) -> None:
    """Compare-and-swap on the position; with Kafka the partitions move between them as well."""
    await bench.publish(*(filing_of(number) for number in range(100)))
    limits = Limits()

    async def parsed() -> bool:
        return 200 == len(await bench.all_of(Topic.PARSED))

    async with (
        running(ParserStep(now, limits, Unwatched()), bench, batch=7),
        running(ParserStep(now, limits, Unwatched()), bench, batch=11),
    ):
        await bench.publish(*(filing_of(number) for number in range(100, 200)))
        await eventually(parsed)

    wanted = {key: [one.replace("filing-", "parsed-") for one in ids] for key, ids in expected(range(200)).items()}
    assert wanted == by_issuer(await bench.all_of(Topic.PARSED))


async def test_a_position_that_was_moved_stops_whoever_holds_the_old_one(bench: Bench) -> None:
    """Two readers of one group, one batch: only one of them commits."""
    await bench.publish(filing_of(1))
    one, other = (bench.log.source("parser", Topic.FILINGS) for _ in range(2))
    batch = await first_batch(one)
    async with bench.database.transaction() as tx:
        await batch.advance(tx)
    with pytest.raises(Superseded):
        async with bench.database.transaction() as tx:
            await batch.advance(tx)
    await bench.publish(filing_of(8))
    late = await first_batch(other)

    assert ["filing-0009990900-25-000008"] == [record.id for record in late.records]


async def test_poison_is_set_aside_and_the_stream_goes_on(bench: Bench) -> None:
    """Broken documents and values that are no events become dead letters, with their bytes."""
    broken = a_filing_event(1, document=b"<ownershipDocument><issuer>")
    nonsense = Event(topic=Topic.FILINGS, key="x", id="nonsense", headers={"ce_id": "nonsense"}, value=b"\xff{")
    await bench.publish(broken, nonsense, filing_of(2))

    async def through() -> bool:
        dead, parsed = await bench.all_of(Topic.DEAD), await bench.all_of(Topic.PARSED)
        return 2 == len(dead) and 1 == len(parsed)

    async with running(ParserStep(now, Limits(), Unwatched()), bench):
        await eventually(through)
    kept = await letters.page(bench.database, WhichLetters(stages=("parser",)), 10)

    assert {broken.value, nonsense.value} == {one.letter.original.data() for one in kept}


async def test_big_records_come_whole(bench: Bench) -> None:
    """A filing of several megabytes between small ones."""
    padding = f"<!--{'x' * 3_000_000}-->".encode()
    big = a_filing_event(2, document=padding, cik="0009900001")
    await bench.publish(a_filing_event(1), big, a_filing_event(3))
    step = Recorder()
    async with running(step, bench):
        await eventually(wrote(step, 3))

    assert big.value in [record.value for record in step.written]
    assert 1 == len(by_issuer(step.written))


async def test_tail_shows_the_last_and_lag_what_is_left(bench: Bench) -> None:
    """Whoever looks sees the same records as a consumer, and how far each group is."""
    await bench.publish(*(filing_of(number) for number in range(20)))
    step = Recorder()
    async with running(step, bench):
        await eventually(wrote(step, 20))
    last = [record.id async for record in bench.log.tail(Topic.FILINGS, 5, follow=False)]

    assert {f"filing-0009990900-25-{number:06d}" for number in range(15, 20)} == set(last)
    assert 20 == len(await bench.all_of(Topic.FILINGS))
    assert 0 == (await bench.log.lag())["parser", Topic.FILINGS]
    await bench.log.ready()


def wrote(step: Recorder, count: int):
    async def condition() -> bool:
        return len(step.written) >= count

    return condition


async def first_batch(source: Source) -> Batch:
    async with asyncio.timeout(30):
        async for batch in source.batches():
            if batch.records:
                return batch
    raise AssertionError("a source never ends")
