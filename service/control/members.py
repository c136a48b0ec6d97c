"""People of a workspace: what each may do there. Its last admin stays one."""

from datetime import datetime

from service.control.audit import Changed, note
from service.model.audit import ChangeSubject
from service.model.errors import Forbidden, NotFound, Stale
from service.model.identity import DEFAULT, PersonId, Revision, WorkspaceId
from service.model.person import Member, Role
from service.model.resource import Action, Actor
from service.store import Database, Transaction, people, resources, sessions


async def every(database: Database, workspace: WorkspaceId) -> list[Member]:
    """The people of *workspace*, by name."""
    return await people.members(database, workspace)


async def find(database: Database, workspace: WorkspaceId, named: str) -> Member:
    """The one with this name or id; raises NotFound."""
    return _found(await people.members(database, workspace), named)


async def set_role(
    database: Database, actor: Actor, named: str, role: Role, now: datetime, *, expected: Revision | None = None
) -> Member:
    """Let somebody do more or less from now on; raises NotFound, Stale, and Forbidden for the last admin."""
    async with database.transaction() as tx:
        before = await _changeable(tx, actor.workspace, named, expected, left=role)
        if before.role is role:
            return before
        changed = Changed(
            kind=ChangeSubject.PERSON,
            id=before.id,
            name=before.name,
            before={"role": before.role},
            after={"role": role},
        )
        revision = await note(tx, actor, Action.CHANGED, changed, now)
        await people.join(tx, before.id, actor.workspace, role, revision)
        await sessions.hasten(tx, before.id, now)
    return Member(id=before.id, name=before.name, disabled=before.disabled, role=role, revision=revision)


async def remove(
    database: Database, actor: Actor, named: str, now: datetime, *, expected: Revision | None = None
) -> None:
    """Take somebody's part in the workspace away; the account stays.

    Raises NotFound, Stale, and Forbidden for the last admin.
    """
    async with database.transaction() as tx:
        before = await _changeable(tx, actor.workspace, named, expected, left=None)
        changed = Changed(kind=ChangeSubject.PERSON, id=before.id, name=before.name, before={"role": before.role})
        await note(tx, actor, Action.REMOVED, changed, now)
        await people.leave(tx, before.id, actor.workspace)
        await sessions.leave(tx, before.id, actor.workspace, await _another(tx, before.id))
        await sessions.hasten(tx, before.id, now)


async def _changeable(
    tx: Transaction, workspace: WorkspaceId, named: str, expected: Revision | None, *, left: Role | None
) -> Member:
    """The member, who stands at *expected*, and is to have the role *left*; until *tx* ends, nobody changes any."""
    await resources.lock(tx)
    there = await people.members(tx, workspace)
    one = _found(there, named)
    if expected is not None and one.revision != expected:
        raise Stale(f"what {one.name!r} may do was changed meanwhile: read it again", one.revision)
    others = [other for other in there if other.role is Role.ADMIN and other.disabled is None and other.id != one.id]
    if one.role is Role.ADMIN and left is not Role.ADMIN and not others:
        raise Forbidden(f"{one.name!r} is the workspace's last admin: make somebody else an admin first")
    return one


def _found(there: list[Member], named: str) -> Member:
    for is_meant in (lambda one: one.id == named, lambda one: one.name.casefold() == named.casefold()):
        if found := next(filter(is_meant, there), None):  # an id goes before a name that looks like it
            return found
    raise NotFound(f"nobody called {named!r} has a part in this workspace")


async def _another(tx: Transaction, person: PersonId) -> WorkspaceId:
    """A workspace that *person* has a part in; the default one, where there is none."""
    found = await people.find(tx, person)
    return next(iter(found.roles), DEFAULT) if found else DEFAULT
