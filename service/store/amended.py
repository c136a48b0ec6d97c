"""What amendments may amend, and what may amend a filing: those of the same company, by days and by owners."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from service.model import calendar
from service.model.filing import Accession, Cik
from service.model.past import Past
from service.store.database import Database
from service.store.history import BEST, key_of, whole
from service.store.schema import history_filings, history_owners

_OVER = timedelta(days=5)  # what is filed on a holiday's eve after 22:00 has the day of the next business day
_FIRST = date(1934, 6, 6)  # the Securities Exchange Act
_BACK = timedelta(days=400)  # within which the rows of filings are looked at, where the day that is named has none
_MOST = 60  # filings that are looked at for one; the latest
_CHUNK = 100  # amendments in one question: SQLite takes no expression of a thousand parts

_FILING, _OWNER = history_filings.c, history_owners.c
_KNOWN = func.coalesce(_FILING.known, _FILING.known)  # few of a company are found: no index of all is to be gone along


class AmendmentKey(Struct, frozen=True, kw_only=True):
    """An amendment."""

    accession: Accession
    issuer: Cik
    owners: frozenset[Cik]
    day: date | None  # that it names
    known: datetime


async def named(database: Database, asked: Sequence[AmendmentKey]) -> list[Past]:
    """The filings on the company of each of *asked*, of the day that it names, and those that amend that day."""
    found = list[Past]()
    for start in range(0, len(asked), _CHUNK):
        chunk = asked[start : start + _CHUNK]
        found += await _read(database, [which for one in chunk for which in _of_the_day(one)], _MOST * len(chunk))
    return found


async def recent(database: Database, asked: AmendmentKey) -> list[Past]:
    """The latest filings by the owners of *asked* on its company before it, whatever their days."""
    span = _FILING.known > asked.known - _BACK, _FILING.known <= asked.known
    return await _read(database, [and_(_FILING.issuer == int(asked.issuer), *span, _by(asked.owners))], _MOST)


async def amendments(database: Database, asked: AmendmentKey) -> list[Past]:
    """Amendments by the owners of *asked* on its company that came after it, the latest of very many."""
    later = _FILING.known >= asked.known, _FILING.amends.is_not(None), _FILING.filing != key_of(asked.accession)
    return await _read(database, [and_(_FILING.issuer == int(asked.issuer), *later, _by(asked.owners))], _MOST)


def _of_the_day(one: AmendmentKey) -> Iterator[ColumnElement[bool]]:
    """EDGAR's day stands with the filing; where it does not, the time tells."""
    if one.day is None or not _FIRST <= one.day <= calendar.eastern_day(one.known) + _OVER:
        return  # of such a day there is no filing
    until = calendar.ends(one.day)
    issuer, since = _FILING.issuer == int(one.issuer), _FILING.known >= until - _OVER
    yield and_(issuer, since, _FILING.known < until)
    yield and_(issuer, since, _FILING.known <= one.known, _FILING.amends == one.day)


def _by(owners: frozenset[Cik]) -> ColumnElement[bool]:
    return exists().where(
        _OWNER.filing == _FILING.filing,
        _OWNER.source == _FILING.source,
        _OWNER.owner.in_(sorted(map(int, owners))),
    )


async def _read(database: Database, conditions: Sequence[ColumnElement[bool]], most: int) -> list[Past]:
    if not conditions:
        return []
    query = select(_FILING.filing).where(or_(*conditions), BEST)
    async with database.reading() as connection:
        keys = list(await connection.scalars(query.order_by(_KNOWN.desc()).limit(most)))
    return await whole(database, keys) if keys else []
