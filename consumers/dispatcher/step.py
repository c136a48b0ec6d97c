"""The dispatcher as a stage: form4.alerts to deliveries owed."""

from consumers.quarantine import decoded
from consumers.stage import Clock
from service.model.alert import Alert
from service.store import Transaction, deliveries
from service.store.deliveries import NewAlert
from service.wire.topics import Record, Topic


class DispatcherStep:
    """Owes each alert to its channels. Nothing is sent here: the sender does that, from the database."""

    group = "dispatcher"
    topic = Topic.ALERTS

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def read(self, record: Record) -> NewAlert:
        """The alert; raises UnusableDocument if the record is none."""
        alert = decoded(record, Alert)
        return NewAlert(
            id=alert.id,
            accession=alert.filing.accession,
            rule=alert.rule,
            value=record.value,
            channels=alert.channels,
            digest=alert.filing.digest,
        )

    async def write(self, tx: Transaction, results: list[NewAlert]) -> None:
        """Keep the alerts and owe them."""
        await deliveries.owe(tx, results, self._clock())
