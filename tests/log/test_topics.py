"""Topics on Kafka: made once, changed on request, never shrunk; and what the command says."""

import os
import subprocess
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from service.log import admin
from service.log.broker import Broker
from service.log.shape import DAY, Change, Shape
from service.model.errors import ConfigError
from service.wire.topics import Topic
from tests.kit.forked import called


async def test_making_them_twice_does_nothing_the_second_time(broker: Broker) -> None:
    """Idempotent, so that every deployment may do it."""
    await admin.create(broker, Shape(partitions=2))

    assert {"as it should be"} == {line.partition(": ")[2] for line in await admin.create(broker, Shape(partitions=2))}


async def test_what_an_operator_has_set_stays_and_is_told(broker: Broker) -> None:
    """Every deployment makes them again: that resets nothing, and says how to change what differs."""
    await admin.create(broker, Shape(partitions=2))
    await admin.change(broker, Change(retention_days=7, compression="zstd"))
    before = await admin.describe(broker)
    told = await admin.create(broker, Shape(partitions=4, replication=3))

    assert before == await admin.describe(broker)
    assert [
        f"{broker.prefix}form4.filings: {told}"
        for told in (
            "has 2 partitions, not 4",
            "has 1 copy of each record, not 3; Kafka's own kafka-reassign-partitions changes that",
            "retention.ms is 604800000 (7 days), not 2592000000 (30 days)",
            "compression.type is zstd, not producer",
        )
    ] == told[:4]
    assert (
        "What is there was left as it is. To change it: filingbell topics change --partitions 4 --retention-days 30 "
        "--compression producer"
    ) == told[-1]


async def test_more_than_was_asked_for_needs_no_change(broker: Broker) -> None:
    """An operator has grown them: told, and nothing to do."""
    await admin.create(broker, Shape(partitions=3, max_bytes=9_000_000))

    assert {
        "has 3 partitions, not 2",
        "max.message.bytes is 9000000, not 8388608",
    } == {line.partition(": ")[2] for line in await admin.create(broker, Shape(partitions=2))}


async def test_one_that_is_missing_is_made_beside_the_others(broker: Broker) -> None:
    """As it is asked for; the others stay."""
    await admin.create(broker, Shape(partitions=2))
    client = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await client.start()
    await client.delete_topics([broker.topic(Topic.DEAD)])
    await client.close()
    told = await admin.create(broker, Shape(partitions=3))

    assert f"{broker.prefix}form4.dead: made with 3 partitions" in told
    assert [2, 2, 2, 3] == [one.partitions for one in await admin.describe(broker)]


async def test_they_change_on_request_and_keep_what_an_operator_has_set(broker: Broker) -> None:
    """Kafka's older call replaces every setting, so ours are given together with theirs."""
    await admin.create(broker, Shape(partitions=2))
    await _set(broker, "form4.alerts", "min.insync.replicas", "1")
    await admin.change(broker, Change(partitions=3, retention_days=5, compression="lz4", max_bytes=9_000_000))
    again = await admin.change(broker, Change(retention_days=5))
    alerts = next(one for one in await admin.describe(broker) if one.topic.endswith("form4.alerts"))

    assert 3 == alerts.partitions
    assert {
        "cleanup.policy": "delete",
        "retention.ms": str(5 * 24 * 60 * 60 * 1000),
        "compression.type": "lz4",
        "max.message.bytes": "9000000",
        "min.insync.replicas": "1",
    } == alerts.settings
    assert {"is so already"} == {line.partition(": ")[2] for line in again}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (Change(partitions=2, retention_days=1), "has 3 partitions, and Kafka cannot make them 2"),
        (Change(max_bytes=1_000_000, retention_days=1), "takes records of 8388608 bytes"),
    ],
)
async def test_they_are_never_shrunk(change: Change, told: str, broker: Broker) -> None:
    """Neither partitions nor the largest record; nothing is changed when one is refused."""
    await admin.create(broker, Shape(partitions=3))
    before = await admin.describe(broker)
    with pytest.raises(ConfigError, match=told):
        await admin.change(broker, change)

    assert before == await admin.describe(broker)


async def test_what_kafka_refuses_is_said(broker: Broker) -> None:
    """Not tried again for ever."""
    with pytest.raises(ConfigError, match="InvalidReplicationFactor"):
        await admin.create(broker, Shape(replication=30_000))


def test_the_command_makes_describes_and_changes_them(broker: Broker, tmp_path: Path) -> None:
    """As an operator calls it."""
    too_early = _run(broker, tmp_path, "topics", "change", "--retention-days", "7")
    made = _run(broker, tmp_path, "topics", "create", "--partitions", "2")
    changed = _run(broker, tmp_path, "topics", "change", "--retention-days", "7")
    again = _run(broker, tmp_path, "topics", "create", "--partitions", "2")
    shown = _run(broker, tmp_path, "topics", "describe")
    refused = _run(broker, tmp_path, "topics", "change", "--partitions", "1")
    empty = _run(broker, tmp_path, "topics", "change")

    assert (2, True) == (too_early.returncode, "filingbell topics create" in too_early.stderr)
    assert f"{broker.prefix}form4.filings: made with 2 partitions" in made.stdout
    assert f"{broker.prefix}form4.filings: retention.ms is {7 * DAY} now" in changed.stdout
    assert (0, True) == (again.returncode, again.stdout.endswith("filingbell topics change --retention-days 30\n"))
    assert "7 days" in shown.stdout
    assert (2, True) == (refused.returncode, "ask for 2 or more" in refused.stderr)
    assert (2, True) == (empty.returncode, "say what to change" in empty.stderr)


def test_a_broker_that_is_away_is_said(tmp_path: Path) -> None:
    """Exit status 1: it may come back."""
    done = _run(Broker(bootstrap="127.0.0.1:1"), tmp_path, "topics", "describe")

    assert 1 == done.returncode
    assert "filingbell: Kafka cannot be reached at " in done.stderr


def _run(broker: Broker, home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    settings = {
        "FILINGBELL_KAFKA": broker.bootstrap,
        "FILINGBELL_KAFKA_PREFIX": broker.prefix,
        "FILINGBELL_HOME": str(home),
        "COLUMNS": "200",
    }
    return called(*arguments, environment=os.environ | settings)


async def _set(broker: Broker, topic: str, name: str, value: str) -> None:
    client = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await client.start()
    described = next(one for one in await admin.describe(broker) if one.topic.endswith(topic))
    resource = ConfigResource(ConfigResourceType.TOPIC, described.topic, described.settings | {name: value})
    await client.alter_configs([resource])
    await client.close()
