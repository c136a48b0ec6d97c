"""What was filed before the filings of a batch: by what is kept, and by those that come before them in the batch."""

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from service.model.fact import Kind
from service.model.filing import Accession
from service.model.ownership import TransactionCode
from service.model.parsed import ParsedFiling
from service.model.past import Before, Brought, Past
from service.store import Database, history, memory
from service.store.memory import Looked
from service.wire import decode
from service.wire.topics import Record

_CODES = {Kind.PURCHASE: TransactionCode.PURCHASE, Kind.SALE: TransactionCode.SALE}
"""Kinds that are told by a code alone."""


async def recalled(
    database: Database, records: Sequence[Record], at: datetime, kinds: frozenset[Kind] | None
) -> dict[Accession, Before]:
    """What was known before each of *records*; those that cannot be read are left out.

    So are those against which no rule is held, and those that can have no row of *kinds*; None: whatever their rows.
    """
    parsed = [one for record in records if (one := _parsed(record)) is not None]
    codes = None if kinds is None or kinds - _CODES.keys() else {_CODES[kind] for kind in kinds}
    wanted = {one.filing.accession for one in parsed if not one.filing.provenance.silent and _has(one, codes)}
    return await before(database, parsed, at, wanted)


async def before(
    database: Database, filings: Sequence[ParsedFiling], at: datetime, only: Collection[Accession] | None = None
) -> dict[Accession, Before]:
    """What was known before each of *filings*, which are matched in this order *at* that time.

    *only*: before these of them.
    """
    looked = [(parsed, _looked(parsed, at)) for parsed in filings]
    wanted = [one for _, one in looked if only is None or one.accession in only]
    kept = dict(zip((one.accession for one in wanted), await memory.before(database, wanted, at), strict=True))
    ahead, told = list[tuple[Looked, Past]](), {}
    for parsed, one in looked:
        if one.accession in kept:
            told[one.accession] = _with(kept[one.accession], one, ahead)
        ahead.append((one, _past(parsed, one)))
    return told


def _has(parsed: ParsedFiling, codes: Collection[TransactionCode] | None) -> bool:
    rows = (*parsed.document.non_derivative_table, *parsed.document.derivative_table)
    return codes is None or any(getattr(row, "transaction_code", None) in codes for row in rows)


def _with(kept: Before, one: Looked, ahead: Sequence[tuple[Looked, Past]]) -> Before:
    """*kept*, and what those *ahead* of *one* in its batch report."""
    better = {past.accession for past in kept.filings if past.source is Brought.FEED} | {one.accession}
    new = {
        past.accession: past
        for other, past in ahead
        if other.issuer == one.issuer and other.known < one.known and not other.owners.isdisjoint(one.owners)
        if past.accession not in better
    }
    if not new:
        return kept
    every = [*new.values(), *(past for past in kept.filings if past.accession not in new)]
    every.sort(key=lambda past: (past.known, past.accession), reverse=True)
    return msgspec.structs.replace(kept, filings=tuple(every))


def _parsed(record: Record) -> ParsedFiling | None:
    try:
        return decode(record.value, ParsedFiling)
    except msgspec.MsgspecError:
        return None


def _looked(one: ParsedFiling, at: datetime) -> Looked:
    return Looked(
        accession=one.filing.accession,
        issuer=one.document.issuer.issuer_cik,
        owners=frozenset(owner.rpt_owner_cik for owner in one.document.reporting_owners),
        known=history.known_of(one.filing.times, at),
    )


def _past(parsed: ParsedFiling, one: Looked) -> Past:
    filing, document = parsed.filing, parsed.document
    return Past(
        accession=filing.accession,
        source=Brought.FEED,
        form=filing.form,
        issuer=document.issuer.issuer_cik,
        company=document.issuer.issuer_name or filing.issuer_name,
        symbol=document.issuer.issuer_trading_symbol,
        known=one.known,
        filed=filing.filed_on,
        period=document.period_of_report,
        amends=document.date_of_original_submission,
        plan=document.aff10b5_one,
        left=document.not_subject_to_section16,
        owners=document.reporting_owners,
        rows=(*document.non_derivative_table, *document.derivative_table),
    )
