"""Workspaces: who owns rules, watchlists, channels and deliveries."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Row, or_, select, update

from service.model.identity import Prefix, Revision, WorkspaceId, derived_id, new_id
from service.store import resources
from service.store.asking import asking
from service.store.database import Database, Transaction
from service.store.schema import workspaces


class Workspace(Struct, frozen=True, kw_only=True):
    """The unit of isolation."""

    id: WorkspaceId
    name: str
    operations: tuple[str, ...]  # ids of the channels that are told of the service itself
    operations_file: str | None = None  # that names them, and alone may change them; None: people do
    created: datetime
    revision: Revision  # of its last change by people


async def every(where: Database | Transaction) -> list[Workspace]:
    """All workspaces, by name."""
    async with asking(where) as asked:
        rows = await asked.execute(select(workspaces).order_by(workspaces.c.name))
        return [_workspace(row) for row in rows]


async def one(where: Database | Transaction, workspace: WorkspaceId) -> Workspace:
    """The workspace with this id, which is there."""
    async with asking(where) as asked:
        row = (await asked.execute(select(workspaces).where(workspaces.c.id == workspace))).one()
        return _workspace(row)


async def ids(tx: Transaction) -> set[WorkspaceId]:
    """The ids of all workspaces."""
    return set((await tx.execute(select(workspaces.c.id))).scalars())


async def add(tx: Transaction, name: str, created: datetime) -> WorkspaceId:
    """The workspace *name*, made if it is not there."""
    derived = derived_id(Prefix.WORKSPACE, name)
    query = select(workspaces.c.id, workspaces.c.name).where(or_(workspaces.c.name == name, workspaces.c.id == derived))
    there = {row.name: row.id for row in await tx.execute(query)}
    if name in there:
        return WorkspaceId(there[name])
    made = new_id(Prefix.WORKSPACE, created) if there else derived  # one that was called so has another name now
    await tx.add(workspaces, [{"id": made, "name": name, "operations": [], "created": created, "revision": 0}])
    return WorkspaceId(made)


async def rename(tx: Transaction, workspace: WorkspaceId, name: str, revision: Revision) -> None:
    """Give it another name."""
    await tx.execute(update(workspaces).where(workspaces.c.id == workspace).values(name=name, revision=revision))


async def operations(where: Database | Transaction, workspace: WorkspaceId) -> tuple[str, ...]:
    """The ids of the channels that *workspace* wants told of the service itself."""
    query = select(workspaces.c.operations).where(workspaces.c.id == workspace)
    async with asking(where) as asked:
        return tuple((await asked.execute(query)).scalar_one_or_none() or ())


async def tell(
    tx: Transaction, workspace: WorkspaceId, channels: Sequence[str], file: str | None, revision: Revision
) -> None:
    """From now on tell *channels* of the service itself, as *file* says (None: people do)."""
    values = {"operations": list(channels), "operations_file": file, "revision": revision}
    await tx.execute(update(workspaces).where(workspaces.c.id == workspace).values(values))
    tx.ring(resources.CHANGED)


def _workspace(row: Row[*tuple[Any, ...]]) -> Workspace:
    return Workspace(**{**row._asdict(), "operations": tuple(row.operations)})
