"""Where an alert goes: to the channels that its rule named at the revision by which it was met. Pure."""

from collections.abc import Collection, Mapping
from datetime import datetime

from service.model.delivery import Decision, Obligation, Suppressed, Suppression
from service.model.identity import ChannelId, WorkspaceId
from service.model.resource import Resource
from service.store.resources import Routing


def route(workspace: WorkspaceId, rule: Routing, channels: Mapping[str, Resource], due: datetime) -> list[Decision]:
    """What becomes of an alert of *workspace* by *rule* for each channel that it named, as *channels* stand now.

    One workspace's alert is never told to another's channel, whatever a row or a record says.
    """
    found = [channels[one] for one in dict.fromkeys(rule.channels) if one in channels]
    return [_decided(one, (workspace, rule.workspace), due) for one in found]


def _decided(resource: Resource, said: Collection[WorkspaceId], due: datetime) -> Decision:
    channel = ChannelId(resource.id)
    if any(one != resource.workspace for one in said):
        return Suppressed(channel=channel, reason=Suppression.ELSEWHERE)
    if resource.removed is not None:
        return Suppressed(channel=channel, reason=Suppression.REMOVED)
    return Obligation(channel=channel, due=due)
