"""A workspace's channels as whoever looks after them sees them: what they are, take, are owed and are used by."""

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct

from consumers.dispatcher.quiet import QuietHours, hours_of
from consumers.dispatcher.timetable import Timetable, timetable_of
from service.control import resources
from service.control.channel_kinds import TYPE, ChannelKind, kind
from service.control.sections import Inventory
from service.model.delivery import DeliveryState
from service.model.identity import WorkspaceId
from service.model.resource import Resource, ResourceKind
from service.store import Database, channels, tallies, undelivered, workspaces
from service.store import resources as stored
from service.store.channels import ChannelState
from service.store.undelivered import Waiting


class Desk(Struct, frozen=True, kw_only=True):
    """A channel, and how it stands with it."""

    channel: Resource
    kind: ChannelKind
    state: ChannelState
    quiet: QuietHours | None  # None: it has no quiet hours
    quiet_until: datetime | None  # it is in them, until then; None: it is not
    digest: Timetable | None  # when it is told everything together; None: as it comes
    digest_next: datetime | None  # None: it is told as it comes
    delivered: int  # ever
    waiting: Waiting | None  # None: nothing waits
    dead: int  # given up, and nobody has seen to it
    rules: tuple[Resource, ...]  # that name it, by name
    operations: bool  # notices go to it


async def desks(database: Database, workspace: WorkspaceId, now: datetime) -> list[Desk]:
    """Every channel of *workspace*, by name."""
    return await _desks(database, workspace, await resources.of_kind(database, workspace, ResourceKind.CHANNEL), now)


async def desk(database: Database, workspace: WorkspaceId, named: str, now: datetime) -> Desk:
    """The channel of this name or id; raises NotFound."""
    known = Inventory(await resources.of_kind(database, workspace, ResourceKind.CHANNEL))
    (found,) = await _desks(database, workspace, [resources.found(known, ResourceKind.CHANNEL, named)], now)
    return found


async def _desks(database: Database, workspace: WorkspaceId, mine: Collection[Resource], now: datetime) -> list[Desk]:
    ids = [one.id for one in mine]
    waiting, dead = await undelivered.waiting(database, ids), await undelivered.unseen(database, ids)
    received = await tallies.read(database, DeliveryState.DELIVERED)
    states = {one.channel: one for one in await channels.states(database)}
    rules = [(one, resources.references(one)) for one in await stored.naming(database, workspace, ids)]
    told = await workspaces.operations(database, workspace)
    found = []
    for one in mine:
        hours, timetable = hours_of(one), timetable_of(one)
        found.append(
            Desk(
                channel=one,
                kind=kind(one.section[TYPE]),
                state=states.get(one.id, ChannelState(channel=one.id)),
                quiet=hours,
                quiet_until=hours.until(now) if hours is not None else None,
                digest=timetable,
                digest_next=timetable.after(now) if timetable is not None else None,
                delivered=received.get(one.id, 0),
                waiting=waiting.get(one.id),
                dead=dead.get(one.id, 0),
                rules=tuple(rule for rule, named in rules if one.id in named),
                operations=one.id in told,
            )
        )
    return found
