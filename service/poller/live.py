"""The live poller: reads the feed back to known ground, and remembers what is new before anything is fetched."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

import structlog
from msgspec import Struct

from service.backoff import backoff
from service.clock import Clock
from service.edgar.client import PAGE, Body, EdgarClient
from service.edgar.feed import FeedPage, FeedReader
from service.model.errors import Blocked, Unreachable
from service.poller import baseline
from service.poller.baseline import Baseline
from service.poller.malformed import Malformed
from service.poller.rhythm import Rhythm
from service.poller.sweep import Hidden, Sweep
from service.store import Database, filings, gaps, marks
from service.store.filings import Seen
from service.vitals import Vitals

PENDING = "filings.pending"  # the bell that rings when there is a document to fetch

_PAGE_TRIES = 3
_PAGE_PAUSE = 2.0  # seconds
_LONGEST_PAUSE = timedelta(seconds=60)  # between tries while the feed cannot be reached
_STALE_TRIES = 3
_GAP_TRIES = 8  # at a page that EDGAR does not serve, over ten minutes; then the index must close the gap
_GAP_PAUSE = 2.0  # seconds, and twice as long each time
_LONGEST_GAP_PAUSE = 300.0
_DEEPEST = 4900  # the page behind it EDGAR never serves
_A_SECOND = timedelta(seconds=1)
_NOTED = 15.0  # seconds between notes that the feed was read
_SKEW = timedelta(seconds=10)  # by which the wall clock may differ from EDGAR's before it is said

log = structlog.get_logger()


class _Shown(Struct, frozen=True, kw_only=True):
    """The newest page as of a sweep that is through."""

    page: FeedPage
    validators: Mapping[str, str]


class _Again(Struct, frozen=True, kw_only=True):
    """A sweep that is to read as far again: pages were of different moments, or one could not be had."""

    until: datetime  # the feed's time to read back to
    reached: int  # and the page, since many filings have the same second
    due: float  # monotonic
    number: int  # of its kind in a row
    gap: int | None = None  # what it closes


class LivePoller:
    """Finds new filings. One sweep reads pages from the newest back until it meets what is known.

    What a sweep finds is committed at once, as pending, and only by a sweep that is through: a crash half way leaves
    no hole behind a page that looks known. Entries that come in meanwhile push those of a page down to the next, where
    they are met again. A page older than the one before it would show less than its place, though: a sweep that met
    one is followed by another that reads as far.
    """

    def __init__(
        self,
        client: EdgarClient,
        database: Database,
        *,
        forms: Iterable[str],
        rhythm: Rhythm,
        since: date | None,
        clock: Clock,
        vitals: Vitals,
    ) -> None:
        self._client = client
        self._database = database
        self._forms = tuple(forms)  # "4", which stands for "4/A" as well
        self._rhythm = rhythm
        self._since = since
        self._clock = clock
        self._vitals = vitals
        self._readers = {form: FeedReader() for form in self._forms}
        self._malformed = Malformed(vitals)
        self._shown: dict[str, _Shown] = {}
        self._again: dict[str, _Again] = {}  # by form
        self._news = clock.monotonic()
        self._noted = float("-inf")

    async def run(self) -> None:
        """Sweep without end; outages and blocks are waited out."""
        ground = None
        deep = self._since is not None
        failures = 0
        while True:
            try:
                if ground is None:
                    ground = await baseline.take(self._database, self._edgar_now, self._since)
                new = 0
                for form in self._forms:
                    new += await self.sweep(form, ground, deep=deep)
                deep, failures = False, 0
                await self._note(new)
                pause = self._rhythm.pause(self._clock.now(), self._clock.monotonic() - self._news)
                self._vitals.beat("poller/feed", pause)
                await self._clock.sleep(pause)
            except Blocked as block:
                self._vitals.beat("poller/feed", self._client.left(block))
                await self._client.unblocked(block)
            except Unreachable as error:
                failures += 1
                pause = backoff(timedelta(seconds=self._rhythm.busy), failures, _LONGEST_PAUSE).total_seconds()
                log.warning("feed_unavailable", detail=str(error), seconds=pause)
                self._vitals.beat("poller/feed", pause)
                await self._clock.sleep(pause)

    async def sweep(self, form: str, ground: Baseline, *, deep: bool = False) -> int:
        """One reading of the feed for *form*, back to known ground (*deep*: back to the floor).

        Returns how many filings were new. Raises Blocked or Unreachable when EDGAR does not serve even the newest page.
        """
        shown, again = self._shown.get(form), self._again.get(form)
        if again is not None and again.due > self._clock.monotonic():
            again = None
        new = deep or again is not None
        body = await self._client.feed_page(form, 0, shown.validators if shown and not new else None)
        if body is None:
            return 0
        newest = await self._read(form, body)
        self._shown.pop(form, None)  # should this sweep fail, the next one must not take the page for known
        fresh: list[Seen] = []
        if new or shown is None or not newest.shows_the_same(shown.page):
            sweep = await self._back(form, ground, newest, again, deep=deep)
            fresh = sweep.fresh(body.received)
            await self._remember(form, fresh, sweep, ground, again)
        self._shown[form] = _Shown(page=newest, validators=body.validators)
        return len(fresh)

    async def _back(self, form: str, ground: Baseline, newest: FeedPage, again: _Again | None, *, deep: bool) -> Sweep:
        """Read from *newest* back to known ground, and at least as far as *again* says."""
        sweep = Sweep(form, ground, deep=deep)
        page = newest
        while page.entries:
            accessions = sweep.take(page)
            sweep.new |= accessions.keys() - await filings.known(self._database, accessions)
            grounded = sweep.is_grounded(again.until if again and again.gap else None)
            far = again is None or (sweep.oldest <= again.until and sweep.reached >= again.reached)
            if not ground.admits(sweep.oldest) or (grounded and far):
                return sweep
            try:
                page = await self._page(form, sweep.reached + PAGE)
            except Unreachable as error:
                sweep.gap = None if grounded and (again is None or again.gap is None) else str(error)
                return sweep
            sweep.reached += PAGE
        sweep.end_of_feed()
        return sweep

    async def _page(self, form: str, start: int) -> FeedPage:
        """A page behind the newest; tried again when it fails."""
        empty = False
        for attempt in range(1, _PAGE_TRIES + 1):
            self._vitals.beat("poller/feed")
            try:
                body = await self._client.feed_page(form, start)
                assert body is not None
                page = await self._read(form, body)
                if page.entries or empty:
                    return page
                empty = True  # the end of the feed says so twice
            except Unreachable as error:
                if attempt == _PAGE_TRIES:
                    raise
                log.warning("feed_page_unavailable", start=start, detail=str(error))
                await self._clock.sleep(_PAGE_PAUSE * attempt)
        raise Unreachable(f"the feed at {start} was empty once, and failed otherwise")

    async def _read(self, form: str, body: Body) -> FeedPage:
        page = await asyncio.to_thread(self._readers[form].read, body.data)
        self._malformed.tell(page)
        if page.unreadable and not page.entries:
            raise Unreachable(f"none of a page's {len(page.unreadable)} entries says which filing it is")
        return page

    async def _remember(
        self, form: str, fresh: list[Seen], sweep: Sweep, ground: Baseline, again: _Again | None
    ) -> None:
        """Record what *sweep* has found, the gap it leaves or closes, and whether to read as far again."""
        gap = again.gap if again else None
        closed = gap is not None and sweep.gap is None
        hidden = await self._hidden(sweep)
        if fresh or sweep.gap or closed or hidden:
            async with self._database.transaction() as tx:
                if sweep.gap and gap is None:
                    gap = await gaps.add(tx, self._clock.now(), ground.floor, sweep.oldest, sweep.gap, sweep.bound_by)
                elif gap is not None and closed:
                    await gaps.read_after_all(tx, gap, self._clock.now())
                await filings.add(tx, fresh)
                await self._malformed.record(tx, hidden, self._clock.now())
                tx.ring(PENDING)
            self._malformed.recorded(hidden)
        for filing in fresh:
            log.info("filing_seen", accession=filing.accession, form=filing.form, issuer=filing.issuer_name)
        if sweep.gap and not (again and again.gap):
            log.error("feed_gap", before=sweep.oldest.isoformat(), detail=sweep.gap)
        if closed:
            log.info("feed_gap_closed")
        if again is not None or form not in self._again:
            self._follow(form, sweep, again, gap)

    async def _hidden(self, sweep: Sweep) -> list[Hidden]:
        """Entries that may hide a filing nobody has seen, unless that was recorded before."""
        found = self._malformed.unrecorded(sweep.hidden)
        named = [one.entry.accession for one in found if one.entry.accession is not None]
        known = await filings.known(self._database, named)
        return [one for one in found if one.entry.accession not in known]

    def _follow(self, form: str, sweep: Sweep, again: _Again | None, gap: int | None) -> None:
        """Decide whether the feed is to be read as far again."""
        self._again.pop(form, None)
        number = again.number + 1 if again else 1
        now = self._clock.monotonic()
        if sweep.gap and gap is not None:
            until = again.until if again and again.gap else sweep.oldest - _A_SECOND
            if number <= _GAP_TRIES and sweep.reached < _DEEPEST:
                due = now + min(_GAP_PAUSE * 2**number, _LONGEST_GAP_PAUSE)
                self._again[form] = _Again(until=until, reached=sweep.reached, due=due, number=number, gap=gap)
        elif number <= (_STALE_TRIES if sweep.stale else 1 if sweep.unsure else 0):
            self._again[form] = _Again(until=sweep.oldest, reached=sweep.reached, due=now, number=number)

    async def _note(self, new: int) -> None:
        """Remember that the feed was read, for whoever watches for silence."""
        now = self._clock.monotonic()
        if new:
            self._news = now
        if now - self._noted >= _NOTED:
            self._noted = now
            async with self._database.transaction() as tx:
                await marks.put(tx, marks.READ, self._clock.now())

    async def _edgar_now(self) -> datetime:
        """The time by EDGAR's clock: where ours is ahead, filings of the first minutes must not look like history."""
        body = await self._client.feed_page(self._forms[0], 0)
        assert body is not None
        now = self._clock.now()
        if body.sent is None:
            return now
        skew = body.received - body.sent
        if abs(skew) > _SKEW:
            log.warning("clock_differs", seconds=skew.total_seconds())
        return min(now, body.sent)
