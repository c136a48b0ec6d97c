"""Links that let somebody in once: the first person, who was invited, and who has forgotten a password."""

from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Row, and_, delete, insert, select

from service.model.identity import InvitationId, PersonId, WorkspaceId
from service.model.person import Role
from service.store.database import Database, Transaction
from service.store.schema import links

_FIRST = and_(links.c.workspace.is_(None), links.c.person.is_(None))
_COLUMNS = tuple(column for column in links.c if column.name != "digest")


class Link(Struct, frozen=True, kw_only=True):
    """What lets somebody in, once: to a *workspace*, as the *person* who they are, or (neither) as the first person."""

    id: InvitationId
    name: str  # whom it is for; empty: the first person
    workspace: WorkspaceId | None = None
    role: Role | None = None  # in that workspace
    person: PersonId | None = None
    made_by: str
    created: datetime
    expires: datetime

    @property
    def first(self) -> bool:
        """Whether it makes the first person, who administers the instance."""
        return self.workspace is None and self.person is None


async def add(tx: Transaction, digest: str, link: Link) -> None:
    """Let whoever has the secret of *digest* in."""
    await tx.execute(
        insert(links), {**{name: getattr(link, name) for name in Link.__struct_fields__}, "digest": digest}
    )


async def find(database: Database, digest: str, now: datetime) -> Link | None:
    """The link whose secret has *digest*; None: there is none, or it has expired."""
    query = select(*_COLUMNS).where(links.c.digest == digest, links.c.expires > now)
    async with database.reading() as connection:
        row = (await connection.execute(query)).first()
        return None if row is None else _link(row)


async def take(tx: Transaction, digest: str, now: datetime) -> Link | None:
    """The same, and nobody can use it again."""
    row = (await tx.execute(delete(links).where(links.c.digest == digest).returning(*_COLUMNS))).first()
    return _link(row) if row is not None and row.expires > now else None


async def invitations(database: Database, workspace: WorkspaceId, now: datetime) -> list[Link]:
    """Those to *workspace* that can still be used, the latest first."""
    query = select(*_COLUMNS).where(links.c.workspace == workspace, links.c.expires > now)
    async with database.reading() as connection:
        return [_link(row) for row in await connection.execute(query.order_by(links.c.id.desc()))]


async def invitation(tx: Transaction, workspace: WorkspaceId, link: str) -> Link | None:
    """The invitation to *workspace* with this id."""
    row = (await tx.execute(select(*_COLUMNS).where(links.c.workspace == workspace, links.c.id == link))).first()
    return None if row is None else _link(row)


async def withdraw(tx: Transaction, link: InvitationId) -> None:
    """Let nobody in with it any more."""
    await tx.execute(delete(links).where(links.c.id == link))


async def forget_first(tx: Transaction) -> None:
    """Forget those to the first person."""
    await tx.execute(delete(links).where(_FIRST))


async def forget_of(tx: Transaction, person: PersonId) -> None:
    """Forget those by which *person* would choose a new password."""
    await tx.execute(delete(links).where(links.c.person == person))


async def forget(tx: Transaction, before: datetime) -> None:
    """Forget those that had expired *before*."""
    await tx.execute(delete(links).where(links.c.expires < before))


def _link(row: Row[Any]) -> Link:
    return Link(**{**row._asdict(), "role": Role(row.role) if row.role else None})
