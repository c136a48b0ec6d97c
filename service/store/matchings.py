"""Which rules a filing was held against: the revision of all rules as they stood when the matcher read it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from service.model.filing import Accession
from service.model.identity import Revision
from service.store.database import Database, Transaction
from service.store.schema import matchings


async def add(tx: Transaction, held: Iterable[tuple[Accession, Revision]], at: datetime) -> None:
    """Keep with each filing the revision it was held against; of one that is read again, the first stays."""
    rows = [{"accession": accession, "revision": revision, "at": at} for accession, revision in held]
    if rows:
        await tx.add(matchings, rows)


async def of(database: Database, accession: Accession) -> tuple[Revision, datetime] | None:
    """The revision that *accession* was held against, and when; None: it was not matched yet."""
    query = select(matchings.c.revision, matchings.c.at).where(matchings.c.accession == accession)
    async with database.reading() as connection:
        row = (await connection.execute(query)).one_or_none()
        return None if row is None else (Revision(row.revision), row.at)
