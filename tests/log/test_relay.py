"""The relay: each event to Kafka once and in order, whatever happens to it, to Kafka or to what it has noted."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiokafka import AIOKafkaProducer
from jsonschema import Draft7Validator
from msgspec.structs import replace
from sqlalchemy import update

from consumers import stage
from consumers.parser.limits import Limits
from consumers.parser.step import ParserStep
from service.log import admin
from service.log.broker import Broker
from service.log.kafka import KafkaLog
from service.log.relay import Relay
from service.log.shape import Shape
from service.log.table import TableLog
from service.model.errors import Superseded, UnusableReason
from service.runtime.interruption import kept
from service.settings import Settings
from service.store import Database, events, letters, schema
from service.store.letters import WhichLetters
from service.vitals import Unwatched
from service.watch.look import Look
from service.wire.asyncapi import asyncapi
from service.wire.topics import Event, Record, Topic
from tests.kit.eventually import eventually
from tests.kit.filings import a_filing_event, alone, now

WEEK = timedelta(days=7)


@pytest.fixture
async def topics(broker: Broker) -> Broker:
    """The cluster, with the topics made."""
    await admin.create(broker, Shape(partitions=2, max_bytes=broker.max_bytes))
    return broker


@asynccontextmanager
async def relaying(broker: Broker, database: Database, retention: timedelta = WEEK) -> AsyncIterator[None]:
    relay = Relay(broker, database, retention, now, Unwatched(), alone)
    task = asyncio.create_task(kept("relay", relay.run, Unwatched()))
    try:
        yield
    finally:
        task.cancel()
        (ended,) = await asyncio.gather(task, return_exceptions=True)
        if not isinstance(ended, asyncio.CancelledError):
            raise ended  # it fell before


async def publish(database: Database, *published: Event) -> None:
    async with database.transaction() as tx:
        tx.emit(*published)


async def on_kafka(broker: Broker, database: Database, topic: Topic = Topic.FILINGS) -> list[Record]:
    log = KafkaLog(broker, database, Unwatched())
    return [record async for record in log.tail(topic, None, follow=False)]


async def until_relayed(broker: Broker, database: Database, count: int, topic: Topic = Topic.FILINGS) -> list[Record]:
    async def there() -> bool:
        return len(await on_kafka(broker, database, topic)) >= count

    await eventually(there)
    return await on_kafka(broker, database, topic)


def ids(numbers: range) -> list[str]:
    return [f"filing-0009990900-25-{number:06d}" for number in numbers]


async def test_records_carry_cloudevents_headers_and_the_issuer_as_their_key(
    topics: Broker, database: Database
) -> None:
    """Binary content mode, and where the event stood in the table."""
    event = a_filing_event(7, cik="0000000042")
    async with relaying(topics, database):
        await publish(database, event)
        (record,) = await until_relayed(topics, database, 1)

    assert "0000000042" == record.key
    assert event.value == record.value
    assert dict(event.headers) | {"filingbell-seq": "1"} == record.headers
    assert "filingbell.filing.v1" == record.headers["ce_type"]
    assert "application/json" == record.headers["content-type"]
    described = asyncapi("1.2.3", topics, [Topic.FILINGS])["components"]["messages"]["filingbell.filing.v1"]["headers"]
    assert set(described["required"]) == set(record.headers)
    Draft7Validator(described).validate(dict(record.headers))


@pytest.mark.parametrize("forgotten", ["nothing", "the database's mark"])
async def test_a_new_leader_goes_on_where_the_last_one_stood(
    forgotten: str, topics: Broker, database: Database
) -> None:
    """The database's note, and the records themselves: either is enough."""
    async with relaying(topics, database):
        await publish(database, *(a_filing_event(number) for number in range(30)))
        await until_relayed(topics, database, 30)
    if forgotten == "the database's mark":
        async with database.transaction() as tx:
            await tx.execute(update(schema.positions).where(schema.positions.c.group == "relay").values(next=0))
    await publish(database, *(a_filing_event(number) for number in range(30, 40)))
    async with relaying(topics, database):
        found = await until_relayed(topics, database, 40)

    assert sorted(ids(range(40))) == sorted(record.id for record in found)


async def test_a_relay_that_was_thought_dead_is_fenced(topics: Broker, database: Database) -> None:
    """Its successor's start ends its transactions: it can publish nothing any more."""
    old = AIOKafkaProducer(**topics.client(), transactional_id=f"{topics.prefix}filingbell-relay")
    await old.start()
    relay = Relay(topics, database, WEEK, now, Unwatched(), alone)
    await publish(database, a_filing_event(1))
    async with relaying(topics, database):
        await until_relayed(topics, database, 1)
        with pytest.raises(Superseded):
            await relay._publish(old, [(await on_kafka(topics, database))[0]])
    await old.stop()

    assert 1 == len(await on_kafka(topics, database))


async def test_a_record_over_the_limit_becomes_a_dead_letter_that_points_to_it(
    topics: Broker, database: Database
) -> None:
    """The stream goes on; after the limit was raised, a retry publishes it under its own id."""
    small = replace(topics, max_bytes=100_000)
    big = a_filing_event(2, document=b"x" * 200_000)
    async with relaying(small, database):
        await publish(database, a_filing_event(1), big, a_filing_event(3))
        found = await until_relayed(topics, database, 2)
        (dead,) = await until_relayed(topics, database, 1, Topic.DEAD)
    (letter,) = await letters.page(database, WhichLetters(states=(letters.LetterState.OPEN,), stages=("relay",)), 9)

    assert ids(range(1, 2)) + ids(range(3, 4)) == [record.id for record in found]
    assert UnusableReason.TOO_LARGE_FOR_KAFKA == letter.letter.reason
    assert big.id == letter.letter.id == json.loads(dead.value)["id"]
    assert b"" == letter.letter.original.data()
    assert big.value == await events.by_id(database, big.id)

    async with database.transaction() as tx:
        assert await events.append_again(tx, big.id)
    async with relaying(topics, database):
        found = await until_relayed(topics, database, 3)

    assert sorted(ids(range(1, 4))) == sorted(record.id for record in found)


async def test_a_topic_that_takes_less_than_we_think_holds_nothing_up(broker: Broker, database: Database) -> None:
    """The broker itself refuses the record: it alone becomes a dead letter."""
    await admin.create(broker, Shape(partitions=2, max_bytes=100_000))
    uncompressed = replace(broker, compression="none")
    big = a_filing_event(2, document=b"x" * 200_000)
    async with relaying(uncompressed, database):
        await publish(database, a_filing_event(1), big, a_filing_event(3))
        found = await until_relayed(broker, database, 2)
        await until_relayed(broker, database, 1, Topic.DEAD)

    assert ids(range(1, 2)) + ids(range(3, 4)) == [record.id for record in found]


async def test_what_is_in_kafka_is_pruned_and_cannot_come_again(topics: Broker, database: Database) -> None:
    """The value goes, the id stays."""
    published = [a_filing_event(number) for number in range(5)]
    async with relaying(topics, database, retention=timedelta(0)):
        await publish(database, *published)
        await until_relayed(topics, database, 5)

    async def pruned() -> bool:
        return [] == await events.read(database, Topic.FILINGS, 0, 10)

    async with relaying(topics, database, retention=timedelta(0)):  # the pruner looks at once when it starts
        await eventually(pruned)
        await publish(database, *published, a_filing_event(5))
        found = await until_relayed(topics, database, 6)

    assert sorted(ids(range(6))) == sorted(record.id for record in found)
    assert {"form4.filings": 6} == await events.counts(database)


async def test_an_embedded_service_that_moves_to_kafka_handles_nothing_twice(
    topics: Broker, database: Database
) -> None:
    """What a group has read from the table is skipped on the topics."""
    step = ParserStep(now, Limits(), Unwatched())
    await publish(database, *(a_filing_event(number) for number in range(10)))

    async def parsed(count: int) -> bool:
        return count == (await events.counts(database)).get(Topic.PARSED, 0)

    table = TableLog(database, Unwatched())
    await _run_until(step, table.source(step.group, step.topic), database, lambda: parsed(10))
    await publish(database, *(a_filing_event(number) for number in range(10, 15)))
    handled: list[str] = []

    class Watching(ParserStep):
        def read(self, record: Record) -> Event:
            handled.append(record.id)
            return super().read(record)

    async with relaying(topics, database):
        kafka = KafkaLog(topics, database, Unwatched())
        source = kafka.source(step.group, step.topic)
        await _run_until(Watching(now, Limits(), Unwatched()), source, database, lambda: parsed(15))

    assert ids(range(10, 15)) == sorted(handled)


async def test_a_stage_reads_what_the_relay_has_not_committed_and_nothing_twice(
    topics: Broker, database: Database
) -> None:
    """An event was committed in the database before it came here; an aborted transaction only writes it again."""
    await publish(database, *(a_filing_event(number) for number in range(6)))
    records = await events.read(database, Topic.FILINGS, 0, 10)
    handled: list[str] = []

    class Watching(ParserStep):
        def read(self, record: Record) -> Event:
            handled.append(record.id)
            return super().read(record)

    dying = AIOKafkaProducer(**topics.client(), transactional_id=f"{topics.prefix}filingbell-relay")
    await dying.start()
    await dying.begin_transaction()
    relay = Relay(topics, database, WEEK, now, Unwatched(), alone)
    await asyncio.gather(*[await relay._send(dying, record) for record in records[:4]])
    await _stage_until(topics, database, 4, Watching(now, Limits(), Unwatched()))
    assert [] == await on_kafka(topics, database)  # for everybody else nothing is there yet
    async with relaying(topics, database):  # which aborts that, and writes all of it again
        await until_relayed(topics, database, 6)
        await _stage_until(topics, database, 6, Watching(now, Limits(), Unwatched()))
    await dying.stop()

    assert ids(range(6)) == sorted(handled)


async def test_what_closes_a_hanging_transaction_is_no_event(topics: Broker, database: Database) -> None:
    """A stage passes it over: it is neither handled nor a dead letter."""
    hanging = AIOKafkaProducer(**topics.client(), transactional_id="of somebody else's")
    await hanging.start()
    await hanging.begin_transaction()
    for partition in (0, 1):
        await hanging.send_and_wait(topics.topic(Topic.FILINGS), value=b"poison", partition=partition)
    async with relaying(topics, database):
        await publish(database, *(a_filing_event(number, cik=f"{number:010d}") for number in range(1, 9)))
        await _stage_until(topics, database, 8, ParserStep(now, Limits(), Unwatched()))
    await hanging.stop()
    dead = await letters.page(database, WhichLetters(states=(letters.LetterState.OPEN,), stages=("parser",)), 9)

    assert [b"poison", b"poison"] == [one.letter.original.data() for one in dead]


async def _stage_until(broker: Broker, database: Database, parsed: int, step: ParserStep) -> None:
    async def there() -> bool:
        return parsed == (await events.counts(database)).get(Topic.PARSED, 0)

    source = KafkaLog(broker, database, Unwatched()).source(step.group, step.topic)
    await _run_until(step, source, database, there)


async def _run_until(step, source, database: Database, condition) -> None:
    task = asyncio.create_task(stage.run(step, source, database, now, Unwatched()))
    try:
        await eventually(condition)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_the_relays_lag_is_that_of_the_log_in_use(topics: Broker, database: Database) -> None:
    """REVIEW: after a move to another cluster everybody said 0 behind, since the old one had more."""
    elsewhere = {"log": "kafka elsewhere", "group": events.RELAY, "topic": events.MARK, "partition": 0, "next": 5000}
    async with database.transaction() as tx:
        await tx.add(schema.positions, elsewhere)
    await publish(database, *(a_filing_event(number) for number in range(5)))
    log = KafkaLog(topics, database, Unwatched())

    async def behind() -> int | None:
        return (await Look(database, log, Settings(kafka=topics.bootstrap), now()).behind()).relay

    async def copied() -> bool:
        return await behind() == 0

    before = await behind()
    async with relaying(topics, database):
        await eventually(copied)
    await log.close()

    assert 5 == before
