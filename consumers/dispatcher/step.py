"""The dispatcher as a stage: form4.alerts to deliveries owed."""

from collections.abc import Mapping

from msgspec.structs import replace

from consumers.quarantine import decoded
from consumers.stage import Clock
from service.model.alert import Alert
from service.model.identity import ChannelId, Revision, RuleId
from service.store import Transaction, deliveries, resources
from service.store.deliveries import NewAlert
from service.wire.topics import Record, Topic

Route = tuple[RuleId, Revision]
"""A rule, and the revision whose channels are told."""

_REMEMBERED = 10_000  # rules' revisions whose channels are known without a look


class DispatcherStep:
    """Owes each alert to the channels of its rule, as they stood at the revision by which the rule was met.

    Nothing is sent here: the sender does that, from the database.
    """

    group = "dispatcher"
    topic = Topic.ALERTS

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._routes: dict[Route, tuple[ChannelId, ...]] = {}

    def read(self, record: Record) -> tuple[Route, NewAlert]:
        """The alert, and what says where it goes; raises UnusableDocument if the record is none."""
        alert = decoded(record, Alert)
        new = NewAlert(
            id=alert.id,
            accession=alert.filing.accession,
            rule=alert.rule,
            value=record.value,
            channels=(),
            digest=alert.filing.provenance.digest,
        )
        return (alert.rule_id, alert.rule_revision), new

    async def write(self, tx: Transaction, results: list[tuple[Route, NewAlert]]) -> None:
        """Keep the alerts and owe them."""
        routes = await self._routed(tx, {route for route, _ in results})
        new = [replace(alert, channels=routes.get(route, ())) for route, alert in results]
        await deliveries.owe(tx, new, self._clock())

    async def _routed(self, tx: Transaction, wanted: set[Route]) -> Mapping[Route, tuple[ChannelId, ...]]:
        if len(self._routes) > _REMEMBERED:
            self._routes.clear()
        if unknown := wanted - self._routes.keys():
            self._routes |= await resources.routes(tx, unknown)
        return self._routes
