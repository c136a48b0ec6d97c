"""The alerts that a workspace's rules gave."""

from datetime import datetime

from service.model.errors import NotFound
from service.model.filing import Accession
from service.model.identity import WorkspaceId
from service.store import Database, alerts
from service.store.alerts import Kept

Place = tuple[datetime, str]
"""Where an alert stands among all of them: when it was made, and its id."""


async def page(
    database: Database,
    workspace: WorkspaceId,
    limit: int,
    behind: Place | None = None,
    accession: Accession | None = None,
) -> list[Kept]:
    """The latest *limit* alerts (on one filing), or those next *behind* one; latest first."""
    return await alerts.page(database, workspace, limit, behind, accession)


async def find(database: Database, workspace: WorkspaceId, alert: str) -> Kept:
    """The alert with this id; raises NotFound."""
    found = await alerts.find(database, workspace, alert)
    if found is None:
        raise NotFound(f"there is no alert {alert!r}")
    return found
