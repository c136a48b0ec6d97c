"""The role that publishes the database's events on Kafka."""

from functools import partial

import structlog

from service.clock import now
from service.log.admin import make_missing
from service.log.relay import Relay
from service.model.errors import ConfigError
from service.runtime.ground import Ground
from service.runtime.leader import Leader
from service.runtime.roles import Loops

log = structlog.get_logger()


def loops(ground: Ground) -> Loops:
    """Of all processes with this role one publishes."""
    leader = Leader("relay", ground.database, now, ground.vitals)
    yield "relay", partial(leader.run, partial(_relay, ground, leader))


async def _relay(ground: Ground, leader: Leader) -> None:
    broker = ground.settings.broker
    if broker is None:
        raise ConfigError("there is nothing to relay to: set FILINGBELL_KAFKA=host:9092")
    for made in await make_missing(broker):
        log.info("topic", detail=made)
    retention = ground.settings.retention
    await Relay(broker, ground.database, retention, now, ground.vitals, leader.confirm).run()
