"""Where the feed could not be read back to known ground, until the SEC's indexes show that nothing is missing."""

from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import func, insert, or_, select, update

from service.edgar.hours import eastern_day, is_weekday
from service.store.database import Database, Transaction
from service.store.schema import days, filings, gaps, listed


class Gap(Struct, frozen=True, kw_only=True):
    """What may be missing lies after ``after`` and before ``before``."""

    id: int
    after: datetime | None  # None: recorded by an earlier version
    before: datetime
    cause: str


async def add(tx: Transaction, recorded: datetime, floor: datetime, before: datetime, cause: str) -> int:
    """Record that the feed could not be read back behind *before*; what is known from it, or *floor*, bounds it.

    Returns the gap's id.
    """
    known = select(func.max(filings.c.updated)).where(filings.c.source == "feed", filings.c.updated < before)
    last = (await tx.execute(known)).scalar()
    after = floor if last is None else max(last, floor)
    row = {"recorded": recorded, "after": min(after, before), "before": before, "cause": cause}
    return int((await tx.execute(insert(gaps).values(row).returning(gaps.c.id))).scalar_one())


async def still_open(database: Database) -> list[Gap]:
    """Gaps that no index has closed; newest first."""
    query = select(gaps.c.id, gaps.c.after, gaps.c.before, gaps.c.cause).where(gaps.c.closed.is_(None))
    async with database.reading() as connection:
        rows = await connection.execute(query.order_by(gaps.c.id.desc()))
        return [Gap(id=row.id, after=row.after, before=row.before, cause=row.cause) for row in rows]


async def read_after_all(tx: Transaction, gap_id: int, now: datetime) -> None:
    """The feed could be read behind the gap: it is none any more."""
    await tx.execute(update(gaps).where(gaps.c.id == gap_id, gaps.c.closed.is_(None)).values(closed=now))


async def close(tx: Transaction, gap: Gap, now: datetime) -> bool:
    """Close *gap* if every weekday of it was compared with its index, and nothing of them is missing."""
    if gap.after is None:
        return False
    first, last = eastern_day(gap.after), eastern_day(gap.before)
    wanted = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    accounted = select(days.c.day).where(days.c.day.between(first, last), days.c.state != "due")
    if not {day for day in wanted if is_weekday(day)} <= set((await tx.execute(accounted)).scalars()):
        return False
    missing = (
        select(listed.c.accession)
        .outerjoin(filings, filings.c.accession == listed.c.accession)
        .where(listed.c.day.between(first, last), or_(filings.c.state.is_(None), filings.c.state == "pending"))
    )
    if (await tx.execute(missing.limit(1))).first():
        return False
    await read_after_all(tx, gap.id, now)
    return True
