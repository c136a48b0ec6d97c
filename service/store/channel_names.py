"""What channels are called, of what type they are and whose: what the configuration says, and has said, of them."""

from collections.abc import Collection

from msgspec import Struct
from sqlalchemy import select

from service.model.identity import DEFAULT, WorkspaceId
from service.model.resource import ResourceKind
from service.store.database import Database, Transaction
from service.store.schema import resources, workspaces


class Names(dict[str, str]):
    """The names of channels by id; what has none is called by its id."""

    def __missing__(self, key: str) -> str:
        """The id."""
        return key


async def names(database: Database) -> Names:
    """What people call each channel, also those that were removed."""
    query = select(resources.c.id, resources.c.name).where(resources.c.kind == ResourceKind.CHANNEL)
    async with database.reading() as connection:
        found = Names()
        found.update((row.id, row.name) for row in await connection.execute(query))
        return found


async def titles(database: Database) -> Names:
    """Their names, behind that of their workspace where it is not the default one: two can both have a desk."""
    query = select(resources.c.id, resources.c.name, resources.c.workspace, workspaces.c.name.label("owner"))
    of_workspace = query.join(workspaces, workspaces.c.id == resources.c.workspace)
    async with database.reading() as connection:
        found = Names()
        for row in await connection.execute(of_workspace.where(resources.c.kind == ResourceKind.CHANNEL)):
            found[row.id] = row.name if row.workspace == DEFAULT else f"{row.owner}/{row.name}"
        return found


class KnownChannel(Struct, frozen=True, kw_only=True):
    """What a channel is, whatever became of what it is owed."""

    name: str
    workspace: WorkspaceId
    type: str | None  # slack, say; None: of a time when the database did not keep it
    enabled: bool
    removed: bool


async def known(database: Database, ids: Collection[str]) -> dict[str, KnownChannel]:
    """Those of *ids* that the database knows as channels, also those that were removed."""
    of_type = resources.c.section["type"].as_string().label("type")
    columns = resources.c.id, resources.c.name, resources.c.workspace, of_type, resources.c.enabled, resources.c.removed
    query = select(*columns).where(resources.c.kind == ResourceKind.CHANNEL, resources.c.id.in_(ids))
    async with database.reading() as connection:
        return {
            row.id: KnownChannel(
                name=row.name,
                workspace=WorkspaceId(row.workspace),
                type=row.type,
                enabled=row.enabled,
                removed=row.removed is not None,
            )
            for row in await connection.execute(query)
        }


async def of_workspace(database: Database, workspace: WorkspaceId) -> list[str]:
    """The ids of every channel that *workspace* has or had."""
    query = select(resources.c.id).where(resources.c.kind == ResourceKind.CHANNEL, resources.c.workspace == workspace)
    async with database.reading() as connection:
        return list(await connection.scalars(query))


async def of_types(tx: Transaction, types: Collection[str]) -> dict[str, str]:
    """The type of every channel of one of these *types*, by id, whosever it is."""
    of_type = resources.c.section["type"].as_string()
    channel = resources.c.kind == ResourceKind.CHANNEL, resources.c.removed.is_(None)
    query = select(resources.c.id, of_type.label("type")).where(*channel, of_type.in_(types))
    return {row.id: row.type for row in await tx.execute(query)}
