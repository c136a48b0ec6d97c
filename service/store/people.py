"""People, and what they may do in which workspace."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import ColumnElement, delete, insert, select, update

from service.model.identity import PersonId, Revision, WorkspaceId
from service.model.person import Member, Person, Role
from service.store.asking import asking
from service.store.connection import Connection
from service.store.database import Database, Transaction
from service.store.schema import memberships, people

_COLUMNS = (people.c.id, people.c.name, people.c.admin, people.c.created, people.c.disabled, people.c.revision)
_MEMBER = (people.c.id, people.c.name, people.c.disabled, memberships.c.role, memberships.c.revision)


async def every(where: Database | Transaction) -> list[Person]:
    """Everybody, by name."""
    async with asking(where) as asked:
        return await _people(asked)


async def anybody(where: Database | Transaction) -> bool:
    """Whether there is a person at all."""
    async with asking(where) as asked:
        return (await asked.execute(select(people.c.id).limit(1))).first() is not None


async def called(where: Database | Transaction, name: str) -> tuple[Person, str] | None:
    """The person with this *name*, whatever its case, and the digest of the password."""
    query = select(people.c.id, people.c.password).where(people.c.folded == name.casefold())
    async with asking(where) as asked:
        row = (await asked.execute(query)).first()
        return None if row is None else ((await _people(asked, row.id))[0], row.password)


async def find(where: Database | Transaction, person: PersonId) -> Person | None:
    """The person with this id."""
    async with asking(where) as asked:
        found = await _people(asked, person)
    return found[0] if found else None


async def members(where: Database | Transaction, workspace: WorkspaceId) -> list[Member]:
    """Who has a part in *workspace*, by name."""
    query = select(*_MEMBER).join(memberships, memberships.c.person == people.c.id)
    query = query.where(memberships.c.workspace == workspace).order_by(people.c.folded)
    async with asking(where) as asked:
        rows = (await asked.execute(query)).all()
    return [Member(**{**row._asdict(), "role": Role(row.role)}) for row in rows]


async def admins(tx: Transaction) -> set[PersonId]:
    """Who can administer the whole instance."""
    query = select(people.c.id).where(people.c.admin, people.c.disabled.is_(None))
    return set((await tx.execute(query)).scalars())


async def add(tx: Transaction, person: Person, password: str) -> None:
    """Keep *person*, whose name nobody has, with the digest of the *password*."""
    row = {name: getattr(person, name) for name in Person.__struct_fields__ if name != "roles"}
    await tx.execute(insert(people), row | {"folded": person.name.casefold(), "password": password})
    for workspace, role in person.roles.items():
        await join(tx, person.id, workspace, role, person.revision)


async def put(tx: Transaction, person: Person) -> None:
    """Keep what *person* is in the whole instance."""
    mine = update(people).where(people.c.id == person.id)
    await tx.execute(mine.values(admin=person.admin, disabled=person.disabled, revision=person.revision))


async def set_password(tx: Transaction, person: PersonId, password: str) -> None:
    """Keep the digest of a new *password*."""
    await tx.execute(update(people).where(people.c.id == person).values(password=password))


async def join(tx: Transaction, person: PersonId, workspace: WorkspaceId, role: Role, revision: Revision) -> None:
    """Give *person* a part in *workspace*, or another one than before."""
    await leave(tx, person, workspace)
    row = {"person": person, "workspace": workspace, "role": role, "revision": revision}
    await tx.execute(insert(memberships), row)


async def leave(tx: Transaction, person: PersonId, workspace: WorkspaceId) -> None:
    """Take it away."""
    mine = (memberships.c.person == person, memberships.c.workspace == workspace)
    await tx.execute(delete(memberships).where(*mine))


async def _people(where: Connection | Transaction, person: str | None = None) -> list[Person]:
    which: Collection[ColumnElement[bool]] = () if person is None else (people.c.id == person,)
    mine = () if person is None else (memberships.c.person == person,)
    roles: dict[str, dict[WorkspaceId, Role]] = defaultdict(dict)
    for row in await where.execute(select(memberships).where(*mine)):
        roles[row.person][WorkspaceId(row.workspace)] = Role(row.role)
    rows = await where.execute(select(*_COLUMNS).where(*which).order_by(people.c.folded))
    return [Person(**row._asdict(), roles=roles.get(row.id, {})) for row in rows]
