"""Topics on Kafka: made, described, changed on request; never shrunk."""

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import BrokerResponseError, TopicAlreadyExistsError, for_code

from service.log.broker import Broker
from service.log.looker import reached, translated
from service.log.shape import Change, Described, Shape, differences, refuse_to_shrink
from service.model.errors import ConfigError, Unavailable
from service.wire.topics import Topic
from service.words import counted

_LOOKS, _PAUSE = 200, 0.1  # times, and seconds between them


async def describe(broker: Broker) -> list[Described]:
    """Every topic of filingbell as it is now. Raises Unavailable."""
    async with _Admin(broker) as admin:
        return await _described(admin, broker)


async def create(broker: Broker, shape: Shape) -> list[str]:
    """Make the topics that are missing; returns what was done, in words, and where the others differ from *shape*.

    What an operator has set is never touched. Raises ConfigError where Kafka refuses, and Unavailable.
    """
    async with _Admin(broker) as admin:
        lines, mends = [], dict[str, None]()  # a set that keeps its order
        brokers = len((await admin.describe_cluster())["brokers"])
        topics = await _described(admin, broker)
        for topic in topics:
            if not topic.partitions:
                lines.append(await _make(admin, topic, shape, brokers))
                continue
            found = list(differences(topic, shape, brokers))
            mends |= {one.mend: None for one in found if one.mend}
            lines += [f"{topic.topic}: {one.told}" for one in found] or [f"{topic.topic}: as it should be"]
        await _until_listed(admin, topics)
        if mends:
            lines.append(f"What is there was left as it is. To change it: filingbell topics change {' '.join(mends)}")
        return lines


async def make_missing(broker: Broker) -> list[str]:
    """Make the topics that are missing, and say nothing of the others; returns what was done, in words."""
    async with _Admin(broker) as admin:
        missing = [topic for topic in await _described(admin, broker) if not topic.partitions]
        brokers = len((await admin.describe_cluster())["brokers"])
        lines = [await _make(admin, topic, Shape(max_bytes=broker.max_bytes), brokers) for topic in missing]
        await _until_listed(admin, missing)
        return lines


async def change(broker: Broker, wanted: Change) -> list[str]:
    """Make *wanted* so on every topic that is there; returns what was done, in words.

    Raises ConfigError where it would mean fewer partitions or a lower max.message.bytes, before anything is changed,
    or where there are no topics; and Unavailable.
    """
    async with _Admin(broker) as admin:
        present = [topic for topic in await _described(admin, broker) if topic.partitions]
        if not present:
            raise ConfigError("there are no topics yet: filingbell topics create")
        for topic in present:
            refuse_to_shrink(topic, wanted)
        return [line for topic in present for line in await _change(admin, topic, wanted)]


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


async def _make(admin: AIOKafkaAdminClient, topic: Described, shape: Shape, brokers: int) -> str:
    new = NewTopic(topic.topic, shape.partitions, shape.copies(brokers), topic_configs=shape.settings())
    _raise((await admin.create_topics([new])).topic_errors)
    return f"{topic.topic}: made with {counted(shape.partitions, 'partition')}"


async def _change(admin: AIOKafkaAdminClient, topic: Described, wanted: Change) -> list[str]:
    done = []
    if wanted.partitions is not None and topic.partitions < wanted.partitions:
        await admin.create_partitions({topic.topic: NewPartitions(wanted.partitions)})
        done.append(
            f"{topic.topic}: grown from {topic.partitions} to {wanted.partitions} partitions; issuers move to other "
            "partitions, so what is under way may be overtaken"
        )
    changed = {name: value for name, value in wanted.settings().items() if topic.settings.get(name) != value}
    if changed:
        # Kafka's older call sets all at once, so what an operator has set besides is given again.
        resource = ConfigResource(ConfigResourceType.TOPIC, topic.topic, topic.settings | changed)
        for response in await admin.alter_configs([resource]):
            for code, message, *_ in response.resources:
                if code:
                    raise for_code(code)(message)
        done += [f"{topic.topic}: {name} is {value} now" for name, value in changed.items()]
    return done or [f"{topic.topic}: is so already"]


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
