"""What all workers share of a channel: its pace and pauses, whether it works, and whether anybody knows it."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import select

from service.store.database import Database
from service.store.schema import channel_states


class ChannelState(Struct, frozen=True, kw_only=True):
    """How it stands with a channel."""

    channel: str
    free_at: datetime | None = None  # its pace: no request starts before; None: at any time
    paused_until: datetime | None = None  # it asked us to wait; None: not since its last success
    claimed: datetime | None = None  # until then a worker has it for itself; None: nobody has
    missing_since: datetime | None = None  # no configuration names it; None: as far as is known, one does
    failing_since: datetime | None = None  # the first failure since its last success; None: it works
    failures: int = 0  # since its last success
    reason: str | None = None  # of its last failure; None: none was ever seen
    detail: str | None = None
    failed_at: datetime | None = None
    succeeded_at: datetime | None = None


async def states(database: Database) -> list[ChannelState]:
    """The state of every channel that was ever owed anything, by name."""
    async with database.reading() as connection:
        rows = await connection.execute(select(channel_states).order_by(channel_states.c.channel))
        return [ChannelState(**row) for row in rows.mappings()]
