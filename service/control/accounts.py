"""Everybody's accounts, as whoever administers the instance sees them. Its last admin stays one."""

from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from service.control.audit import Changed, note
from service.control.tokens import a_secret, digest_of
from service.model.audit import ChangeSubject
from service.model.errors import Forbidden, NotFound, Stale
from service.model.identity import InvitationId, Prefix, Revision, new_id
from service.model.person import Person
from service.model.resource import Action, Actor
from service.store import Database, Transaction, links, people, resources, sessions
from service.store.links import Link

PASSWORD_LASTS = timedelta(hours=1)  # a link by which somebody chooses a new password


async def every(database: Database) -> list[Person]:
    """Everybody, by name."""
    return await people.every(database)


async def find(database: Database, named: str) -> Person:
    """The one with this name or id; raises NotFound."""
    return _found(await people.every(database), named)


async def change(
    database: Database,
    actor: Actor,
    named: str,
    now: datetime,
    *,
    admin: bool | None = None,
    disabled: bool | None = None,
    expected: Revision | None = None,
) -> Person:
    """Let somebody administer the instance or not, and sign in or not; None: as it is.

    Who is disabled is signed out everywhere at once. Raises NotFound, Stale, and Forbidden for the last admin.
    """
    async with database.transaction() as tx:
        before = await _locked(tx, named)
        if expected is not None and before.revision != expected:
            raise Stale(f"the account {before.name!r} was changed meanwhile: read it again", before.revision)
        after = replace(
            before,
            admin=before.admin if admin is None else admin,
            disabled=before.disabled if disabled is None else (before.disabled or now) if disabled else None,
        )
        if after == before:
            return before
        if not (after.admin and after.disabled is None) and await people.admins(tx) == {before.id}:
            raise Forbidden(f"{before.name!r} is the last who administers the instance: let somebody else do so first")
        action = Action.CHANGED
        if (after.disabled is None) is not (before.disabled is None):
            action = Action.DISABLED if after.disabled else Action.ENABLED
        changed = Changed(
            kind=ChangeSubject.PERSON, id=before.id, name=before.name, before=_told(before), after=_told(after)
        )
        after = replace(after, revision=await note(tx, actor, action, changed, now, whole=True))
        await people.put(tx, after)
        await sessions.hasten(tx, after.id, now)
        if after.disabled is not None:
            await sessions.end_all(tx, after.id)
            await links.forget_of(tx, after.id)
    return after


async def password_link(database: Database, actor: Actor, named: str, now: datetime) -> tuple[Person, str, datetime]:
    """A link by which somebody chooses a new password: for whom, its secret, and until when it works.

    Only the last one works. Raises NotFound, and Forbidden where the account is disabled.
    """
    secret, until = a_secret(), now + PASSWORD_LASTS
    async with database.transaction() as tx:
        person = await _locked(tx, named)
        if person.disabled is not None:
            raise Forbidden(f"the account {person.name!r} is disabled: enable it first")
        link = Link(
            id=InvitationId(new_id(Prefix.INVITATION, now)),
            name=person.name,
            person=person.id,
            made_by=actor.name,
            created=now,
            expires=until,
        )
        changed = Changed(
            kind=ChangeSubject.PERSON, id=person.id, name=person.name, before={}, after={"password": "link"}
        )
        await note(tx, actor, Action.CHANGED, changed, now, whole=True)
        await links.forget_of(tx, person.id)
        await links.add(tx, digest_of(secret), link)
    return person, secret, until


async def _locked(tx: Transaction, named: str) -> Person:
    """The person; until *tx* ends, nobody changes any."""
    await resources.lock(tx)
    return _found(await people.every(tx), named)


def _found(there: list[Person], named: str) -> Person:
    for is_meant in (lambda one: one.id == named, lambda one: one.name.casefold() == named.casefold()):
        if found := next(filter(is_meant, there), None):  # an id goes before a name that looks like it
            return found
    raise NotFound(f"there is nobody called {named!r}; everybody: filingbell people list")


def _told(person: Person) -> dict[str, Any]:
    """What the log of changes has of *person*."""
    return {"admin": person.admin, "disabled": person.disabled is not None}
