"""What was filed on the issuers of filings, by whomever, in the days before each."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, exists, or_, select

from service.model import calendar
from service.model.filing import Accession, Cik
from service.model.past import Past
from service.store.connection import Connection
from service.store.history import accession_of, key_of, whole_within
from service.store.horizon import Horizon
from service.store.memory import Looked
from service.store.schema import history_filings, history_rows, matchings

_DEALT = ("P", "S")  # codes of what is bought and sold
_PIECE = 5000  # filings that are read at once

_filing, _row = history_filings.c, history_rows.c
_DEALS = exists().where(
    _row.filing == _filing.filing,
    _row.source == _filing.source,
    _row.part.in_((1, 3)),
    _row.transaction_code.in_(_DEALT),
)
_FILED: Any = select(_filing.filing, _filing.source, _filing.brought).where(
    _filing.issuer.in_(bindparam("issuers", expanding=True)),
    _filing.known.between(bindparam("since"), bindparam("until")),
    or_(_DEALS, _filing.form.like("%/A")),
)
_CAME_LATER = select(matchings.c.accession).where(
    matchings.c.accession.in_(bindparam("names", expanding=True)), matchings.c.at > bindparam("at")
)


async def around(
    connection: Connection, looked: Sequence[Looked], days: int, whole: Horizon, at: datetime | None
) -> Mapping[Accession, tuple[Past, ...]]:
    """Purchases and sales on the issuer of each of *looked* in the *days* before it, and amendments, in their order.

    *whole*: which sets are there. *at*: as it stood then; None: now.
    """
    if not looked:
        return {}
    asked = {
        "issuers": sorted({int(one.issuer) for one in looked}),
        "since": min(first_instant(one.known, days) for one in looked),
        "until": max(one.known for one in looked),
    }
    filed = list(await connection.execute(_FILED, asked))
    keys, found = sorted({one.filing for one in filed if whole.sees(one.brought)}), list[Past]()
    for start in range(0, len(keys), _PIECE):
        piece = keys[start : start + _PIECE]
        names = [accession_of(key) for key in piece]
        later = [] if at is None else list(await connection.scalars(_CAME_LATER, {"names": names, "at": at}))
        found += await whole_within(connection, sorted({*piece} - set(map(key_of, later))))
    of_issuer: dict[Cik, list[Past]] = {}
    for past in sorted(found, key=place):
        of_issuer.setdefault(past.issuer, []).append(past)
    return {one.accession: tuple(those_before(of_issuer.get(one.issuer, ()), one, days)) for one in looked}


def first_instant(known: datetime, days: int) -> datetime:
    """The first instant of the day so many *days* before the one that a filing *known* then is dated on."""
    return calendar.at(calendar.dated(known) - timedelta(days=days + 1), calendar.MIDNIGHT)


def those_before(filings: Sequence[Past], one: Looked, days: int) -> Sequence[Past]:
    """Those of *filings*, on its issuer and in their order, that could be known in the *days* before *one*."""
    since = bisect_left(filings, (first_instant(one.known, days), Accession("")), key=place)
    return filings[since : bisect_left(filings, (one.known, one.accession), key=place)]


def place(past: Past) -> tuple[datetime, Accession]:
    """Where *past* stands in the order in which filings could be known."""
    return past.known, past.accession
