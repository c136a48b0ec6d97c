"""What a company's insiders, or one of them, did before."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, time

from msgspec import Struct
from msgspec.structs import replace

from consumers.parser.symbols import normalised, ticker
from service.control.insiders import insider
from service.control.recalling import with_past
from service.control.trend import Trend, trend
from service.model import calendar
from service.model.errors import NotFound
from service.model.filing import Cik, central_index_key
from service.model.past import Past
from service.store import Database, history_walk, sought, tickers
from service.store.history_walk import WhichFilings


class Whose(Struct, frozen=True, kw_only=True):
    """A company or an owner of whom the past knows filings."""

    cik: Cik
    is_issuer: bool


async def whose(database: Database, name: str) -> Whose:
    """The company or owner that *name* is; raises NotFound, which says what is near, or which of several may be meant.

    A name is a CIK, of either, a company's ticker by the SEC's list, a symbol that the company's filings had, or an
    owner's name as people write it.
    """
    cik = await _cik(database, name)
    if await history_walk.latest(database, WhichFilings(issuer=cik), 1):
        return Whose(cik=cik, is_issuer=True)
    if await history_walk.latest(database, WhichFilings(owner=cik), 1):
        return Whose(cik=cik, is_issuer=False)
    raise NotFound(f"no filing of the past is known for {name} (CIK {int(cik)}): see `filingbell history import`")


async def latest(database: Database, one: Whose, limit: int) -> list[Past]:
    """Its latest *limit* filings, latest first."""
    return await history_walk.latest(database, _which(one), limit)


async def drawn(database: Database, one: Whose, limit: int) -> Trend:
    """What its latest *limit* filings say of what was held, bought and sold."""
    filings = await with_past(database, await history_walk.latest_keys(database, _which(one), limit))
    return await asyncio.to_thread(trend, filings, of_owner=not one.is_issuer)


def between(database: Database, one: Whose | None, since: date | None, until: date | None) -> AsyncIterator[list[Past]]:
    """The filings of *one*, or of everybody, that became known from *since* to *until* in New York, some at once.

    The first known comes first.
    """
    midnight = time()
    return history_walk.walk(
        database,
        replace(
            _which(one),
            since=None if since is None else calendar.at(since, midnight),
            until=None if until is None else calendar.ends(until),
        ),
    )


def _which(one: Whose | None) -> WhichFilings:
    if one is None:
        return WhichFilings()
    return WhichFilings(issuer=one.cik) if one.is_issuer else WhichFilings(owner=one.cik)


async def _cik(database: Database, name: str) -> Cik:
    try:
        return central_index_key(name)
    except ValueError:
        known = await tickers.known(database)
    placed = known.place(name) if known else None
    if placed:
        return Cik(placed.cik)
    return await _of_symbol(database, name) or await insider(database, name, no_ticker=_why(known is not None))


async def _of_symbol(database: Database, name: str) -> Cik | None:
    """The one company whose filings have *name* in their symbol box; None: no company's have."""
    symbol = ticker(name)
    had = {issuer for issuer, box in await sought.symbols(database) if symbol in normalised(box)} if symbol else set()
    found = [Cik(f"{issuer:010d}") for issuer in sorted(had)]
    if len(found) > 1:
        listed = "".join([f"\n  {await _named(database, cik)}" for cik in found])
        raise NotFound(f"the filings of {len(found):,} companies have the symbol {symbol}: give the CIK{listed}")
    return found[0] if found else None


async def _named(database: Database, cik: Cik) -> str:
    filings = await history_walk.latest(database, WhichFilings(issuer=cik), 1)
    return f"{filings[0].company if filings else ''} (CIK {int(cik)})".lstrip()


def _why(listed: bool) -> str:
    return "the SEC's list has no such ticker" if listed else "the SEC's list of tickers was not read yet"
