"""Every filing ever seen, and whether it is published: what keeps one accession from becoming two events."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from msgspec import Struct
from sqlalchemy import Row, bindparam, func, or_, select, update

from service.model.filing import Accession, Cik, Source
from service.store import tallies
from service.store.database import Database, Transaction
from service.store.schema import days, filings, listed, literally

CHUNK = 500  # parameters a query; SQLite's own limit is far higher


class FilingState(StrEnum):
    """How far a filing has come."""

    PENDING = "pending"  # listed by the feed, its document not fetched yet
    PUBLISHED = "published"
    DEAD = "dead"  # given up; it stands on form4.dead


PENDING = literally(filings.c.state, FilingState.PENDING)

_KIND = "filings"
_PUBLISHED = f"{_KIND}.{FilingState.PUBLISHED}"  # the one total that only grows; the others are counted


SHOWN = literally(filings.c.source, Source.FEED)


_LONGEST_WAIT = timedelta(minutes=15)  # between tries; a later time was set by a clock that was set back since

# What is asked for each filing is made once: to make a statement takes longer than to run it.
_KNOWN = select(filings.c.accession).where(filings.c.accession.in_(bindparam("accessions", expanding=True)))
_NEXT_DUE = select(func.min(filings.c.due)).where(PENDING)
_DUE = (
    select(filings)
    .where(
        PENDING,
        filings.c.source == bindparam("source"),
        or_(filings.c.due <= bindparam("now"), filings.c.due > bindparam("impossible")),
    )
    .order_by(filings.c.updated)
    .limit(bindparam("limit"))
)
_DUE_OF = _DUE.where(filings.c.history == bindparam("history"))
_SETTLE = (
    update(filings)
    .where(
        filings.c.accession == bindparam("b_accession"),
        PENDING,
        filings.c.source == func.coalesce(bindparam("b_source"), filings.c.source),
    )
    .values(state=bindparam("b_state"))
)


class Seen(Struct, frozen=True, kw_only=True):
    """A filing as the feed or an index listed it."""

    accession: Accession
    form: str
    archive_cik: Cik
    issuer_cik: Cik | None  # None: no issuer entry was seen for it
    issuer_name: str | None
    updated: datetime  # the feed entry's time; of an index's row, the end of its day
    seen: datetime
    history: bool
    source: Source = Source.FEED
    filed_on: date | None = None
    backfill: int | None = None
    digest: str | None = None  # under this name its alerts are told together
    tries: int = 0


async def known(database: Database, accessions: Iterable[Accession]) -> set[Accession]:
    """Those of *accessions* that were seen before, in whatever state they are."""
    wanted = list(accessions)
    found: set[Accession] = set()
    async with database.reading() as connection:
        for start in range(0, len(wanted), CHUNK):
            found.update(await connection.scalars(_KNOWN, {"accessions": wanted[start : start + CHUNK]}))
    return found


async def state(database: Database, accession: Accession) -> FilingState | None:
    """How far *accession* has come; None: nothing has listed it."""
    async with database.reading() as connection:
        found = await connection.scalar(select(filings.c.state).where(filings.c.accession == accession))
    return FilingState(found) if found else None


async def add(tx: Transaction, seen: Sequence[Seen]) -> None:
    """Remember *seen* as pending, due at once; what is known already stays as it is."""
    if seen:
        rows = [
            {
                "accession": s.accession,
                "form": s.form,
                "archive_cik": s.archive_cik,
                "issuer_cik": s.issuer_cik,
                "issuer_name": s.issuer_name,
                "updated": s.updated,
                "seen": s.seen,
                "history": s.history,
                "state": FilingState.PENDING,
                "tries": 0,
                "due": s.seen,
                "source": s.source,
                "filed_on": s.filed_on,
                "backfill": s.backfill,
                "digest": s.digest,
            }
            for s in sorted(seen, key=lambda one: one.accession)  # one order for all, so that none waits in a circle
        ]
        await tx.add(filings, rows)


async def due(database: Database, now: datetime, limit: int) -> list[Seen]:
    """Pending live filings of the feed whose time has come, oldest first."""
    return await _due(database, Source.FEED, now, limit, history=False)


async def due_in_background(database: Database, now: datetime, limit: int) -> list[Seen]:
    """Pending filings whose time has come and that can wait: those of indexes, the feed's history, then backfills.

    Each oldest first; there may be very many.
    """
    found = await _due(database, Source.INDEX, now, limit)
    if len(found) < limit:
        found += await _due(database, Source.FEED, now, limit - len(found), history=True)
    if len(found) < limit:
        found += await _due(database, Source.BACKFILL, now, limit - len(found))
    return found


async def next_due(database: Database) -> datetime | None:
    """When the next pending filing is due, or was; None: none is pending."""
    async with database.reading() as connection:
        at: datetime | None = await connection.scalar(_NEXT_DUE)
        return at


async def settle(tx: Transaction, accession: Accession, state: FilingState, source: Source | None = None) -> bool:
    """Move *accession* from pending to *state*; False: it was settled before, so emit nothing for it.

    With *source*, also False if it is of another by now: it stays pending, to be published as what it is.
    """
    values = {"b_accession": accession, "b_source": source, "b_state": state}
    if (await tx.execute(_SETTLE, values)).rowcount != 1:
        return False
    if state is FilingState.PUBLISHED:
        tx.tally(_PUBLISHED)
    return True


async def reopen(tx: Transaction, accession: Accession, due: datetime) -> bool:
    """Try *accession*, which was given up, again from *due* on; False: it is not dead.

    The day whose index lists it is counted again.
    """
    statement = (
        update(filings)
        .where(filings.c.accession == accession, filings.c.state == FilingState.DEAD)
        .values(state=FilingState.PENDING, seen=due, due=due, tries=0, waits=None)
    )
    if (await tx.execute(statement)).rowcount != 1:
        return False
    day = select(listed.c.day).where(listed.c.accession == accession).scalar_subquery()
    await tx.execute(update(days).where(days.c.day == day).values(indexed=None, seen=None, recovered=None, dead=None))
    return True


async def postpone(tx: Transaction, accession: Accession, due: datetime, why: str) -> None:
    """Try *accession* again at *due*; *why* the last try came to nothing."""
    changes = {"due": due, "waits": why, "tries": filings.c.tries + 1}
    await tx.execute(update(filings).where(filings.c.accession == accession).values(**changes))


async def counts(database: Database) -> dict[str, int]:
    """How many filings stand in each state."""
    found = {FilingState.PUBLISHED.value: (await tallies.read(database, _KIND)).get(FilingState.PUBLISHED, 0)}
    async with database.reading() as connection:
        for state, these in (
            (FilingState.PENDING, PENDING),
            (FilingState.DEAD, literally(filings.c.state, FilingState.DEAD)),
        ):
            found[state.value] = await connection.scalar(select(func.count()).where(these)) or 0
    return {state: count for state, count in found.items() if count}


async def newest(database: Database) -> datetime | None:
    """The time of the newest filing that the feed showed; None: it has shown none."""
    query = select(func.max(filings.c.updated)).where(SHOWN)
    async with database.reading() as connection:
        at: datetime | None = await connection.scalar(query)
        return at


async def times_around(database: Database, start: datetime, end: datetime) -> list[datetime]:
    """The times of the filings that the feed showed from *start* until *end*, and the next ones before and behind."""
    within = select(filings.c.updated).where(SHOWN, filings.c.updated >= start, filings.c.updated < end)
    before = select(func.max(filings.c.updated)).where(SHOWN, filings.c.updated < start)
    after = select(func.min(filings.c.updated)).where(SHOWN, filings.c.updated >= end)
    async with database.reading() as connection:
        found = [await connection.scalar(before), *await connection.scalars(within), await connection.scalar(after)]
    return sorted(at for at in found if at is not None)


async def oldest_pending(database: Database) -> datetime | None:
    """Since when the longest pending filing of the feed or the index has been known; None: none is pending."""
    query = select(func.min(filings.c.seen)).where(PENDING, filings.c.source.in_([Source.FEED, Source.INDEX]))
    async with database.reading() as connection:
        at: datetime | None = await connection.scalar(query)
        return at


async def claim_for_index(tx: Transaction, accessions: Sequence[Accession]) -> None:
    """What a backfill found and has not fetched is missing: fetch it at once, and let it alert."""
    for start in range(0, len(accessions), CHUNK):
        statement = update(filings).where(
            filings.c.accession.in_(accessions[start : start + CHUNK]),
            PENDING,
            filings.c.source == Source.BACKFILL,
        )
        await tx.execute(statement.values(source=Source.INDEX, history=False, backfill=None, digest=None))


async def _due(
    database: Database, source: Source, now: datetime, limit: int, *, history: bool | None = None
) -> list[Seen]:
    values = {"source": source, "now": now, "impossible": now + _LONGEST_WAIT, "limit": limit}
    query = _DUE if history is None else _DUE_OF
    async with database.reading() as connection:
        return [_seen(row) for row in await connection.execute(query, values | {"history": history})]


def _seen(row: Row[Any]) -> Seen:
    return Seen(
        accession=Accession(row.accession),
        form=row.form,
        archive_cik=Cik(row.archive_cik),
        issuer_cik=row.issuer_cik and Cik(row.issuer_cik),
        issuer_name=row.issuer_name,
        updated=row.updated,
        seen=row.seen,
        history=row.history,
        source=Source(row.source),
        filed_on=row.filed_on,
        backfill=row.backfill,
        digest=row.digest,
        tries=row.tries,
    )
