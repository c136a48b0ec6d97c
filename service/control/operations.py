"""The channels for operations: who is told of the service itself, as a file says or people choose."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from consumers.language.operations import load
from service.control.audit import Changed, note
from service.control.resources import outline
from service.control.sections import Inventory
from service.model.audit import ChangeSubject
from service.model.errors import ConfigError, Fault, Faulty, Forbidden, Stale
from service.model.identity import Revision, WorkspaceId
from service.model.resource import Action, Actor, ResourceKind
from service.store import Database, Transaction, resources, workspaces
from service.store.workspaces import Workspace

_CHANNEL = ResourceKind.CHANNEL


class NamedChannel(Struct, frozen=True, kw_only=True):
    """A channel that is named."""

    id: str
    name: str


class Operations(Struct, frozen=True, kw_only=True):
    """Whom a workspace wants told of the service itself."""

    channels: tuple[NamedChannel, ...]  # in the order in which they were named; empty: nobody
    file: str | None  # that names them, and alone may change them; None: people do
    revision: Revision  # of the workspace

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the channels."""
        return tuple(one.id for one in self.channels)


async def find(where: Database | Transaction, workspace: WorkspaceId) -> Operations:
    """Whom *workspace* wants told now."""
    return of(await workspaces.one(where, workspace), await outline(where, workspace, _CHANNEL))


def of(workspace: Workspace, known: Inventory) -> Operations:
    """Whom *workspace*, which has the channels *known*, wants told."""
    return Operations(
        channels=named(workspace.operations, known), file=workspace.operations_file, revision=workspace.revision
    )


def named(channels: Collection[str], known: Inventory) -> tuple[NamedChannel, ...]:
    """Those of *channels* (names or ids) that are *known*, each once."""
    found = (known.find(_CHANNEL, one) for one in channels)
    return tuple(dict.fromkeys(NamedChannel(id=one.id, name=one.name) for one in found if one is not None))


async def choose(
    database: Database, actor: Actor, channels: Sequence[str], now: datetime, *, expected: Revision | None = None
) -> Operations:
    """Tell *channels* (names or ids; none: nobody) of the service itself from now on.

    Raises Forbidden where a file names them, Stale where that is not at *expected* any more, and Faulty.
    """
    async with database.transaction() as tx:
        await resources.lock(tx)
        known = await outline(tx, actor.workspace, _CHANNEL)
        before = of(await workspaces.one(tx, actor.workspace), known)
        if expected is not None and before.revision != expected:
            raise Stale("the channels for operations were changed meanwhile: read them again", before.revision)
        if before.file is not None:
            told = f"the channels for operations are named in {before.file}"
            raise Forbidden(f"{told}: change them there, below operations, then `filingbell apply` it")
        _check(channels, known)
        after = Operations(channels=named(channels, known), file=None, revision=before.revision)
        return after if after == before else await write(tx, actor, before, after, now)


async def write(tx: Transaction, actor: Actor, before: Operations, after: Operations, now: datetime) -> Operations:
    """Put *after* in place of *before*, with its entry in the log of changes; the caller holds the lock."""
    workspace = await workspaces.one(tx, actor.workspace)
    changed = Changed(
        kind=ChangeSubject.WORKSPACE, id=workspace.id, name=workspace.name, before=_told(before), after=_told(after)
    )
    revision = await note(tx, actor, Action.CHANGED, changed, now)
    await workspaces.tell(tx, workspace.id, after.ids, after.file, revision)
    return Operations(channels=after.channels, file=after.file, revision=revision)


def _check(channels: Sequence[str], known: Inventory) -> None:
    """Hold *channels* to what a file may say; raises Faulty."""
    if not channels:
        return
    names = [found.name if (found := known.find(_CHANNEL, one)) else one for one in channels]
    try:
        load({"channels": names}, known.names(_CHANNEL))
    except ConfigError as error:
        faults = tuple(Fault(one.path[1:], one.message) for one in error.faults)  # not below `operations` here
        raise Faulty("the channels for operations were not changed:", faults) from None


def _told(one: Operations) -> Mapping[str, Any]:
    """*one* as the log of changes has it."""
    return {"operations": [channel.name for channel in one.channels], "file": one.file}
