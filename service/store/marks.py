"""Instants that must outlive a crash, by name."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select, update

from service.store.database import Database, Transaction
from service.store.schema import marks

FLOOR = "poller.floor"  # nothing older than this is published
LIVE = "poller.live"  # what the feed showed before this is history and alerts nobody
READ = "poller.read"  # when the feed was last read to known ground, to within a quarter of a minute
TAPE = "tape.whole"  # what was matched before there was a tape is on it, as far as the log had it
PAST = "history.since"  # from when on every filing that comes is kept in the past
_BLOCKED = "edgar.blocked"


def blocked(host: str) -> str:
    """The name of the instant before which *host* (www, data) is asked for nothing."""
    return _BLOCKED if host == "www" else f"{_BLOCKED}.{host}"


async def get(database: Database, name: str) -> datetime | None:
    """The instant called *name*; None: never set."""
    async with database.reading() as connection:
        return await connection.scalar(select(marks.c.at).where(marks.c.name == name))


async def every(database: Database) -> dict[str, datetime]:
    """All of them, by name; there are about a dozen."""
    async with database.reading() as connection:
        rows = await connection.execute(select(marks.c.name, marks.c.at))
        return {row.name: row.at for row in rows}


async def put(tx: Transaction, name: str, at: datetime) -> None:
    """Set the instant called *name*."""
    await tx.add(marks, {"name": name, "at": at})
    await tx.execute(update(marks).where(marks.c.name == name).values(at=at))


async def remove(tx: Transaction, names: Collection[str]) -> None:
    """As if *names* had never been set."""
    await tx.execute(delete(marks).where(marks.c.name.in_(names)))
