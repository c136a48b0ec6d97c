"""How it stands with each channel."""

from collections import defaultdict
from datetime import datetime, timedelta

from msgspec import Struct

from service.model.circuit import Circuit, CircuitState
from service.model.delivery import DeliveryState
from service.store import Database, channel_names, channels, deliveries
from service.store.channels import PATIENCE, ChannelState
from service.text import one_line
from service.watch.look import Look
from service.words import eastern


class Health(Struct, frozen=True, kw_only=True):
    """Whether a channel takes what it is sent."""

    ok: bool  # as far as is known
    failing_since: datetime | None  # the first failure since its last success; None: it works
    last_error: str | None  # None: none was ever seen
    disabled_since: datetime | None  # it failed for days and is left alone, but for a try now and then; None: it is not
    disabled_because: str | None  # None: it is not
    circuit: CircuitState  # closed: it is sent to; open: most requests failed; half-open: one may try it
    circuit_open_since: datetime | None  # None: it is closed
    probe_at: datetime | None  # of one that is disabled or open: when one delivery is tried; None: as soon as one waits
    last_delivered: datetime | None  # to within seconds; None: nothing yet


def health(state: ChannelState, now: datetime) -> Health:
    """What *state* says of its channel."""
    disabled = state.disabled_since is not None
    days = f"no success for {PATIENCE // timedelta(hours=1)} hours"
    return Health(
        ok=state.failing_since is None and not state.probed,
        failing_since=state.failing_since,
        last_error=state.detail,
        disabled_since=state.disabled_since,
        disabled_because=f"{days}; the last answer: {one_line(state.detail or 'unknown')}" if disabled else None,
        circuit=state.circuit.state(now),
        circuit_open_since=state.opened,
        probe_at=state.probe_at if state.probed else None,
        last_delivered=state.succeeded_at,
    )


def open_circuit(circuit: Circuit) -> str:
    """Since when *circuit* is open, in words."""
    since = eastern(circuit.opened, seconds=True) if circuit.opened else ""
    probe = eastern(circuit.probe_at, seconds=True) if circuit.probe_at else "at once"
    return f"open since {since}, next probe {probe}"


async def healths(database: Database, now: datetime) -> dict[str, Health]:
    """How each channel fares, by id; one that was never owed anything has no failures."""
    found: dict[str, Health] = defaultdict(lambda: health(ChannelState(channel=""), now))
    found.update((one.channel, health(one, now)) for one in await channels.states(database))
    return found


class ChannelStanding(Struct, frozen=True, kw_only=True):
    """What a channel has taken, what it is owed, and whether it works."""

    channel: str  # its name, behind that of its workspace unless that is the default one
    delivered: int
    pending: int
    dead: int  # given up, and nobody has seen to it
    acknowledged: int  # given up, and somebody has
    configured: bool  # False: what it is owed waits until a configuration has it
    failing_since: datetime | None  # None: it works, as far as is known
    disabled_since: datetime | None  # it failed for days and is left alone; None: it is not
    circuit: Circuit  # open where most requests failed, so that probes alone are sent
    last_delivered: datetime | None  # to within seconds; None: nothing yet
    reason: str | None  # of its last failure; None: none was ever seen
    answer: str | None  # likewise
    oldest: datetime | None  # what waits longest was owed then; None: nothing waits
    next_try: datetime | None  # None: nothing waits
    held: int  # of what is pending: what its quiet hours hold, or waits for a digest
    held_until: datetime | None  # when they end; None: they hold nothing


async def standings(look: Look) -> list[ChannelStanding]:
    """Every channel that was ever owed anything, by name.

    Of one that is not configured any more and has nothing left there is nothing to tell.
    """
    counts, waiting, dead = await deliveries.counts(look.database), await look.waiting(), await look.dead()
    states, names = await look.states(), await channel_names.titles(look.database)
    found = []
    for name in sorted({channel for channel, _ in counts} | set(states)):
        state, owed = states.get(name, ChannelState(channel=name)), waiting.get(name)
        unseen = sum(one.count for one in dead if one.channel == name)
        found.append(
            ChannelStanding(
                channel=names[name],
                delivered=counts.get((name, DeliveryState.DELIVERED), 0),
                pending=counts.get((name, DeliveryState.PENDING), 0),
                dead=unseen,
                acknowledged=max(0, counts.get((name, DeliveryState.DEAD), 0) - unseen),
                configured=state.missing_since is None,
                failing_since=state.failing_since,
                disabled_since=state.disabled_since,
                circuit=state.circuit,
                last_delivered=state.succeeded_at,
                reason=state.reason,
                answer=state.detail,
                oldest=owed.oldest if owed else None,
                next_try=state.earliest(owed.next) if owed else None,
                held=owed.held if owed else 0,
                held_until=owed.held_until if owed else None,
            )
        )
    return [one for one in found if one.configured or one.delivered or one.pending or one.dead]
