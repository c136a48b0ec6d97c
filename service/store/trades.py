"""Filings on an issuer with trades of certain days: those that can tell of the same ones."""

from collections.abc import Collection, Container, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, exists, select

from service.model.filing import Accession, Cik
from service.model.past import Past
from service.store.history import BEST, Reads, accession_of, whole_within
from service.store.schema import history_filings, history_rows

_FILING, _ROW = history_filings.c, history_rows.c
_DATED = exists().where(
    _ROW.filing == _FILING.filing,
    _ROW.source == _FILING.source,
    _ROW.part.in_((1, 3)),
    _ROW.transaction_date.in_(bindparam("days", expanding=True)),
)
_SINCE = select(_FILING.filing).where(
    _FILING.issuer.in_(bindparam("issuers", expanding=True)), _FILING.known >= bindparam("since"), BEST, _DATED
)
_BETWEEN = _SINCE.where(_FILING.known <= bindparam("until"))


class Span(NamedTuple):
    """When filings could be known."""

    since: datetime
    until: datetime | None  # None: up to now


async def on_days(
    run: Reads, days: Mapping[Cik, Collection[date]], span: Span, known: Container[Accession]
) -> list[Past]:
    """The filings on each issuer in *days* with a trade of its days, but for those that are *known* already."""
    asked: dict[str, Any] = {
        "issuers": [int(issuer) for issuer in days],
        "days": list({day for of in days.values() for day in of}),
        "since": span.since,
    }
    query = _SINCE if span.until is None else _BETWEEN
    if span.until is not None:
        asked["until"] = span.until
    found = (await run.execute(query, asked)).scalars()
    return await whole_within(run, [one for one in found if accession_of(one) not in known])
