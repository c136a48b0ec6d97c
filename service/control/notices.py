"""What the service has told of itself, and whom."""

from service.model.identity import WorkspaceId
from service.model.notice import EventType
from service.store import Database, notices
from service.store.notices import KeptNotice, Place


async def latest(
    database: Database, workspace: WorkspaceId, limit: int, behind: Place | None = None
) -> list[KeptNotice]:
    """The latest *limit* notices to the channels for operations of *workspace*, or those next *behind* one.

    Latest first; those of the service itself are the default workspace's.
    """
    return await notices.latest(database, workspace, limit, behind)


def event(one: KeptNotice) -> EventType:
    """What has happened; of a notice of an earlier version, which did not say, by what it is about."""
    return one.notice.event or EventType.of(one.notice.kind)
