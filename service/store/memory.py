"""What the owners of filings filed before on the same issuer, as far as facts of the past read it.

Some owners, or filings, are asked for at once: what takes longer than a few milliseconds would be asked again in a
thread. Columns come as the database has them: most rows are told apart by code and day alone.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import Integer, Text, and_, bindparam, exists, or_, select, type_coerce

from service.model import calendar
from service.model.filing import Accession, Cik
from service.model.past import Before, Brought, Earlier, KeptRow, day_of
from service.store.connection import Connection
from service.store.database import Database
from service.store.history import accession_of, key_of
from service.store.horizon import Horizon, Horizons, horizon
from service.store.schema import history_filings, history_owners, history_rows, matchings
from service.store.telling import PastQuestion, Sourced, Sure, at_once, number_of, then

_MOST = 1000  # filings of an owner on an issuer; who has more is known from the oldest of these on
_FEW, _SOME = 6, 120  # owners, and filings, that are asked for at once
_SOURCES = tuple(Brought)
_A_DAY = timedelta(days=1)


class Looked(Struct, frozen=True, kw_only=True):
    """A filing whose past is looked for."""

    accession: Accession
    issuer: Cik
    owners: frozenset[Cik]
    known: datetime
    since: date | None = None  # of the first trade that it tells of; None: whatever was filed before is read


async def before(
    database: Database,
    looked: Sequence[Looked],
    at: datetime,
    horizons: Horizons | None = None,
    *,
    holdings: bool = True,
    is_sure: Sure | None = None,
) -> list[Before]:
    """What was known before each of *looked*, as it stood *at* that time: what came later is left out.

    *horizons*: that time is now, and how far back the past is whole is what they know. *holdings* False: rows are left
    out that tell no more than what was held. *is_sure*: so are filings of long ago beside which a later one tells more.
    """
    if not looked:
        return []
    async with database.reading() as connection:
        whole = await (horizon(connection, at) if horizons is None else horizons.at(connection, at))
        filed = await _filed(connection, looked)
        later = set[int]() if horizons is not None else await _later(connection, filed, at)
        of = _of_owners(filed, whole, later)
        chosen = [_chosen(one, of) for one in looked]
        versions = {version.filing: version for versions, _ in chosen for version in versions}
        if holdings or is_sure is None:
            rows = await _rows(connection, versions, holdings=holdings)
        else:
            rows = await _telling(connection, versions, list(_asked(looked, of)), is_sure)
            versions = {key: versions[key] for key in rows}
        owners = await _owners(connection, versions, filed, holdings=holdings)
    names = {owner: Cik(f"{owner:010d}") for reporting in owners.values() for owner in reporting}
    earlier = {
        key: _earlier(one, frozenset(map(names.__getitem__, owners[key])), rows.get(key, ()))
        for key, one in versions.items()
    }
    return [_before(versions, since, earlier, whole) for versions, since in chosen]


_filing, _owner, _row = history_filings.c, history_owners.c, history_rows.c
_other = history_filings.alias()
_BETTER = exists().where(_other.c.filing == _filing.filing, _other.c.source < _filing.source)
_DAYS = frozenset({"filed", "amends"})
_FILED = (
    select(
        *(type_coerce(_filing[name], Integer()) if name in _DAYS else _filing[name] for name in Sourced._fields[:-2]),
        _owner.owner,
        _BETTER.label("better"),
    )
    .join(history_owners, and_(_owner.filing == _filing.filing, _owner.source == _filing.source))
    .where(
        _owner.owner.in_(bindparam("owners", expanding=True)),
        (_filing.issuer + 0).in_(bindparam("issuers", expanding=True)),  # by owner, who has fewer than an issuer
    )
)
_KEYS: Any = bindparam("keys", expanding=True)
_REPORT = select(_owner.filing, _owner.source, _owner.owner).where(_owner.filing.in_(_KEYS))
_LATER = select(matchings.c.accession).where(matchings.c.accession.in_(_KEYS), matchings.c.at > bindparam("at"))
_TRADED = (1, 3)  # parts of what changed hands
_DEEDS = ("P", "S", "A")  # codes that facts ask for; an amendment's rows stand in place of others, whatever their code
_WHOLE = frozenset({"part", "transaction_date", "equity_swap_involved", "expiration_date"})
_EVERY = (
    select(
        _row.filing,
        _row.source,
        *(type_coerce(_row[name], Integer() if name in _WHOLE else Text()).label(name) for name in KeptRow._fields),
    )
    .where(_row.filing.in_(_KEYS))
    .order_by(_row.filing, (_row.part + 1) / 2, _row.number, _row.part)
)
_DONE = _EVERY.where(
    _row.part.in_(_TRADED),
    or_(_row.transaction_code.in_(_DEEDS), _row.filing.in_(bindparam("amending", expanding=True))),
)


async def _filed(connection: Connection, looked: Sequence[Looked]) -> list[Sourced]:
    issuers = sorted({int(one.issuer) for one in looked})
    found = list[Sourced]()
    for owners in _pieces(sorted({int(cik) for one in looked for cik in one.owners}), _FEW):
        rows = await connection.execute(_FILED, {"owners": owners, "issuers": issuers})
        found += map(Sourced._make, rows.all())
    return found


async def _later(connection: Connection, filed: Iterable[Sourced], at: datetime) -> set[int]:
    """Those that came here from the feed after *at*, though everybody could know them before."""
    later = set[int]()
    for keys in _pieces(sorted({accession_of(one.filing) for one in filed}), _SOME):
        later |= {key_of(name) for name in await connection.scalars(_LATER, {"keys": keys, "at": at})}
    return later


Owned = tuple[int, int]
"""An owner and an issuer."""


def _of_owners(filed: Iterable[Sourced], whole: Horizon, later: Collection[int]) -> Mapping[Owned, Sequence[Sourced]]:
    """What each filed on it, the latest first, by the better of the sources that were there."""
    found: dict[Owned, list[Sourced]] = {}
    for one in filed:
        if one.source == Brought.FEED:
            there = one.filing not in later
        else:
            there = whole.sees(one.brought) and (not one.better or one.filing in later)
        if there:
            found.setdefault((one.owner, one.issuer), []).append(one)
    for versions in found.values():
        versions.sort(key=_latest, reverse=True)
    return found


def _latest(one: Sourced) -> tuple[datetime, int]:
    return one.known, one.filing


def _chosen(one: Looked, of: Mapping[Owned, Sequence[Sourced]]) -> tuple[list[Sourced], date | None]:
    """The filings before *one*, the latest first, and from when on they are all; None: those are all."""
    mine: dict[int, Sourced] = {}
    since = None
    for owner in sorted(one.owners):
        known = [version for version in of.get((int(owner), int(one.issuer)), ()) if version.known < one.known]
        if len(known) > _MOST:
            known = known[:_MOST]
            all_from = calendar.dated(known[-1].known) + _A_DAY
            since = all_from if since is None else max(since, all_from)
        mine |= {version.filing: version for version in known}
    mine.pop(key_of(one.accession), None)
    return sorted(mine.values(), key=_latest, reverse=True), since


async def _owners(
    connection: Connection, versions: Mapping[int, Sourced], filed: Iterable[Sourced], *, holdings: bool
) -> Mapping[int, set[int]]:
    """Of each, which of the owners that are looked for report in it; all, of what may have been amended, or held."""
    found: dict[int, set[int]] = {}
    for one in filed:
        if one.filing in versions:
            found.setdefault(one.filing, set()).add(one.owner)
    amended = {one.issuer for one in versions.values() if holdings or one.amends is not None}
    if amended:
        keys = sorted({one.filing for one in versions.values() if one.issuer in amended})
        for piece in _pieces(keys, _SOME):
            rows = await connection.execute(_REPORT, {"keys": piece})
            for filing, source, owner in rows.all():
                if versions[filing].source == source:
                    found[filing].add(owner)
    return found


def _asked(looked: Iterable[Looked], of: Mapping[Owned, Sequence[Sourced]]) -> Iterator[PastQuestion]:
    """What of each owner is looked for before each filing."""
    for one in looked:
        known = [of.get((int(owner), int(one.issuer)), ()) for owner in one.owners]
        earlier = [[past for past in filings if past.known < one.known] for filings in known]
        amended = frozenset(past.amends for filings in earlier for past in filings)
        for filings in earlier:
            yield PastQuestion(0 if one.since is None else number_of(one.since), filings, amended)


async def _telling(
    connection: Connection, versions: Mapping[int, Sourced], asked: Sequence[PastQuestion], is_sure: Sure
) -> Mapping[int, Sequence[KeptRow]]:
    """What changed hands in those of *versions* that can tell what is *asked*, with nothing or not."""
    found: dict[int, Sequence[KeptRow]] = {}

    async def read(wanted: Iterable[int]) -> None:
        more = {key: versions[key] for key in wanted if key in versions and key not in found}
        rows = await _rows(connection, more, holdings=False)
        found.update({key: rows.get(key, ()) for key in more})

    await read({key for one in asked for key in at_once(one)})
    for every in (False, True):
        more = [(one, keys) for one in asked if (keys := then(one, found, is_sure, every=every))]
        asked = [one for one, _ in more]
        await read({key for _, keys in more for key in keys})
    return found


async def _rows(
    connection: Connection, versions: Mapping[int, Sourced], *, holdings: bool
) -> Mapping[int, Sequence[KeptRow]]:
    """What changed hands in each, in the order of the form; *holdings*: what is held as well."""
    found: dict[int, list[KeptRow]] = {}
    for keys in _pieces(sorted(versions), _SOME):
        if holdings:
            rows = await connection.execute(_EVERY, {"keys": keys})
        else:
            amending = [key for key in keys if versions[key].form.endswith("/A")]
            rows = await connection.execute(_DONE, {"keys": keys, "amending": amending})
        for filing, source, *boxes in rows.all():
            if source == versions[filing].source:
                found.setdefault(filing, []).append(KeptRow._make(boxes))
    return found


def _earlier(one: Sourced, owners: frozenset[Cik], rows: Iterable[KeptRow]) -> Earlier:
    return Earlier(
        accession=accession_of(one.filing),
        source=_SOURCES[one.source],
        form=one.form,
        known=one.known,
        filed=None if one.filed is None else day_of(one.filed),
        amends=None if one.amends is None else day_of(one.amends),
        owners=owners,
        rows=tuple(rows),
    )


def _before(versions: Iterable[Sourced], since: date | None, earlier: Mapping[int, Earlier], whole: Horizon) -> Before:
    complete = whole.complete
    if complete is not None and since is not None:
        complete = max(complete, since)
    filings = tuple(earlier[one.filing] for one in versions if one.filing in earlier)
    return Before(filings=filings, complete=complete)


def _pieces(keys: Sequence[Any], size: int) -> Iterable[Sequence[Any]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))
