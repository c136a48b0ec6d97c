"""What the service does, for Prometheus; and whether its loops live."""

import time as machine
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from importlib.metadata import version

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from service.model import errors
from service.model.delivery import Reason
from service.model.filing import LEGS, Times, leg
from service.watch.figures import Figures
from service.watch.look import Look

_MISSED = 60.0  # seconds of silence beyond what a loop has announced
_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_LATENCIES = (*_SECONDS, 60.0, 120.0, 300.0, 900.0, 3600.0)
_STATIONS = {"published": ("listed", "seen", "fetched", "published"), "parsed": ("parsed",), "matched": ("matched",)}

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """Vitals that count. Figures of the whole service come from a look at the database when they are asked for."""

    def __init__(self, monotonic: Callable[[], float] = machine.monotonic) -> None:
        self._monotonic = monotonic
        self._beats: dict[str, float] = {}  # by when each loop must have come round
        # Else every counter and histogram has a second series: a gauge of when it began.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus_client leaves it untyped
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        Info("filingbell_build", "The version that runs.", registry=registry).info({"version": version("filingbell")})
        self._records = Counter(
            "filingbell_records", "Records that a stage has handled.", ["group", "outcome"], registry=registry
        )
        self._dead = Counter(
            "filingbell_dead_letters", "Records that a stage could not use.", ["group", "reason"], registry=registry
        )
        self._failures = Counter(
            "filingbell_rule_failures", "Filings that a rule failed on, counted for each rule.", registry=registry
        )
        self._batch = Histogram(
            "filingbell_batch_seconds",
            "From a batch read to its commit.",
            ["group"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._sent = Counter(
            "filingbell_deliveries",
            "Requests to channels.",
            ["kind", "outcome", "reason"],
            registry=registry,
        )
        self._sending = Histogram(
            "filingbell_delivery_seconds",
            "A request to a channel.",
            ["kind"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._leader = Gauge("filingbell_leader", "1: this process leads.", ["name"], registry=registry)
        self._figures = Figures(registry)
        self._requests = Counter("filingbell_requests", "Requests to EDGAR.", ["kind", "outcome"], registry=registry)
        self._misread = Counter(
            "filingbell_feed_entries_malformed",
            "Malformed entries of the feed: recovered, or unreadable.",
            ["outcome"],
            registry=registry,
        )
        self._legs = Histogram(
            "filingbell_latency_seconds",
            "Stretches of a live filing's way, by where they end.",
            ["station"],
            buckets=_LATENCIES,
            registry=registry,
        )
        self._whole = Histogram(
            "filingbell_alert_latency_seconds",
            "From EDGAR's acceptance, and from the feed page that showed it, until an alert was received.",
            ["since"],
            buckets=_LATENCIES,
            registry=registry,
        )

    def beat(self, loop: str, quiet: float = 0.0) -> None:
        """*loop* lives, and comes round again within *quiet* seconds and some grace."""
        self._beats[loop] = self._monotonic() + quiet + _MISSED

    def ended(self, loop: str) -> None:
        """*loop*, and what is below it, has ended on purpose."""
        for name in [name for name in self._beats if name == loop or name.startswith(f"{loop}/")]:
            del self._beats[name]

    def silent(self) -> list[str]:
        """The loops that should have come round and have not."""
        now = self._monotonic()
        return sorted(loop for loop, due in self._beats.items() if due < now)

    def handled(self, group: str, records: int, dead: Iterable[errors.UnusableReason], seconds: float) -> None:
        """Count a batch."""
        reasons = list(dead)
        self._records.labels(group, "handled").inc(records - len(reasons))
        self._records.labels(group, "dead").inc(len(reasons))
        for reason in reasons:
            self._dead.labels(group, reason.value).inc()
        self._batch.labels(group).observe(seconds)

    def rules_failed(self, count: int) -> None:
        """Count them."""
        self._failures.inc(count)

    def sent(self, kind: str, outcome: str, reason: Reason, seconds: float) -> None:
        """Count a request."""
        self._sent.labels(kind, str(outcome), reason.value).inc()
        self._sending.labels(kind).observe(seconds)

    def leads(self, name: str, *, leader: bool) -> None:
        """Note who leads."""
        self._leader.labels(name).set(leader)

    def asked(self, kind: str, outcome: str) -> None:
        """Count a request to EDGAR."""
        self._requests.labels(kind, outcome).inc()

    def misread(self, outcome: str) -> None:
        """Count a malformed entry."""
        self._misread.labels(outcome).inc()

    def passed(self, times: Times, station: str) -> None:
        """Observe how long the way to *station* took."""
        if times.updated is None:
            return  # the feed did not show it: no latency of ours
        for name in _STATIONS.get(station, ()):
            took = leg(times, name)
            if took is not None:
                self._legs.labels(LEGS[name][1]).observe(max(0.0, took.total_seconds()))

    def alerted(self, times: Times, at: datetime) -> None:
        """Observe how long the whole way to a received alert took."""
        for name, since in (("accepted", times.accepted), ("seen", times.seen)):
            if since is not None and times.updated is not None:
                self._whole.labels(name).observe(max(0.0, (at - since).total_seconds()))

    async def exposition(self, look: Look, roles: Collection[str]) -> bytes:
        """All of it as Prometheus reads it, with what *look* finds; raises Unavailable where the database is."""
        await self._figures.read(look, roles)
        return self.counted()

    def counted(self) -> bytes:
        """What is known without looking."""
        return generate_latest(self._registry)
