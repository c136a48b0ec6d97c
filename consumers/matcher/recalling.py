"""What was filed before the filings of a batch: by what is kept, and by those that come before them in the batch."""

import asyncio
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from consumers.matcher.index.ruleset import RuleSet
from consumers.matcher.past import is_sure
from consumers.matcher.subject import Subject
from consumers.matcher.surroundings import At, surrounded
from service.model.filing import Accession
from service.model.ownership import DerivativeTransaction, NonDerivativeTransaction, OwnershipDocument
from service.model.parsed import ParsedFiling
from service.model.past import Before, Brought, Earlier, KeptRow
from service.store import Database, history, memory
from service.store.horizon import Horizons
from service.store.memory import Looked
from service.wire import decode
from service.wire.topics import Record

_PIECE = 0.0005  # seconds of reading without a pause


@dataclass(frozen=True, slots=True)
class Read:
    """A record that was read, with what was filed before, if rules hang on that."""

    parsed: ParsedFiling
    subject: Subject

    @classmethod
    def of(cls, parsed: ParsedFiling) -> "Read":
        """*parsed* as rules look at it; nothing was looked up."""
        return cls(parsed, Subject.of(parsed.filing, parsed.document))


Place = tuple[int, int]
"""Of a record: partition and offset."""


async def recalled(
    database: Database, records: Sequence[Record], at: datetime, rules: RuleSet, horizons: Horizons
) -> Mapping[Place, Read]:
    """Each of *records* that can be read; what was filed before is looked up for those on which *rules* hang."""
    read, wanted = dict[Place, Read](), set[Accession]()
    until = time.monotonic() + _PIECE
    for record in records:
        if time.monotonic() > until:
            await asyncio.sleep(0)
            until = time.monotonic() + _PIECE
        one = _read(record)
        if one is None:
            continue
        read[record.partition, record.offset] = one
        if not one.parsed.filing.provenance.silent and rules.hangs_on_past(one.subject):
            wanted.add(one.parsed.filing.accession)
    if wanted:
        every = [one.parsed for one in read.values()]
        known = await before(
            database, every, at, wanted, horizons, days=rules.days_around, holdings=rules.asks_holdings
        )
        for place, one in read.items():
            if (found := known.get(one.parsed.filing.accession)) is not None:
                read[place] = Read(one.parsed, one.subject.after(found))
    return read


async def before(
    database: Database,
    filings: Sequence[ParsedFiling],
    at: datetime,
    only: Collection[Accession] | None = None,
    horizons: Horizons | None = None,
    *,
    days: int = 0,
    holdings: bool = True,
) -> dict[Accession, Before]:
    """What was known before each of *filings*, which are matched in this order *at* that time.

    *only*: before these of them. *horizons*: that time is now, and they know how far back the past is whole.
    *days*: for how long before what others did is asked for, too. *holdings* False: what was held need not be known.
    """
    looked = [(parsed, _looked(parsed, at)) for parsed in filings]
    wanted = [one for _, one in looked if only is None or one.accession in only]
    found = await memory.before(database, wanted, at, horizons, holdings=holdings, is_sure=is_sure)
    kept = dict(zip((one.accession for one in wanted), found, strict=True))
    issuers = {one.issuer for one in wanted}
    ahead, told = dict[str, list[tuple[Looked, ParsedFiling]]](), dict[Accession, Before]()
    for parsed, one in looked:
        if one.issuer in issuers:
            of_issuer = ahead.setdefault(one.issuer, [])
            if one.accession in kept:
                told[one.accession] = _with(kept[one.accession], one, of_issuer)
            of_issuer.append((one, parsed))
    return await surrounded(database, told, looked, At(at, horizons, days)) if days else told


def _read(record: Record) -> Read | None:
    """None: it cannot be read, and whoever reads it alone tells why."""
    try:
        return Read.of(decode(record.value, ParsedFiling))
    except Exception:
        return None


def _with(kept: Before, one: Looked, ahead: Sequence[tuple[Looked, ParsedFiling]]) -> Before:
    """*kept*, and what those *ahead* of *one* in its batch, on the same issuer, report."""
    better = {past.accession for past in kept.filings if past.source is Brought.FEED} | {one.accession}
    new = {
        other.accession: _earlier(parsed, other)
        for other, parsed in ahead
        if other.known < one.known and not other.owners.isdisjoint(one.owners) and other.accession not in better
    }
    if not new:
        return kept
    every = [*new.values(), *(past for past in kept.filings if past.accession not in new)]
    every.sort(key=lambda past: (past.known, history.key_of(past.accession)), reverse=True)
    return msgspec.structs.replace(kept, filings=tuple(every))


def _looked(one: ParsedFiling, at: datetime) -> Looked:
    return Looked(
        accession=one.filing.accession,
        issuer=one.document.issuer.issuer_cik,
        owners=frozenset(owner.rpt_owner_cik for owner in one.document.reporting_owners),
        known=history.known_of(one.filing.times, at),
        since=None if one.document.is_amendment else min(_days(one.document), default=None),
    )


def _days(document: OwnershipDocument) -> Iterator[date]:
    """The days of its trades."""
    for row in (*document.non_derivative_table, *document.derivative_table):
        if isinstance(row, NonDerivativeTransaction | DerivativeTransaction) and row.transaction_date is not None:
            yield row.transaction_date


def _earlier(parsed: ParsedFiling, one: Looked) -> Earlier:
    filing, document = parsed.filing, parsed.document
    return Earlier(
        accession=filing.accession,
        source=Brought.FEED,
        form=filing.form,
        known=one.known,
        filed=filing.filed_on,
        amends=document.date_of_original_submission,
        owners=one.owners,
        rows=tuple(map(KeptRow.of, (*document.non_derivative_table, *document.derivative_table))),
    )
