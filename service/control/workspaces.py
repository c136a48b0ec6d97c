"""Workspaces: whose everything is."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from consumers.language.sections import fault_of_name
from service.control.audit import Changed, note
from service.control.once import Once
from service.model.audit import ChangeSubject
from service.model.errors import Fault, Faulty, Forbidden, NotFound, Stale
from service.model.identity import DEFAULT, Revision, WorkspaceId
from service.model.person import Person, Role
from service.model.resource import Action, Actor
from service.store import Database, resources, workspaces
from service.store.workspaces import Workspace


async def every(database: Database) -> list[Workspace]:
    """All of them, by name."""
    return await workspaces.every(database)


async def called(database: Database, name: str) -> WorkspaceId:
    """The workspace *name*; raises NotFound."""
    known = {one.name: one.id for one in await workspaces.every(database)}
    if name not in known:
        raise NotFound(f"there is no workspace {name!r}; there are: {', '.join(known)}")
    return known[name]


async def name_of(database: Database, workspace: WorkspaceId) -> str:
    """What *workspace* is called; raises NotFound."""
    for one in await workspaces.every(database):
        if one.id == workspace:
            return one.name
    raise NotFound("there is no such workspace")


async def find(database: Database, named: str) -> Workspace:
    """The workspace with this name or id; raises NotFound."""
    return _found(await workspaces.every(database), named)


class Membership(Struct, frozen=True, kw_only=True):
    """A workspace, as somebody with a part in it sees it."""

    workspace: Workspace
    role: Role | None  # None: it is a program that asks


async def mine(
    database: Database, person: Person | None, workspace: WorkspaceId, *, everything: bool = False
) -> list[Membership]:
    """Those that *person* has a part in, by name, or a program (None) in *workspace*; *everything*: all there are."""
    roles = person.roles if person else {}
    admin = Role.ADMIN if person is not None and person.admin else None
    return [
        Membership(workspace=one, role=admin or roles.get(one.id))
        for one in await workspaces.every(database)
        if everything or one.id in roles or (person is None and one.id == workspace)
    ]


def among(parts: Iterable[Membership], named: str) -> Membership:
    """The one of *parts* with this name or id; raises NotFound."""
    there = list(parts)
    one = _found([part.workspace for part in there], named)
    return next(part for part in there if part.workspace is one)


async def add(database: Database, actor: Actor, name: str, now: datetime, *, once: Once | None = None) -> Workspace:
    """Make one; raises Faulty where the name is taken or cannot be used."""
    async with database.transaction() as tx:
        await resources.lock(tx)
        there = await workspaces.every(tx)
        if once is not None and (before := await once.before(tx)):
            return _found(there, before.made)
        _check("made", name, there)
        made = await workspaces.add(tx, name, now)
        changed = Changed(kind=ChangeSubject.WORKSPACE, id=made, name=name, after={"name": name})
        revision = await note(tx, actor, Action.ADDED, changed, now, whole=True)
        await workspaces.rename(tx, made, name, revision)
        if once is not None:
            await once.keep(tx, made, revision, now)
    return Workspace(id=made, name=name, operations=(), created=now, revision=revision)


async def rename(
    database: Database, actor: Actor, named: str, name: str, now: datetime, *, expected: Revision | None = None
) -> Workspace:
    """Give it another name; raises NotFound, Stale, Faulty, and Forbidden for the default one, which commands name."""
    async with database.transaction() as tx:
        await resources.lock(tx)
        there = await workspaces.every(tx)
        before = _found(there, named)
        if expected is not None and before.revision != expected:
            raise Stale(f"the workspace {before.name!r} was changed meanwhile: read it again", before.revision)
        if before.name == name:
            return before
        if before.id == DEFAULT:
            raise Forbidden("the workspace `default` keeps its name: commands mean it where they name none")
        _check("renamed", name, there)
        changed = Changed(
            kind=ChangeSubject.WORKSPACE, id=before.id, name=name, before={"name": before.name}, after={"name": name}
        )
        revision = await note(tx, actor, Action.CHANGED, changed, now, whole=True)
        await workspaces.rename(tx, before.id, name, revision)
    return Workspace(id=before.id, name=name, operations=before.operations, created=before.created, revision=revision)


def _found(there: list[Workspace], named: str) -> Workspace:
    for is_meant in (lambda one: one.id == named, lambda one: one.name == named):
        if found := next(filter(is_meant, there), None):  # an id goes before a name that looks like it
            return found
    raise NotFound(f"there is no workspace {named!r}")


def _check(what: str, name: str, there: list[Workspace]) -> None:
    wrong = fault_of_name(name)
    if wrong is None and any(one.name == name for one in there):
        wrong = f"there is a workspace {name!r} already"
    if wrong:
        raise Faulty(f"the workspace cannot be {what}:", (Fault(("name",), wrong),))
