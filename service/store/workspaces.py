"""Workspaces: who owns rules, watchlists, channels and deliveries."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import select, update

from service.model.identity import Prefix, WorkspaceId, derived_id
from service.store import resources
from service.store.database import Database, Transaction
from service.store.schema import workspaces


class Workspace(Struct, frozen=True, kw_only=True):
    """The unit of isolation."""

    id: WorkspaceId
    name: str
    operations: tuple[str, ...]  # ids of the channels that are told of the service itself


async def every(database: Database) -> list[Workspace]:
    """All workspaces, by name."""
    async with database.reading() as connection:
        rows = await connection.execute(select(workspaces).order_by(workspaces.c.name))
        return [Workspace(id=WorkspaceId(row.id), name=row.name, operations=tuple(row.operations)) for row in rows]


async def ids(tx: Transaction) -> set[WorkspaceId]:
    """The ids of all workspaces."""
    return set((await tx.execute(select(workspaces.c.id))).scalars())


async def add(tx: Transaction, name: str, created: datetime) -> WorkspaceId:
    """The workspace *name*, made if it is not there."""
    made = WorkspaceId(derived_id(Prefix.WORKSPACE, name))
    await tx.add(workspaces, [{"id": made, "name": name, "operations": [], "created": created}])
    return made


async def operations(where: Database | Transaction, workspace: WorkspaceId) -> tuple[str, ...]:
    """The ids of the channels that *workspace* wants told of the service itself."""
    query = select(workspaces.c.operations).where(workspaces.c.id == workspace)
    if isinstance(where, Transaction):
        return tuple((await where.execute(query)).scalar_one())
    async with where.reading() as connection:
        return tuple(await connection.scalar(query) or ())


async def tell(tx: Transaction, workspace: WorkspaceId, channels: Sequence[str]) -> None:
    """From now on tell *channels* of the service itself."""
    await tx.execute(update(workspaces).where(workspaces.c.id == workspace).values(operations=list(channels)))
    await resources.next_revision(tx)
    tx.ring(resources.CHANGED)
