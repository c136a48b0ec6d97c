"""Topics on Kafka: made, grown, described; never shrunk."""

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import BrokerResponseError, TopicAlreadyExistsError, for_code
from msgspec import Struct

from service.log.broker import Broker
from service.log.looker import reached, translated
from service.model.errors import ConfigError, Unavailable
from service.wire.topics import Topic
from service.words import counted

_LOOKS, _PAUSE = 200, 0.1  # times, and seconds between them

DAY = 24 * 60 * 60 * 1000  # milliseconds


class Shape(Struct, frozen=True, kw_only=True):
    """What a topic is to look like."""

    partitions: int = 6
    replication: int | None = None  # None: 3, or as many as there are brokers
    retention_days: int = 30
    compression: str = "producer"  # keep what the relay chose
    max_bytes: int = 8 * 1024 * 1024

    def settings(self) -> dict[str, str]:
        """As Kafka names them."""
        return {
            "cleanup.policy": "delete",
            "retention.ms": str(self.retention_days * DAY),
            "compression.type": self.compression,
            "max.message.bytes": str(self.max_bytes),
        }


class Described(Struct, frozen=True, kw_only=True):
    """A topic as it is; ``partitions`` is 0 where there is none."""

    topic: str
    partitions: int
    replication: int
    settings: dict[str, str]


async def describe(broker: Broker) -> list[Described]:
    """Every topic of filingbell as it is now. Raises Unavailable."""
    async with _Admin(broker) as admin:
        return await _described(admin, broker)


async def create(broker: Broker, shape: Shape) -> list[str]:
    """Make the topics that are missing and bring the others to *shape*; returns what was done, in words.

    Doing it twice does nothing the second time. Raises ConfigError where it would mean fewer partitions or a lower
    max.message.bytes, before anything is changed, and Unavailable.
    """
    async with _Admin(broker) as admin:
        present = await _described(admin, broker)
        _refuse_to_shrink(present, shape)
        lines = [line for topic in present for line in await _bring(admin, topic, shape)]
        await _until_listed(admin, present)
        return lines


async def make_missing(broker: Broker) -> list[str]:
    """Make the topics that are missing, and leave the others as they are; returns what was done, in words."""
    async with _Admin(broker) as admin:
        missing = [topic for topic in await _described(admin, broker) if not topic.partitions]
        shape = Shape(max_bytes=broker.max_bytes)
        lines = [line for topic in missing for line in await _bring(admin, topic, shape)]
        await _until_listed(admin, missing)
        return lines


class _Admin:
    """An administration client that is open while the context is; errors are translated."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._client = AIOKafkaAdminClient(**broker.client())
        self._translated = translated()

    async def __aenter__(self) -> AIOKafkaAdminClient:
        try:
            with reached(self._broker):
                await self._client.start()
        except BaseException:
            await self._client.close()
            raise
        self._translated.__enter__()
        return self._client

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        await self._client.close()
        if isinstance(error, BrokerResponseError) and not error.retriable:
            raise ConfigError(f"Kafka refuses: {error}") from error
        return self._translated.__exit__(kind, error, trace)


def _refuse_to_shrink(present: list[Described], shape: Shape) -> None:
    for topic in present:
        if topic.partitions > shape.partitions:
            raise ConfigError(
                f"{topic.topic} has {counted(topic.partitions, 'partition')}, and Kafka cannot make them "
                f"{shape.partitions}: ask for {topic.partitions} or more"
            )
        limit = int(topic.settings.get("max.message.bytes", 0))
        if topic.partitions and limit > shape.max_bytes:
            raise ConfigError(
                f"{topic.topic} takes records of {limit} bytes; with {shape.max_bytes} the relay's larger ones would "
                f"become dead letters: ask for --max-bytes {limit} or more"
            )


async def _bring(admin: AIOKafkaAdminClient, topic: Described, shape: Shape) -> list[str]:
    if not topic.partitions:
        brokers = len((await admin.describe_cluster())["brokers"])
        new = NewTopic(
            topic.topic, shape.partitions, shape.replication or min(3, brokers), topic_configs=shape.settings()
        )
        _raise((await admin.create_topics([new])).topic_errors)
        return [f"{topic.topic}: made with {counted(shape.partitions, 'partition')}"]
    done = []
    if topic.partitions < shape.partitions:
        await admin.create_partitions({topic.topic: NewPartitions(shape.partitions)})
        done.append(
            f"{topic.topic}: grown from {topic.partitions} to {shape.partitions} partitions; issuers move to other "
            "partitions, so what is under way may be overtaken"
        )
    changed = {name: value for name, value in shape.settings().items() if topic.settings.get(name) != value}
    if changed:
        # Kafka's older call sets all at once, so what an operator has set besides is given again.
        resource = ConfigResource(ConfigResourceType.TOPIC, topic.topic, topic.settings | changed)
        for response in await admin.alter_configs([resource]):
            for code, message, *_ in response.resources:
                if code:
                    raise for_code(code)(message)
        done += [f"{topic.topic}: {name} is {value} now" for name, value in changed.items()]
    return done or [f"{topic.topic}: as it should be"]


async def _until_listed(admin: AIOKafkaAdminClient, topics: list[Described]) -> None:
    """Return once Kafka lists *topics*: it answers that a topic is made before its brokers know of it."""
    wanted = {topic.topic for topic in topics}
    for _ in range(_LOOKS):
        if wanted <= set(await admin.list_topics()):
            return
        await asyncio.sleep(_PAUSE)
    raise Unavailable("Kafka has made the topics, but does not list them yet; try again")


async def _described(admin: AIOKafkaAdminClient, broker: Broker) -> list[Described]:
    names = [broker.topic(topic) for topic in Topic]
    known = set(await admin.list_topics())
    found = {topic["topic"]: topic for topic in await admin.describe_topics([n for n in names if n in known])}
    set_here = await _settings(admin, list(found))
    return [
        Described(
            topic=name,
            partitions=len(found[name]["partitions"]) if name in found else 0,
            replication=len(found[name]["partitions"][0]["replicas"]) if name in found else 0,
            settings=set_here.get(name, {}),
        )
        for name in names
    ]


async def _settings(admin: AIOKafkaAdminClient, names: list[str]) -> Mapping[str, dict[str, str]]:
    """What is set for each topic itself, not the broker's defaults."""
    if not names:
        return {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found: dict[str, dict[str, str]] = {}
    for response in await admin.describe_configs(resources):
        for resource in response.to_object()["resources"]:
            found[resource["resource_name"]] = {
                entry["config_names"]: entry["config_value"]
                for entry in resource["config_entries"]
                if entry.get("config_source") == _OF_THE_TOPIC
            }
    return found


_OF_THE_TOPIC = 1  # DescribeConfigs: DYNAMIC_TOPIC_CONFIG


def _raise(errors: list[tuple[Any, ...]]) -> None:
    for _topic, code, *message in errors:
        if code and for_code(code) is not TopicAlreadyExistsError:  # another process was quicker
            raise for_code(code)(*message)
