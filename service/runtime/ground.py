"""What the loops of every role stand on."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from consumers import stage
from consumers.quarantine import FloodGate
from consumers.steps import Step, T
from service.clock import Clock, now
from service.log.source import Log
from service.runtime.hiding import Hiding
from service.settings import Settings
from service.store import Database
from service.vitals import Vitals
from service.watch.look import Probe


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A process of the service, as its roles see it."""

    settings: Settings
    database: Database
    events: Log
    vitals: Vitals
    clock: Clock
    hiding: Hiding
    roles: Collection[str] = ()  # of this process
    since: date | None = None  # from which day on what the feed shows is live; None: from now on
    probe: Probe | None = None

    async def stage(self, step: Step[T]) -> None:
        """Feed *step* from its topic, until cancelled."""
        source = self.events.source(step.group, step.topic)
        gate = FloodGate(step.group) if self.settings.flood == "stop" else None
        await stage.run(step, source, self.database, now, self.vitals, gate)
