"""Every filing ever seen, and whether it is published: what keeps one accession from becoming two events."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from sqlalchemy import func, insert, select, update

from service.model.filing import Accession, Cik
from service.store.database import Database, Transaction
from service.store.schema import filings, gaps

_CHUNK = 500  # parameters a query; SQLite's own limit is far higher


class State(StrEnum):
    """How far a filing has come."""

    PENDING = "pending"  # listed by the feed, its document not fetched yet
    PUBLISHED = "published"
    DEAD = "dead"  # given up; it stands on form4.dead


class Seen(Struct, frozen=True, kw_only=True):
    """A filing as the feed listed it."""

    accession: Accession
    form: str
    archive_cik: Cik
    issuer_cik: Cik | None  # None: the feed showed no issuer entry for it
    issuer_name: str | None
    updated: datetime
    seen: datetime
    history: bool
    tries: int = 0


async def known(database: Database, accessions: Iterable[Accession]) -> set[Accession]:
    """Those of *accessions* that were seen before, in whatever state they are."""
    wanted = list(accessions)
    found: set[Accession] = set()
    async with database.reading() as connection:
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            found.update(await connection.scalars(select(filings.c.accession).where(filings.c.accession.in_(chunk))))
    return found


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
                "state": State.PENDING,
                "tries": 0,
                "due": s.seen,
            }
            for s in seen
        ]
        await tx.add(filings, rows)


async def due(database: Database, now: datetime, limit: int) -> list[Seen]:
    """Pending filings whose time has come, oldest first."""
    query = (
        select(filings)
        .where(filings.c.state == State.PENDING, filings.c.due <= now)
        .order_by(filings.c.updated, filings.c.accession)
        .limit(limit)
    )
    async with database.reading() as connection:
        rows = await connection.execute(query)
        return [
            Seen(
                accession=Accession(row.accession),
                form=row.form,
                archive_cik=Cik(row.archive_cik),
                issuer_cik=row.issuer_cik and Cik(row.issuer_cik),
                issuer_name=row.issuer_name,
                updated=row.updated,
                seen=row.seen,
                history=row.history,
                tries=row.tries,
            )
            for row in rows
        ]


async def settle(tx: Transaction, accession: Accession, state: State) -> bool:
    """Move *accession* from pending to *state*; False: it was settled before, so emit nothing for it."""
    statement = (
        update(filings).where(filings.c.accession == accession, filings.c.state == State.PENDING).values(state=state)
    )
    return (await tx.execute(statement)).rowcount == 1


async def reopen(tx: Transaction, accession: Accession, due: datetime) -> bool:
    """Try *accession*, which was given up, again from *due* on; False: it is not dead."""
    statement = (
        update(filings)
        .where(filings.c.accession == accession, filings.c.state == State.DEAD)
        .values(state=State.PENDING, seen=due, due=due, tries=0)
    )
    return (await tx.execute(statement)).rowcount == 1


async def postpone(tx: Transaction, accession: Accession, due: datetime) -> None:
    """Try *accession* again at *due*."""
    statement = update(filings).where(filings.c.accession == accession).values(due=due, tries=filings.c.tries + 1)
    await tx.execute(statement)


async def counts(database: Database) -> dict[str, int]:
    """How many filings stand in each state."""
    async with database.reading() as connection:
        rows = await connection.execute(select(filings.c.state, func.count()).group_by(filings.c.state))
        return dict(rows.all())


async def add_gap(tx: Transaction, recorded: datetime, before: datetime, cause: str) -> None:
    """Record that the feed could not be read back behind *before*."""
    await tx.execute(insert(gaps), {"recorded": recorded, "before": before, "cause": cause})


async def open_gaps(database: Database) -> list[tuple[datetime, str]]:
    """Where the feed could not be read back to known ground, and why; newest first."""
    async with database.reading() as connection:
        rows = await connection.execute(select(gaps.c.before, gaps.c.cause).order_by(gaps.c.id.desc()))
        return [(before, cause) for before, cause in rows]
