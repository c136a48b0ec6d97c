"""What somebody does with their own account: another password, and the browsers in which they are signed in."""

from datetime import datetime

from msgspec import Struct

from service.control import passwords
from service.control.audit import Changed, note
from service.control.people import Signed
from service.model.audit import ChangeSubject
from service.model.errors import Fault, Faulty, NotFound
from service.model.identity import DEFAULT
from service.model.resource import Action, Actor
from service.store import Database, people, resources, sessions
from service.store.sessions import Session

_SHOWN = 16  # characters of a session's digest, by which its owner names it


class Browser(Struct, frozen=True, kw_only=True):
    """One in which somebody is signed in."""

    id: str
    name: str | None  # None: it has not said what it is
    since: datetime
    seen: datetime  # to within a minute
    is_this: bool


async def browsers(database: Database, who: Signed, now: datetime) -> list[Browser]:
    """Those in which *who* is signed in, this one first."""
    found = [_browser(one, who) for one in await sessions.every(database, who.person.id, now)]
    return sorted(found, key=lambda one: not one.is_this)


async def end(database: Database, who: Signed, browser: str, now: datetime) -> Browser:
    """Sign *who* out of another browser; raises NotFound."""
    for one in await sessions.every(database, who.person.id, now):
        if one.digest[:_SHOWN] == browser:
            async with database.transaction() as tx:
                await sessions.end(tx, one.digest)
            return _browser(one, who)
    raise NotFound("that browser is signed out already")


async def change_password(database: Database, who: Signed, current: str, password: str, now: datetime) -> None:
    """Replace the *current* password, and sign out of every other browser; raises Faulty."""
    known = await people.called(database, who.person.name)
    if known is None or not await passwords.is_right(known[1], current):
        raise Faulty("The password was not changed.", (Fault(("current",), "this is not the current password"),))
    if wrong := passwords.fault_of_password(password):
        raise Faulty("The password was not changed.", (Fault(("password",), wrong),))
    digest = await passwords.digest(password)
    person = who.person
    async with database.transaction() as tx:
        await resources.lock(tx)
        changed = Changed(
            kind=ChangeSubject.PERSON, id=person.id, name=person.name, before={}, after={"password": "new"}
        )
        actor = Actor(name=f"person:{person.name}", workspace=DEFAULT)
        await note(tx, actor, Action.CHANGED, changed, now, whole=True)
        await people.set_password(tx, person.id, digest)
        await sessions.end_others(tx, person.id, who.session.digest)


def _browser(session: Session, who: Signed) -> Browser:
    return Browser(
        id=session.digest[:_SHOWN],
        name=session.browser,
        since=session.created,
        seen=session.seen,
        is_this=session.digest == who.session.digest,
    )
