"""Instants that must outlive a crash, by name."""

from datetime import datetime

from sqlalchemy import select, update

from service.store.database import Database, Transaction
from service.store.schema import marks

FLOOR = "poller.floor"  # nothing older than this is published
LIVE = "poller.live"  # what the feed showed before this is history and alerts nobody
READ = "poller.read"  # when the feed was last read to known ground, to within a quarter of a minute
_BLOCKED = "edgar.blocked"


def blocked(host: str) -> str:
    """The name of the instant before which *host* (www, data) is asked for nothing."""
    return _BLOCKED if host == "www" else f"{_BLOCKED}.{host}"


async def get(database: Database, name: str) -> datetime | None:
    """The instant called *name*; None: never set."""
    async with database.reading() as connection:
        return await connection.scalar(select(marks.c.at).where(marks.c.name == name))


async def put(tx: Transaction, name: str, at: datetime) -> None:
    """Set the instant called *name*."""
    await tx.add(marks, {"name": name, "at": at})
    await tx.execute(update(marks).where(marks.c.name == name).values(at=at))
