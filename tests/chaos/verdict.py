"""Compares what went in with what came out, without the project's own readers where that can be."""

import re
from collections import Counter
from collections.abc import Iterable

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from msgspec import Struct, field

from service.log.broker import Broker
from service.wire.topics import Topic
from tests.chaos import input as stream
from tests.kit.receiver import Receiver

_ACCESSION = re.compile(r"\d{10}-\d{2}-\d{6}")


class Verdict(Struct):
    """What is wrong; nothing, if all is well."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    repeats: int = 0  # of deliveries, under the same id
    delivered: int = 0

    @property
    def good(self) -> bool:
        """Whether nothing is lost, doubled or out of order."""
        return not (self.lost or self.doubled or self.other)

    def compare(self, what: str, wanted: Iterable[str], found: Iterable[str]) -> None:
        """Every one of *wanted* must be *found* once, and nothing else."""
        expected, got = Counter(wanted), Counter(found)
        self.lost += [f"{what}: {one}" for one in expected.keys() - got.keys()]
        self.doubled += [f"{what}: {one} x {count}" for one, count in got.items() if count > 1]
        self.other += [f"{what}: {one} is not expected" for one in got.keys() - expected.keys()]


async def judge(count: int, broker: Broker, database: str, receiver: Receiver) -> Verdict:
    """The verdict on *count* filings."""
    verdict = Verdict()
    parsed = sorted(set(stream.all_of(count)) - set(stream.broken(count)))
    alerting = list(stream.alerting(count))
    wanted = {
        Topic.FILINGS: [f"filing-{one}" for one in stream.all_of(count)],
        Topic.PARSED: [f"parsed-{one}" for one in parsed],
        Topic.ALERTS: alerting,  # their ids are hashes: told apart by their subject
        Topic.DEAD: list(stream.broken(count)),
    }
    on_kafka = {topic: await _read(broker, topic, verdict) for topic in Topic}
    for topic, expected in wanted.items():
        named = "ce_id" if topic in (Topic.FILINGS, Topic.PARSED) else "ce_subject"
        verdict.compare(f"Kafka {topic}", expected, [headers[named] for headers in on_kafka[topic]])
    await _tables(count, database, wanted, alerting, verdict)
    _received(alerting, receiver, verdict)
    return verdict


async def _read(broker: Broker, topic: Topic, verdict: Verdict) -> list[dict[str, str]]:
    """The headers of every committed record of *topic*; its partitions must be in the order of the events."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=broker.bootstrap, isolation_level="read_committed", auto_offset_reset="earliest"
    )
    await consumer.start()
    found = []
    try:
        places = [TopicPartition(broker.topic(topic), number) for number in range(3)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        await consumer.seek_to_beginning(*places)
        last = dict.fromkeys(places, 0)
        while [place for place in places if await consumer.position(place) < ends[place]]:
            for place, records in (await consumer.getmany(timeout_ms=1000)).items():
                for record in records:
                    headers = {name: value.decode() for name, value in record.headers}
                    number = int(headers["filingbell-seq"])
                    if number <= last[place]:
                        verdict.other.append(f"{place}: event {number} comes after {last[place]}")
                    last[place] = number
                    found.append(headers)
    finally:
        await consumer.stop()
    return found


async def _tables(
    count: int, database: str, wanted: dict[Topic, list[str]], alerting: list[str], verdict: Verdict
) -> None:
    connection = await asyncpg.connect(database)
    try:
        filings = await connection.fetch("SELECT accession FROM filings WHERE state = 'published'")
        verdict.compare("table filings", stream.all_of(count), [row[0] for row in filings])
        for topic, expected in wanted.items():
            rows = await connection.fetch("SELECT headers->>'ce_subject' FROM events WHERE topic = $1", topic.value)
            subjects = [one.removeprefix("filing-").removeprefix("parsed-") for one in expected]
            verdict.compare(f"table events, {topic}", subjects, [row[0] for row in rows])
        rows = await connection.fetch("SELECT accession FROM messages WHERE kind = 'alert'")
        verdict.compare("table alerts", alerting, [row[0] for row in rows])
        rows = await connection.fetch(
            "SELECT a.accession || ' ' || r.name FROM deliveries d JOIN messages a ON a.id = d.message "
            "JOIN resources r ON r.id = d.channel WHERE d.state = 'delivered'"
        )
        owed = [f"{one} {channel}" for one in alerting for channel in ("desk", "hook")]
        verdict.compare("table deliveries", owed, [row[0] for row in rows])
        rows = await connection.fetch("SELECT accession FROM dead_letters")
        verdict.compare("table dead_letters", stream.broken(count), [row[0] for row in rows])
    finally:
        await connection.close()


def _received(alerting: list[str], receiver: Receiver, verdict: Verdict) -> None:
    """Each alert at least once, and however often it came, under one id."""
    ids = {accession: found for (_, accession), found in receiver.ids().items()}
    verdict.delivered = sum(map(len, ids.values()))
    verdict.lost += [f"webhook: {one}" for one in set(alerting) - ids.keys()]
    verdict.other += [f"webhook: {one} is not expected" for one in ids.keys() - set(alerting)]
    verdict.doubled += [
        f"webhook: {one} under {len(set(found))} ids" for one, found in ids.items() if len(set(found)) > 1
    ]
    verdict.repeats = sum(len(found) - 1 for found in ids.values())
    told = {one for message in receiver.of("slack") for one in _ACCESSION.findall(str(message.content))}
    verdict.lost += [f"slack: {one}" for one in set(alerting) - told]  # one trade's filings are told in one message
    if receiver.wrongly_signed:
        verdict.other.append(f"webhook: {receiver.wrongly_signed} wrong signatures")
