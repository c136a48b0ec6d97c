"""What insiders did at a company, and what an insider did at all of theirs, by all that is kept of the past."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from msgspec import Struct

from consumers.amendments.looking import looked_up
from consumers.amendments.version import Version
from consumers.matcher.dealings import Deal, Holding, deals, holdings
from consumers.matcher.headline import insiders
from consumers.matcher.subject import Subject
from consumers.matcher.tape import line_of
from service.control.recalling import with_past
from service.control.tape import TapeEntry
from service.control.together import BoughtTogether, together
from service.model import calendar
from service.model.amendment import Amends
from service.model.errors import NotFound
from service.model.fact import Kind
from service.model.filing import Cik
from service.model.identity import WorkspaceId
from service.model.ownership import TransactionCode
from service.model.past import Past
from service.model.recalled import Recalled
from service.model.trait import AMENDMENT, TRAIT_OF_CODE
from service.store import Database, alerts, history_walk
from service.store.history import key_of
from service.store.history_walk import Place, WhichFilings
from service.store.horizon import horizon

YEARS = timedelta(days=3 * 365)  # of a company that are looked at
_MOST = 400  # filings that are looked at, the latest
_AMENDMENTS = 10  # likewise
_YEAR = timedelta(days=365)
_DEALT = TRAIT_OF_CODE[TransactionCode.PURCHASE] | TRAIT_OF_CODE[TransactionCode.SALE]


class CompanyInsider(Struct, frozen=True, kw_only=True):
    """Somebody who reports on a company."""

    cik: Cik
    name: str
    role: str | None  # as of the latest filing
    known: datetime  # when that was filed
    bought: Decimal  # USD within a year, as far as it is stated
    sold: Decimal


class Amendment(Struct, frozen=True, kw_only=True):
    """An amendment, and what it changes."""

    past: Past
    amends: Amends


class CompanyProfile(Struct, frozen=True, kw_only=True):
    """A company, by what its insiders filed."""

    cik: Cik
    name: str
    symbol: str | None  # as filed last
    deals: Sequence[Deal]  # the latest first
    together: Sequence[BoughtTogether]  # when several bought within some days, likewise
    names: Mapping[Cik, str]  # of whose deals they are
    since: date  # from when on they are looked at
    people: Sequence[CompanyInsider]  # of the last year, who filed last first
    amendments: Sequence[Amendment]  # the latest first
    complete: date | None  # from this day on nothing is missing; None: that cannot be said of any day


class AtCompany(Struct, frozen=True, kw_only=True):
    """What an insider did at one company."""

    cik: Cik
    name: str
    symbol: str | None
    role: str | None
    known: datetime  # when the last filing was made
    deals: Sequence[Deal]  # the latest first
    holdings: Sequence[Holding]  # of the line with the latest filing first


class InsiderProfile(Struct, frozen=True, kw_only=True):
    """An insider: a person, or a company that reports."""

    cik: Cik
    name: str
    since: date | None  # None: all that they filed is looked at; else from when on
    at: Sequence[AtCompany]  # where they filed last first
    amendments: Sequence[Amendment]
    complete: date | None


async def company(database: Database, cik: Cik, now: datetime) -> CompanyProfile:
    """The company *cik*; raises NotFound."""
    latest = await history_walk.latest(database, WhichFilings(issuer=cik), 1)
    if not latest:
        raise _unknown(f"the company with CIK {int(cik)}")
    begins = now - YEARS
    dealt = await history_walk.latest_keys(database, WhichFilings(issuer=cik, since=begins, traits=_DEALT), _MOST)
    recent = await history_walk.latest_keys(database, WhichFilings(issuer=cik, since=now - _YEAR), _MOST)
    filed = {key_of(one.past.accession): one for one in await with_past(database, [*{*dealt, *recent}])}
    dealing, year = ([filed[key] for key in keys if key in filed] for keys in (dealt, recent))
    made = await asyncio.to_thread(deals, dealing)
    return CompanyProfile(
        cik=cik,
        name=latest[0].company or f"CIK {int(cik)}",
        symbol=latest[0].symbol,
        deals=made,
        together=together(one.past for one in dealing),
        names=_names(dealing),
        since=calendar.dated(min(one.past.known for one in dealing) if len(dealing) == _MOST else begins),
        people=_people(year, made, calendar.eastern_day(now - _YEAR)),
        amendments=await _amendments(database, WhichFilings(issuer=cik, since=begins, traits=AMENDMENT)),
        complete=await _complete(database, now),
    )


async def insider(database: Database, cik: Cik, now: datetime) -> InsiderProfile:
    """The insider *cik*; raises NotFound."""
    filed = await with_past(database, await history_walk.latest_keys(database, WhichFilings(owner=cik), _MOST))
    if not filed:
        raise _unknown(f"an insider with CIK {int(cik)}")
    by_company = defaultdict[Cik, list[Recalled]](list)
    for one in filed:
        by_company[one.past.issuer].append(one)
    at = [await asyncio.to_thread(_at, cik, those) for those in by_company.values()]
    return InsiderProfile(
        cik=cik,
        name=_names(filed).get(cik, f"CIK {int(cik)}"),
        since=calendar.dated(filed[-1].past.known) if len(filed) == _MOST else None,
        at=at,
        amendments=await _amendments(database, WhichFilings(owner=cik, traits=AMENDMENT)),
        complete=await _complete(database, now),
    )


async def filings(
    database: Database, workspace: WorkspaceId, which: WhichFilings, limit: int, behind: Place | None = None
) -> list[tuple[TapeEntry, Place]]:
    """The latest *limit* filings of those that *which* means, or those next *behind* one, as the tape has them."""
    keys = await history_walk.latest_keys(database, which, limit, behind)
    found = await with_past(database, keys)
    rung = await alerts.rung(database, workspace, [one.past.accession for one in found])
    told = []
    for one in found:
        line = line_of(Subject.of(one.parsed.filing, one.parsed.document), one.past.known)
        entry = TapeEntry(line=line, rang=tuple(rung.get(one.past.accession, ())))
        told.append((entry, Place(one.past.known, key_of(one.past.accession))))
    return told


async def _amendments(database: Database, which: WhichFilings) -> list[Amendment]:
    found = await with_past(database, await history_walk.latest_keys(database, which, _AMENDMENTS))
    changes = await looked_up(database, [Version.of(one.parsed, one.past.known) for one in found])
    return [Amendment(past=one.past, amends=amends) for one, amends in zip(found, changes, strict=True)]


async def _complete(database: Database, now: datetime) -> date | None:
    async with database.reading() as connection:
        return (await horizon(connection, now)).complete


def _unknown(what: str) -> NotFound:
    return NotFound(f"no filing on {what} is known here: `filingbell history import` brings those of years before")


def _at(cik: Cik, filed: Sequence[Recalled]) -> AtCompany:
    """What *cik* did by *filed*, which are on one company, the latest first."""
    last = filed[0]
    return AtCompany(
        cik=last.past.issuer,
        name=last.past.company or f"CIK {int(last.past.issuer)}",
        symbol=last.past.symbol,
        role=_roles(last).get(cik),
        known=last.past.known,
        deals=deals(filed),
        holdings=holdings(filed),
    )


def _people(year: Iterable[Recalled], made: Iterable[Deal], since: date) -> list[CompanyInsider]:
    """Who filed within the *year*, the latest first, and what they bought and sold *since* then."""
    sums: Mapping[Kind, defaultdict[Cik, Decimal]] = {
        Kind.PURCHASE: defaultdict(Decimal),
        Kind.SALE: defaultdict(Decimal),
    }
    for deal in made:
        if deal.day >= since:
            for cik in deal.people:
                sums[deal.kind][cik] += deal.value or 0
    found = dict[Cik, CompanyInsider]()
    for one in year:
        roles = _roles(one) if any(owner.rpt_owner_cik not in found for owner in one.past.owners) else {}
        for owner in one.past.owners:
            cik = owner.rpt_owner_cik
            if cik not in found:
                found[cik] = CompanyInsider(
                    cik=cik,
                    name=owner.rpt_owner_name or f"CIK {int(cik)}",
                    role=roles.get(cik),
                    known=one.past.known,
                    bought=sums[Kind.PURCHASE][cik],
                    sold=sums[Kind.SALE][cik],
                )
    return list(found.values())


def _names(filed: Iterable[Recalled]) -> dict[Cik, str]:
    """The names of owners, of each the latest, where *filed* begins with the latest."""
    owners = (owner for one in reversed(list(filed)) for owner in one.past.owners)
    return {owner.rpt_owner_cik: owner.rpt_owner_name for owner in owners if owner.rpt_owner_name}


def _roles(one: Recalled) -> dict[Cik, str | None]:
    """What its owners are to the company, in words."""
    return {who.cik: who.role for who in insiders(Subject.of(one.parsed.filing, one.parsed.document))}
