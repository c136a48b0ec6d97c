"""What all workers share of a channel: its pace and pauses, whether it works, and whether anybody knows it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import asdict, replace
from sqlalchemy import ColumnElement, FromClause, bindparam, case, delete, exists, func, or_, select, update

from service.model.circuit import LONGEST_PAUSE, SPREAD, Circuit
from service.model.delivery import State, Suppression
from service.model.identity import DEFAULT, WorkspaceId
from service.model.resource import ResourceKind
from service.store.database import Database, Transaction
from service.store.deliveries import bell, know, withheld
from service.store.schema import NEXT, attempts, channel_states, deliveries, digested, resources, workspaces

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


class Names(dict[str, str]):
    """The names of channels by id; what has none is called by its id."""

    def __missing__(self, key: str) -> str:
        """The id."""
        return key


async def names(database: Database) -> Names:
    """What people call each channel, also those that were removed."""
    query = select(resources.c.id, resources.c.name).where(resources.c.kind == ResourceKind.CHANNEL)
    async with database.reading() as connection:
        found = Names()
        found.update((row.id, row.name) for row in await connection.execute(query))
        return found


async def titles(database: Database) -> Names:
    """Their names, behind that of their workspace where it is not the default one: two can both have a desk."""
    query = select(resources.c.id, resources.c.name, resources.c.workspace, workspaces.c.name.label("owner"))
    of_workspace = query.join(workspaces, workspaces.c.id == resources.c.workspace)
    async with database.reading() as connection:
        found = Names()
        for row in await connection.execute(of_workspace.where(resources.c.kind == ResourceKind.CHANNEL)):
            found[row.id] = row.name if row.workspace == DEFAULT else f"{row.owner}/{row.name}"
        return found


class Known(Struct, frozen=True, kw_only=True):
    """What a channel is, whatever became of what it is owed."""

    name: str
    workspace: WorkspaceId
    type: str | None  # slack, say; None: of a time when the database did not keep it
    enabled: bool
    removed: bool


async def known(database: Database, ids: Collection[str]) -> dict[str, Known]:
    """Those of *ids* that the database knows as channels, also those that were removed."""
    of_type = resources.c.section["type"].as_string().label("type")
    columns = resources.c.id, resources.c.name, resources.c.workspace, of_type, resources.c.enabled, resources.c.removed
    query = select(*columns).where(resources.c.kind == ResourceKind.CHANNEL, resources.c.id.in_(ids))
    async with database.reading() as connection:
        return {
            row.id: Known(
                name=row.name,
                workspace=WorkspaceId(row.workspace),
                type=row.type,
                enabled=row.enabled,
                removed=row.removed is not None,
            )
            for row in await connection.execute(query)
        }


async def of_workspace(database: Database, workspace: WorkspaceId) -> list[str]:
    """The ids of every channel that *workspace* has or had."""
    query = select(resources.c.id).where(resources.c.kind == ResourceKind.CHANNEL, resources.c.workspace == workspace)
    async with database.reading() as connection:
        return list(await connection.scalars(query))


async def of_types(tx: Transaction, types: Collection[str]) -> dict[str, str]:
    """The type of every channel of one of these *types*, by id, whosever it is."""
    of_type = resources.c.section["type"].as_string()
    channel = resources.c.kind == ResourceKind.CHANNEL, resources.c.removed.is_(None)
    query = select(resources.c.id, of_type.label("type")).where(*channel, of_type.in_(types))
    return {row.id: row.type for row in await tx.execute(query)}


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
    pending = deliveries.c.channel == channel_states.c.channel, deliveries.c.state == State.PENDING
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
    owed = deliveries.c.channel == channel, deliveries.c.state == State.PENDING
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


async def move(tx: Transaction, source: str, target: str, now: datetime) -> int:
    """Owe what waits for *source* to *target* instead, under the same ids; returns how much that is.

    So is what *source* was not told because it had been removed: who renames a channel in a file loses nothing.

    What *target* was owed before is not owed to it again. What a worker is sending at *now* stays where it is. That
    *source* is not told any more is kept with it.
    """
    await know(tx, [target])
    await locked(tx, [source, target])
    await _move_digested(tx, source, target)
    untold = update(deliveries).where(deliveries.c.channel == source, deliveries.c.reason == Suppression.REMOVED)
    await tx.execute(untold.values(state=State.PENDING, reason=None, settled=None))
    there = deliveries.alias("there")
    waits = select(there.c.message).where(*_idle(there, source, now))
    moved_back = (deliveries.c.channel == target, deliveries.c.state == State.SUPPRESSED)
    await tx.execute(delete(deliveries).where(*moved_back, deliveries.c.message.in_(waits)))
    idle, gone = _idle(deliveries, source, now), {"state": State.SUPPRESSED, "reason": Suppression.MOVED}
    twice = exists().where(there.c.message == deliveries.c.message, there.c.channel == target)
    await tx.execute(update(deliveries).where(*idle, twice).values(**gone, settled=now, claimed=None, told_in=None))
    changes = {
        "channel": target,
        "due": deliveries.c.created,
        "planned": None,
        "steps": 0,
        "claimed": None,
        "held_until": None,
        "told_in": case((deliveries.c.told_in == NEXT, None), else_=deliveries.c.told_in),
    }
    moved = update(deliveries).where(*idle).values(changes).returning(deliveries.c.message)
    ids = list((await tx.execute(moved)).scalars())
    for start in range(0, len(ids), 500):
        chunk = ids[start : start + 500]
        tried = update(attempts).where(attempts.c.channel == source, attempts.c.message.in_(chunk))
        await tx.execute(tried.values(channel=target))
        left = {"channel": source, "tries": 0, "due": now, "created": now, "settled": now, **gone}
        await tx.add(deliveries, [left | {"message": message} for message in chunk])
    if ids:
        tx.tally(withheld(Suppression.MOVED, source), len(ids))
    tx.ring(bell(target))
    return len(ids)


def _idle(table: FromClause, channel: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What waits for *channel*, and no worker is sending at *now*."""
    claimed = table.c.claimed
    return table.c.channel == channel, table.c.state == State.PENDING, claimed.is_(None) | (claimed <= now)


async def _move_digested(tx: Transaction, source: str, target: str) -> None:
    """What waits to be told together moves as well."""
    there = digested.alias("there")
    twice = exists().where(
        there.c.digest == digested.c.digest, there.c.message == digested.c.message, there.c.channel == target
    )
    await tx.execute(delete(digested).where(digested.c.channel == source, twice))
    await tx.execute(update(digested).where(digested.c.channel == source).values(channel=target))
