"""Topics on Kafka: made once, grown, never shrunk; and what the command says."""

import os
import subprocess
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from service.log import admin
from service.log.admin import Shape
from service.log.broker import Broker
from service.model.errors import ConfigError
from tests.process import COMMAND


async def test_making_them_twice_does_nothing_the_second_time(broker: Broker) -> None:
    """Idempotent, so that every deployment may do it."""
    await admin.create(broker, Shape(partitions=2))

    assert {"as it should be"} == {line.partition(": ")[2] for line in await admin.create(broker, Shape(partitions=2))}


async def test_they_grow_and_change_and_keep_what_an_operator_has_set(broker: Broker) -> None:
    """Kafka's older call replaces every setting, so ours are given together with theirs."""
    await admin.create(broker, Shape(partitions=2))
    await _set(broker, "form4.alerts", "min.insync.replicas", "1")
    await admin.create(broker, Shape(partitions=3, retention_days=5, compression="lz4", max_bytes=9_000_000))
    alerts = next(one for one in await admin.describe(broker) if one.topic.endswith("form4.alerts"))

    assert 3 == alerts.partitions
    assert {
        "cleanup.policy": "delete",
        "retention.ms": str(5 * 24 * 60 * 60 * 1000),
        "compression.type": "lz4",
        "max.message.bytes": "9000000",
        "min.insync.replicas": "1",
    } == alerts.settings


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        (Shape(partitions=2), "has 3 partitions, and Kafka cannot make them 2"),
        (Shape(partitions=3, max_bytes=1_000_000), "takes records of 8388608 bytes"),
    ],
)
async def test_they_are_never_shrunk(shape: Shape, told: str, broker: Broker) -> None:
    """Neither partitions nor the largest record; nothing is changed when one is refused."""
    await admin.create(broker, Shape(partitions=3))
    before = await admin.describe(broker)
    with pytest.raises(ConfigError, match=told):
        await admin.create(broker, shape)

    assert before == await admin.describe(broker)


async def test_what_kafka_refuses_is_said(broker: Broker) -> None:
    """Not tried again for ever."""
    with pytest.raises(ConfigError, match="InvalidReplicationFactor"):
        await admin.create(broker, Shape(replication=30_000))


def test_the_command_makes_and_describes_them(broker: Broker, tmp_path: Path) -> None:
    """As an operator calls it."""
    made = _run(broker, tmp_path, "topics", "create", "--partitions", "2")
    shown = _run(broker, tmp_path, "topics", "describe")
    refused = _run(broker, tmp_path, "topics", "create", "--partitions", "1")

    assert f"{broker.prefix}form4.filings: made with 2 partitions" in made.stdout
    assert "30 days" in shown.stdout
    assert (2, True) == (refused.returncode, "ask for 2 or more" in refused.stderr)


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
    return subprocess.run(
        [COMMAND, *arguments], env=os.environ | settings, capture_output=True, text=True, timeout=60, check=False
    )


async def _set(broker: Broker, topic: str, name: str, value: str) -> None:
    client = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await client.start()
    described = next(one for one in await admin.describe(broker) if one.topic.endswith(topic))
    resource = ConfigResource(ConfigResourceType.TOPIC, described.topic, described.settings | {name: value})
    await client.alter_configs([resource])
    await client.close()
