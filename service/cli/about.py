"""Which filing a command is about, from what people have at hand: an accession number, a link, a file, a ticker."""

import asyncio
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from consumers.matcher.predicates.cluster import LONGEST
from consumers.matcher.recalling import before
from consumers.matcher.subject import Subject
from consumers.parser.document import parse
from consumers.parser.symbols import normalised
from service.cli.parse import read
from service.clock import now
from service.control import documents
from service.control.documents import Absence
from service.control.recalling import recall
from service.edgar.submission import header, is_submission
from service.model.errors import ConfigError
from service.model.filing import Accession, Filing, Links, Times, accession_of, central_index_key
from service.model.parsed import ParsedFiling
from service.model.tickers import Tickers
from service.runtime.opened import opened
from service.store import Database, history, history_sets, ledger, tickers
from service.store.ledger import Chosen, Delivery
from service.text import one_line
from service.wire import decode
from service.wire.topics import Topic
from service.words import eastern

_LOOKED_AT = 5000  # filings among which those of an issuer are looked for
_NAMED = 10  # of its filings
_ALERTS = 50
_MISSING: Mapping[Absence, str] = {
    Absence.UNUSABLE: "could not be used; why: filingbell dlq show {}",
    Absence.NEVER_SEEN: "was never seen: no feed and no index has listed it here. Give its file, or see `filingbell "
    "completeness`",
    Absence.BROUGHT: "came with a quarterly data set alone, which was forgotten just now; give its file",
    Absence.PENDING: "was seen, but EDGAR has not served its document yet; it is tried again by itself",
    Absence.UNPARSED: "is not parsed yet; is the parser running? filingbell status",
    Absence.FORGOTTEN: "was seen, but its content is older than FILINGBELL_RETENTION_HOURS and no longer kept; give "
    "its file",
}
"""Why the database has no parsed form of a filing, and what to do."""


class NamedFiling(Struct, frozen=True, kw_only=True):
    """A filing, and what became of it."""

    subject: Subject
    deliveries: tuple[Delivery, ...] | None = None  # None: it is a file, of which nobody was told
    listed: Tickers | None = None  # whose tickers are; None: it is a file, or no list has come yet
    brought: str | None = None  # by which quarterly set; None: by none, or its document was read as well


def known(text: str) -> NamedFiling:
    """The filing that *text* names; raises ConfigError that says what else to write."""
    if text == "-" or Path(text).is_file():
        return NamedFiling(subject=_from_file(text))
    try:
        accession = accession_of(text)
    except ValueError:
        if _may_be_issuer(text):
            raise ConfigError(f"{text} is neither a file nor an accession number{_of_issuer(text)}") from None
        raise ConfigError(
            f"{text} is neither a file nor an accession number (such as 0001234567-25-000001), nor EDGAR's link to a "
            "filing, nor a ticker or CIK"
        ) from None
    return asyncio.run(_seen(accession))


def _from_file(file: str) -> Subject:
    data = read(file)
    document = parse(data)
    head = header(data) if is_submission(data) else None
    filing = Filing(
        accession=(head and head.accession) or Accession(Path(file).stem),
        form=document.document_type,
        issuer_cik=document.issuer.issuer_cik,
        issuer_name=document.issuer.issuer_name,
        filed_on=head.filed_on if head else None,
        links=Links(index="", submission=""),
        times=Times(accepted=head.accepted if head else None),
    )
    return Subject.of(filing, document)


async def _seen(accession: Accession) -> NamedFiling:
    async with opened() as (database, _):
        listed = await tickers.known(database)
        parsed = await documents.find(database, accession)
        if parsed is None:
            return await _brought(database, accession, listed)
        owed = await ledger.listed(database, Chosen(accessions=(accession,)), _ALERTS)
        known = await before(database, [parsed], now(), days=LONGEST)
    return NamedFiling(
        subject=Subject.of(parsed.filing, parsed.document, known.get(accession)), deliveries=tuple(owed), listed=listed
    )


async def _brought(database: Database, accession: Accession, listed: Tickers | None) -> NamedFiling:
    """The filing as a quarterly set has it, with what was known before the end of its day; raises ConfigError."""
    missing = await documents.absence(database, accession)
    past = await history.find(database, accession) if missing is Absence.BROUGHT else None
    parsed = await recall(database, accession) if past is not None else None
    if past is None or parsed is None:
        raise ConfigError(f"{accession} {_MISSING[missing].format(accession)}")
    then = replace(parsed, filing=replace(parsed.filing, times=Times(accepted=past.known)))
    known = await before(database, [then], now(), days=LONGEST)
    return NamedFiling(
        subject=Subject.of(parsed.filing, parsed.document, known.get(accession)),
        listed=listed,
        brought=await history_sets.that_brought(database, accession),
    )


def _may_be_issuer(text: str) -> bool:
    return len(text) <= 10 and (text.isdecimal() or len(normalised(text)) == 1)


def _of_issuer(text: str) -> str:
    """What there is of an issuer whose ticker or CIK is *text*, behind the words that it names no filing."""
    try:
        return asyncio.run(_filings_of(text))
    except ConfigError as error:
        return f"; if it is a ticker: {error}"


async def _filings_of(issuer: str) -> str:
    """The last filings of *issuer* (a ticker or CIK) that are kept, to choose from."""
    symbols = set(normalised(issuer))
    cik = central_index_key(issuer) if issuer.isdecimal() and len(issuer) <= 10 else None
    found: deque[str] = deque(maxlen=_NAMED)
    async with opened() as (_, log):
        async for record in log.tail(Topic.PARSED, _LOOKED_AT, follow=False):
            if cik is not None and record.key != cik:
                continue
            parsed = decode(record.value, ParsedFiling)
            filed = parsed.document.issuer
            if cik == filed.issuer_cik or symbols.intersection(filed.symbols):
                at = parsed.filing.times.accepted or parsed.filing.times.updated
                when = f"{eastern(at)}  " if at else ""
                found.appendleft(f"  {parsed.filing.accession}  {when}{one_line(filed.issuer_name or '')}")
    if not found:
        return ", and no recent filing has an issuer with that ticker or CIK"
    return "\n".join(["; the last filings of that issuer that were seen:", *found])
