"""The alerts that a workspace's rules gave."""

from collections.abc import Sequence

from msgspec.structs import replace

from service.model.errors import NotFound
from service.model.identity import RuleId, WorkspaceId
from service.model.resource import ResourceKind
from service.store import Database, alerts, channel_names, resources
from service.store.alerts import KeptAlert, Place, WantedAlerts

_OF_A_TRADE = 100  # alerts


async def page(
    database: Database, workspace: WorkspaceId, wanted: WantedAlerts, limit: int, behind: Place | None = None
) -> list[KeptAlert]:
    """The latest *limit* alerts that are *wanted*, or those next *behind* one; latest first.

    Where a state is wanted and no channel, it is that of a delivery to any.
    """
    if wanted.state is not None or wanted.channels is not None:
        wanted = replace(wanted, channels=await _mine(database, workspace, wanted.channels))
    return await alerts.page(database, workspace, wanted, limit, behind)


async def rules_called(database: Database, workspace: WorkspaceId, name: str) -> list[RuleId]:
    """The rules that are or were called so, or have this id; what is there now comes first."""
    return [RuleId(one) for one in await resources.called(database, workspace, ResourceKind.RULE, name)]


async def find(database: Database, workspace: WorkspaceId, alert: str) -> KeptAlert:
    """The alert with this id; raises NotFound."""
    found = await alerts.find(database, workspace, alert)
    if found is None:
        raise NotFound(f"there is no alert {alert!r}")
    return found


async def of_trade(database: Database, workspace: WorkspaceId, alert: KeptAlert) -> list[KeptAlert]:
    """The alerts on the trade of *alert*, itself among them, in their order: up to a hundred."""
    return await alerts.of_trade(database, workspace, alert, _OF_A_TRADE)


async def _mine(database: Database, workspace: WorkspaceId, wanted: Sequence[str] | None) -> Sequence[str]:
    """Those of the channels *wanted* (None: any) that *workspace* has or had."""
    mine = await channel_names.of_workspace(database, workspace)
    return mine if wanted is None else [one for one in mine if one in wanted]
