"""Rules, watchlists and channels: made, changed, switched and removed by people."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec

from consumers.language.sections import fault_of_name
from service.control import sections
from service.control.once import Once
from service.control.placed import Listed, place, some
from service.control.sections import Inventory, same, stored, without_secrets
from service.egress import PUBLIC, Egress
from service.model.audit import Change, ChangeSubject
from service.model.errors import Fault, Faulty, Forbidden, NotFound, Stale
from service.model.identity import Revision, WorkspaceId, new_id, number_of
from service.model.resource import Action, Actor, Resource, ResourceKind
from service.store import Database, Transaction, channels, listing, moved, resources, workspaces
from service.vault import Vault

OTHERS = (ResourceKind.WATCHLIST, ResourceKind.CHANNEL)
"""What rules refer to."""


async def inventory(database: Database, workspace: WorkspaceId) -> Inventory:
    """What *workspace* has."""
    return Inventory((await resources.every(database, workspace))[1])


async def of_kind(database: Database, workspace: WorkspaceId, kind: ResourceKind) -> list[Resource]:
    """The resources of *kind* that *workspace* has, by name."""
    return (await resources.every(database, workspace, kind))[1]


async def outline(where: Database | Transaction, workspace: WorkspaceId, *kinds: ResourceKind) -> Inventory:
    """What *workspace* has of *kinds*, without what it asks for: that can be very much."""
    return Inventory(await listing.named(where, workspace, kinds))


async def locked(tx: Transaction, workspace: WorkspaceId) -> Inventory:
    """What rules of *workspace* can refer to, in outline; until *tx* ends, nobody else changes any resource."""
    await resources.lock(tx)
    return await outline(tx, workspace, *OTHERS)


async def find(where: Database | Transaction, workspace: WorkspaceId, kind: ResourceKind, named: str) -> Resource:
    """The resource with this name or id; raises NotFound."""
    one = await listing.find(where, workspace, kind, named)
    return one or found(await outline(where, workspace, kind), kind, named)


async def names(database: Database, ids: Collection[str]) -> dict[str, str]:
    """What people call, or called, the resources *ids*; whatever else is among them is left out."""
    return await resources.names(database, [one for one in ids if number_of(one)])


async def add(
    database: Database,
    vault: Vault,
    actor: Actor,
    kind: ResourceKind,
    name: str,
    content: Any,
    now: datetime,
    *,
    once: Once | None = None,
    egress: Egress = PUBLIC,
) -> Resource:
    """Make a resource; raises Faulty with every fault, also where the name is taken.

    A channel's address is on the public internet, or *egress* allows it.
    What *once* has made before is returned as it was made.
    """
    async with database.transaction() as tx:
        known = await locked(tx, actor.workspace)
        if once is not None and (before := await once.before(tx)):
            return await resources.made(tx, before.revision)
        if await listing.find(tx, actor.workspace, kind, name):
            raise Faulty(f"the {kind} cannot be made:", (Fault(("name",), f"there is a {kind} {name!r} already"),))
        made = Resource(
            id=new_id(kind.prefix, now),
            kind=kind,
            workspace=actor.workspace,
            name=name,
            section=stored(kind, name, content, known, vault, egress),
            created=now,
        )
        written = await write(tx, actor, Action.ADDED, None, made, now)
        if once is not None:
            await once.keep(tx, written.id, written.revision, now)
        return written


async def edit(
    database: Database,
    vault: Vault,
    actor: Actor,
    kind: ResourceKind,
    named: str,
    now: datetime,
    *,
    content: Any = None,
    name: str | None = None,
    expected: Revision | None = None,
    egress: Egress = PUBLIC,
) -> Resource:
    """Replace what the resource asks for (None: as it is), or its name; returns it as it stands then.

    *egress* is as for ``add``. Raises NotFound, Forbidden where a file owns it, Stale where it is not at *expected* any
    more, and Faulty.
    """
    async with database.transaction() as tx:
        known = await locked(tx, actor.workspace)
        before = changeable(await find(tx, actor.workspace, kind, named), expected)
        called = before.name if name is None else name
        if wrong := fault_of_name(called):
            raise Faulty(f"the {kind} cannot be renamed:", (Fault(("name",), wrong),))
        if called != before.name and await listing.find(tx, actor.workspace, kind, called):
            raise Faulty(f"the {kind} cannot be renamed:", (Fault(("name",), f"there is a {kind} {called!r} already"),))
        section = before.section if content is None else stored(kind, called, content, known, vault, egress)
        if called == before.name and same(before.section, section, vault):
            return before
        after = msgspec.structs.replace(before, name=called, section=section)
        return await write(tx, actor, Action.CHANGED, before, after, now)


async def switch(
    database: Database,
    actor: Actor,
    kind: ResourceKind,
    named: str,
    now: datetime,
    *,
    enabled: bool,
    expected: Revision | None = None,
    reason: str | None = None,
) -> Resource:
    """Enable or disable; a file's resources too, since that is no change of what they ask for.

    A channel that was disabled because it failed for days is sent to again once it is enabled. The audit log keeps the
    *reason*. Raises NotFound and Stale.
    """
    async with database.transaction() as tx:
        await resources.lock(tx)
        before = current(await find(tx, actor.workspace, kind, named), expected)
        lifted = enabled and kind is ResourceKind.CHANNEL and await channels.enable(tx, before.id, now)
        if before.enabled is enabled and not lifted:
            return before
        action = Action.ENABLED if enabled else Action.DISABLED
        after = msgspec.structs.replace(before, enabled=enabled)
        return await write(tx, actor, action, before, after, now, reason)


async def remove(
    database: Database, actor: Actor, kind: ResourceKind, named: str, now: datetime, *, expected: Revision | None = None
) -> Resource:
    """Remove it; raises NotFound, Stale, and Forbidden where a file owns it, a rule uses it or notices go to it."""
    async with database.transaction() as tx:
        await resources.lock(tx)
        before = changeable(await find(tx, actor.workspace, kind, named), expected)
        if users := (await listing.users(tx, actor.workspace, [before.id])).get(before.id):
            names = some(name for _, name in users)
            raise Forbidden(f"the {kind} {before.name!r} is used by the rules {names}: change those first")
        if before.id in await workspaces.operations(tx, actor.workspace):
            told = f"notices go to the channel {before.name!r}"
            raise Forbidden(f"{told}: choose others first, with `filingbell operations set` or on the page Trust")
        return await write(tx, actor, Action.REMOVED, before, msgspec.structs.replace(before, removed=now), now)


def found(known: Inventory, kind: ResourceKind, named: str) -> Resource:
    """What of *known* has this name or id; raises NotFound with those that there are."""
    resource = known.find(kind, named)
    if resource is None:
        names = some(known.names(kind))
        there = f"this workspace has: {names}" if names else f"this workspace has no {kind} yet"
        raise NotFound(f"there is no {kind} {named!r}; {there}")
    return resource


def references(resource: Resource) -> set[str]:
    """The ids of the resources that *resource* refers to."""
    return sections.references(resource.section) if resource.kind is ResourceKind.RULE else set()


async def write(
    tx: Transaction,
    actor: Actor,
    action: Action,
    before: Resource | None,
    after: Resource,
    now: datetime,
    reason: str | None = None,
    listed: Listed | None = None,
) -> Resource:
    """Put *after* in place of *before*, with its entry in the audit log; returns it with its revision.

    What the tickers of a watchlist stand for is found on the SEC's list, which *listed* may have read already.
    """
    if after.kind is ResourceKind.WATCHLIST and action is not Action.PLACED:
        after = await place(before, after, listed or Listed(tx))
    after = msgspec.structs.replace(after, revision=await resources.next_revision(tx))
    change = Change(
        revision=after.revision,
        at=now,
        actor=actor.name,
        workspace=actor.workspace,
        kind=ChangeSubject(after.kind),
        resource=after.id,
        name=after.name,
        action=action,
        before=msgspec.to_builtins(without_secrets(before)),
        after=None if after.removed else msgspec.to_builtins(without_secrets(after)),
        reason=reason,
    )
    await resources.put(tx, before, after, change)
    if before is not None and before.placed:
        await moved.keep(tx, after.id, set() if after.removed else {(one.ticker, one.cik) for one in after.placed})
    return after


def current(one: Resource, expected: Revision | None) -> Resource:
    """*one*, which is at *expected* (None: at any revision); raises Stale."""
    if expected is not None and one.revision != expected:
        raise Stale(
            f"the {one.kind} {one.name!r} was changed meanwhile: it is at revision {one.revision}, not "
            f"{expected}; read it again",
            one.revision,
        )
    return one


def changeable(one: Resource, expected: Revision | None = None) -> Resource:
    """*one*, which is at *expected* and no file owns; raises Stale and Forbidden."""
    one = current(one, expected)
    if one.file is not None:
        told = f"the {one.kind} {one.name!r} is owned by {one.file}"
        raise Forbidden(f"{told}: change it there, then `filingbell apply` it")
    return one
