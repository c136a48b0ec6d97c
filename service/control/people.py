"""People: the link that makes the first of them, passwords, and who is signed in."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from msgspec import Struct

from consumers.language.sections import fault_of_name
from service.control.tokens import digest_of
from service.model.errors import Fault, Faulty, Forbidden, NotFound
from service.model.identity import DEFAULT, PersonId, Prefix, WorkspaceId, new_id
from service.model.person import Person, Role
from service.model.resource import SERVICE
from service.store import Database, Transaction, people, resources, sessions
from service.store.people import Link
from service.store.sessions import Session

FIRST_LASTS = timedelta(hours=24)
IDLE = timedelta(days=7)  # after which a session that is not used ends
_LONGEST = timedelta(days=30)  # a session, however much it is used
_BYTES = 32
_SHORTEST_PASSWORD = 12  # characters
_LONGEST_PASSWORD = 1000

_AT_ONCE = 2  # passwords: each takes 19 MiB


class Signed(Struct, frozen=True, kw_only=True):
    """Who is signed in, and in which browser."""

    person: Person
    session: Session

    @property
    def role(self) -> Role | None:
        """What the person may do in the workspace that is looked at; None: nothing any more."""
        return Role.ADMIN if self.person.admin else self.person.roles.get(self.session.workspace)


async def first_link(database: Database, now: datetime) -> str | None:
    """A secret that makes the first person, for a day; None: there is somebody already."""
    secret = secrets.token_urlsafe(_BYTES)
    async with database.transaction() as tx:
        if await people.anybody(tx):
            return None
        link = Link(workspace=None, role=None, made_by=SERVICE, expires=now + FIRST_LASTS)
        await people.invite(tx, digest_of(secret), link)
    return secret


async def link(database: Database, secret: str, now: datetime) -> Link:
    """What the link with this *secret* makes; raises NotFound where it was used or has expired."""
    found = await people.link(database, digest_of(secret), now)
    if found is None:
        raise _no_link()
    return found


async def join(database: Database, secret: str, name: str, password: str, now: datetime) -> Person:
    """Make the account that the link with this *secret* is for; raises NotFound, Forbidden and Faulty."""
    _check(name, password)
    digest = await _digest(password)
    async with database.transaction() as tx:
        await resources.lock(tx)  # of two first people, one is
        found = await people.take_link(tx, digest_of(secret), now)
        if found is None:
            raise _no_link()
        first = found.workspace is None
        if first and await people.anybody(tx):
            raise Forbidden("the first person is there already: sign in, or ask for an invitation")
        made = Person(
            id=PersonId(new_id(Prefix.PERSON, now)),
            name=name,
            admin=first,
            created=now,
            roles={found.workspace or DEFAULT: found.role or Role.ADMIN},
        )
        if not await people.add(tx, made, digest):
            raise Faulty("the account cannot be made:", (Fault(("name",), "somebody has this name already"),))
        if first:
            await people.forget_links(tx)
    return made


async def sign_in(database: Database, name: str, password: str, now: datetime) -> tuple[Signed, str] | None:
    """Who is signed in now, and the secret that says so; None: name or password is wrong, which takes as long."""
    known = await people.called(database, name)
    right = await _is_right(known[1] if known else _nobodys(), password[:_LONGEST_PASSWORD])
    if known is None or not right or known[0].disabled is not None:
        return None
    person, secret = known[0], secrets.token_urlsafe(_BYTES)
    session = Session(
        digest=digest_of(secret),
        person=person.id,
        workspace=DEFAULT if person.admin or DEFAULT in person.roles else next(iter(person.roles), DEFAULT),
        created=now,
        seen=now,
        expires=now + IDLE,
    )
    async with database.transaction() as tx:
        await sessions.add(tx, session)
    return Signed(person=person, session=session), secret


async def signed(database: Database, secret: str, now: datetime) -> Signed | None:
    """Who shows this *secret*; None: nobody who is signed in."""
    session = await sessions.find(database, digest_of(secret), now)
    person = await people.find(database, session.person) if session else None
    if session is None or person is None or person.disabled is not None:
        return None
    await sessions.seen(database, session, now, min(now + IDLE, session.created + _LONGEST))
    return Signed(person=person, session=session)


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
    await people.forget_links(tx, now)
    await sessions.forget(tx, now)


def _check(name: str, password: str) -> None:
    faults = []
    if wrong := fault_of_name(name):
        faults.append(Fault(("name",), wrong))
    if not _SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
        faults.append(Fault(("password",), f"a password has at least {_SHORTEST_PASSWORD} characters"))
    if faults:
        raise Faulty("the account cannot be made:", tuple(faults))


def _no_link() -> NotFound:
    return NotFound("this link was used, or has expired")


@cache
def _hasher() -> PasswordHasher:
    """As OWASP asks for argon2id: 19 MiB, two rounds."""
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _nobodys() -> str:
    """The digest of a password that nobody has: to look for an unknown name takes as long as for a known one."""
    return _hasher().hash(secrets.token_urlsafe(_BYTES))


@cache
def _threads() -> ThreadPoolExecutor:
    """Where passwords are digested: it takes some 30 ms, for which nobody else shall wait."""
    return ThreadPoolExecutor(_AT_ONCE, "passwords")


async def _digest(password: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_threads(), _hasher().hash, password)


async def _is_right(digest: str, password: str) -> bool:
    def verified() -> bool:
        try:
            return _hasher().verify(digest, password)
        except VerificationError:
            return False

    return await asyncio.get_running_loop().run_in_executor(_threads(), verified)
