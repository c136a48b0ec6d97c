"""Somebody who is told by mail has it stop: whoever has the address that stands in it, without an account."""

from datetime import datetime

from consumers.dispatcher.channelbook import addressed_by
from consumers.dispatcher.leaving import Leavable, Leaving
from service.control import resources
from service.model.errors import ConfigError, NotFound
from service.model.resource import Actor, Resource, ResourceKind
from service.store import Database
from service.store import resources as kept
from service.vault import Vault

_WHY = "the recipient has unsubscribed"


async def told_by(database: Database, vault: Vault, secret: str) -> tuple[Resource, str]:
    """The channel that the address with this *secret* stops, and whom it tells.

    Raises NotFound: it is no such address, or the channel is gone or tells somebody else now.
    """
    channel, _, signature = secret.partition(".")
    async with database.transaction() as tx:
        found = (await kept.by_id(tx, [channel])).get(channel)
    if found is not None and found.kind is ResourceKind.CHANNEL and found.removed is None:
        recipient = _recipient(found, vault)
        if recipient is not None and Leaving(vault, None).knows(signature, channel, recipient):
            return found, recipient
    raise NotFound("this link stops nothing: it is not whole, or the channel that it was for is gone")


async def leave(database: Database, vault: Vault, secret: str, now: datetime) -> str:
    """Send nothing more by the channel that the address with this *secret* stops; returns whom it told.

    The channel is disabled, whoever owns it; what it is owed waits until somebody enables it. Raises NotFound.
    """
    channel, recipient = await told_by(database, vault, secret)
    actor = Actor(name=f"recipient:{recipient}", workspace=channel.workspace)
    await resources.switch(database, actor, ResourceKind.CHANNEL, channel.id, now, enabled=False, reason=_WHY)
    return recipient


def _recipient(channel: Resource, vault: Vault) -> str | None:
    """Whom *channel* tells; None: nobody in particular, or this version cannot read it."""
    try:
        addressed = addressed_by(channel, vault.opened(dict(channel.section)))
    except ConfigError:
        return None
    return addressed.channel.recipient if isinstance(addressed.channel, Leavable) else None
