"""Figures of the whole service, for Prometheus: what one look finds, as far as a process is concerned with it."""

from collections import Counter
from collections.abc import Collection, Mapping

from prometheus_client import CollectorRegistry, Gauge

from service.edgar.pace import Host
from service.model.notice import NoticeKind
from service.store import channel_names, deliveries, filings, letters, marks
from service.watch.checks import conditions
from service.watch.look import Look

_UNKNOWN = "unknown"  # the type of a channel that the database does not know


class Figures:
    """Gauges that are set anew with each look. Their labels are kinds of things: a name would be a series for ever."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, told: str, *labels: str) -> Gauge:
            return Gauge(f"filingbell_{name}", told, labels, registry=registry)

        self._lag = gauge("lag_records", "Offsets that a group is behind.", "group", "topic")
        self._relay_lag = gauge("relay_lag_events", "Events not in Kafka yet.")
        self._relay = gauge("relay_position", "The next event to go to Kafka.")
        self._pending = gauge("deliveries_pending", "Deliveries owed to channels that nothing holds.", "kind")
        why = "kind", "reason"
        self._held = gauge("deliveries_held", "Deliveries that are held until a time, by what holds them.", *why)
        self._dead = gauge("deliveries_dead", "Deliveries that were given up, and nobody has seen to.", *why)
        self._withheld = gauge("deliveries_suppressed", "Deliveries that were not made on purpose, ever.", *why)
        self._circuits = gauge("channel_circuit_state", "Channels to which probes alone are sent.", "kind", "state")
        self._filings = gauge("filings", "Filings seen, by state.", "state")
        self._gaps = gauge("gaps", "Where the feed could not be read back far enough.")
        self._blocked = gauge("edgar_blocked", "1: this host of EDGAR refuses this client.", "host")
        self._unproven = gauge("indexes_unproven", "Daily indexes of the SEC still to be compared with.")
        self._missing = gauge("filings_missing", "Filings in the SEC's index that are not published.")
        self._conditions = gauge("operational_alerts", "What is wrong now, by kind.", "kind")
        self._read = gauge("feed_read_timestamp_seconds", "When the feed was last read to known ground.")
        self._newest = gauge("feed_newest_timestamp_seconds", "The newest filing's time in the feed.")
        self._open = gauge("dead_letters_open", "Records that could not be used, neither retried nor dropped.")

    async def read(self, look: Look, roles: Collection[str]) -> None:
        """Set those that *roles* are concerned with, and what is wrong with the whole; raises Unavailable."""
        self._open.set(await letters.count_open(look.database))
        standing = Counter(one.kind for one in await conditions(look))
        for kind in set(NoticeKind) - {NoticeKind.DIGEST}:
            self._conditions.labels(kind.value).set(standing[kind])
        behind = await look.behind()
        for (group, topic), count in behind.groups.items():
            if group in roles:
                self._lag.labels(group, topic).set(count)
        if "relay" in roles and behind.relayed is not None and behind.relay is not None:
            self._relay.set(behind.relayed)
            self._relay_lag.set(behind.relay)
        if "dispatcher" in roles:
            await self._read_deliveries(look)
        if "poller" in roles:
            await self._read_filings(look)

    async def _read_deliveries(self, look: Look) -> None:
        owed = dict(await look.pending())
        holding = [channel for channel, waits in (await look.waiting()).items() if waits.held]
        held = await deliveries.held(look.database, holding)
        withheld = await deliveries.all_withheld(look.database)
        for (channel, _), count in held.items():
            owed[channel] -= count
        pending = {(channel, ""): count for channel, count in owed.items()}
        dead = {(one.channel, one.reason or _UNKNOWN): one.count for one in await look.dead()}
        every = {channel for counts in (pending, dead, withheld) for channel, _ in counts}
        kinds = {name: one.type for name, one in (await channel_names.known(look.database, every)).items()}
        self._pending.clear()  # a kind that is owed nothing is not in the answer
        for (kind, _), count in _by_kind(pending, kinds).items():
            self._pending.labels(kind).set(count)
        for gauge, counts in ((self._held, held), (self._dead, dead), (self._withheld, withheld)):
            gauge.clear()
            for labels, count in _by_kind(counts, kinds).items():
                gauge.labels(*labels).set(count)
        await self._read_circuits(look)

    async def _read_circuits(self, look: Look) -> None:
        opened = {name: state.circuit for name, state in (await look.states()).items() if state.opened is not None}
        known = await channel_names.known(look.database, opened)
        found = Counter(
            (one.type or _UNKNOWN, opened[name].state(look.now))
            for name, one in known.items()
            if one.enabled and not one.removed
        )
        self._circuits.clear()
        for (kind, state), count in found.items():
            self._circuits.labels(kind, state.value).set(count)

    async def _read_filings(self, look: Look) -> None:
        counts = await filings.counts(look.database)
        for state in filings.FilingState:
            self._filings.labels(state.value).set(counts.get(state, 0))
        self._gaps.set(len(await look.gaps()))
        unproven, missing = await look.unproven()
        self._unproven.set(unproven)
        self._missing.set(missing)
        known = await look.marks()
        for host in Host:
            blocked = known.get(marks.blocked(host))
            self._blocked.labels(host.value).set(blocked is not None and blocked > look.now)
        for gauge, at in ((self._read, known.get(marks.READ)), (self._newest, await look.newest())):
            gauge.set(at.timestamp() if at else 0)


def _by_kind(counts: Mapping[tuple[str, str], int], kinds: Mapping[str, str | None]) -> Counter[tuple[str, str]]:
    """*counts*, which are by channel and reason, by kind and reason."""
    found: Counter[tuple[str, str]] = Counter()
    for (channel, reason), count in counts.items():
        found[kinds.get(channel) or _UNKNOWN, reason] += count
    return found
