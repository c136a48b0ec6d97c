"""The channels of every workspace as the dispatcher holds them: one snapshot, addressees by id."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from msgspec import Struct

from consumers.dispatcher.channels import Channel, load
from service.model.errors import ConfigError
from service.model.identity import ChannelId, Revision, WorkspaceId
from service.model.resource import Resource, ResourceKind
from service.vault import Vault

log = structlog.get_logger()


class Addressee(Struct, frozen=True, kw_only=True):
    """A channel that can be sent to."""

    id: ChannelId
    workspace: WorkspaceId
    name: str
    kind: str  # slack, webhook
    revision: Revision
    channel: Channel


class ChannelBook(Struct, frozen=True, kw_only=True):
    """Who can be sent to, and as of when. What is disabled or cannot be read is not in it: what it is owed waits."""

    revision: Revision
    addressees: Mapping[ChannelId, Addressee]

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody must be shown."""
        return tuple(secret for one in self.addressees.values() for secret in one.channel.secrets)

    @property
    def names(self) -> tuple[str, ...]:
        """The channels' names, which are not secret."""
        return tuple(one.name for one in self.addressees.values())


def channelbook(vault: Vault) -> Callable[[Revision, Sequence[Resource]], ChannelBook]:
    """What makes the book of resources; *vault* opens their secrets."""

    def make(revision: Revision, resources: Sequence[Resource]) -> ChannelBook:
        usable = (one for one in resources if one.kind is ResourceKind.CHANNEL and one.enabled)
        found = (_addressee(one, vault) for one in usable)
        return ChannelBook(revision=revision, addressees={one.id: one for one in found if one is not None})

    return make


def _addressee(resource: Resource, vault: Vault) -> Addressee | None:
    try:
        return addressed_by(resource, vault.opened(dict(resource.section)))
    except ConfigError as error:
        log.warning("channel_unreadable", id=resource.id, channel=resource.name, detail=str(error))
        return None


def addressed_by(resource: Resource, section: Mapping[str, Any]) -> Addressee:
    """The channel *resource*, whose *section* was opened; raises ConfigError where this version cannot read it."""
    channel = load({resource.name: section})[resource.name]
    return Addressee(
        id=ChannelId(resource.id),
        workspace=resource.workspace,
        name=resource.name,
        kind=section["type"],
        revision=resource.revision,
        channel=channel,
    )
