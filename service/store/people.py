"""People, what they may do in which workspace, and the links by which they come."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Row, delete, insert, select

from service.model.identity import PersonId, WorkspaceId
from service.model.person import Person, Role
from service.store.connection import Connection
from service.store.database import Database, Transaction
from service.store.schema import links, memberships, people

_COLUMNS = (people.c.id, people.c.name, people.c.admin, people.c.created, people.c.disabled)


class Link(Struct, frozen=True, kw_only=True):
    """What lets somebody make an account, once."""

    workspace: WorkspaceId | None  # None: it makes the first person, who is the instance's admin
    role: Role | None
    made_by: str
    expires: datetime


async def every(database: Database) -> list[Person]:
    """Everybody, by name."""
    async with database.reading() as connection:
        return await _people(connection)


async def anybody(where: Database | Transaction) -> bool:
    """Whether there is a person at all."""
    query = select(people.c.id).limit(1)
    if isinstance(where, Transaction):
        return (await where.execute(query)).first() is not None
    async with where.reading() as connection:
        return await connection.scalar(query) is not None


async def called(database: Database, name: str) -> tuple[Person, str] | None:
    """The person with this *name*, whatever its case, and the digest of the password."""
    query = select(people.c.id, people.c.password).where(people.c.folded == name.casefold())
    async with database.reading() as connection:
        row = (await connection.execute(query)).first()
        return None if row is None else ((await _people(connection, row.id))[0], row.password)


async def find(database: Database, person: PersonId) -> Person | None:
    """The person with this id."""
    async with database.reading() as connection:
        found = await _people(connection, person)
        return found[0] if found else None


async def add(tx: Transaction, person: Person, password: str) -> bool:
    """Keep *person*, with the digest of the *password*; False: somebody has that name."""
    taken = await tx.execute(select(people.c.id).where(people.c.folded == person.name.casefold()))
    if taken.first() is not None:
        return False
    row = {"id": person.id, "name": person.name, "folded": person.name.casefold(), "password": password}
    await tx.execute(insert(people), row | {"admin": person.admin, "created": person.created, "disabled": None})
    for workspace, role in person.roles.items():
        await tx.execute(insert(memberships), {"person": person.id, "workspace": workspace, "role": role})
    return True


async def invite(tx: Transaction, digest: str, link: Link) -> None:
    """Let whoever has the secret of *digest* make an account."""
    row = {"digest": digest, "workspace": link.workspace, "role": link.role, "made_by": link.made_by}
    await tx.execute(insert(links), row | {"expires": link.expires})


async def link(database: Database, digest: str, now: datetime) -> Link | None:
    """The link whose secret has *digest*; None: there is none, or it has expired."""
    async with database.reading() as connection:
        row = (await connection.execute(select(links).where(links.c.digest == digest, links.c.expires > now))).first()
        return None if row is None else _link(row)


async def take_link(tx: Transaction, digest: str, now: datetime) -> Link | None:
    """The same, and nobody can use it again."""
    taken = delete(links).where(links.c.digest == digest).returning(*links.c)
    row = (await tx.execute(taken)).first()
    return _link(row) if row is not None and row.expires > now else None


async def forget_links(tx: Transaction, expired: datetime | None = None) -> None:
    """Forget the links that had *expired* then; None: those to the first person."""
    await tx.execute(delete(links).where(links.c.workspace.is_(None) if expired is None else links.c.expires < expired))


async def _people(connection: Connection, person: str | None = None) -> list[Person]:
    which: Collection[ColumnElement[bool]] = () if person is None else (people.c.id == person,)
    mine = () if person is None else (memberships.c.person == person,)
    roles: dict[str, dict[WorkspaceId, Role]] = defaultdict(dict)
    for row in await connection.execute(select(memberships).where(*mine)):
        roles[row.person][WorkspaceId(row.workspace)] = Role(row.role)
    rows = await connection.execute(select(*_COLUMNS).where(*which).order_by(people.c.folded))
    return [Person(**row._asdict(), roles=roles.get(row.id, {})) for row in rows]


def _link(row: Row[Any]) -> Link:
    role = Role(row.role) if row.role else None
    return Link(workspace=row.workspace, role=role, made_by=row.made_by, expires=row.expires)
