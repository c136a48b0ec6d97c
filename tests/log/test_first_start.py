"""The first start on a Kafka that has nothing yet: what is not there yet is no error."""

import json
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient

from service.log.broker import Broker
from tests.conftest import missing
from tests.kit.eventually import eventually
from tests.kit.process import Service
from tests.servers.kafka import Kafka
from tests.servers.server import CannotStart

STAGES = ("parser", "matcher", "dispatcher")
CONFIGURATION = """
channels: {desk: {type: slack, url: "http://127.0.0.1:1/"}}
rules: {any: {kinds: purchase, channels: desk}}
"""


async def test_it_logs_no_error(tmp_path: Path) -> None:
    """The topics, and a broker for each group, are made while the stages wait for them."""
    kafka = Kafka(tmp_path / "kafka")  # a new one: the other tests' has been used
    try:
        kafka.start()
    except CannotStart as error:
        missing("Kafka", error)
    config = tmp_path / "filingbell.yaml"
    config.write_text(CONFIGURATION)
    service = Service(tmp_path / "home", config, kafka=kafka.address)
    try:
        await service.start(*STAGES, "relay")
        await eventually(lambda: _logged(service, "relaying"))
        await eventually(lambda: _joined(kafka.address))
    finally:
        await service.stop()
        kafka.kill()

    assert [] == [line for line in map(json.loads, service.log().splitlines()) if line["level"] == "error"]


async def _logged(service: Service, event: str) -> bool:
    return f'"{event}"' in service.log()


async def _joined(address: str) -> bool:
    """Whether every stage reads in its group: each shows Kafka how far it is."""
    broker = Broker(bootstrap=address)
    client = AIOKafkaAdminClient(**broker.client())
    await client.start()
    try:
        return all([await client.list_consumer_group_offsets(broker.group(stage)) for stage in STAGES])
    finally:
        await client.close()
