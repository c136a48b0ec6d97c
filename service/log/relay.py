"""The relay: copies the events table to Kafka's topics, in order and each event once.

It is one leader. It publishes inside Kafka transactions under a fixed transactional id, and notes in the database how
far what it published can be read. After a crash the next leader fences its predecessor, closes what hangs, looks at the
topics' ends for what is there beyond the note, and goes on with what is not.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import structlog
from aiokafka import AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import MessageSizeTooLargeError
from aiokafka.structs import RecordMetadata

from service.log.broker import Broker
from service.log.kafka import log_name, sequence_of
from service.log.looker import Looker, looking, started, translated
from service.model.dead import DeadLetter
from service.model.errors import Unavailable, UnusableReason
from service.model.filing import Original
from service.store import Database, Transaction, events, letters, positions, pruning
from service.store.database import EVENTS
from service.vitals import Vitals
from service.wire.topics import CLOSING, SEQUENCE, Record, Topic, accession_of

_BATCH = 500  # events in one transaction
_LOOK = 0.25  # seconds between looks for what nobody rang for
_VISIBLE = 10.0  # seconds for what was committed to become readable
_VISIBLE_LOOK = 0.001  # seconds
_PRUNE_EVERY = 60.0  # seconds
_PRUNE_BATCH = 500
_OVERHEAD = 512  # bytes a record takes beside its key, value and headers, generously

log = structlog.get_logger()


class _Refused(Exception):
    """Kafka has refused a record for its size."""


class Relay:
    """Publishes every event; ``run`` it only as leader, though a second one would be fenced.

    *confirm* raises Superseded in a transaction if another process leads.
    """

    def __init__(
        self,
        broker: Broker,
        database: Database,
        retention: timedelta,
        clock: Callable[[], datetime],
        vitals: Vitals,
        confirm: Callable[[Transaction], Awaitable[None]],
    ) -> None:
        self._broker = broker
        self._database = database
        self._retention = retention
        self._clock = clock
        self._vitals = vitals
        self._confirm = confirm
        self._bell = database.bell(EVENTS)
        self._singly = 0  # below this number events are sent one by one: one of them was refused for its size
        self._refused: set[int] = set()

    async def run(self) -> None:
        """Copy without end. Raises Unavailable or Superseded; the next run goes on where this one stood."""
        async with looking(self._broker) as looker:
            name = await log_name(looker, self._broker)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._copy(looker, name), name="copy")
                group.create_task(self._prune(name), name="prune")

    async def _copy(self, looker: Looker, name: str) -> None:
        while True:
            try:
                await self._copy_with(self._producer(), looker, name)
            except _Refused:
                log.warning("record_too_large_somewhere")

    async def _copy_with(self, producer: AIOKafkaProducer, looker: Looker, name: str) -> None:
        async with started(producer):  # which fences every earlier one
            await self._close_what_hangs(producer, looker)
            start, visible = await self._start(looker, name)
            log.info("relaying", start=start, there_already=len(visible), cluster=name)
            while True:
                self._vitals.beat("relay/copy")
                self._bell.clear()
                limit = 1 if start < self._singly else _BATCH
                records = await events.read_all(self._database, start, limit)
                if records:
                    missing = [record for record in records if record.offset not in visible]
                    after = records[-1].offset + 1
                    await self._pass_on(producer, looker, missing, after)
                    await self._advance(name, start, after)
                    start = after
                else:
                    await self._bell.wait(_LOOK)

    async def _pass_on(self, producer: AIOKafkaProducer, looker: Looker, records: Sequence[Record], after: int) -> None:
        """Publish *records*, but for those that Kafka cannot take; returns once they can be read."""
        large = [record for record in records if self._size(record) > self._broker.max_bytes]
        fit = [record for record in records if record not in large and record.offset not in self._refused]
        await self._bury(large)
        try:
            sent = await self._publish(producer, fit) if fit else {}
        except Unavailable as error:
            if not isinstance(error.__cause__, MessageSizeTooLargeError):
                raise
            if len(fit) > 1:  # the topic's own limit is lower than ours
                self._singly = after
            else:
                await self._bury(fit)
                self._refused.update(record.offset for record in fit)
            raise _Refused from error  # go on with a new producer: this one's sequence is broken
        await self._seen(looker, sent)

    async def _bury(self, refused: Sequence[Record]) -> None:
        """Say where *refused* stand. Before the relay goes on behind them, so that no crash forgets them."""
        if not refused:
            return
        made = [self._letter(record) for record in refused]
        async with self._database.transaction() as tx:
            await letters.bury(tx, *made)
        for letter in made:
            log.error("record_too_large", id=letter.id, detail=letter.message)

    async def _advance(self, name: str, start: int, after: int) -> None:
        """Note that everything before *after* can be read on Kafka; raises Superseded if another relay leads now."""
        async with self._database.transaction() as tx:
            await self._confirm(tx)
            await positions.advance(tx, events.RELAY, events.MARK, 0, start, after, name)

    async def _publish(self, producer: AIOKafkaProducer, records: Sequence[Record]) -> dict[TopicPartition, int]:
        """*records* in one Kafka transaction. Returns the last offsets written."""
        with translated():
            await producer.begin_transaction()
            sending = [await self._send(producer, record) for record in records]
            sent = await asyncio.gather(*sending)  # a send that failed unawaited would not fail the transaction
            await producer.commit_transaction()
        return {one.topic_partition: one.offset for one in sorted(sent, key=lambda one: one.offset)}

    async def _send(self, producer: AIOKafkaProducer, record: Record) -> "asyncio.Future[RecordMetadata]":
        headers = [(name, value.encode()) for name, value in record.headers.items()]
        sent: asyncio.Future[RecordMetadata] = await producer.send(
            self._broker.topic(record.topic),
            value=record.value,
            key=record.key.encode(),
            headers=[*headers, (SEQUENCE, str(record.offset).encode())],
        )
        return sent

    async def _seen(self, looker: Looker, sent: dict[TopicPartition, int]) -> None:
        """Wait until what was committed can be read; raises Unavailable if it cannot within a while.

        Kafka answers a commit when it is decided, and writes each partition's marker afterwards. A broker that is
        restarted in between may pass markers over (its coordinator skips partitions whose leader it does not know
        yet): the records hang then, and the next aborted transaction takes them with it. So the database's mark waits
        for the records to be readable, and what hangs is closed by the next run.
        """
        deadline = time.monotonic() + _VISIBLE
        while sent:
            ends = await looker.ends(list(sent))
            sent = {place: offset for place, offset in sent.items() if ends[place] <= offset}
            if sent and time.monotonic() > deadline:
                raise Unavailable("Kafka: a transaction that was committed cannot be read")
            await asyncio.sleep(_VISIBLE_LOOK if sent else 0)

    async def _close_what_hangs(self, producer: AIOKafkaProducer, looker: Looker) -> None:
        """Abort, in each partition, what a predecessor left without a marker: it blocks every reader there."""
        places = await looker.partitions([self._broker.topic(topic) for topic in Topic])
        readable, written = await looker.ends(places), await looker.ends(places, committed=False)
        hanging = [place for place in places if readable[place] < written[place]]
        if not hanging:
            return
        told = [f"{place.topic}/{place.partition}" for place in hanging]
        log.warning("transaction_hangs", partitions=told)
        with translated():
            await producer.begin_transaction()
            headers = [(CLOSING, b"")]
            sending = [
                await producer.send(place.topic, value=b"", partition=place.partition, headers=headers)
                for place in hanging
            ]
            await asyncio.gather(*sending)
            await producer.abort_transaction()

    async def _start(self, looker: Looker, name: str) -> tuple[int, set[int]]:
        """The first event that may not be on Kafka, and which of those from there on are.

        What the database has noted can be read on Kafka for certain. Behind it a crash may have left a transaction
        that is there, or not, or in some partitions: the numbers on the topics' last records tell.
        """
        start = await positions.load(self._database, events.RELAY, events.MARK, 0, name)
        places = await looker.partitions([self._broker.topic(topic) for topic in Topic])
        tails = await looker.latest(places, lambda found: any(_older(record, start) for record in found))
        numbers = (sequence_of(record) for tail in tails for record in tail)
        return start, {number for number in numbers if number is not None and number >= start}

    def _producer(self) -> AIOKafkaProducer:
        """A producer in place of every earlier one. After any error it is thrown away, and with it what is open."""
        return AIOKafkaProducer(
            **self._broker.client(),
            transactional_id=f"{self._broker.prefix}filingbell-relay",
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
        return DeadLetter(
            group=events.RELAY,
            reason=UnusableReason.TOO_LARGE_FOR_KAFKA,
            message=(
                f"the event of {len(record.value):,} bytes for {record.topic} is larger than Kafka takes "
                f"(FILINGBELL_KAFKA_MAX_BYTES and the topic's max.message.bytes); the database keeps it as "
                f"{record.id}: raise both, then `filingbell dlq retry`"
            ),
            accession=accession_of(record),
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
        start = await positions.load(self._database, events.PRUNER, events.MARK, 0)
        while True:
            relayed = await positions.load(self._database, events.RELAY, events.MARK, 0, name)
            async with self._database.transaction() as tx:
                older = self._clock() - self._retention
                after = await pruning.empty(tx, start, relayed, older, _PRUNE_BATCH)
                if after != start:
                    await positions.advance(tx, events.PRUNER, events.MARK, 0, start, after)
            if after == start:
                await asyncio.sleep(_PRUNE_EVERY)
            start = after


def _older(record: ConsumerRecord, start: int) -> bool:
    number = sequence_of(record)
    return number is not None and number < start
