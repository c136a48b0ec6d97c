"""Backfill: filings of the past, from the SEC's indexes, behind everything that is live."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta

import structlog

from service.backoff import backoff
from service.clock import Clock
from service.edgar.client import Body, EdgarClient, quarter_of
from service.edgar.companies import Period, company_filings, earlier_filings, ticker_ciks
from service.edgar.index import FilingIndex, IndexEntry, doubts_of, read_index
from service.model import calendar
from service.model.errors import Blocked, NotYet, Refused, Superseded, Unreachable
from service.model.filing import Cik, Source
from service.poller.reconcile import add_missing, found
from service.store import Database, backfills, day_records, days, marks
from service.store.backfills import Backfill, BackfillState, BackfillWish
from service.store.filings import Seen
from service.vitals import Vitals

_LOOK = 5.0  # seconds between looks for what nobody rang for
_FIRST_RETRY = timedelta(seconds=30)
_LONGEST_RETRY = timedelta(hours=1)
_ENOUGH = 5  # tries at an index that stays doubtful, until the backfill goes on without proof of that day
_CHUNK = 2000  # filings a transaction: a quarter has 60,000, and live filings must not wait for all of them
_TICKERS = "tickers"

log = structlog.get_logger()


class Backfiller:
    """Reads the indexes that backfills ask for, one at a time, and lists what is not known for the collector.

    Each unit (a day, a quarter, a company) is read whole before the next; a kill repeats one unit, and no filing.
    """

    def __init__(
        self, client: EdgarClient, database: Database, *, forms: Iterable[str], clock: Clock, vitals: Vitals
    ) -> None:
        self._client = client
        self._database = database
        self._forms = frozenset(name for form in forms for name in (form, f"{form}/A"))
        self._clock = clock
        self._vitals = vitals
        self._bell = database.bell(backfills.ASKED)

    async def run(self) -> None:
        """Work without end; outages and blocks are waited out."""
        while True:
            self._vitals.beat("poller/backfill")
            self._bell.clear()
            await self._finish()
            job = await backfills.due(self._database, self._clock.now())
            if job is None:
                await self._bell.wait(self._clock.timeout(_LOOK))
                continue
            try:
                await self._unit(job, job.units[job.step])
            except Blocked as block:
                if isinstance(block, Refused):
                    await self._postpone(job, str(block))
                self._vitals.beat("poller/backfill", self._client.left(block))
                await self._client.unblocked(block)
            except (Unreachable, NotYet) as error:
                await self._postpone(job, str(error))
            except Superseded as error:
                log.info("backfill_ended", backfill=job.id, detail=str(error))

    async def _unit(self, job: Backfill, unit: str) -> None:
        """Read one unit of *job*. Raises Blocked or Unreachable."""
        with structlog.contextvars.bound_contextvars(backfill=job.id, unit=unit):
            if unit == _TICKERS:
                await self._resolve(job)
            elif unit.startswith("CIK"):
                await self._company(job, Cik(unit.removeprefix("CIK")))
            elif "Q" in unit:
                await self._quarter(job, unit)
            else:
                await self._day(job, date.fromisoformat(unit))

    async def _quarter(self, job: Backfill, unit: str) -> None:
        year, quarter = map(int, unit.split("Q"))
        body = await self._client.quarterly_index(year, quarter)
        end = _end_of_quarter(date(year, 3 * quarter, 1))
        await self._index(job, unit, body, calendar.last_business_day(end), None)

    async def _day(self, job: Backfill, day: date) -> None:
        try:
            body = await self._client.daily_index(day)
        except NotYet as error:
            business = calendar.is_business_day(day)
            if business and job.tries < _ENOUGH:
                raise Unreachable(str(error)) from error
            await self._advance(job, 0, f"{day}: there is no index; was EDGAR closed?" if business else None)
            return
        await self._index(job, day.isoformat(), body, day, day)

    async def _index(self, job: Backfill, unit: str, body: Body, last: date, day: date | None) -> None:
        """List what the index in *body*, of *day* or of many days up to *last*, lists; a doubtful one proves no day."""
        index = await asyncio.to_thread(read_index, body.data, self._forms)
        doubts = doubts_of(index, last)
        if day is None and any(entry.filed_on is None for entry in index.entries):
            doubts = (*doubts, "a row has no date")
        if doubts and job.tries < _ENOUGH:
            raise Unreachable(f"the index cannot be trusted: {'; '.join(doubts)}")
        if doubts:
            await self._list(job, index.entries, day)
        else:
            await self._proven(job, index, day)
        await self._advance(job, len(index.entries), f"{unit}: {'; '.join(doubts)}" if doubts else None)

    async def _company(self, job: Backfill, cik: Cik) -> None:
        period = Period(since=job.wish.since, until=job.wish.until)
        try:
            body = await self._client.company(f"CIK{cik}.json")
        except NotYet:
            await self._advance(job, 0, f"EDGAR knows no filer with the CIK {cik}")
            return
        entries, more = await asyncio.to_thread(company_filings, body.data, cik, self._forms, period)
        for name in more:
            earlier = await self._client.company(name)
            entries += await asyncio.to_thread(earlier_filings, earlier.data, cik, self._forms, period)
        await self._list(job, entries, None)
        await self._advance(job, len(entries), None)

    async def _resolve(self, job: Backfill) -> None:
        """Tickers to companies; an unknown one ends the backfill, since what was meant is not known."""
        body = await self._client.tickers()
        assert body is not None  # only what is asked conditionally can be unchanged
        known = ticker_ciks(body.data)
        unknown = [ticker for ticker in job.wish.tickers if ticker not in known]
        if unknown:
            note = f"the SEC lists no company with the ticker {', '.join(unknown)}; give its CIK with --cik"
            async with self._database.transaction() as tx:
                await backfills.settle(tx, job, BackfillState.FAILED, note)
            log.error("backfill_failed", detail=note)
            return
        ciks = dict.fromkeys([*job.wish.ciks, *(known[ticker] for ticker in job.wish.tickers)])
        async with self._database.transaction() as tx:
            await backfills.advance(tx, job, 0, [f"CIK{cik}" for cik in ciks], None)

    async def _proven(self, job: Backfill, index: FilingIndex, day: date | None) -> None:
        """List the filings of an index that is whole, and keep the account of each of its days."""
        now = self._clock.now()
        by_day: dict[date, list[IndexEntry]] = {} if day is None else {day: []}
        for entry in index.entries:
            filed_on = day or entry.filed_on
            assert filed_on is not None  # or the index were doubted
            by_day.setdefault(filed_on, []).append(entry)
        for filed_on, entries in sorted(by_day.items()):
            await self._list(job, entries, filed_on)
            async with self._database.transaction() as tx:
                await backfills.hold(tx, job)
                await day_records.list_as(tx, filed_on, [entry.accession for entry in entries])
                if filed_on < calendar.eastern_day(now) - timedelta(days=1):  # yesterday's is not final everywhere yet
                    await days.account(tx, filed_on, now)

    async def _list(self, job: Backfill, entries: Sequence[IndexEntry], day: date | None) -> None:
        now = self._clock.now()
        live = await marks.get(self._database, marks.LIVE)
        for start in range(0, len(entries), _CHUNK):
            listed = [
                self._found(job, entry, day or entry.filed_on or job.wish.since, now, live)
                for entry in entries[start : start + _CHUNK]
            ]
            async with self._database.transaction() as tx:
                await backfills.hold(tx, job)
                await add_missing(tx, listed)
            self._vitals.beat("poller/backfill")

    def _found(self, job: Backfill, entry: IndexEntry, day: date, now: datetime, live: datetime | None) -> Seen:
        """The filing of *entry*; one of a day on which the service ran was missed by it, and alerts."""
        if live is not None and day >= calendar.eastern_day(live):
            return found(entry, day, now, Source.INDEX, backfill=job.id)
        return found(entry, day, now, Source.BACKFILL, backfill=job.id, digest=job.digest)

    async def _advance(self, job: Backfill, listed: int, note: str | None) -> None:
        async with self._database.transaction() as tx:
            await backfills.advance(tx, job, listed, None, note)
        log.info("backfill_index_read", listed=listed, note=note)

    async def _postpone(self, job: Backfill, why: str) -> None:
        delay = backoff(_FIRST_RETRY, job.tries, _LONGEST_RETRY)
        async with self._database.transaction() as tx:
            await backfills.postpone(tx, job, self._clock.now() + delay, why)
        log.warning("backfill_retrying", backfill=job.id, detail=why, seconds=delay.total_seconds())

    async def _finish(self) -> None:
        """End backfills of which nothing is left to read and nothing to fetch."""
        for job in await backfills.active(self._database):
            if job.step == len(job.units) and not await backfills.is_pending(self._database, job.id):
                with suppress(Superseded):  # it was stopped just now
                    async with self._database.transaction() as tx:
                        await backfills.settle(tx, job, BackfillState.DONE)
                    log.info("backfill_done", backfill=job.id)


def units_of(wish: BackfillWish, today: date) -> list[str]:
    """What is to be read for *wish*, in its order: quarters that are over and wanted whole, else single days.

    Of single companies EDGAR keeps lists of their own, which cost one request instead of fifty megabytes a quarter.
    """
    if wish.tickers:
        return [_TICKERS]
    if wish.ciks:
        return [f"CIK{cik}" for cik in wish.ciks]
    units = []
    day = wish.since
    while day <= wish.until:
        end = _end_of_quarter(day)
        if day == _start_of_quarter(day) and end <= wish.until and end < today - timedelta(days=7):
            units.append(f"{day.year}Q{quarter_of(day)}")
            day = end
        elif calendar.is_weekday(day):
            units.append(day.isoformat())
        day += timedelta(days=1)
    return units


def _start_of_quarter(day: date) -> date:
    return date(day.year, 3 * quarter_of(day) - 2, 1)


def _end_of_quarter(day: date) -> date:
    following = _start_of_quarter(day) + timedelta(days=93)
    return _start_of_quarter(following) - timedelta(days=1)
