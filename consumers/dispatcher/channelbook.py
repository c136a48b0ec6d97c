"""The channels of every workspace as the dispatcher holds them: one snapshot, addressees by id."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import structlog
from msgspec import Struct

from consumers.dispatcher.channels import Channel, load
from consumers.dispatcher.leaving import Leavable, Leaving
from consumers.dispatcher.siblings import Paced, place_of, siblings
from service.model.errors import ConfigError
from service.model.identity import ChannelId, Revision, WorkspaceId
from service.model.resource import Resource, ResourceKind
from service.store.resources import Since
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
    place: str = ""  # where it goes, the same for each that goes there; empty: nobody else does
    trusted: bool = False  # the operator's file names its address, which may be an internal one


class ChannelBook(Struct, frozen=True, kw_only=True):
    """Who can be sent to, and since when. What is disabled or cannot be read is not in it: what it is owed waits."""

    revision: Revision
    addressees: Mapping[ChannelId, Addressee]

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody must be shown."""
        return tuple(secret for one in self.addressees.values() for secret in one.channel.secrets)

    def siblings(self) -> dict[ChannelId, tuple[ChannelId, ...]]:
        """To each channel with a pace all that go where it goes, itself too; one that goes there alone is not in it."""
        every = self.addressees.values()
        return siblings(Paced(id=one.id, place=one.place, interval=one.channel.interval) for one in every if one.place)

    @property
    def names(self) -> tuple[str, ...]:
        """The channels' names, which are not secret."""
        return tuple(one.name for one in self.addressees.values())


def channelbook(vault: Vault, site: str | None = None) -> Callable[[Revision, Sequence[Resource]], ChannelBook]:
    """What makes the book of resources; *vault* opens their secrets, *site* is the service's public address."""
    leaving = Leaving(vault, site)

    def make(revision: Revision, resources: Sequence[Resource]) -> ChannelBook:
        return ChannelBook(revision=revision, addressees=_addressees(resources, vault, leaving))

    return make


def changed(vault: Vault, site: str | None = None) -> Callable[[ChannelBook, Since], ChannelBook]:
    """What makes the next book of the last: channels that were not changed stay, and so does the book if none was."""
    leaving = Leaving(vault, site)

    def change(book: ChannelBook, since: Since) -> ChannelBook:
        channels = {one.id: one for one in since.changed if one.kind is ResourceKind.CHANNEL}
        if not channels:
            return book
        kept = {known: one for known, one in book.addressees.items() if known not in channels}
        new = _addressees((one for one in channels.values() if one.removed is None), vault, leaving)
        return ChannelBook(revision=since.revision, addressees=kept | new)

    return change


def _addressees(resources: Iterable[Resource], vault: Vault, leaving: Leaving) -> dict[ChannelId, Addressee]:
    usable = (one for one in resources if one.kind is ResourceKind.CHANNEL and one.enabled)
    found = (_addressee(one, vault, leaving) for one in usable)
    return {one.id: one for one in found if one is not None}


def _addressee(resource: Resource, vault: Vault, leaving: Leaving) -> Addressee | None:
    try:
        return addressed_by(resource, vault.opened(dict(resource.section)), leaving)
    except ConfigError as error:
        log.warning("channel_unreadable", id=resource.id, channel=resource.name, detail=str(error))
        return None


def addressed_by(resource: Resource, section: Mapping[str, Any], leaving: Leaving | None = None) -> Addressee:
    """The channel *resource*, whose *section* was opened; raises ConfigError where this version cannot read it.

    With *leaving* whoever it tells is told where it stops.
    """
    channel = load({resource.name: section})[resource.name]
    if leaving is not None and isinstance(channel, Leavable):
        address = leaving.address(resource.id, channel.recipient)
        channel = channel.left_at(address) if address is not None else channel
    return Addressee(
        id=ChannelId(resource.id),
        workspace=resource.workspace,
        name=resource.name,
        kind=section["type"],
        revision=resource.revision,
        channel=channel,
        place=place_of(section),
        trusted=resource.file is not None,
    )
