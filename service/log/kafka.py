"""Kafka as the log: topics that the relay fills, read by consumer groups whose positions stand in the database."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from service.log.broker import Broker
from service.log.looker import POLL, Looker, looking, new_consumer, started, translated
from service.log.source import GROUPS, Batch
from service.store import Database, events, positions
from service.store.positions import Position
from service.vitals import Vitals
from service.wire.topics import CLOSING, SEQUENCE, Record, Topic

_BATCH = 300  # records; of 100, the transactions and questions of a batch took a quarter of the time
_LOOK = 0.25  # seconds between looks for a topic that is not there yet
_COMMIT = 2.0  # seconds between commits of offsets to Kafka, which only lag tools read

log = structlog.get_logger()


class KafkaLog:
    """Log over the topics of a cluster."""

    def __init__(self, broker: Broker, database: Database, vitals: Vitals) -> None:
        self._broker = broker
        self._database = database
        self._vitals = vitals
        self._looker: Looker | None = None
        self._name: str | None = None  # None: the cluster has not said yet which it is
        self._opening = asyncio.Lock()
        self._open = AsyncExitStack()

    def source(self, group: str, topic: Topic, batch: int | None = None) -> "KafkaSource":
        """What *group* reads of *topic*; *batch* None: as many records at once as suit it."""
        return KafkaSource(self._broker, self._database, group, topic, self._vitals, batch or _BATCH)

    async def tail(self, topic: Topic, last: int | None, *, follow: bool) -> AsyncIterator[Record]:
        """The *last* records of *topic* over all partitions, and with *follow* those that come."""
        async with looking(self._broker) as looker:
            places = await looker.partitions([self._broker.topic(topic)])
            ends = await looker.ends(places)
            if last is None:
                begin = dict.fromkeys(places, 0)
                async for record in looker.read(begin, None if follow else ends):
                    yield _record(topic, record)
                return
            if last:
                tails = await looker.latest(places, lambda found: len(found) >= last)
                found = [record for tail in tails for record in tail]
                for record in sorted(found, key=_written)[-last:]:
                    yield _record(topic, record)
            if follow:
                async for record in looker.read(ends, None):
                    yield _record(topic, record)

    async def lag(self) -> dict[tuple[str, Topic], int]:
        """How many offsets each group is behind.

        The relay writes every record in a transaction, whose end takes an offset as well: a partition that is read to
        its end stands one short of it.
        """
        found: dict[tuple[str, Topic], int] = {}
        looker = await self._look()
        self._name = await log_name(looker, self._broker)
        known = await positions.every(self._database, self._name)
        for group, topic in GROUPS.items():
            ends = await looker.ends(await looker.partitions([self._broker.topic(topic)]))
            found[group, topic] = sum(
                max(0, end - known.get((group, topic, place.partition), 0) - 1) for place, end in ends.items()
            )
        return found

    async def relayed(self) -> int | None:
        """The first event that is not on this cluster yet: what another one holds says nothing of it."""
        if self._name is None:
            return None
        return (await positions.every(self._database, self._name)).get((events.RELAY, events.MARK, 0), 0)

    async def ready(self) -> None:
        """Raises Unavailable where no broker answers, or the topics are not there."""
        looker = await self._look()
        await looker.ends(await looker.partitions([self._broker.topic(topic) for topic in Topic]))

    async def close(self) -> None:
        """Close the connection that looks."""
        self._looker = None
        await self._open.aclose()

    async def _look(self) -> Looker:
        """A looker that stays open; two that ask at once get the same."""
        async with self._opening:
            if self._looker is None:
                self._looker = await self._open.enter_async_context(looking(self._broker))
            return self._looker


class KafkaSource:
    """Source over one topic, in a consumer group.

    Kafka's own offsets are only shown to lag tools: after every assignment each partition is read from the position
    that the database holds, and what was fetched under an older assignment is dropped.

    It does not wait for the relay's transactions: what the relay writes was committed in the database before. One that
    is aborted is written again, behind: so the position has the number of the last event too, and no event comes twice.
    """

    def __init__(
        self, broker: Broker, database: Database, group: str, topic: Topic, vitals: Vitals, batch: int
    ) -> None:
        self._broker = broker
        self._database = database
        self._group = group
        self._topic = topic
        self._vitals = vitals
        self._batch = batch
        self._assigned = _Assignments()
        self._reached: dict[TopicPartition, Position] = {}  # where to read on, of partitions that were sought
        self._committed = 0.0

    async def batches(self) -> AsyncGenerator[Batch, None]:
        """The batches, from the position on."""
        async with looking(self._broker) as looker:
            name = await log_name(looker, self._broker)
            await self._until_there(looker)
        embedded = await positions.load(self._database, self._group, self._topic, 0)  # handled before Kafka came
        consumer = new_consumer(self._broker, self._broker.group(self._group), isolation="read_uncommitted")
        consumer.subscribe([self._broker.topic(self._topic)], listener=self._assigned)
        async with started(consumer):
            while True:
                self._vitals.beat(self._group)
                if self._assigned.take_news():
                    self._reached.clear()
                with translated():
                    await self._seek(consumer, name)
                    found = await consumer.getmany(timeout_ms=POLL, max_records=self._batch)
                if self._assigned.news:
                    continue  # what was fetched spans a rebalance
                for place, records in found.items():
                    before = self._reached.get(place)
                    if before is None:
                        break  # rewound, or fetched before it was sought
                    self._tell_of_loss(place, before.next, records[0].offset)
                    new, handled = _unhandled(records, max(before.handled, embedded - 1))
                    self._reached[place] = after = Position(records[-1].offset + 1, handled)
                    yield Batch(
                        log=name,
                        group=self._group,
                        topic=self._topic,
                        partition=place.partition,
                        records=tuple(_record(self._topic, one) for one in new),
                        expected=before.next,
                        after=after.next,
                        handled=after.handled,
                    )
                await self._show(consumer)

    async def _until_there(self, looker: Looker) -> None:
        """Wait for what a new cluster lacks at first: the topic, which the relay makes, and a broker for the group."""
        told = False
        while await looker.absent([self._broker.topic(self._topic)]):
            self._vitals.beat(self._group)
            if not told:
                detail = "the relay makes it, or `filingbell topics create`"
                log.info("waiting_for_topic", topic=self._broker.topic(self._topic), group=self._group, detail=detail)
                told = True
            await asyncio.sleep(_LOOK)
        await looker.coordinated(self._broker.group(self._group))

    def rewind(self) -> None:
        """Seek to the database's positions before the next batch."""
        self._reached.clear()

    async def _seek(self, consumer: AIOKafkaConsumer, name: str) -> None:
        """Put every partition that is assigned but not sought yet to the database's position."""
        for place in consumer.assignment() - self._reached.keys():
            position = await positions.reached(self._database, self._group, self._topic, place.partition, name)
            if self._assigned.news:
                return
            try:
                consumer.seek(place, position.next)
            except IllegalStateError:
                return  # taken away meanwhile
            self._reached[place] = position

    def _tell_of_loss(self, place: TopicPartition, expected: int, first: int) -> None:
        if first < expected:
            log.warning(
                "topic_begins_anew",
                topic=place.topic,
                partition=place.partition,
                expected=expected,
                offset=first,
            )

    async def _show(self, consumer: AIOKafkaConsumer) -> None:
        """Commit how far this worker is, for lag tools: the database alone decides."""
        if not self._reached or time.monotonic() - self._committed < _COMMIT:
            return
        self._committed = time.monotonic()
        try:
            await consumer.commit({place: position.next for place, position in self._reached.items()})
        except KafkaError as error:
            log.debug("offsets_not_shown", group=self._group, detail=str(error))


class _Assignments(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Notes that partitions came or went. It does nothing else: aiokafka swallows what a listener raises."""

    def __init__(self) -> None:
        self.news = True

    def take_news(self) -> bool:
        """Whether there were any since the last call."""
        news, self.news = self.news, False
        return news

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """They go."""
        self.news = True

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """They come."""
        self.news = True


async def log_name(looker: Looker, broker: Broker) -> str:
    """What tells positions on this cluster, under this prefix, from those on another log."""
    return f"kafka {await looker.cluster()} {broker.prefix}".rstrip()


def sequence_of(record: ConsumerRecord) -> int | None:
    """The event's number in the events table; None: the relay did not write it."""
    return next((int(value) for name, value in record.headers if name == SEQUENCE), None)


def _unhandled(records: Sequence[ConsumerRecord], handled: int) -> tuple[list[ConsumerRecord], int]:
    """Those of a partition's *records* that are events behind the number *handled*, or others'; and the last number.

    In a partition the relay writes events in their order: a number that is not higher was there before, in a
    transaction that was aborted or in the embedded log.
    """
    new = []
    for one in records:
        number = sequence_of(one)
        if number is None:
            if not any(name == CLOSING for name, _ in one.headers):
                new.append(one)
        elif number > handled:
            handled = number
            new.append(one)
    return new, handled


def _written(record: ConsumerRecord) -> tuple[int, int]:
    return record.timestamp, sequence_of(record) or 0


def _record(topic: Topic, record: ConsumerRecord) -> Record:
    headers = {name: value.decode("utf-8", "replace") for name, value in record.headers}
    return Record(
        topic=topic,
        partition=record.partition,
        offset=record.offset,
        key=(record.key or b"").decode("utf-8", "replace"),
        id=headers.get("ce_id", ""),
        headers=headers,
        value=record.value or b"",
    )
