"""The relay: copies the events table to Kafka's topics, in order and each event once.

It is one leader. It publishes inside Kafka transactions under a fixed transactional id, and commits the number of the
next event as a consumer group's offset in the same transaction: after a crash the next leader fences its predecessor,
reads that offset and goes on.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import MessageSizeTooLargeError

from service.log.broker import Broker
from service.log.kafka import SEQUENCE, log_name, sequence_of
from service.log.looker import Looker, started, translated
from service.model.dead import DeadLetter
from service.model.errors import Reason, Unavailable
from service.model.filing import Original, accession_number
from service.store import Database, events, letters, positions
from service.store.database import EVENTS
from service.vitals import Vitals
from service.wire.topics import Record, Topic

_BATCH = 500  # events in one transaction
_LOOK = 0.25  # seconds between looks for what nobody rang for
_COMMIT_AGAIN = 86_400.0  # seconds: a group without members loses its offsets after a week
_PRUNE_EVERY = 60.0  # seconds
_PRUNE_BATCH = 500
_MARK = "events"  # the topic under which the database keeps the relay's and the pruner's positions
_PRUNER = "pruner"
_OVERHEAD = 512  # bytes a record takes beside its key, value and headers, generously

log = structlog.get_logger()


class _Refused(Exception):
    """Kafka has refused a record for its size."""


class Relay:
    """Publishes every event; ``run`` it only as leader, though a second one would be fenced."""

    def __init__(
        self,
        broker: Broker,
        database: Database,
        retention: timedelta,
        clock: Callable[[], datetime],
        vitals: Vitals,
    ) -> None:
        self._broker = broker
        self._database = database
        self._retention = retention
        self._clock = clock
        self._vitals = vitals
        self._bell = database.bell(EVENTS)
        self._singly = 0  # below this number events are sent one by one: one of them was refused for its size

    async def run(self) -> None:
        """Copy without end. Raises Unavailable or Superseded; the next run goes on where this one stood."""
        async with Looker(self._broker) as looker:
            name = await log_name(looker, self._broker)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._copy(name), name="copy")
            group.create_task(self._prune(name), name="prune")

    async def _copy(self, name: str) -> None:
        while True:
            try:
                await self._copy_with(self._producer(), name)
            except _Refused:
                log.warning("Kafka refuses a record for its size; sending one by one to find it")

    async def _copy_with(self, producer: AIOKafkaProducer, name: str) -> None:
        async with started(producer):  # which fences every earlier one
            start = await self._start(name)
            log.info("relaying", start=start, cluster=name)
            shown = time.monotonic()
            while True:
                self._vitals.beat("relay/copy")
                self._bell.clear()
                limit = 1 if start < self._singly else _BATCH
                records = await events.read_all(self._database, start, limit)
                if records:
                    start = await self._pass_on(producer, name, start, records)
                    shown = time.monotonic()
                elif time.monotonic() - shown > _COMMIT_AGAIN:
                    await self._publish(producer, (), start)
                    shown = time.monotonic()
                else:
                    await self._bell.wait(_LOOK)

    async def _pass_on(self, producer: AIOKafkaProducer, name: str, start: int, records: Sequence[Record]) -> int:
        """Publish *records*, but for those that Kafka cannot take; returns where to go on."""
        fit = [record for record in records if self._size(record) <= self._broker.max_bytes]
        await self._bury([record for record in records if self._size(record) > self._broker.max_bytes])
        after = records[-1].offset + 1
        try:
            await self._publish(producer, fit, after)
        except Unavailable as error:
            if not isinstance(error.__cause__, MessageSizeTooLargeError):
                raise
            if len(fit) > 1:  # the topic's own limit is lower than ours
                self._singly = after
            else:
                await self._bury(fit)
                await self._advance(name, start, after)
            raise _Refused from error  # go on with a new producer: this one's sequence is broken
        await self._advance(name, start, after)
        return after

    async def _bury(self, refused: Sequence[Record]) -> None:
        """Say where *refused* stand. Before the relay goes on behind them, so that no crash forgets them."""
        if not refused:
            return
        made = [self._letter(record) for record in refused]
        async with self._database.transaction() as tx:
            await letters.bury(tx, *made)
        for letter in made:
            log.error("too large for Kafka", id=letter.id, detail=letter.message)

    async def _advance(self, name: str, start: int, after: int) -> None:
        async with self._database.transaction() as tx:
            await positions.advance(tx, events.RELAY, _MARK, 0, start, after, name)

    async def _publish(self, producer: AIOKafkaProducer, records: Sequence[Record], after: int) -> None:
        """One Kafka transaction: *records*, and that the next event is *after*."""
        with translated():
            await producer.begin_transaction()
            sent = [await self._send(producer, record) for record in records]
            await asyncio.gather(*sent)  # a send that failed unawaited would not fail the transaction
            mark = TopicPartition(self._broker.topic(Topic.FILINGS), 0)
            await producer.send_offsets_to_transaction({mark: after}, self._broker.group(events.RELAY))
            await producer.commit_transaction()

    async def _send(self, producer: AIOKafkaProducer, record: Record) -> "asyncio.Future[Any]":
        headers = [(name, value.encode()) for name, value in record.headers.items()]
        sent: asyncio.Future[Any] = await producer.send(
            self._broker.topic(record.topic),
            value=record.value,
            key=record.key.encode(),
            headers=[*headers, (SEQUENCE, str(record.offset).encode())],
        )
        return sent

    async def _start(self, name: str) -> int:
        """The first event that is not in Kafka: the highest of three marks.

        The group's offset is exact, but a group without members loses it after a while; the numbers on the topics'
        last records are exact while the topics keep records; the database's is written after the transaction.
        """
        mark = TopicPartition(self._broker.topic(Topic.FILINGS), 0)
        recorded = await positions.load(self._database, events.RELAY, _MARK, 0, name)
        async with Looker(self._broker, self._broker.group(events.RELAY)) as looker:
            committed = await looker.committed(mark)
            places = await looker.partitions([self._broker.topic(topic) for topic in Topic])
            last = [sequence_of(record) for record in await looker.latest(places, 1)]
        start = max(recorded, committed, *(number + 1 for number in last if number is not None), 0)
        if start != recorded:
            await self._advance(name, recorded, start)
        return start

    def _producer(self) -> AIOKafkaProducer:
        """A producer in place of every earlier one. After any error it is thrown away, and with it what is open."""
        return AIOKafkaProducer(
            **self._broker.client(),
            transactional_id=f"{self._broker.prefix}insiderwire-relay",
            transaction_timeout_ms=30_000,
            max_request_size=self._broker.max_bytes,
            max_batch_size=256 * 1024,
            compression_type=None if self._broker.compression == "none" else self._broker.compression,
        )

    def _size(self, record: Record) -> int:
        headers = sum(len(name) + len(value) for name, value in record.headers.items())
        return len(record.value) + len(record.key) + headers + _OVERHEAD

    def _letter(self, record: Record) -> DeadLetter:
        """What stands in for a record that is too large: a pointer to it."""
        try:
            accession = accession_number(record.headers.get("ce_subject", ""))
        except ValueError:
            accession = None
        return DeadLetter(
            group=events.RELAY,
            reason=Reason.TOO_LARGE_FOR_KAFKA,
            message=(
                f"the event of {len(record.value):,} bytes for {record.topic} is larger than Kafka takes "
                f"(INSIDERWIRE_KAFKA_MAX_BYTES and the topic's max.message.bytes); the database keeps it as "
                f"{record.id}: raise both, then `insiderwire dlq retry`"
            ),
            accession=accession,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            id=record.id,
            key=record.key,
            original=Original.of(b""),
            died=self._clock(),
        )

    async def _prune(self, name: str) -> None:
        """Empty what is in Kafka and older than the retention, from time to time."""
        start = await positions.load(self._database, _PRUNER, _MARK, 0)
        while True:
            relayed = await positions.load(self._database, events.RELAY, _MARK, 0, name)
            async with self._database.transaction() as tx:
                older = self._clock() - self._retention
                after = await events.prune(tx, start, relayed, older, _PRUNE_BATCH)
                if after != start:
                    await positions.advance(tx, _PRUNER, _MARK, 0, start, after)
            if after == start:
                await asyncio.sleep(_PRUNE_EVERY)
            start = after
