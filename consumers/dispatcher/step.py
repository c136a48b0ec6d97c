"""The dispatcher as a stage: form4.alerts to deliveries owed."""

import msgspec

from consumers.stage import Clock
from service.model.alert import Alert
from service.model.errors import Reason, UnusableDocument
from service.store import Transaction, deliveries
from service.wire import decode
from service.wire.topics import Record, Topic


class DispatcherStep:
    """Owes each alert to its channels. Nothing is sent here: the sender does that, from the database."""

    group = "dispatcher"
    topic = Topic.ALERTS

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def read(self, record: Record) -> tuple[Alert, bytes]:
        """The alert and its JSON; raises UnusableDocument if the record is none."""
        try:
            return decode(record.value, Alert), record.value
        except msgspec.MsgspecError as error:
            raise UnusableDocument(Reason.UNREADABLE_EVENT, f"the event is no alert: {error}") from error

    async def write(self, tx: Transaction, results: list[tuple[Alert, bytes]]) -> None:
        """Keep the alerts and owe them."""
        now = self._clock()
        for alert, value in results:
            await deliveries.add_alert(tx, alert.id, alert.filing.accession, alert.rule, value, now)
            await deliveries.owe(tx, alert.id, alert.channels, now)
