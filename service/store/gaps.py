"""Where the feed could not be read back to known ground, until the SEC's indexes show that nothing is missing."""

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct
from sqlalchemy import func, insert, select, update

from service.model.calendar import eastern_day
from service.model.filing import Source
from service.store import day_records
from service.store.database import Database, Transaction
from service.store.schema import filings, gaps


class Gap(Struct, frozen=True, kw_only=True):
    """What may be missing lies after ``after`` and before ``before``."""

    id: int
    after: datetime | None  # None: recorded by an earlier version
    before: datetime
    cause: str


async def add(
    tx: Transaction, recorded: datetime, floor: datetime, before: datetime, cause: str, forms: Collection[str] = ()
) -> int:
    """Record that the feed could not be read back behind *before*; returns the gap's id.

    It reaches back to the newest of *forms* that was known from the feed before, or to *floor*.
    """
    of_these = filings.c.source == Source.FEED, filings.c.form.in_(forms), filings.c.updated < before
    last = (await tx.execute(select(func.max(filings.c.updated)).where(*of_these))).scalar()
    after = floor if last is None else max(last, floor)
    row = {"recorded": recorded, "after": min(after, before), "before": before, "cause": cause}
    return int((await tx.execute(insert(gaps).values(row).returning(gaps.c.id))).scalar_one())


async def add_once(tx: Transaction, recorded: datetime, after: datetime, before: datetime, cause: str) -> None:
    """Record that something between *after* and *before* may be missing, unless *cause* has been recorded already."""
    if (await tx.execute(select(gaps.c.id).where(gaps.c.cause == cause).limit(1))).first() is None:
        row = {"recorded": recorded, "after": after, "before": before, "cause": cause}
        await tx.execute(insert(gaps).values(row))


async def still_open(database: Database) -> list[Gap]:
    """Gaps that no index has closed; newest first."""
    query = select(gaps.c.id, gaps.c.after, gaps.c.before, gaps.c.cause).where(gaps.c.closed.is_(None))
    async with database.reading() as connection:
        rows = await connection.execute(query.order_by(gaps.c.id.desc()))
        return [Gap(id=row.id, after=row.after, before=row.before, cause=row.cause) for row in rows]


async def read_after_all(tx: Transaction, gap_id: int, now: datetime) -> None:
    """The feed could be read behind the gap: it is closed."""
    await tx.execute(update(gaps).where(gaps.c.id == gap_id, gaps.c.closed.is_(None)).values(closed=now))


async def close(tx: Transaction, gap: Gap, floor: datetime | None, now: datetime) -> bool:
    """Close *gap* if every weekday of it was compared with its index, and nothing of them is missing.

    A gap of an earlier version does not say how far back it reaches: to *floor*, then.
    """
    after = gap.after or floor
    if after is None or not await day_records.are_complete(tx, eastern_day(after), eastern_day(gap.before)):
        return False
    await read_after_all(tx, gap.id, now)
    return True
