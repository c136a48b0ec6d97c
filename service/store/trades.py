"""Filings on an issuer with trades of certain days: those that can tell of the same ones."""

from collections.abc import Collection, Container, Mapping
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import exists, select

from service.model.filing import Accession, Cik
from service.model.past import Past
from service.store.history import BEST, Reads, accession_of, whole_within
from service.store.schema import history_filings, history_rows


class Span(NamedTuple):
    """When filings could be known."""

    since: datetime
    until: datetime | None  # None: up to now


async def on_days(
    run: Reads, days: Mapping[Cik, Collection[date]], span: Span, known: Container[Accession]
) -> list[Past]:
    """The filings on each issuer in *days* with a trade of its days, but for those that are *known* already."""
    filing, row = history_filings.c, history_rows.c
    dated = exists().where(
        row.filing == filing.filing,
        row.source == filing.source,
        row.part.in_((1, 3)),
        row.transaction_date.in_({day for of in days.values() for day in of}),
    )
    query = select(filing.filing).where(filing.issuer.in_(map(int, days)), filing.known >= span.since, BEST, dated)
    if span.until is not None:
        query = query.where(filing.known <= span.until)
    found = (await run.execute(query)).scalars()
    return await whole_within(run, [one for one in found if accession_of(one) not in known])
