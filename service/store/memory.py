"""What the owners of filings filed before on the same issuer, as far as facts of the past read it.

A batch takes three questions, whatever its size: which filings the owners have, who else reports in those, and their
rows. Columns come as the database has them, and a row is made of what facts read alone.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from msgspec import Struct
from sqlalchemy import Integer, Text, bindparam, or_, select, type_coerce

from service.model import calendar
from service.model.filing import Accession, Cik
from service.model.ownership import (
    AcquiredDisposed,
    DerivativeTransaction,
    NonDerivativeTransaction,
    OwnershipForm,
    Transaction,
    TransactionCode,
)
from service.model.past import Before, Brought, Earlier
from service.store.connection import Connection
from service.store.database import Database
from service.store.history import accession_of, key_of
from service.store.horizon import Horizon, Horizons, horizon
from service.store.schema import history_filings, history_owners, history_rows, matchings

_MOST = 1000  # filings of an owner on an issuer; who has more is known from the oldest of these on
_PIECE = 5000  # filings that are read at once
_A_DAY = timedelta(days=1)


class Looked(Struct, frozen=True, kw_only=True):
    """A filing whose past is looked for."""

    accession: Accession
    issuer: Cik
    owners: frozenset[Cik]
    known: datetime


async def before(
    database: Database, looked: Sequence[Looked], at: datetime, horizons: Horizons | None = None
) -> list[Before]:
    """What was known before each of *looked*, as it stood *at* that time: what came later is left out.

    *horizons*: that time is now, and how far back the past is whole is what they know.
    """
    if not looked:
        return []
    async with database.reading() as connection:
        whole = await (horizon(connection, at) if horizons is None else horizons.at(connection, at))
        filed = await _filed(connection, looked)
        later = set[int]() if horizons is not None else await _later(connection, filed, at)
        standing = _standing(filed, whole, later)
        owners = await _owners(connection, standing)
        chosen = [_chosen(one, of) for one, of in _of_each(looked, standing, owners)]
        keys = {key for keys, _ in chosen for key in keys}
        rows = await _rows(connection, standing, keys)
    earlier = {key: _earlier(standing[key], owners[key], rows.get(key, ())) for key in keys}
    return [_before(keys, since, earlier, whole) for keys, since in chosen]


class Version(NamedTuple):
    """A filing as one source has it, in the order of `_FILED`."""

    filing: int
    source: int
    issuer: int
    form: str
    known: datetime
    filed: date | None
    amends: date | None
    brought: int | None


_filing, _owner, _row = history_filings.c, history_owners.c, history_rows.c
_MINE = select(_owner.filing).where(_owner.owner.in_(bindparam("owners", expanding=True)))
_FILED = select(*(_filing[name] for name in Version._fields)).where(
    _filing.filing.in_(_MINE),  # by owner, who has fewer than an issuer: hence what keeps the others' indexes away
    (_filing.issuer + 0).in_(bindparam("issuers", expanding=True)),
)
_KEYS: Any = bindparam("keys", expanding=True)
_REPORT = select(_owner.filing, _owner.source, _owner.owner).where(_owner.filing.in_(_KEYS))
_LATER = select(matchings.c.accession).where(matchings.c.accession.in_(_KEYS), matchings.c.at > bindparam("at"))
_READ = (
    "security_title",
    "transaction_date",
    "transaction_code",
    "equity_swap_involved",
    "transaction_shares",
    "transaction_total_value",
    "transaction_price_per_share",
    "transaction_acquired_disposed_code",
    "shares_owned_following_transaction",
    "direct_or_indirect_ownership",
    "nature_of_ownership",
    "conversion_or_exercise_price",
    "expiration_date",
    "underlying_security_title",
)
_WHOLE = frozenset({"transaction_date", "equity_swap_involved", "expiration_date"})
_TRADED = (1, 3)  # parts of what changed hands
_DEEDS = ("P", "S", "A")  # codes that facts ask for; an amendment's rows stand in place of others, whatever their code
_ROWS = (
    select(
        _row.filing,
        _row.source,
        _row.part,
        *(type_coerce(_row[name], Integer() if name in _WHOLE else Text()).label(name) for name in _READ),
    )
    .where(
        _row.filing.in_(_KEYS),
        _row.part.in_(_TRADED),
        or_(_row.transaction_code.in_(_DEEDS), _row.filing.in_(bindparam("amending", expanding=True))),
    )
    .order_by(_row.filing, _row.part, _row.number)
)


async def _filed(connection: Connection, looked: Sequence[Looked]) -> list[Version]:
    asked = {
        "owners": sorted({int(cik) for one in looked for cik in one.owners}),
        "issuers": sorted({int(one.issuer) for one in looked}),
    }
    return [Version(*row) for row in await connection.execute(_FILED, asked)]


async def _later(connection: Connection, filed: Iterable[Version], at: datetime) -> set[int]:
    """Those of the feed that came here after *at*, though everybody could know them before."""
    names = sorted({accession_of(one.filing) for one in filed if one.source == Brought.FEED})
    later = set[int]()
    for keys in _pieces(names):
        later |= {key_of(name) for name in await connection.scalars(_LATER, {"keys": keys, "at": at})}
    return later


def _standing(filed: Iterable[Version], whole: Horizon, later: Collection[int]) -> dict[int, Version]:
    """Each filing by the better of its sources that were there."""
    there: dict[int, Version] = {}
    for one in filed:
        if one.filing in later if one.source == Brought.FEED else not whole.sees(one.brought):
            continue
        if one.filing not in there or one.source < there[one.filing].source:
            there[one.filing] = one
    return there


async def _owners(connection: Connection, standing: Mapping[int, Version]) -> dict[int, frozenset[int]]:
    """Who reports in each."""
    found: dict[int, set[int]] = {key: set() for key in standing}
    for keys in _pieces(sorted(standing)):
        for filing, source, owner in await connection.execute(_REPORT, {"keys": keys}):
            if source == standing[filing].source:
                found[filing].add(owner)
    return {key: frozenset(owners) for key, owners in found.items()}


def _of_each(
    looked: Sequence[Looked], standing: Mapping[int, Version], owners: Mapping[int, frozenset[int]]
) -> Iterable[tuple[Looked, list[list[Version]]]]:
    """What each owner of each of *looked* filed on its issuer, the latest first."""
    found: dict[tuple[int, int], list[Version]] = {}
    for filed in sorted(standing.values(), key=lambda one: (one.known, one.filing), reverse=True):
        for owner in owners[filed.filing]:
            found.setdefault((owner, filed.issuer), []).append(filed)
    for one in looked:
        yield one, [found.get((int(owner), int(one.issuer)), []) for owner in sorted(one.owners)]


def _chosen(one: Looked, filed: Iterable[Sequence[Version]]) -> tuple[list[int], date | None]:
    """The filings before *one*, the latest first, and from when on they are all; None: those are all."""
    mine: dict[int, Version] = {}
    since = None
    for of in filed:
        known = [version for version in of if version.known < one.known]
        if len(known) > _MOST:
            known = known[:_MOST]
            all_from = calendar.dated(known[-1].known) + _A_DAY
            since = all_from if since is None else max(since, all_from)
        mine |= {version.filing: version for version in known}
    mine.pop(key_of(one.accession), None)
    return sorted(mine, key=lambda key: (mine[key].known, accession_of(key)), reverse=True), since


async def _rows(
    connection: Connection, standing: Mapping[int, Version], keys: Iterable[int]
) -> dict[int, list[Transaction]]:
    """What changed hands in each of *keys*, in the order of the form."""
    found: dict[int, list[Transaction]] = {}
    for piece in _pieces(sorted(keys)):
        amending = [key for key in piece if standing[key].form.endswith("/A")]
        for filing, source, part, *boxes in await connection.execute(_ROWS, {"keys": piece, "amending": amending}):
            if source == standing[filing].source:
                found.setdefault(filing, []).append(_transaction(part, *boxes))
    return found


def _transaction(
    part: int,
    title: str | None,
    day: int | None,
    code: str | None,
    swap: int | None,
    shares: str | None,
    total: str | None,
    price: str | None,
    box: str | None,
    owned: str | None,
    ownership: str | None,
    nature: str | None,
    strike: str | None,
    expires: int | None,
    underlying: str | None,
) -> Transaction:
    boxes: dict[str, Any] = {
        "security_title": title,
        "transaction_date": _day(day),
        "transaction_code": None if code is None else TransactionCode(code),
        "equity_swap_involved": None if swap is None else bool(swap),
        "transaction_shares": _number(shares),
        "transaction_total_value": _number(total),
        "transaction_price_per_share": _number(price),
        "transaction_acquired_disposed_code": None if box is None else AcquiredDisposed(box),
        "shares_owned_following_transaction": _number(owned),
        "direct_or_indirect_ownership": None if ownership is None else OwnershipForm(ownership),
        "nature_of_ownership": nature,
    }
    if part == _TRADED[0]:
        return NonDerivativeTransaction(**boxes)
    return DerivativeTransaction(
        **boxes,
        conversion_or_exercise_price=_number(strike),
        expiration_date=_day(expires),
        underlying_security_title=underlying,
    )


def _day(stored: int | None) -> date | None:
    return None if stored is None else date(stored // 10_000, stored // 100 % 100, stored % 100)


def _number(stored: str | None) -> Decimal | None:
    return None if stored is None else Decimal(stored)


def _earlier(one: Version, owners: Iterable[int], rows: Iterable[Transaction]) -> Earlier:
    return Earlier(
        accession=accession_of(one.filing),
        source=Brought(one.source),
        form=one.form,
        known=one.known,
        filed=one.filed,
        amends=one.amends,
        owners=frozenset(Cik(f"{owner:010d}") for owner in owners),
        rows=tuple(rows),
    )


def _before(keys: Iterable[int], since: date | None, earlier: Mapping[int, Earlier], whole: Horizon) -> Before:
    complete = whole.complete
    if complete is not None and since is not None:
        complete = max(complete, since)
    return Before(filings=tuple(earlier[key] for key in keys), complete=complete)


def _pieces(keys: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (keys[start : start + _PIECE] for start in range(0, len(keys), _PIECE))
