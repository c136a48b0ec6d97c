"""Books of channels for tests of the dispatcher: what a database would give, without one."""

from collections.abc import Mapping
from datetime import UTC, datetime

from consumers.dispatcher.channelbook import Addressee, ChannelBook
from consumers.dispatcher.channels import Channel
from consumers.following import Fixed
from service.model.identity import DEFAULT, ChannelId, Revision
from service.model.resource import ResourceKind
from service.store import Database
from service.store.schema import resources


def a_book(channels: Mapping[str, Channel]) -> Fixed[ChannelBook]:
    """*channels* as the sender knows them; each one's id is its name."""
    addressees = {
        ChannelId(name): Addressee(
            id=ChannelId(name),
            workspace=DEFAULT,
            name=name,
            kind=type(channel).__name__.lower(),
            revision=Revision(1),
            channel=channel,
        )
        for name, channel in channels.items()
    }
    return Fixed(ChannelBook(revision=Revision(1), addressees=addressees))


async def add_channels(database: Database, *names: str) -> None:
    """Channels in the default workspace whose ids are their names, as in ``a_book``; a repetition changes nothing."""
    rows = [
        {
            "id": name,
            "kind": ResourceKind.CHANNEL,
            "workspace": DEFAULT,
            "name": name,
            "section": {},
            "enabled": True,
            "revision": 1,
            "created": datetime(2025, 1, 1, tzinfo=UTC),
        }
        for name in names
    ]
    async with database.transaction() as tx:
        await tx.add(resources, rows)
