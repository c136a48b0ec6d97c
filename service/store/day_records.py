"""A day's account: what the SEC's index lists, and what became of each filing.

The counts of a day are read, until nothing of it is missing; then they are kept.
"""

from collections.abc import Collection
from datetime import date, datetime, time
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, update

from service.model import calendar
from service.model.filing import Accession, Source
from service.store.database import Database, Transaction
from service.store.days import DayState, late
from service.store.filings import PENDING, SHOWN
from service.store.filings import FilingState as Filed
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


class DayRecord(Struct, frozen=True, kw_only=True):
    """A day's account. ``indexed`` is the sum of seen, recovered, dead and missing."""

    day: date
    state: DayState
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
        return self.state is not DayState.DUE and not self.missing


class MissingFiling(Struct, frozen=True, kw_only=True):
    """A filing that an index lists and that is not published."""

    day: date
    accession: Accession
    tries: int
    due: datetime  # of the next try
    waits: str | None  # why the last failed


async def missing(database: Database, wanted: Collection[date], limit: int) -> list[MissingFiling]:
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
            MissingFiling(
                day=row.day, accession=Accession(row.accession), tries=row.tries, due=row.due, waits=row.waits
            )
            for row in await connection.execute(query)
        ]


async def lacking(database: Database) -> set[date]:
    """The days whose indexes list what is not published."""
    async with database.reading() as connection:
        return set(await connection.scalars(select(LACKING.c.day).distinct()))


async def list_as(tx: Transaction, day: date, accessions: Collection[Accession]) -> None:
    """Note that the index of *day* lists *accessions*: from now on it is counted again."""
    rows = [{"accession": accession, "day": day} for accession in accessions]
    if rows:
        await tx.add(listed, rows)
        await tx.execute(update(days).where(days.c.day == day).values(_NOT_KEPT))


async def keep_counts(tx: Transaction, after: date) -> date | None:
    """Keep the counts of the first complete day *after* that has none yet; returns which it was, or None.

    What is listed stays: `list_as` and `filings.reopen` let it be counted again.
    """
    complete = (days.c.state != DayState.DUE, days.c.day.not_in(select(LACKING.c.day)), IS_LISTED)
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


async def are_complete(tx: Transaction, first: date, last: date) -> bool:
    """Whether every weekday from *first* to *last* was compared with its index, and nothing of them is missing."""
    settled = select(days.c.day).where(days.c.day.between(first, last), days.c.state != DayState.DUE)
    if not set(calendar.weekdays(first, last)) <= set((await tx.execute(settled)).scalars()):
        return False
    lacking = select(listed.c.accession).select_from(_ACCOUNT).where(listed.c.day.between(first, last), _MISSING)
    return (await tx.execute(lacking.limit(1))).first() is None


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
            state=DayState(row.state),
            note=row.note,
            due=row.due,
            looks=row.looks,
            read=row.read,
            **{name: getattr(by_day.get(row.day, row), name, None) or 0 for name in _COUNTS},
        )
        for row in found
    ]


async def last_complete(database: Database) -> date | None:
    """The latest day whose index was compared and of which nothing is missing; None: there was no such day yet."""
    query = select(func.max(days.c.day)).where(days.c.state == DayState.READ)
    async with database.reading() as connection:
        found: date | None = await connection.scalar(query.where(days.c.day.not_in(select(LACKING.c.day))))
        return found


async def unproven(database: Database, trusted_at: time, now: datetime) -> tuple[int, int]:
    """How many days are not accounted for though their index was looked for, or should have been; filings missing.

    A day that nobody has looked at counts as well, as with `late`.
    """
    overdue = set(await late(database, date.min, trusted_at, now))
    async with database.reading() as connection:
        looked_for = await connection.scalars(select(days.c.day).where(days.c.state == DayState.DUE, days.c.looks > 0))
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
