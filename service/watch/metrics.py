"""What the service does, for Prometheus; and whether its loops live."""

import collections
import time as machine
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime, time
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

from service.edgar.pace import Host
from service.log.source import Log
from service.model import errors
from service.model.delivery import Reason
from service.model.filing import LEGS, Times, leg
from service.model.notice import NoticeKind
from service.store import Database, days, deliveries, events, filings, gaps, letters, marks, notices, positions

_MISSED = 60.0  # seconds of silence beyond what a loop has announced
_FRESH = 5.0  # seconds that figures from the database are kept
_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_LATENCIES = (*_SECONDS, 60.0, 120.0, 300.0, 900.0, 3600.0)
_STATIONS = {"published": ("listed", "seen", "fetched", "published"), "parsed": ("parsed",), "matched": ("matched",)}

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """Vitals that count. Figures of the whole service are read from the database when they are asked for."""

    def __init__(self, monotonic: Callable[[], float] = machine.monotonic) -> None:
        self._monotonic = monotonic
        self._beats: dict[str, float] = {}  # by when each loop must have come round
        self._read = float("-inf")
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
            ["channel", "outcome", "reason"],
            registry=registry,
        )
        self._sending = Histogram(
            "filingbell_delivery_seconds",
            "A request to a channel.",
            ["channel"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._leader = Gauge("filingbell_leader", "1: this process leads.", ["name"], registry=registry)
        self._lag = Gauge(
            "filingbell_lag_records", "Offsets that a group is behind.", ["group", "topic"], registry=registry
        )
        self._relay_lag = Gauge("filingbell_relay_lag_events", "Events not in Kafka yet.", registry=registry)
        self._relay = Gauge("filingbell_relay_position", "The next event to go to Kafka.", registry=registry)
        self._pending = Gauge(
            "filingbell_deliveries_pending", "Deliveries owed to a channel.", ["channel"], registry=registry
        )
        self._filings = Gauge("filingbell_filings", "Filings seen, by state.", ["state"], registry=registry)
        self._gaps = Gauge("filingbell_gaps", "Where the feed could not be read back far enough.", registry=registry)
        self._blocked = Gauge(
            "filingbell_edgar_blocked", "1: this host of EDGAR refuses this client.", ["host"], registry=registry
        )
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
        self._unproven = Gauge(
            "filingbell_indexes_unproven", "Daily indexes of the SEC still to be compared with.", registry=registry
        )
        self._missing = Gauge(
            "filingbell_filings_missing", "Filings in the SEC's index that are not published.", registry=registry
        )
        self._notices = Gauge(
            "filingbell_operational_alerts", "What stands in the way now, by kind.", ["kind"], registry=registry
        )
        self._read_at = Gauge(
            "filingbell_feed_read_timestamp_seconds", "When the feed was last read to known ground.", registry=registry
        )
        self._newest = Gauge(
            "filingbell_feed_newest_timestamp_seconds", "The newest filing's time in the feed.", registry=registry
        )
        self._open = Gauge(
            "filingbell_dead_letters_open",
            "Records that could not be used, neither retried nor dropped.",
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

    def handled(self, group: str, records: int, dead: Iterable[errors.Reason], seconds: float) -> None:
        """Count a batch."""
        reasons = list(dead)
        self._records.labels(group, "handled").inc(records - len(reasons))
        self._records.labels(group, "dead").inc(len(reasons))
        for reason in reasons:
            self._dead.labels(group, reason.value).inc()
        self._batch.labels(group).observe(seconds)

    def sent(self, channel: str, outcome: str, reason: Reason, seconds: float) -> None:
        """Count a request."""
        self._sent.labels(channel, str(outcome), reason.value).inc()
        self._sending.labels(channel).observe(seconds)

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

    async def exposition(self, database: Database, log: Log, roles: Collection[str], trusted_at: time) -> bytes:
        """All of it as Prometheus reads it; raises Unavailable where the database or the log is.

        *trusted_at*: when a day's index can be trusted, Eastern, on the next day.
        """
        now = self._monotonic()
        if now - self._read > _FRESH:
            await self._look(database, log, roles, trusted_at)
            self._read = now
        return self.counted()

    def counted(self) -> bytes:
        """What is known without looking."""
        return generate_latest(self._registry)

    async def _look(self, database: Database, log: Log, roles: Collection[str], trusted_at: time) -> None:
        """What stands in the database, as far as *roles* are concerned with it."""
        self._open.set(await letters.count_open(database))
        for (group, topic), count in (await log.lag()).items():
            if group in roles:
                self._lag.labels(group, topic.value).set(count)
        if "relay" in roles:
            position = await positions.highest(database, events.RELAY)
            self._relay.set(position)
            self._relay_lag.set(await events.count_from(database, position))
        if "dispatcher" in roles:
            await self._look_at_deliveries(database)
        if "poller" in roles:
            await self._look_at_filings(database, trusted_at)

    async def _look_at_deliveries(self, database: Database) -> None:
        pending = await deliveries.pending(database)
        self._pending.clear()  # a channel that is owed nothing is not in the answer
        for channel, count in pending.items():
            self._pending.labels(channel).set(count)
        standing = collections.Counter(one.kind for one in await notices.standing(database))
        for kind in set(NoticeKind) - {NoticeKind.DIGEST}:
            self._notices.labels(kind.value).set(standing[kind])

    async def _look_at_filings(self, database: Database, trusted_at: time) -> None:
        counts = await filings.counts(database)
        for state in filings.State:
            self._filings.labels(state.value).set(counts.get(state, 0))
        self._gaps.set(len(await gaps.still_open(database)))
        unproven, missing = await days.unproven(database, trusted_at, datetime.now(UTC))
        self._unproven.set(unproven)
        self._missing.set(missing)
        for host in Host:
            blocked = await marks.get(database, marks.blocked(host))
            self._blocked.labels(host.value).set(blocked is not None and blocked > datetime.now(UTC))
        for gauge, at in (
            (self._read_at, await marks.get(database, marks.READ)),
            (self._newest, await filings.newest(database)),
        ):
            gauge.set(at.timestamp() if at else 0)
