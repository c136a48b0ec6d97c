"""Which log there is: one line a backend."""

from service.log.broker import Broker
from service.log.source import Log
from service.log.table import TableLog
from service.store import Database
from service.vitals import Vitals


def open_log(broker: Broker | None, database: Database, vitals: Vitals) -> Log:
    """The topics on *broker*; None: the events table itself. Nothing is connected yet."""
    if broker is None:
        return TableLog(database, vitals)
    from service.log.kafka import KafkaLog  # noqa: PLC0415  # aiokafka is loaded only where Kafka is used

    return KafkaLog(broker, database, vitals)
