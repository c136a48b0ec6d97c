"""Where an alert goes: to the channels that its rule named at the revision by which it was met. Pure."""

from collections.abc import Mapping
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
    if rule.workspace != workspace:
        return [Suppressed(channel=ChannelId(one.id), reason=Suppression.ELSEWHERE) for one in found]
    return [addressed(one, workspace, due) for one in found]


def addressed(resource: Resource, workspace: WorkspaceId, due: datetime) -> Decision:
    """What becomes of a message of *workspace* for the channel *resource*."""
    channel = ChannelId(resource.id)
    if resource.workspace != workspace:
        return Suppressed(channel=channel, reason=Suppression.ELSEWHERE)
    if resource.removed is not None:
        return Suppressed(channel=channel, reason=Suppression.REMOVED)
    return Obligation(channel=channel, due=due)
