"""Filings, found by company, owner, kind and time, with the alerts on them."""

from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from service.control import tape
from service.control.tape import Filter, Place, TapeEntry
from service.model.fact import Kind
from service.model.filing import Cik
from service.model.flag import FlagCode
from service.model.person import Scope
from service.model.tape import Insider
from service.store.alerts import Rung
from service.web.api.rules import filing
from service.web.endpoint import Answer, Call, Endpoint
from service.web.paging import Limit, behind, part


class FilingsAsked(Filter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which filings are asked for: those for which everything holds that is given."""

    limit: Limit = 50
    cursor: str | None = None  # the `next` of the part before; null: the latest


class FilingShown(Struct, frozen=True, kw_only=True):
    """A filing in one line."""

    accession: str
    form: str
    accepted: datetime  # by EDGAR; where that is not known, first known of here
    published: datetime | None  # on form4.filings
    history: bool  # published for the record: it alerted nobody
    issuer_cik: Cik
    company: str | None  # as filed
    symbols: tuple[str, ...]
    owners: tuple[Insider, ...]
    kinds: tuple[Kind, ...]  # of its rows
    headline: str
    bought: Decimal | None  # USD, in Table I; null: nothing was, or a row states no value
    sold: Decimal | None  # likewise
    granted: Decimal | None  # USD: what it costs to exercise all options that were granted
    flags: tuple[FlagCode, ...]
    index: str  # its page at EDGAR
    alerts: tuple[Rung, ...]  # of the workspace


class Filings(Struct, frozen=True, kw_only=True):
    """Filings, those first that EDGAR accepted last."""

    items: tuple[FilingShown, ...]
    next: str | None  # the cursor of the next part; null: this was the last


async def _list(call: Call) -> Answer:
    asked: FilingsAsked = call.query
    last: Place | None = behind(asked.cursor, Place)
    found = await tape.search(call.context.database, call.asker.workspace, asked, asked.limit + 1, last)
    items, following = part(found, asked.limit, lambda one: (one.line.accepted, one.line.accession))
    return Answer(content=Filings(items=tuple(map(_shown, items)), next=following))


async def _show(call: Call) -> Answer:
    accession = filing(call.path["filing"], "filing")
    return Answer(content=_shown(await tape.find(call.context.database, call.asker.workspace, accession)))


def _shown(entry: TapeEntry) -> FilingShown:
    line = entry.line
    return FilingShown(
        accession=line.accession,
        form=line.form,
        accepted=line.accepted,
        published=line.published,
        history=line.history,
        issuer_cik=line.issuer,
        company=line.company,
        symbols=line.symbols,
        owners=line.insiders,
        kinds=line.kinds,
        headline=line.headline,
        bought=line.bought,
        sold=line.sold,
        granted=line.granted,
        flags=line.flags,
        index=line.index,
        alerts=entry.rang,
    )


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/filings",
        name="list_filings",
        summary="Find filings by company, owner, kind and time, the latest first",
        scope=Scope.READ,
        handler=_list,
        asks=FilingsAsked,
        gives=Filings,
    ),
    Endpoint(
        method="GET",
        path="/filings/{filing}",
        name="show_filing",
        summary="Show a filing in one line, and the alerts on it",
        scope=Scope.READ,
        handler=_show,
        gives=FilingShown,
    ),
)
