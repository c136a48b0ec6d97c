"""What the service has told of itself, and whom."""

from service.model.identity import WorkspaceId
from service.model.notice import EventType
from service.store import Database, channel_names, notices, workspaces
from service.store.notices import KeptNotice, Place


async def latest(
    database: Database, workspace: WorkspaceId, limit: int, behind: Place | None = None
) -> list[KeptNotice]:
    """The latest *limit* notices to the channels for operations of *workspace*, or those next *behind* one.

    Latest first; those of the service itself are the default workspace's.
    """
    return await notices.latest(database, workspace, limit, behind)


async def channels(database: Database, workspace: WorkspaceId) -> list[str]:
    """The names of the channels that *workspace* wants told."""
    told = await workspaces.operations(database, workspace)
    known = await channel_names.known(database, told)
    return [known[one].name for one in told if one in known and not known[one].removed]


def event(one: KeptNotice) -> EventType:
    """What has happened; of a notice of an earlier version, which did not say, by what it is about."""
    return one.notice.event or EventType.of(one.notice.kind)
