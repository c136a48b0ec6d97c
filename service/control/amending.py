"""What a filing amends, and what amends it: an amendment names only the day of the original, never its accession."""

from datetime import datetime, timedelta

from msgspec import Struct

from service.model import calendar
from service.model.filing import Filing
from service.model.ownership import OwnershipDocument
from service.model.parsed import ParsedFiling
from service.model.tape import Line
from service.store import Database, history, tape_search
from service.store.tape import Facet, key
from service.store.tape_search import Sought

_MOST = 20  # of a company and one of its owners; the data sets have no more on a day
_OVER = timedelta(days=5)  # what is filed behind a holiday's eve has the day of the next business day


class Amending(Struct, frozen=True, kw_only=True):
    """Filings of the same company by one of the same owners; empty: none that are here."""

    amends: tuple[Line, ...] = ()  # those of the day that it names
    amended: tuple[Line, ...] = ()  # amendments that name its day


async def amending(database: Database, parsed: ParsedFiling) -> Amending:
    """What *parsed* amends and what amends it, as far as that is on the tape."""
    return Amending(amends=await _originals(database, parsed), amended=await _amendments(database, parsed))


async def _originals(database: Database, parsed: ParsedFiling) -> tuple[Line, ...]:
    document, day = parsed.document, parsed.document.date_of_original_submission
    if day is None or not document.is_amendment:
        return ()
    until = calendar.at(day + timedelta(days=1), calendar.MIDNIGHT)
    sought = Sought(keys=_parties(document), form=document.document_type[0], since=until - _OVER, until=until)
    found = await tape_search.page(database, sought, _MOST)
    return tuple(one for one in found if calendar.dated(one.accepted) == day)


async def _amendments(database: Database, parsed: ParsedFiling) -> tuple[Line, ...]:
    filing, document = parsed.filing, parsed.document
    since = _known_since(filing)
    day = filing.filed_on or (since and calendar.dated(since))
    if since is None or day is None:
        return ()
    sought = Sought(keys=_parties(document), form=f"{document.document_type[0]}/A", since=since)
    found = []
    for one in await tape_search.page(database, sought, _MOST):
        other = None if one.accession == filing.accession else await history.find(database, one.accession)
        if other is not None and other.amends == day:
            found.append(one)
    return tuple(found)


def _known_since(filing: Filing) -> datetime | None:
    times = filing.times
    return times.accepted or times.updated or times.seen or times.published


def _parties(document: OwnershipDocument) -> tuple[tuple[str, ...], ...]:
    """The company, and any of the owners."""
    owners = tuple(key(Facet.OWNER, one.rpt_owner_cik) for one in document.reporting_owners)
    return (key(Facet.ISSUER, document.issuer.issuer_cik),), owners
