"""What all workers share of a channel: its pace and pauses, whether it works, and whether a configuration names it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import asdict, replace
from sqlalchemy import bindparam, exists, func, or_, select, update

from service.model.circuit import LONGEST_PAUSE, SPREAD, Circuit
from service.model.delivery import DeliveryState
from service.store.database import Database, Transaction
from service.store.deliveries import bell
from service.store.schema import NEXT, channel_states, deliveries

SKEW = timedelta(minutes=1)  # other workers' clocks differ, and *now* may be a moment ago
PATIENCE = timedelta(hours=120)  # what has failed for so long without a success is disabled
PROBE = timedelta(hours=6)  # from one delivery that tries a disabled channel to the next

_READ = select(channel_states).where(channel_states.c.channel.in_(bindparam("channels", expanding=True)))
_LOCKED = _READ.order_by(channel_states.c.channel).with_for_update()
_PUT = (
    update(channel_states)
    .where(channel_states.c.channel == bindparam("which"))
    .values({column.name: bindparam(column.name) for column in channel_states.c if column.name != "channel"})
)


class ChannelState(Struct, frozen=True, kw_only=True):
    """How it stands with a channel."""

    channel: str
    free_at: datetime | None = None  # its pace: no request starts before; None: at any time
    paused_until: datetime | None = None  # it asked us to wait; None: not since its last success
    claimed: datetime | None = None  # until then a worker has it for itself; None: nobody has
    missing_since: datetime | None = None  # no configuration names it; None: as far as is known, one does
    failing_since: datetime | None = None  # the first failure since its last success; None: it works
    failures: int = 0  # since its last success
    reason: str | None = None  # of its last failure; None: none was ever seen
    detail: str | None = None
    failed_at: datetime | None = None
    succeeded_at: datetime | None = None
    disabled_since: datetime | None = None  # it failed for so long that it is left alone; None: it is sent to
    opened: datetime | None = None  # its circuit: most requests fail, so that probes alone are sent; None: it is closed
    probes: int = 0  # that were not taken since it opened
    probe_at: datetime | None = None  # of one that is disabled or open: when one delivery tries it; None: at once
    digest_at: datetime | None = None  # when its next digest is due; None: nothing waits for one
    recent: list[int] | None = None  # when it took its last messages, in microseconds; None: nobody asks

    @property
    def works_again(self) -> bool:
        """Whether it has failed, and has taken something since."""
        return self.failed_at is not None and self.succeeded_at is not None and self.failed_at < self.succeeded_at

    def free(self, now: datetime, interval: timedelta, claim: timedelta, longest: timedelta) -> datetime:
        """From when on a request may start: *now* or later.

        A time later than *interval*, *claim* or *longest* allows was set by a clock that was set back since.
        """
        probe = self.probe_at if self.probed else None
        most = PROBE if self.disabled_since else LONGEST_PAUSE * (1 + SPREAD)
        bounds = ((self.free_at, interval), (self.claimed, claim), (self.paused_until, longest), (probe, most))
        return max((at for at, most in bounds if at is not None and now < at <= now + most + SKEW), default=now)

    @property
    def probed(self) -> bool:
        """Whether one delivery at a time tries it, and the others wait: it is disabled, or its circuit is open."""
        return self.disabled_since is not None or self.opened is not None

    @property
    def circuit(self) -> Circuit:
        """Its circuit."""
        return Circuit(opened=self.opened, probes=self.probes, probe_at=self.probe_at if self.opened else None)

    def earliest(self, due: datetime) -> datetime:
        """When what is *due* then may be tried, as far as is known."""
        return max(due, self.paused_until or due, (self.probe_at if self.probed else None) or due)

    def next_try(self, now: datetime) -> datetime:
        """Of one that is probed: when one delivery tries it, if something waits."""
        return now if self.probe_at is None else max(self.probe_at, now)


async def states(database: Database) -> list[ChannelState]:
    """The state of every channel that was ever owed anything, by name."""
    async with database.reading() as connection:
        rows = await connection.execute(select(channel_states).order_by(channel_states.c.channel))
        return [ChannelState(**row) for row in rows.mappings()]


async def locked(tx: Transaction, channels: Iterable[str]) -> dict[str, ChannelState]:
    """The states of *channels*, which nobody else changes before *tx* ends.

    Whoever changes deliveries as well takes them after these, so that none waits in a circle.
    """
    rows = await tx.execute(_LOCKED, {"channels": list(set(channels))})
    return {row["channel"]: ChannelState(**row) for row in rows.mappings()}


async def put(tx: Transaction, changed: Sequence[ChannelState]) -> None:
    """Keep *changed*, which were locked."""
    if changed:
        await tx.execute(_PUT, [{"which": one.channel, **asdict(one)} for one in changed])


async def read(tx: Transaction, channels: Collection[str]) -> dict[str, ChannelState]:
    """The states of *channels*, which others may change."""
    rows = await tx.execute(_READ, {"channels": list(channels)})
    return {row["channel"]: ChannelState(**row) for row in rows.mappings()}


async def served(tx: Transaction, channels: Collection[str]) -> None:
    """A configuration names *channels*."""
    gone = await tx.execute(select(channel_states.c.channel).where(channel_states.c.missing_since.is_not(None)))
    back = [channel for channel in gone.scalars() if channel in channels]
    if back:
        await tx.execute(update(channel_states).where(channel_states.c.channel.in_(back)).values(missing_since=None))


async def unserved(database: Database, channels: Collection[str], before: datetime) -> list[str]:
    """Those of *channels* that have been owed something since *before* or longer."""
    pending = deliveries.c.channel == channel_states.c.channel, deliveries.c.state == DeliveryState.PENDING
    owed = exists().where(*pending, deliveries.c.created <= before)
    query = select(channel_states.c.channel).where(channel_states.c.channel.in_(channels), owed)
    async with database.reading() as connection:
        return list(await connection.scalars(query))


async def missing(tx: Transaction, channels: Collection[str], now: datetime) -> None:
    """No configuration names *channels*; what they are owed waits."""
    await tx.execute(
        update(channel_states)
        .where(channel_states.c.channel.in_(channels), channel_states.c.missing_since.is_(None))
        .values(missing_since=now)
    )


async def flush(tx: Transaction, channel: str, now: datetime, *, held: bool) -> int:
    """Let all that waits for *channel* go now, oldest first, at the channel's pace; returns how much that is.

    Its schedule goes on behind it: a try before its time costs no step. One that is disabled is tried with one
    delivery, and enabled if it takes that. With *held*, quiet hours hold nothing of it, and what waits for its next
    digest is told in one now: a person wants it sent.
    """
    known = await locked(tx, [channel])
    if channel in known and (known[channel].paused_until or known[channel].probe_at):
        lifted = {"paused_until": None, "probe_at": None}
        await tx.execute(update(channel_states).where(channel_states.c.channel == channel).values(lifted))
    owed = deliveries.c.channel == channel, deliveries.c.state == DeliveryState.PENDING
    pending = (*owed, deliveries.c.told_in.is_(None))
    gathered = (*owed, deliveries.c.told_in == NEXT)
    at_once = {"due": deliveries.c.created, "planned": func.coalesce(deliveries.c.planned, deliveries.c.due)}
    later = update(deliveries).where(*pending, deliveries.c.due > deliveries.c.created)
    if held:
        await tx.execute(later.values(at_once))
        await tx.execute(update(deliveries).where(*pending).values(held_until=now))
        if (await tx.execute(update(deliveries).where(*gathered).values(due=now, held_until=now))).rowcount:
            await tx.execute(update(channel_states).where(channel_states.c.channel == channel).values(digest_at=now))
    else:
        awake = or_(deliveries.c.held_until.is_(None), deliveries.c.held_until <= now)
        await tx.execute(later.where(awake).values(at_once))
    tx.ring(bell(channel))
    waits = or_(deliveries.c.told_in.is_(None), deliveries.c.told_in == NEXT)
    count: int = (await tx.execute(select(func.count()).select_from(deliveries).where(*owed, waits))).scalar_one()
    return count


async def enable(tx: Transaction, channel: str, now: datetime) -> bool:
    """Send to *channel* again, which was disabled because it failed for long; False: it was not.

    Its time without a success begins anew.
    """
    state = (await locked(tx, [channel])).get(channel)
    if state is None or state.disabled_since is None:
        return False
    works = replace(state, disabled_since=None, opened=None, probes=0, probe_at=None, failing_since=None, failures=0)
    await put(tx, [works])
    await flush(tx, channel, now, held=False)
    return True
