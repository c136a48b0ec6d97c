"""The SEC's list of tickers: asked for once a day, compared with the one before, and never believed when it is odd."""

import asyncio
from datetime import date, timedelta

import msgspec
import structlog

from service.clock import Clock
from service.edgar.client import Body, EdgarClient
from service.edgar.companies import listed_tickers
from service.model import calendar
from service.model.errors import Blocked, NotYet, Unreachable
from service.model.tickers import TickerChanges, Tickers, succeed
from service.store import Database, tickers
from service.vitals import Vitals

_EVERY = timedelta(hours=24)
_AGAIN = timedelta(hours=1)  # after a try that came to nothing
_LOOP = "poller/tickers"
_NAMED = 20  # moved tickers that the log names

log = structlog.get_logger()


class TickerReader:
    """Keeps the list up to date; what cannot be believed leaves the last one standing, and is asked for again."""

    def __init__(self, client: EdgarClient, database: Database, *, clock: Clock, vitals: Vitals) -> None:
        self._client = client
        self._database = database
        self._clock = clock
        self._vitals = vitals

    async def run(self) -> None:
        """Read without end; outages and blocks are waited out."""
        while True:
            before = await tickers.reading(self._database)
            wait = (before.read + _EVERY - self._clock.now()).total_seconds() if before.read else 0.0
            if wait <= 0:
                try:
                    await self.read()
                    continue
                except Blocked as block:
                    self._vitals.beat(_LOOP, self._client.left(block))
                    await self._client.unblocked(block)
                    continue
                except (Unreachable, NotYet) as error:
                    await self._failed(str(error), before)
                    wait = _AGAIN.total_seconds()
            wait = min(wait, _AGAIN.total_seconds())
            self._vitals.beat(_LOOP, wait)
            await self._clock.sleep(wait)

    async def read(self) -> None:
        """Ask for the list once; raises Blocked, NotYet, and Unreachable where it is odd."""
        reading = await tickers.reading(self._database)
        self._vitals.beat(_LOOP)
        body = await self._client.tickers(reading.validators)
        if body is None:
            async with self._database.transaction() as tx:
                await tickers.unchanged(tx, self._clock.now())
            return
        before = await tickers.known(self._database)
        value, told = await asyncio.to_thread(_next, before, body, calendar.eastern_day(body.received))
        if told.doubts:
            raise Unreachable(f"the SEC's list of tickers cannot be believed: {'; '.join(told.doubts)}")
        async with self._database.transaction() as tx:
            await tickers.put(tx, value, body.validators, body.received)
        log.info("tickers_read", new=told.new, gone=told.gone, moved=len(told.moved))
        for one in told.moved[:_NAMED]:
            log.warning("ticker_moved", ticker=one.ticker, before=one.before.cik, after=one.after.cik)

    async def _failed(self, why: str, before: tickers.TickersReading) -> None:
        log.warning("tickers_unavailable", detail=why)
        async with self._database.transaction() as tx:
            await tickers.failed(tx, why, before.waits_since or self._clock.now())


def _next(before: Tickers | None, body: Body, day: date) -> tuple[bytes, TickerChanges]:
    """The list in *body*, encoded, and what it changes; raises Unreachable where it is something else."""
    after, told = succeed(before, listed_tickers(body.data), day)
    return msgspec.json.encode(after), told
