"""A configuration file's resources: what applying it would change, and changing that whole or not at all."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from service.control import operations
from service.control.operations import Operations
from service.control.placed import Listed
from service.control.resources import references, write
from service.control.sections import SECTIONS, Inventory, same, stored
from service.model.errors import Fault, Faulty, Stale
from service.model.identity import Revision, derived_id
from service.model.resource import Action, Actor, Resource, ResourceKind
from service.store import Database, resources, workspaces
from service.store.workspaces import Workspace
from service.vault import Vault


class ProvisionStep(Struct, frozen=True, kw_only=True):
    """One thing that applying a file changes."""

    action: Action
    before: Resource | None
    after: Resource

    def __str__(self) -> str:
        """As a person reads it."""
        return f"{self.action} {self.after.kind} {self.after.name}"


class OperationsChange(Struct, frozen=True, kw_only=True):
    """Whom applying a file has told of the service itself."""

    before: Operations
    after: Operations


class ProvisionPlan(Struct, frozen=True, kw_only=True):
    """What applying a file changes, in the order in which it is done."""

    steps: tuple[ProvisionStep, ...]
    operations: OperationsChange | None  # None: who is told of the service itself stays

    @property
    def removes(self) -> tuple[ProvisionStep, ...]:
        """The steps that take something away."""
        return tuple(step for step in self.steps if step.action is Action.REMOVED)

    def same_as(self, other: "ProvisionPlan") -> bool:
        """Whether both change the same things from the same revisions."""
        mine, others = (
            [(one.action, one.after.id, one.before and one.before.revision) for one in plan.steps]
            for plan in (self, other)
        )
        return self.operations == other.operations and mine == others


async def plan(
    database: Database, vault: Vault, actor: Actor, content: Mapping[str, Any], now: datetime
) -> ProvisionPlan:
    """What ``apply`` would change; raises Faulty."""
    _, there = await resources.every(database, actor.workspace)
    return _plan(there, vault, actor, content, now, await workspaces.one(database, actor.workspace))


async def apply(
    database: Database,
    vault: Vault,
    actor: Actor,
    content: Mapping[str, Any],
    now: datetime,
    *,
    expected: ProvisionPlan | None = None,
) -> ProvisionPlan:
    """Make the workspace's resources of files those of *content*, the sections of a file; returns what was changed.

    What people made stays. Raises Faulty, and Stale where that is not what was *expected* (None: whatever it is); then
    nothing is changed.
    """
    async with database.transaction() as tx:
        there = await resources.locked(tx, actor.workspace)
        planned = _plan(there, vault, actor, content, now, await workspaces.one(tx, actor.workspace))
        if expected is not None and not planned.same_as(expected):
            raise Stale(
                "somebody has changed rules, watchlists or channels meanwhile, so this would do something else than "
                "was shown; nothing was changed: call apply again",
                max((one.revision for one in there), default=Revision(0)),
            )
        listed = Listed(tx)
        for step in planned.steps:
            await write(tx, actor, step.action, step.before, step.after, now, listed=listed)
        if planned.operations is not None:
            await operations.write(tx, actor, planned.operations.before, planned.operations.after, now)
    return planned


def _plan(
    there: Sequence[Resource],
    vault: Vault,
    actor: Actor,
    content: Mapping[str, Any],
    now: datetime,
    workspace: Workspace,
) -> ProvisionPlan:
    known, made = Inventory(there), Inventory()
    faults: list[Fault] = []
    steps: list[ProvisionStep] = []
    wanted: dict[str, Resource] = {}
    for kind, key in SECTIONS.items():  # what rules refer to comes before them
        for name, section in (content.get(key) or {}).items():
            before = known.find(kind, name)
            if before is not None and before.file is None:
                faults.append(Fault((key, name), f"there is a {kind} {name!r} that no file owns: rename one of them"))
                continue
            try:
                after = _provisioned(before, kind, name, section, made, vault, actor, now)
            except Faulty as error:
                faults += error.faults
                continue
            wanted[after.id] = after
            made.add(after)
            if before is None:
                steps.append(ProvisionStep(action=Action.ADDED, before=None, after=after))
            elif before.file != after.file or not same(before.section, after.section, vault):
                steps.append(ProvisionStep(action=Action.CHANGED, before=before, after=after))
    gone = [one for one in there if one.file is not None and one.id not in wanted]
    going = {one.id for one in gone}
    for user in there:
        if user.file is None and (lost := references(user) & going):
            lacking = ", ".join(one.name for one in gone if one.id in lost)
            faults.append(
                Fault(("rules", user.name), f"this rule, which no file owns, uses what would be removed: {lacking}")
            )
    told = operations.of(workspace, known)
    telling = _operations(told, content.get("operations"), made, actor)
    faults += _lost(telling, going)
    if faults:
        raise Faulty("the file cannot be applied; nothing was changed:", tuple(faults))
    steps += [
        ProvisionStep(action=Action.REMOVED, before=one, after=msgspec.structs.replace(one, removed=now))
        for one in sorted(gone, key=lambda one: one.kind is not ResourceKind.RULE)
    ]
    return ProvisionPlan(
        steps=tuple(steps), operations=OperationsChange(before=told, after=telling) if telling != told else None
    )


def _operations(before: Operations, section: Any, made: Inventory, actor: Actor) -> Operations:
    """Whom a file with this *section* and the channels *made* has told; without one, it leaves what people chose."""
    if section is None:
        return before if before.file is None else Operations(channels=(), file=None, revision=before.revision)
    channels = section["channels"]
    names = channels if isinstance(channels, list) else [channels]
    return Operations(channels=operations.named(names, made), file=actor.file, revision=before.revision)


def _lost(told: Operations, going: Collection[str]) -> list[Fault]:
    """What is wrong where people chose that notices go to channels that are *going*."""
    if not (lost := ", ".join(one.name for one in told.channels if one.id in going)):
        return []
    choose = "choose others (`filingbell operations set`), or name some here"
    return [Fault(("operations",), f"notices go to what would be removed, as people chose: {lost}; {choose}")]


def _provisioned(
    before: Resource | None,
    kind: ResourceKind,
    name: str,
    section: Any,
    known: Inventory,
    vault: Vault,
    actor: Actor,
    now: datetime,
) -> Resource:
    made = stored(kind, name, section, known, vault, egress=None)
    if before is not None:
        return msgspec.structs.replace(before, section=made, file=actor.file)
    return Resource(
        id=derived_id(kind.prefix, actor.workspace, name),
        kind=kind,
        workspace=actor.workspace,
        name=name,
        section=made,
        file=actor.file,
        created=now,
    )
