"""Whose everything is."""

from service.model.errors import NotFound
from service.model.identity import WorkspaceId
from service.store import Database, workspaces


async def called(database: Database, name: str) -> WorkspaceId:
    """The workspace *name*; raises NotFound."""
    known = {one.name: one.id for one in await workspaces.every(database)}
    if name not in known:
        raise NotFound(f"there is no workspace {name!r}; there are: {', '.join(known)}")
    return known[name]


async def name_of(database: Database, workspace: WorkspaceId) -> str:
    """What *workspace* is called; raises NotFound."""
    for one in await workspaces.every(database):
        if one.id == workspace:
            return one.name
    raise NotFound("there is no such workspace")
