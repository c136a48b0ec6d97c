"""Which events their stage is through with: what a page reads is written by stages, a moment after the event."""

from collections.abc import Collection

from sqlalchemy import select

from service.store.database import Database
from service.store.schema import dead_letters, events, matchings, messages
from service.wire.topics import Topic

_PARSED = "parsed-"  # what the ids of parsed filings begin with


async def unhandled(database: Database, start: int, limit: int) -> tuple[int | None, int | None]:
    """Among the next *limit* parsed filings and alerts from sequence number *start* on, the first that is not handled.

    Returns its number (None: there is none) and where to look on (None: these were the last).
    """
    which = events.c.topic.in_((Topic.PARSED, Topic.ALERTS)), events.c.seq >= start
    query = select(events.c.seq, events.c.id).where(*which).order_by(events.c.seq).limit(limit)
    async with database.reading() as connection:
        numbers = {row.id: row.seq for row in await connection.execute(query)}
    left = numbers.keys() - await _handled(database, numbers.keys())
    first = min((numbers[one] for one in left), default=None)
    return first, max(numbers.values()) + 1 if len(numbers) == limit else None


async def _handled(database: Database, ids: Collection[str]) -> set[str]:
    """Those of *ids* that were matched, or put into messages, or are dead letters."""
    filings = [one.removeprefix(_PARSED) for one in ids if one.startswith(_PARSED)]
    matched = select(matchings.c.accession).where(matchings.c.accession.in_(filings))
    told = select(messages.c.id).where(messages.c.id.in_([one for one in ids if not one.startswith(_PARSED)]))
    async with database.reading() as connection:
        found = {f"{_PARSED}{one}" for one in (await connection.execute(matched)).scalars()}
        found |= set((await connection.execute(told)).scalars())
        if left := set(ids) - found:
            dead = select(dead_letters.c.event).where(dead_letters.c.event.in_(left))
            found |= set((await connection.execute(dead)).scalars())
    return found
