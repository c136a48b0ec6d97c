"""Which rules a filing was held against, and when it passed each station on its way there."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct
from sqlalchemy import bindparam, delete, exists, func, select

from service.model.delivery import DeliveryState
from service.model.filing import Accession, Times
from service.model.identity import Revision
from service.model.message import MessageKind
from service.store import tape
from service.store.database import Database, Transaction
from service.store.schema import deliveries, matchings, messages

_BEFORE = ("accepted", "updated", "seen", "fetched", "published", "parsed")  # in the order in which they are stored
_MICROSECOND = timedelta(microseconds=1)
_UNDELIVERED = 1000  # alerts, of which some may not have been received by anybody
NO_DAY = date.max
"""Stands where of no day can be said that nothing is missing since."""

_PIECE = 250  # alerts in one question, so that each is soon answered


class Matching(Struct, frozen=True, kw_only=True):
    """A filing that was held against the rules."""

    accession: Accession
    revision: Revision  # of all rules, as they stood
    at: datetime
    times: Times | None  # those before *at*; None: it is history, whose way tells nothing
    complete: date | None = None  # how far back the past was whole; `NO_DAY`: of no day; None: it was not looked up


class Received(Struct, frozen=True, kw_only=True):
    """An alert on a live filing that a channel has received."""

    times: Times  # of the filing
    at: datetime  # when the first channel had it


async def add(tx: Transaction, held: Iterable[Matching]) -> None:
    """Keep each of *held*; of a filing that is read again, the first stays."""
    rows = [
        {
            "accession": one.accession,
            "revision": one.revision,
            "at": one.at,
            "times": _stored(one),
            "complete": one.complete,
        }
        for one in held
    ]
    if rows:
        await tx.add(matchings, rows)


async def of(database: Database, accession: Accession) -> tuple[Revision, datetime] | None:
    """The revision that *accession* was held against, and when; None: it was not matched yet."""
    query = select(matchings.c.revision, matchings.c.at).where(matchings.c.accession == accession)
    async with database.reading() as connection:
        row = (await connection.execute(query)).one_or_none()
        return None if row is None else (Revision(row.revision), row.at)


async def complete_of(database: Database, accession: Accession) -> date | None:
    """How far back the past was whole when *accession* was matched; `NO_DAY`: of no day; None: it was not looked up."""
    query = select(matchings.c.complete).where(matchings.c.accession == accession)
    async with database.reading() as connection:
        found: date | None = await connection.scalar(query)
        return found


async def times_of(database: Database, accession: Accession) -> Times | None:
    """When *accession* passed each station; None: it was not matched yet, or it is history, whose way tells nothing."""
    query = select(matchings.c.times, matchings.c.at).where(matchings.c.accession == accession)
    async with database.reading() as connection:
        row = (await connection.execute(query.where(matchings.c.times.is_not(None)))).one_or_none()
        return None if row is None else _times(row.times, row.at)


async def latest(database: Database, limit: int) -> list[Times]:
    """The times of the last *limit* live filings that were matched, the latest first."""
    query = select(matchings.c.times, matchings.c.at).where(matchings.c.times.is_not(None))
    async with database.reading() as connection:
        rows = await connection.execute(query.order_by(matchings.c.at.desc()).limit(limit))
        return [_times(row.times, row.at) for row in rows]


async def received(database: Database, limit: int) -> list[Received]:
    """The last *limit* alerts on live filings that a channel has received, the latest first.

    Looked for among the latest alerts alone, and without what quiet hours held.
    """
    alerts = (
        select(messages.c.id, messages.c.accession, messages.c.created)
        .where(messages.c.kind == MessageKind.ALERT)
        .order_by(messages.c.created.desc())
        .limit(_PIECE)
        .offset(bindparam("start"))
        .subquery()
    )
    mine = (
        deliveries.c.message == alerts.c.id,
        deliveries.c.state == DeliveryState.DELIVERED,
        deliveries.c.held_until.is_(None),
    )
    first = select(func.min(deliveries.c.settled)).where(*mine).scalar_subquery()
    query = (
        select(matchings.c.times, matchings.c.at, first.label("settled"))
        .join_from(alerts, matchings, matchings.c.accession == alerts.c.accession)
        .where(matchings.c.times.is_not(None))
        .order_by(alerts.c.created.desc())
    )
    found: list[Received] = []
    async with database.reading() as connection:
        for start in range(0, limit + _UNDELIVERED, _PIECE):
            rows = await connection.execute(query, {"start": start})
            found += [Received(times=_times(row.times, row.at), at=row.settled) for row in rows if row.settled]
            if len(found) >= limit:
                break
    return found[:limit]


async def forget(tx: Transaction, before: datetime, limit: int) -> int:
    """Delete up to *limit* of those of *before* of which no alert is kept, and their tape; returns how many."""
    alerts = exists().where(messages.c.accession == matchings.c.accession)
    gone = list[Accession]()
    for kept in (matchings.c.times.is_not(None), matchings.c.times.is_(None)):  # each by an index of its own
        old = select(matchings.c.accession).where(kept, matchings.c.at < before, ~alerts).limit(limit - len(gone))
        gone += (await tx.execute(old)).scalars()
    await tx.execute(delete(matchings).where(matchings.c.accession.in_(gone)))
    await tape.forget(tx, gone)
    return len(gone)


def _stored(one: Matching) -> list[int | None] | None:
    """The times as microseconds from each station to the match: a fifth of what they take as they are."""
    if one.times is None:
        return None
    before = [getattr(one.times, station) for station in _BEFORE]
    return [None if at is None else (one.at - at) // _MICROSECOND for at in before]


def _times(before: Sequence[int | None], at: datetime) -> Times:
    passed = zip(_BEFORE, before, strict=False)  # a later version may know one more
    return Times(matched=at, **{name: at - ago * _MICROSECOND for name, ago in passed if ago is not None})
