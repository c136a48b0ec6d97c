"""The days whose indexes are compared with what was published: which are due, and which are through."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from msgspec import Struct
from sqlalchemy import and_, delete, or_, select, update

from service.model import calendar
from service.store import marks
from service.store.database import Database, Transaction
from service.store.schema import days

_LONGEST_WAIT = timedelta(hours=36)  # between looks; a later time was set by a clock that was set back since
OVERDUE = timedelta(hours=6)  # after a day's index could be trusted: it should have been compared with by then

ASKED = "days.due"  # the bell that rings when a day is to be looked at now


class DayState(StrEnum):
    """What is known of a day."""

    DUE = "due"  # its index is to be read, for the first time or again
    READ = "read"  # its index was whole and is compared
    CLOSED = "closed"  # it has none: a holiday


class DueDay(Struct, frozen=True, kw_only=True):
    """A day whose index is due."""

    day: date
    looks: int
    digest: str | None  # of the index last looked at


async def schedule(tx: Transaction, wanted: Iterable[tuple[date, datetime]]) -> None:
    """Let each day's index be looked at when it is due; days that are known stay as they are."""
    rows = [{"day": day, "state": DayState.DUE, "due": due, "looks": 0} for day, due in wanted]
    if rows:
        await tx.add(days, rows)


async def ask(tx: Transaction, wanted: Collection[date], now: datetime) -> None:
    """Let the indexes of *wanted* be looked at now, whatever is known of them."""
    await schedule(tx, [(day, now) for day in wanted])
    await tx.execute(
        update(days).where(days.c.day.in_(wanted)).values(state=DayState.DUE, due=now, looks=0, note=None, digest=None)
    )
    tx.ring(ASKED)


async def forget(tx: Transaction, wanted: Collection[date], trusted_at: time) -> int:
    """Take back what was asked of *wanted* and has not been looked at; returns of how many days.

    A day that was proven before is so again: its index was read when it could be trusted. One whose index was read too
    early waits for its time; the others lose their record, until their own time comes.
    """
    unseen = days.c.day.in_(wanted), days.c.state == DayState.DUE, days.c.looks == 0
    before = await tx.execute(select(days.c.day, days.c.read).where(*unseen, days.c.read.is_not(None)))
    read = {row.day: row.read >= calendar.due(row.day, trusted_at) for row in before.all()}
    proven = [day for day, in_time in read.items() if in_time]
    await tx.execute(update(days).where(days.c.day.in_(proven)).values(state=DayState.READ))
    for day in read.keys() - set(proven):
        await tx.execute(update(days).where(days.c.day == day).values(due=calendar.due(day, trusted_at), looks=1))
    return len(read) + (await tx.execute(delete(days).where(*unseen))).rowcount


async def known(database: Database, since: date) -> set[date]:
    """The days from *since* on that have a record."""
    async with database.reading() as connection:
        return set(await connection.scalars(select(days.c.day).where(days.c.day >= since)))


async def due(database: Database, now: datetime) -> DueDay | None:
    """The oldest day whose index is to be looked at by *now*; None: there is none."""
    ahead = and_(days.c.looks > 0, days.c.due > now + _LONGEST_WAIT)
    ripe = days.c.state == DayState.DUE, or_(days.c.due <= now, ahead)
    query = select(days.c.day, days.c.looks, days.c.digest).where(*ripe)
    async with database.reading() as connection:
        row = (await connection.execute(query.order_by(days.c.day).limit(1))).first()
    return DueDay(day=row.day, looks=row.looks, digest=row.digest) if row else None


async def settle(tx: Transaction, day: date, state: DayState, now: datetime | None, note: str | None) -> None:
    """Say what is known of *day*; *now*: its index was read whole."""
    changes = {"state": state, "note": note, "looks": days.c.looks + 1}
    await tx.execute(update(days).where(days.c.day == day).values(**changes, **({"read": now} if now else {})))


async def account(tx: Transaction, day: date, now: datetime) -> None:
    """A backfill has read the whole index of *day*; a day that has a record keeps its own."""
    await tx.add(days, [{"day": day, "state": DayState.READ, "due": now, "looks": 1, "read": now}])


async def postpone(tx: Transaction, day: date, due: datetime, note: str | None, digest: str | None) -> None:
    """Look at the index of *day* again when it is *due*."""
    changes = {"due": due, "note": note, "digest": digest, "looks": days.c.looks + 1}
    await tx.execute(update(days).where(days.c.day == day).values(**changes))


async def late(database: Database, since: date, trusted_at: time, now: datetime) -> list[date]:
    """The weekdays from *since* on whose comparison is overdue, whether or not anybody has looked at them.

    The service answers for the days since its first start; a day without a record is late as well.
    """
    floor = await marks.get(database, marks.FLOOR)
    first = date.max if floor is None else max(since, calendar.eastern_day(floor))
    relevant = or_(
        days.c.state == DayState.DUE, days.c.day >= first
    )  # of what a backfill has proven there may be decades
    async with database.reading() as connection:
        query = select(days.c.day, days.c.state).where(days.c.day >= since, relevant)
        rows = (await connection.execute(query)).all()
    settled = {row.day for row in rows if row.state != DayState.DUE}
    wanted = {row.day for row in rows}.union(calendar.weekdays(first, calendar.eastern_day(now) - timedelta(days=1)))
    return sorted(day for day in wanted - settled if now - calendar.due(day, trusted_at) > OVERDUE)


async def any_read_after(database: Database, day: date) -> bool:
    """Whether the index of a later day was read: indexes come in order."""
    query = select(days.c.day).where(days.c.day > day, days.c.state == DayState.READ).limit(1)
    async with database.reading() as connection:
        return (await connection.execute(query)).first() is not None
