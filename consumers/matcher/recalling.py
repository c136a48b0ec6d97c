"""What was filed before the filings of a batch: by what is kept, and by those that come before them in the batch."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from service.model.filing import Accession
from service.model.parsed import ParsedFiling
from service.model.past import Before, Brought, Past
from service.store import Database, history, memory
from service.store.memory import Looked
from service.wire import decode
from service.wire.topics import Record


async def recalled(database: Database, records: Sequence[Record], at: datetime) -> dict[Accession, Before]:
    """What was known before each of *records*; those that cannot be read are left out."""
    return await before(database, [one for record in records if (one := _parsed(record)) is not None], at)


async def before(database: Database, filings: Sequence[ParsedFiling], at: datetime) -> dict[Accession, Before]:
    """What was known before each of *filings*, which are matched in this order *at* that time."""
    looked = [_looked(one, at) for one in filings]
    found, ahead, told = await memory.before(database, looked, at), list[tuple[Looked, Past]](), {}
    for parsed, one, kept in zip(filings, looked, found, strict=True):
        told[one.accession] = _with(kept, one, ahead)
        ahead.append((one, _past(parsed, one)))
    return told


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
