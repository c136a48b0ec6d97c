"""People whom a proxy in front has let in, and whose name it tells with each request."""

from datetime import datetime

from consumers.language.sections import fault_of_name
from service.control import passwords
from service.control.people import IDLE, Signed, added
from service.control.tokens import a_secret, digest_of
from service.model.identity import DEFAULT, PersonId, Prefix, new_id
from service.model.person import Person, Role
from service.store import Database, people, resources, sessions
from service.store.sessions import Session

_PROXY = "the proxy"  # in whose place a list of browsers has it


async def told(database: Database, name: str, role: Role | None, now: datetime) -> Signed | None:
    """Who is called *name*, as the proxy tells; None: nobody who may come in.

    Somebody without an account is given one with *role* in the default workspace, without a password; None: is not.
    What the browser shows is the proxy's, so that a person has one session here, whatever browsers they use.
    """
    known = await people.called(database, name)
    person = known[0] if known else await _made(database, name, role, now) if role else None
    if person is None or person.disabled is not None:
        return None
    session = await sessions.find(database, _digest(person), now) or await _opened(database, person, now)
    await sessions.seen(database, session, now, now + IDLE)
    return Signed(person=person, session=session, csrf=digest_of(f"csrf {session.secret}"))


async def _made(database: Database, name: str, role: Role, now: datetime) -> Person | None:
    """The account of *name*; None: nobody can be called so."""
    if fault_of_name(name):
        return None
    async with database.transaction() as tx:
        await resources.lock(tx)  # of two first requests beside each other, one makes it
        if known := await people.called(tx, name):
            return known[0]
        person = Person(
            id=PersonId(new_id(Prefix.PERSON, now)), name=name, admin=False, created=now, roles={DEFAULT: role}
        )
        return await added(tx, person, passwords.nobodys(), DEFAULT, now, "let in by the proxy")


async def _opened(database: Database, person: Person, now: datetime) -> Session:
    session = Session(
        digest=_digest(person),
        secret=a_secret(),  # lets nobody in: the forms of this person's pages are known by it
        renewed=now,
        due=now,
        person=person.id,
        workspace=DEFAULT if person.admin or DEFAULT in person.roles else next(iter(person.roles), DEFAULT),
        created=now,
        seen=now,
        expires=now + IDLE,
        browser=_PROXY,
    )
    async with database.transaction() as tx:
        await resources.lock(tx)
        await sessions.end(tx, session.digest)  # that is over
        await sessions.add(tx, session)
    return session


def _digest(person: Person) -> str:
    """By which the session is found: what no secret of a browser has as its digest."""
    return f"proxy {person.id}"
