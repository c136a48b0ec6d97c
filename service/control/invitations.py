"""Invitations: links by which people come into a workspace, once each."""

from datetime import datetime, timedelta

from msgspec import to_builtins

from consumers.language.sections import fault_of_name
from service.control.audit import Changed, note
from service.control.once import Once
from service.control.tokens import a_secret, digest_of
from service.model.audit import ChangeSubject
from service.model.errors import Fault, Faulty, NotFound
from service.model.identity import InvitationId, Prefix, WorkspaceId, new_id
from service.model.person import Role
from service.model.resource import Action, Actor
from service.store import Database, links, resources
from service.store.links import Link

LASTS = timedelta(days=7)
LONGEST = timedelta(days=30)


async def every(database: Database, workspace: WorkspaceId, now: datetime) -> list[Link]:
    """Those to *workspace* that nobody has used yet, the latest first."""
    return await links.invitations(database, workspace, now)


async def invite(
    database: Database,
    actor: Actor,
    name: str,
    role: Role,
    now: datetime,
    *,
    lasts: timedelta = LASTS,
    once: Once | None = None,
) -> tuple[Link, str | None]:
    """Let somebody, whom *name* reminds of, into the actor's workspace; returns the invitation with its secret.

    The secret is shown this once; it is None where *once* has made it before. Raises Faulty, and NotFound where that
    was used meanwhile.
    """
    secret = a_secret()
    async with database.transaction() as tx:
        await resources.lock(tx)
        if once is not None and (before := await once.before(tx)):
            made = await links.invitation(tx, actor.workspace, before.made)
            if made is None:
                raise NotFound("this invitation was made, and is no longer there: it was used or withdrawn")
            return made, None
        if faults := _faults(name, lasts):
            raise Faulty("the invitation cannot be made:", faults)
        made = Link(
            id=InvitationId(new_id(Prefix.INVITATION, now)),
            name=name,
            workspace=actor.workspace,
            role=role,
            made_by=actor.name,
            created=now,
            expires=now + lasts,
        )
        told = {"role": role, "expires": to_builtins(made.expires)}
        changed = Changed(kind=ChangeSubject.INVITATION, id=made.id, name=name, after=told)
        revision = await note(tx, actor, Action.ADDED, changed, now)
        await links.add(tx, digest_of(secret), made)
        if once is not None:
            await once.keep(tx, made.id, revision, now)
    return made, secret


async def withdraw(database: Database, actor: Actor, invitation: str, now: datetime) -> Link:
    """Let nobody in by the invitation with this id; raises NotFound."""
    async with database.transaction() as tx:
        await resources.lock(tx)
        found = await links.invitation(tx, actor.workspace, invitation)
        if found is None:
            raise NotFound("there is no such invitation: it was used or withdrawn, or has expired")
        changed = Changed(kind=ChangeSubject.INVITATION, id=found.id, name=found.name, before={"role": found.role})
        await note(tx, actor, Action.REMOVED, changed, now)
        await links.withdraw(tx, found.id)
    return found


def _faults(name: str, lasts: timedelta) -> tuple[Fault, ...]:
    faults = []
    if wrong := fault_of_name(name):
        faults.append(Fault(("name",), wrong))
    if not timedelta() < lasts <= LONGEST:
        faults.append(Fault(("days",), f"write a number from 1 to {LONGEST.days}"))
    return tuple(faults)
