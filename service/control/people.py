"""People: how they come, by a link, and who is signed in."""

from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from consumers.language.sections import fault_of_name
from service.control import passwords
from service.control.audit import Changed, note
from service.control.tokens import a_secret, digest_of
from service.model.audit import ChangeSubject
from service.model.errors import Fault, Faulty, Forbidden, NotFound
from service.model.identity import DEFAULT, InvitationId, PersonId, Prefix, WorkspaceId, new_id
from service.model.person import Person, Role, Scope
from service.model.resource import SERVICE, Action, Actor
from service.store import Database, Transaction, links, people, resources, sessions
from service.store.links import Link
from service.store.sessions import Session

FIRST_LASTS = timedelta(hours=24)
IDLE = timedelta(days=7)  # after which a session that is not used ends
RENEWED = timedelta(hours=4)  # how long a browser shows the same secret
OVERLAP = timedelta(minutes=1)  # how long the secret before is taken too: requests run beside each other
_LONGEST = timedelta(days=30)  # a session, however much it is used


class Signed(Struct, frozen=True, kw_only=True):
    """Who is signed in, and in which browser."""

    person: Person
    session: Session
    csrf: str  # what the forms of that browser send along; no page elsewhere can know it
    renewed: str | None = None  # the secret that the browser is to show from now on; None: the one that it has

    @property
    def role(self) -> Role | None:
        """What the person may do in the workspace that is looked at; None: nothing any more."""
        return Role.ADMIN if self.person.admin else self.person.roles.get(self.session.workspace)

    @property
    def scopes(self) -> frozenset[Scope]:
        """What requests of that browser may do."""
        mine = self.role.scopes if self.role else frozenset()
        return mine | {Scope.INSTANCE} if self.person.admin else mine


async def first_link(database: Database, now: datetime) -> str | None:
    """A secret that makes the first person, for a day; None: there is somebody already."""
    secret = a_secret()
    async with database.transaction() as tx:
        if await people.anybody(tx):
            return None
        made = InvitationId(new_id(Prefix.INVITATION, now))
        link = Link(id=made, name="", made_by=SERVICE, created=now, expires=now + FIRST_LASTS)
        await links.add(tx, digest_of(secret), link)
    return secret


async def link(database: Database, secret: str, now: datetime) -> Link:
    """What the link with this *secret* is for; raises NotFound where it was used or has expired."""
    found = await links.find(database, digest_of(secret), now)
    if found is None:
        raise _no_link()
    return found


async def join(database: Database, secret: str, name: str, password: str, now: datetime) -> Person:
    """Make the account that the link with this *secret* is for; raises NotFound, Forbidden and Faulty."""
    _check({"name": fault_of_name(name), "password": passwords.fault_of_password(password)})
    digest = await passwords.digest(password)
    async with database.transaction() as tx:
        found = await _taken(tx, secret, now)
        if found.person is not None:
            raise Forbidden("this link is for somebody who has an account: choose a new password")
        if found.first and await people.anybody(tx):
            raise Forbidden("the first person is there already: sign in, or ask for an invitation")
        if await people.called(tx, name) is not None:
            raise Faulty("the account cannot be made:", (Fault(("name",), "somebody has this name already"),))
        workspace, role = found.workspace or DEFAULT, found.role or Role.ADMIN
        person = PersonId(new_id(Prefix.PERSON, now))
        made = Person(id=person, name=name, admin=found.first, created=now, roles={workspace: role})
        written = await added(tx, made, digest, workspace, now, _by(found))
        if found.first:
            await links.forget_first(tx)
    return written


async def accept(database: Database, who: Signed, secret: str, now: datetime) -> None:
    """Let somebody who has an account use an invitation, and look at its workspace.

    Raises NotFound, and Forbidden where the link is no invitation.
    """
    async with database.transaction() as tx:
        found = await _taken(tx, secret, now)
        if found.workspace is None or found.role is None:
            raise Forbidden("this link is no invitation: sign out, and open it again")
        person, before = who.person, who.person.roles.get(found.workspace)
        if before is None or before.scopes < found.role.scopes:
            changed = Changed(
                kind=ChangeSubject.PERSON,
                id=person.id,
                name=person.name,
                before={"role": before} if before else None,
                after={"role": found.role},
            )
            actor = Actor(name=f"person:{person.name}", workspace=found.workspace)
            action = Action.CHANGED if before else Action.ADDED
            revision = await note(tx, actor, action, changed, now, reason=_by(found))
            await people.join(tx, person.id, found.workspace, found.role, revision)
        await sessions.enter(tx, who.session.digest, found.workspace)
        await sessions.hasten(tx, person.id, now)


async def choose_password(database: Database, secret: str, password: str, now: datetime) -> Person:
    """Give the person whom the link with this *secret* is for a new password, and end all sessions with the old one.

    Raises NotFound, Forbidden where the link is for somebody without an account, and Faulty.
    """
    _check({"password": passwords.fault_of_password(password)})
    digest = await passwords.digest(password)
    async with database.transaction() as tx:
        found = await _taken(tx, secret, now)
        person = await people.find(tx, found.person) if found.person else None
        if person is None:
            raise Forbidden("this link is for somebody who has no account: choose a name too")
        changed = Changed(
            kind=ChangeSubject.PERSON, id=person.id, name=person.name, before={}, after={"password": "new"}
        )
        actor = Actor(name=f"person:{person.name}", workspace=DEFAULT)
        await note(tx, actor, Action.CHANGED, changed, now, whole=True, reason=_by(found))
        await people.set_password(tx, person.id, digest)
        await sessions.end_all(tx, person.id)
    return person


async def added(
    tx: Transaction, person: Person, password: str, workspace: WorkspaceId, now: datetime, reason: str
) -> Person:
    """Keep *person*, who comes to *workspace*, with the digest of a *password*; the caller holds the lock."""
    of = {"role": person.roles[workspace], **({"admin": True} if person.admin else {})}
    changed = Changed(kind=ChangeSubject.PERSON, id=person.id, name=person.name, after=of)
    actor = Actor(name=f"person:{person.name}", workspace=workspace)
    revision = await note(tx, actor, Action.ADDED, changed, now, reason=reason)
    written = replace(person, revision=revision)
    await people.add(tx, written, password)
    return written


async def sign_in(
    database: Database, name: str, password: str, now: datetime, browser: str | None = None
) -> tuple[Signed, str] | None:
    """Who is signed in now, and the secret that says so; None: name or password is wrong, which takes as long."""
    known = await people.called(database, name)
    right = await passwords.is_right(known[1] if known else None, password)
    if known is None or not right or known[0].disabled is not None:
        return None
    return await opened(database, known[0], now, browser)


async def opened(database: Database, person: Person, now: datetime, browser: str | None = None) -> tuple[Signed, str]:
    """A session of *person* in a *browser* (None: unknown), and the secret that the browser shows."""
    root, secret = a_secret(), a_secret()
    session = Session(
        digest=digest_of(root),
        secret=digest_of(secret),
        renewed=now,
        due=now + RENEWED,
        person=person.id,
        workspace=DEFAULT if person.admin or DEFAULT in person.roles else next(iter(person.roles), DEFAULT),
        created=now,
        seen=now,
        expires=now + IDLE,
        browser=browser,
    )
    async with database.transaction() as tx:
        await sessions.add(tx, session)
    return Signed(person=person, session=session, csrf=_csrf(root)), f"{root}.{secret}"


async def signed(database: Database, shown: str, now: datetime) -> Signed | None:
    """Who shows this secret; None: nobody who is signed in.

    Every few hours, and once the person's rights have changed, the browser is given another. Where one is shown that
    was replaced, somebody has copied it, and the session ends.
    """
    root, _, secret = shown.partition(".")
    session = await sessions.find(database, digest_of(root), now)
    person = await people.find(database, session.person) if session else None
    if session is None or person is None or person.disabled is not None:
        return None
    digest = digest_of(secret)
    if digest not in (session.secret, session.previous):
        async with database.transaction() as tx:
            await sessions.end(tx, session.digest)
        return None
    renewed = await _renewed(database, session, digest, now)
    await sessions.seen(database, session, now, min(now + IDLE, session.created + _LONGEST))
    return Signed(person=person, session=session, csrf=_csrf(root), renewed=f"{root}.{renewed}" if renewed else None)


async def still_signed(database: Database, who: Signed, now: datetime) -> Signed | None:
    """*who* as of now, for what is answered for hours; None: the session is over. It does not make it last longer."""
    session = await sessions.find(database, who.session.digest, now)
    person = await people.find(database, who.person.id) if session else None
    if session is None or person is None or person.disabled is not None:
        return None
    return Signed(person=person, session=session, csrf=who.csrf)


async def _renewed(database: Database, session: Session, shown: str, now: datetime) -> str | None:
    """A new secret, where one is due; of requests beside each other, one is given it.

    The one before is taken until the browser has shown the new one, and for a short time in any case: the answer that
    brought it may have been lost, and then the browser is given another.
    """
    over = now >= session.renewed + OVERLAP
    due = now >= session.due if shown == session.secret else over
    if not due:
        if over and session.previous is not None:
            async with database.transaction(lasting=False) as tx:
                await sessions.settle(tx, session)
        return None
    secret = a_secret()
    async with database.transaction() as tx:
        was_first = await sessions.renew(tx, session, digest_of(secret), shown, now, now + RENEWED)
    return secret if was_first else None


async def sign_out(database: Database, who: Signed, *, everywhere: bool = False) -> None:
    """End this session, or *everywhere* every one of this person."""
    async with database.transaction() as tx:
        if everywhere:
            await sessions.end_all(tx, who.person.id)
        else:
            await sessions.end(tx, who.session.digest)


async def enter(database: Database, who: Signed, workspace: WorkspaceId) -> None:
    """Look at another workspace from now on; raises NotFound where this person has no part in it."""
    if not who.person.admin and workspace not in who.person.roles:
        raise NotFound("there is no such workspace")
    async with database.transaction() as tx:
        await sessions.enter(tx, who.session.digest, workspace)


async def forget(tx: Transaction, now: datetime) -> None:
    """Forget links and sessions that have expired."""
    await links.forget(tx, now)
    await sessions.forget(tx, now)


async def _taken(tx: Transaction, secret: str, now: datetime) -> Link:
    """What the link with this *secret* is for, which nobody can use again; of two at once, one gets it."""
    await resources.lock(tx)
    found = await links.take(tx, digest_of(secret), now)
    if found is None:
        raise _no_link()
    return found


def _check(wrong: dict[str, str | None]) -> None:
    faults = tuple(Fault((field,), fault) for field, fault in wrong.items() if fault)
    if faults:
        raise Faulty("the account cannot be made:", faults)


def _csrf(root: str) -> str:
    return digest_of(f"csrf {root}")


def _by(found: Link) -> str:
    return "by the first link" if found.first else f"by a link from {found.made_by}"


def _no_link() -> NotFound:
    return NotFound("this link was used, or has expired")
