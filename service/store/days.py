"""A record a day: what the SEC's index lists, and what became of each filing. The counts are read, never kept."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, case, delete, exists, func, or_, select, update

from service.model import calendar
from service.model.filing import Accession, Source
from service.store import marks
from service.store.database import Database, Transaction
from service.store.filings import PENDING, SHOWN
from service.store.filings import State as Filed
from service.store.schema import days, filings, listed

_ACCOUNT = listed.outerjoin(filings, filings.c.accession == listed.c.accession)
_MISSING = or_(filings.c.state.is_(None), PENDING)
LACKING = (  # from the few that are pending, not from the millions that are listed
    select(listed.c.day).join(filings, filings.c.accession == listed.c.accession).where(PENDING).subquery()
)
IS_LISTED = exists().where(listed.c.day == days.c.day)
KEPT_COUNTS = ("indexed", "seen", "recovered", "dead")  # of a day of which nothing is missing
_NOT_KEPT = dict.fromkeys(KEPT_COUNTS)
_COUNTS = (*KEPT_COUNTS, "missing", "untried")

_LONGEST_WAIT = timedelta(hours=36)  # between looks; a later time was set by a clock that was set back since
OVERDUE = timedelta(hours=6)  # after a day's index could be trusted: it should have been compared with by then

ASKED = "days.due"  # the bell that rings when a day is to be looked at now


class State(StrEnum):
    """What is known of a day."""

    DUE = "due"  # its index is to be read, for the first time or again
    READ = "read"  # its index was whole and is compared
    CLOSED = "closed"  # it has none: a holiday


class Day(Struct, frozen=True, kw_only=True):
    """A day whose index is due."""

    day: date
    looks: int
    digest: str | None  # of the index last looked at


class DayRecord(Struct, frozen=True, kw_only=True):
    """A day's account. ``indexed`` is the sum of seen, recovered, dead and missing."""

    day: date
    state: State
    note: str | None
    due: datetime
    looks: int
    read: datetime | None  # when the index was last read whole; None: never
    indexed: int  # filings that the index lists
    seen: int  # published, and found by the feed
    recovered: int  # published, and found by an index
    dead: int  # EDGAR never served them: they are on form4.dead
    missing: int  # not published yet
    untried: int  # of these, not asked for yet

    @property
    def is_complete(self) -> bool:
        """Whether the day is accounted for."""
        return self.state is not State.DUE and not self.missing


class Missing(Struct, frozen=True, kw_only=True):
    """A filing that an index lists and that is not published."""

    day: date
    accession: Accession
    tries: int
    due: datetime  # of the next try
    waits: str | None  # why the last came to nothing


async def schedule(tx: Transaction, wanted: Iterable[tuple[date, datetime]]) -> None:
    """Let each day's index be looked at when it is due; days that are known stay as they are."""
    rows = [{"day": day, "state": State.DUE, "due": due, "looks": 0} for day, due in wanted]
    if rows:
        await tx.add(days, rows)


async def ask(tx: Transaction, wanted: Collection[date], now: datetime) -> None:
    """Let the indexes of *wanted* be looked at now, whatever is known of them."""
    await schedule(tx, [(day, now) for day in wanted])
    await tx.execute(
        update(days).where(days.c.day.in_(wanted)).values(state=State.DUE, due=now, looks=0, note=None, digest=None)
    )
    tx.ring(ASKED)


async def forget(tx: Transaction, wanted: Collection[date], trusted_at: time) -> int:
    """Take back what was asked of *wanted* and has not been looked at; returns of how many days.

    A day that was proven before is so again: its index was read when it could be trusted. One whose index was read too
    early waits for its time; the others lose their record, until their own time comes.
    """
    unseen = days.c.day.in_(wanted), days.c.state == State.DUE, days.c.looks == 0
    before = await tx.execute(select(days.c.day, days.c.read).where(*unseen, days.c.read.is_not(None)))
    read = {row.day: row.read >= calendar.due(row.day, trusted_at) for row in before.all()}
    proven = [day for day, in_time in read.items() if in_time]
    await tx.execute(update(days).where(days.c.day.in_(proven)).values(state=State.READ))
    for day in read.keys() - set(proven):
        await tx.execute(update(days).where(days.c.day == day).values(due=calendar.due(day, trusted_at), looks=1))
    return len(read) + (await tx.execute(delete(days).where(*unseen))).rowcount


async def missing(database: Database, wanted: Collection[date], limit: int) -> list[Missing]:
    """Up to *limit* filings that the indexes of *wanted* list and that are not published."""
    query = (
        select(listed.c.day, filings.c.accession, filings.c.tries, filings.c.due, filings.c.waits)
        .join(filings, filings.c.accession == listed.c.accession)
        .where(PENDING, listed.c.day.in_(wanted))
        .order_by(listed.c.day, filings.c.accession)
        .limit(limit)
    )
    async with database.reading() as connection:
        return [
            Missing(day=row.day, accession=Accession(row.accession), tries=row.tries, due=row.due, waits=row.waits)
            for row in await connection.execute(query)
        ]


async def lacking(database: Database) -> set[date]:
    """The days whose indexes list what is not published."""
    async with database.reading() as connection:
        return set(await connection.scalars(select(LACKING.c.day).distinct()))


async def known(database: Database, since: date) -> set[date]:
    """The days from *since* on that have a record."""
    async with database.reading() as connection:
        return set(await connection.scalars(select(days.c.day).where(days.c.day >= since)))


async def due(database: Database, now: datetime) -> Day | None:
    """The oldest day whose index is to be looked at by *now*; None: there is none."""
    ahead = and_(days.c.looks > 0, days.c.due > now + _LONGEST_WAIT)
    ripe = days.c.state == State.DUE, or_(days.c.due <= now, ahead)
    query = select(days.c.day, days.c.looks, days.c.digest).where(*ripe)
    async with database.reading() as connection:
        row = (await connection.execute(query.order_by(days.c.day).limit(1))).first()
    return Day(day=row.day, looks=row.looks, digest=row.digest) if row else None


async def settle(tx: Transaction, day: date, state: State, now: datetime | None, note: str | None) -> None:
    """Say what is known of *day*; *now*: its index was read whole."""
    changes = {"state": state, "note": note, "looks": days.c.looks + 1}
    await tx.execute(update(days).where(days.c.day == day).values(**changes, **({"read": now} if now else {})))


async def account(tx: Transaction, day: date, now: datetime) -> None:
    """A backfill has read the whole index of *day*; a day that has a record keeps its own."""
    await tx.add(days, [{"day": day, "state": State.READ, "due": now, "looks": 1, "read": now}])


async def postpone(tx: Transaction, day: date, due: datetime, note: str | None, digest: str | None) -> None:
    """Look at the index of *day* again when it is *due*."""
    changes = {"due": due, "note": note, "digest": digest, "looks": days.c.looks + 1}
    await tx.execute(update(days).where(days.c.day == day).values(**changes))


async def list_as(tx: Transaction, day: date, accessions: Collection[Accession]) -> None:
    """Note that the index of *day* lists *accessions*: from now on it is counted again."""
    rows = [{"accession": accession, "day": day} for accession in accessions]
    if rows:
        await tx.add(listed, rows)
        await tx.execute(update(days).where(days.c.day == day).values(_NOT_KEPT))


async def keep_counts(tx: Transaction, after: date) -> date | None:
    """Keep the counts of the first complete day *after* that has none yet; returns which it was, None: there is none.

    What is listed stays: `list_as` and `filings.reopen` let it be counted again.
    """
    complete = (days.c.state != State.DUE, days.c.day.not_in(select(LACKING.c.day)), IS_LISTED)
    first = select(days.c.day).where(days.c.day > after, days.c.indexed.is_(None), *complete)
    day = (await tx.execute(first.order_by(days.c.day).limit(1).with_for_update(of=days))).scalar()
    if day is not None:
        counts = (await tx.execute(counted().where(listed.c.day == day))).one()
        if not counts.missing:
            kept = {name: getattr(counts, name) for name in KEPT_COUNTS}
            await tx.execute(update(days).where(days.c.day == day).values(kept))
    return day


async def unlisted(database: Database, day: date) -> set[Accession]:
    """The filings that the feed showed as filed on *day* and no other day's index lists."""
    query = (
        select(filings.c.accession)
        .outerjoin(listed, listed.c.accession == filings.c.accession)
        .where(filings.c.filed_on == day, SHOWN)
        .where(listed.c.day.is_(None) | (listed.c.day == day))
    )
    async with database.reading() as connection:
        return {Accession(accession) for accession in await connection.scalars(query)}


async def has_filings(database: Database, day: date) -> bool:
    """Whether the feed showed, or an index listed, any filing of *day*."""
    shown = select(filings.c.accession).where(filings.c.filed_on == day, SHOWN).limit(1)
    counted = select(listed.c.accession).where(listed.c.day == day).limit(1)
    async with database.reading() as connection:
        return any([(await connection.execute(query)).first() is not None for query in (shown, counted)])


async def late(database: Database, since: date, trusted_at: time, now: datetime) -> list[date]:
    """The weekdays from *since* on whose comparison is overdue, whether or not anybody has looked at them.

    The service answers for the days since its first start; a day without a record is late as well.
    """
    floor = await marks.get(database, marks.FLOOR)
    first = date.max if floor is None else max(since, calendar.eastern_day(floor))
    relevant = or_(days.c.state == State.DUE, days.c.day >= first)  # of what a backfill has proven there may be decades
    async with database.reading() as connection:
        query = select(days.c.day, days.c.state).where(days.c.day >= since, relevant)
        rows = (await connection.execute(query)).all()
    settled = {row.day for row in rows if row.state != State.DUE}
    wanted = {row.day for row in rows}.union(calendar.weekdays(first, calendar.eastern_day(now) - timedelta(days=1)))
    return sorted(day for day in wanted - settled if now - calendar.due(day, trusted_at) > OVERDUE)


async def are_complete(tx: Transaction, first: date, last: date) -> bool:
    """Whether every weekday from *first* to *last* was compared with its index, and nothing of them is missing."""
    settled = select(days.c.day).where(days.c.day.between(first, last), days.c.state != State.DUE)
    if not set(calendar.weekdays(first, last)) <= set((await tx.execute(settled)).scalars()):
        return False
    lacking = select(listed.c.accession).select_from(_ACCOUNT).where(listed.c.day.between(first, last), _MISSING)
    return (await tx.execute(lacking.limit(1))).first() is None


async def any_read_after(database: Database, day: date) -> bool:
    """Whether the index of a later day was read: indexes come in order."""
    query = select(days.c.day).where(days.c.day > day, days.c.state == State.READ).limit(1)
    async with database.reading() as connection:
        return (await connection.execute(query)).first() is not None


async def records(
    database: Database, since: date = date.min, until: date = date.max, only: Collection[date] | None = None
) -> list[DayRecord]:
    """The account of every day from *since* to *until*, oldest first; *only*: of these."""
    query = select(days).where(days.c.day.between(since, until))
    if only is not None:
        query = query.where(days.c.day.in_(only))
    async with database.reading() as connection:
        found = (await connection.execute(query.order_by(days.c.day))).all()
        open_ones = [row.day for row in found if row.indexed is None]  # few: `keep_counts` has seen to the others
        counts = counted().where(listed.c.day.in_(open_ones))
        by_day = {row.day: row for row in await connection.execute(counts)} if open_ones else {}
    return [
        DayRecord(
            day=row.day,
            state=State(row.state),
            note=row.note,
            due=row.due,
            looks=row.looks,
            read=row.read,
            **{name: getattr(by_day.get(row.day, row), name, None) or 0 for name in _COUNTS},
        )
        for row in found
    ]


async def last_complete(database: Database) -> date | None:
    """The latest day whose index was compared and of which nothing is missing; None: there is none."""
    query = select(func.max(days.c.day)).where(days.c.state == State.READ)
    async with database.reading() as connection:
        found: date | None = await connection.scalar(query.where(days.c.day.not_in(select(LACKING.c.day))))
        return found


async def unproven(database: Database, trusted_at: time, now: datetime) -> tuple[int, int]:
    """How many days are not accounted for though their index was looked for, or should have been; filings missing.

    A day that nobody has looked at counts as well, as with `late`.
    """
    overdue = set(await late(database, date.min, trusted_at, now))
    async with database.reading() as connection:
        looked_for = await connection.scalars(select(days.c.day).where(days.c.state == State.DUE, days.c.looks > 0))
        missing = await connection.scalar(select(func.count()).select_from(LACKING))
        return len(overdue.union(looked_for)), missing or 0


def counted() -> Select[Any]:
    """The counts of each day, from what its index lists."""

    def count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((and_(*conditions), 1), else_=0)), 0)

    published, source = filings.c.state == Filed.PUBLISHED, filings.c.source
    return (
        select(
            listed.c.day.label("day"),
            func.count().label("indexed"),
            count(published, source == Source.FEED).label("seen"),
            count(published, source != Source.FEED).label("recovered"),
            count(filings.c.state == Filed.DEAD).label("dead"),
            count(_MISSING).label("missing"),
            count(_MISSING, filings.c.tries == 0).label("untried"),
        )
        .select_from(_ACCOUNT)
        .group_by(listed.c.day)
    )
