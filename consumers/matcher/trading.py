"""Which trade each filing tells of, by what was kept of its issuer: one question for all, while they add no days."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime

import structlog

from consumers.matcher.trade import Trades, id_of, told_until, trade_of
from service.model import calendar
from service.model.filing import Accession, Cik
from service.model.past import Past
from service.model.trade import TradeId
from service.store import trades
from service.store.history import Reads
from service.store.trades import Span

log = structlog.get_logger()


async def told_before(run: Reads, filings: Sequence[Past]) -> dict[Accession, list[Accession]]:
    """The filings on the trade of each of *filings*, which are kept already: the first one first, itself the last."""
    told = list(map(_told, filings))
    beside = await _beside(run, told, until=max((one.past.known for one in told), default=None))
    return {
        one.past.accession: [each.past.accession for each in told_until(one, beside.get(one.past.issuer, ()))]
        for one in told
    }


async def told_again(run: Reads, filing: Past) -> tuple[TradeId, list[Past]]:
    """The id of the trade of *filing*, and all filings on it, in the order in which they could be known."""
    one = Trades.of(filing)
    beside = (await _beside(run, [one], until=None)).get(filing.issuer, ())
    return id_of(one, beside), [found.past for found in trade_of(one, beside)]


async def _beside(run: Reads, told: Sequence[Trades], until: datetime | None) -> dict[Cik, Collection[Trades]]:
    """What can tell of the trades of *told*, by issuer.

    It is of the days of their rows, and of those of filings that come to the same trades.
    """
    known, asked = defaultdict[Cik, dict[Accession, Trades]](dict), dict[Cik, frozenset[date]]()
    for mine in told:
        known[mine.past.issuer][mine.past.accession] = mine
    wanted = _days(told)
    while wanted != asked:
        asked = wanted
        first = min(day for days in asked.values() for day in days)
        span, read = Span(calendar.at(first, calendar.MIDNIGHT), until), {one for of in known.values() for one in of}
        for past in await trades.on_days(run, asked, span, read):
            known[past.issuer][past.accession] = _told(past)
        joined = [one for mine in told if (of := known.get(mine.past.issuer)) for one in trade_of(mine, of.values())]
        wanted = _days([*told, *joined])
    return {issuer: of.values() for issuer, of in known.items()}


def _told(past: Past) -> Trades:
    """What *past* tells; no fault in it may keep an alert from anybody: then it is taken to tell of nothing."""
    try:
        return Trades.of(past)
    except Exception:
        log.exception("trade_failed", accession=past.accession)
        return Trades(past=past, owners=frozenset(), rows={}, full=False)


def _days(told: Sequence[Trades]) -> dict[Cik, frozenset[date]]:
    days = dict[Cik, frozenset[date]]()
    for one in told:
        if one.rows:
            days[one.past.issuer] = days.get(one.past.issuer, frozenset()) | one.days
    return days
