"""The past: written with the matching of a filing, or brought by a quarterly set of the SEC."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import BindParameter, bindparam, delete, exists, select
from sqlalchemy import Row as Found
from sqlalchemy.engine import CursorResult
from sqlalchemy.sql import Executable

from service.model.filing import Accession, Cik, Times
from service.model.ownership import (
    AcquiredDisposed,
    Box,
    FootnoteId,
    OwnerRelationship,
    OwnershipForm,
    ReportingOwner,
    Timeliness,
    TransactionCode,
)
from service.model.parsed import ParsedFiling
from service.model.past import PARTS, Brought, Past, Row
from service.store import facts, recorded
from service.store.database import Database, Transaction
from service.store.marks import PAST
from service.store.recorded import BOXES, RELATIONS
from service.store.schema import (
    history_documents,
    history_filings,
    history_notes,
    history_owners,
    history_rows,
    history_symbols,
    marks,
)

_TABLE = (history_rows.c.part + 1) // 2  # a transaction and a holding of one table have one count
_CLOSED: Mapping[str, Any] = {  # boxes of few words
    "transaction_code": TransactionCode,
    "transaction_acquired_disposed_code": AcquiredDisposed,
    "direct_or_indirect_ownership": OwnershipForm,
    "transaction_timeliness": Timeliness,
    "equity_swap_involved": bool,
}
_KNOWN = select(history_filings.c.filing).where(
    history_filings.c.filing.in_(bindparam("keys", expanding=True)), history_filings.c.source == Brought.FEED
)
_FIRST = 1990  # the year from which accession numbers are counted; EDGAR began in 1993


class Reads(Protocol):
    """A connection, or a transaction, which sees what it has changed."""

    async def execute(self, statement: Executable, values: Any = None, /) -> CursorResult[Any]:
        """What *statement* finds for the parameters *values*."""


def key_of(accession: str) -> int:
    """The number that *accession* is stored as: those of a year stand together.

    >>> key_of("0000320193-25-000073")
    350000320193000073
    """
    agent, year, number = int(accession[:10]), int(accession[11:13]), int(accession[14:])
    full = year + (1900 if year >= _FIRST - 1900 else 2000)
    return ((full - _FIRST) * 10**10 + agent) * 10**6 + number


def accession_of(key: int) -> Accession:
    """The accession number that is stored as *key*."""
    rest, number = divmod(key, 10**6)
    year, agent = divmod(rest, 10**10)
    return Accession(f"{agent:010d}-{(year + _FIRST) % 100:02d}-{number:06d}")


async def add(tx: Transaction, parsed: Sequence[ParsedFiling], at: datetime) -> None:
    """Keep what *parsed* says, which is matched *at* that time; of a filing that is read again, the first stays."""
    if not parsed:
        return
    await tx.add(marks, {"name": PAST, "at": at})
    given = {key_of(one.filing.accession): one for one in reversed(parsed)}
    known = set((await tx.execute(_KNOWN, {"keys": list(given)})).scalars())
    new = {key: one for key, one in given.items() if key not in known}
    if not new:
        return
    known_at = [tx.instant(known_of(one.filing.times, at)) for one in new.values()]
    filings = [recorded.filing(key, when, one) for (key, one), when in zip(new.items(), known_at, strict=True)]
    await tx.load(history_filings, filings)
    await tx.load(history_owners, [owner for key, one in new.items() for owner in recorded.owners(key, one)])
    for columns, rows in recorded.rows(new).items():
        await tx.load(history_rows, rows, columns)
    await tx.load(history_symbols, sorted({named for one in new.values() for named in recorded.symbols(one)}))


def past_of(parsed: ParsedFiling, at: datetime) -> Past:
    """*parsed*, which is matched *at* that time, as it will be found in the past."""
    filing, document = parsed.filing, parsed.document
    return Past(
        accession=filing.accession,
        source=Brought.FEED,
        form=filing.form,
        issuer=document.issuer.issuer_cik,
        company=document.issuer.issuer_name or filing.issuer_name,
        symbol=document.issuer.issuer_trading_symbol,
        known=known_of(filing.times, at),
        filed=filing.filed_on,
        period=document.period_of_report,
        amends=document.date_of_original_submission,
        plan=document.aff10b5_one,
        left=document.not_subject_to_section16,
        owners=document.reporting_owners,
        rows=(*document.non_derivative_table, *document.derivative_table),
    )


def known_of(times: Times, at: datetime) -> datetime:
    """From when on everybody could know a filing that passed its stations at *times*, and was matched *at* that one."""
    return times.accepted or times.updated or times.seen or times.published or at


async def forget(tx: Transaction, before: datetime, limit: int) -> int:
    """Delete up to *limit* filings that were known *before*, with their rows; returns how many."""
    old = select(history_filings.c.filing).where(history_filings.c.known < before)
    keys = (await tx.execute(old.order_by(history_filings.c.known).limit(limit))).scalars().all()
    if keys:
        await facts.forget(tx, keys)
        for table in (history_documents, history_notes, history_rows, history_owners, history_filings):
            await tx.execute(delete(table).where(table.c.filing.in_(keys)))
    return len(keys)


async def find(database: Database, accession: Accession) -> Past | None:
    """The filing by its better source; None: it is not there."""
    found = await whole(database, [key_of(accession)])
    return found[0] if found else None


_other = history_filings.alias()
_BETTER = exists().where(_other.c.filing == history_filings.c.filing, _other.c.source < history_filings.c.source)
BEST = ~_BETTER

_KEYS: BindParameter[int] = bindparam("keys", expanding=True)
_WHOLE = select(history_filings).where(history_filings.c.filing.in_(_KEYS), BEST)
_OWNERS = (
    select(history_owners)
    .where(history_owners.c.filing.in_(_KEYS))
    .order_by(history_owners.c.filing, history_owners.c.owner)
)
_ROWS = (
    select(history_rows)
    .where(history_rows.c.filing.in_(_KEYS))
    .order_by(history_rows.c.filing, _TABLE, history_rows.c.number, history_rows.c.part)
)


async def whole(database: Database, keys: Sequence[int], *rows_where: Any) -> list[Past]:
    """The filings *keys* by their better source, latest first; *rows_where*: of their rows only those."""
    async with database.reading() as connection:
        return await whole_within(connection, keys, *rows_where)


async def whole_within(run: Reads, keys: Sequence[int], *rows_where: Any) -> list[Past]:
    """The same, of what *run* sees."""
    if not keys:
        return []

    asked = {"keys": list(keys)}
    filings = (await run.execute(_WHOLE, asked)).all()
    owners = _by_filing(await run.execute(_OWNERS, asked))
    rows = _by_filing(await run.execute(_ROWS.where(*rows_where) if rows_where else _ROWS, asked))
    found = [_past(one, owners, rows) for one in filings]
    return sorted(found, key=lambda past: (past.known, past.accession), reverse=True)


def _by_filing(found: Iterable[Found[Any]]) -> dict[tuple[int, int], list[Found[Any]]]:
    grouped: dict[tuple[int, int], list[Found[Any]]] = {}
    for one in found:
        grouped.setdefault((one.filing, one.source), []).append(one)
    return grouped


def _past(
    one: Found[Any],
    owners: Mapping[tuple[int, int], Sequence[Found[Any]]],
    rows: Mapping[tuple[int, int], Sequence[Found[Any]]],
) -> Past:
    key = one.filing, one.source
    return Past(
        accession=accession_of(one.filing),
        source=Brought(one.source),
        form=one.form,
        issuer=Cik(f"{one.issuer:010d}"),
        company=one.company,
        symbol=one.symbol,
        known=one.known,
        filed=one.filed,
        period=one.period,
        amends=one.amends,
        plan=_said(one.plan),
        left=_said(one.left),
        owners=tuple(map(_owner, owners.get(key, ()))),
        rows=tuple(map(_row, rows.get(key, ()))),
    )


def _owner(one: Found[Any]) -> ReportingOwner:
    said = {name: getattr(one, name) for name in RELATIONS}
    ticked: dict[str, Any] = {name: _said(value) if name.startswith("is_") else value for name, value in said.items()}
    return ReportingOwner(
        rpt_owner_cik=Cik(f"{one.owner:010d}"),
        rpt_owner_name=one.rpt_owner_name,
        relationship=OwnerRelationship(**ticked),
    )


def _row(one: Found[Any]) -> Row:
    part = PARTS[one.part - 1]
    boxes = {name: getattr(one, name) for name in BOXES[part]}
    for name, kind in _CLOSED.items():
        if boxes.get(name) is not None:
            boxes[name] = kind(boxes[name])
    row: Row = part(**boxes, footnotes=dict(_cited(one.notes)))
    return row


def _cited(notes: str | None) -> Iterator[tuple[Box, tuple[FootnoteId, ...]]]:
    for box in notes.split(";") if notes else ():
        name, _, ids = box.partition("=")
        yield Box(name), tuple(map(FootnoteId, ids.split(",")))


def _said(value: int | None) -> bool | None:
    return None if value is None else bool(value)
