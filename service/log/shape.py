"""What topics on Kafka are to look like, and how those that are there differ."""

from collections.abc import Iterator

from msgspec import Struct

from service.model.errors import ConfigError
from service.words import counted

DAY = 24 * 60 * 60 * 1000  # milliseconds

_COPIES = 3  # of each record, where there are so many brokers


class Shape(Struct, frozen=True, kw_only=True):
    """What a topic is made with."""

    partitions: int = 6
    replication: int | None = None  # None: 3, or as many as there are brokers
    retention_days: int = 30
    compression: str = "producer"  # keep what the relay chose
    max_bytes: int = 8 * 1024 * 1024

    def copies(self, brokers: int) -> int:
        """How many of each record, on a cluster of *brokers*."""
        return self.replication or min(_COPIES, brokers)

    def settings(self) -> dict[str, str]:
        """As Kafka names them."""
        change = Change(retention_days=self.retention_days, compression=self.compression, max_bytes=self.max_bytes)
        return {"cleanup.policy": "delete"} | change.settings()


class Change(Struct, frozen=True, kw_only=True):
    """What is to change of topics that are there; None: leave it."""

    partitions: int | None = None
    retention_days: int | None = None
    compression: str | None = None
    max_bytes: int | None = None

    def settings(self) -> dict[str, str]:
        """As Kafka names them."""
        given = {
            "retention.ms": None if self.retention_days is None else self.retention_days * DAY,
            "compression.type": self.compression,
            "max.message.bytes": self.max_bytes,
        }
        return {name: str(value) for name, value in given.items() if value is not None}


class Described(Struct, frozen=True, kw_only=True):
    """A topic as it is; ``partitions`` is 0 where there is none, ``settings`` are its own, not the brokers'."""

    topic: str
    partitions: int
    replication: int
    settings: dict[str, str]


class Difference(Struct, frozen=True, kw_only=True):
    """Where a topic is not what a Shape asks for."""

    told: str  # behind the topic's name
    mend: str | None = None  # the option of `topics change`; None: nothing needs mending, or Kafka cannot


def differences(topic: Described, shape: Shape, brokers: int) -> Iterator[Difference]:
    """Where *topic*, which is there, is not as *shape* would have it on a cluster of *brokers*."""
    if topic.partitions != shape.partitions:
        mend = f"--partitions {shape.partitions}" if topic.partitions < shape.partitions else None
        yield Difference(told=f"has {counted(topic.partitions, 'partition')}, not {shape.partitions}", mend=mend)
    copies = shape.copies(brokers)
    if topic.replication != copies:
        has = counted(topic.replication, "copy", "copies")
        by = "Kafka's own kafka-reassign-partitions changes that"
        yield Difference(told=f"has {has} of each record, not {copies}; {by}")
    wanted = shape.settings()
    for name, option, value in (
        ("retention.ms", "--retention-days", shape.retention_days),
        ("compression.type", "--compression", shape.compression),
        ("max.message.bytes", "--max-bytes", shape.max_bytes),
        ("cleanup.policy", None, None),
    ):
        found = topic.settings.get(name)
        if found != wanted[name]:
            mend = f"{option} {value}" if option and not _takes_more(topic, shape, name) else None
            yield Difference(told=f"{name} is {_in_words(name, found)}, not {_in_words(name, wanted[name])}", mend=mend)


def refuse_to_shrink(topic: Described, change: Change) -> None:
    """Raises ConfigError where *change* would leave *topic* fewer partitions, or room for smaller records only."""
    if change.partitions is not None and topic.partitions > change.partitions:
        raise ConfigError(
            f"{topic.topic} has {counted(topic.partitions, 'partition')}, and Kafka cannot make them "
            f"{change.partitions}: ask for {topic.partitions} or more"
        )
    limit = int(topic.settings.get("max.message.bytes", 0))
    if change.max_bytes is not None and limit > change.max_bytes:
        raise ConfigError(
            f"{topic.topic} takes records of {limit} bytes; with {change.max_bytes} the relay's larger ones would "
            f"become dead letters: ask for --max-bytes {limit} or more"
        )


def _takes_more(topic: Described, shape: Shape, name: str) -> bool:
    return name == "max.message.bytes" and int(topic.settings.get(name, 0)) > shape.max_bytes


def _in_words(name: str, value: str | None) -> str:
    if value is None:
        return "the broker's"
    return f"{value} ({int(value) / DAY:g} days)" if name == "retention.ms" and int(value) >= 0 else value
