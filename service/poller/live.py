"""The live poller: reads the feed back to known ground, and remembers what is new before anything is fetched."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, date, datetime, timedelta

import structlog

from service.edgar.client import PAGE, EdgarClient
from service.edgar.feed import FeedEntry, FeedPage, FeedReader
from service.model.errors import Blocked, Unreachable
from service.model.filing import Accession
from service.poller import baseline
from service.poller.baseline import Baseline
from service.store import Database, filings, marks
from service.store.filings import Seen
from service.vitals import Vitals

PENDING = "filings.pending"  # the bell that rings when there is a document to fetch

_PAGE_TRIES = 3
_PAGE_PAUSE = 2.0  # seconds
_A_DAY = timedelta(days=1)  # a feed that ends a day short of the floor does not reach it
_LONGEST_PAUSE = 60.0  # seconds between tries while the feed cannot be reached

log = structlog.get_logger()


class LivePoller:
    """Finds new filings. One sweep reads pages from the newest back until all on a page is known.

    What a sweep finds is committed at once, as pending, and only by a sweep that is through: a crash half way leaves
    no hole behind a page that looks known.
    """

    def __init__(
        self,
        client: EdgarClient,
        database: Database,
        *,
        forms: Iterable[str],
        interval: float,
        since: date | None,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
        vitals: Vitals,
    ) -> None:
        self._client = client
        self._database = database
        self._forms = tuple(forms)  # "4", which stands for "4/A" as well
        self._interval = interval
        self._since = since
        self._clock = clock
        self._sleep = sleep
        self._vitals = vitals
        self._readers = {form: FeedReader() for form in self._forms}
        self._shown: dict[str, FeedPage] = {}  # the newest page of the last sweep, by form

    async def run(self) -> None:
        """Sweep without end; outages and blocks are waited out."""
        ground = await baseline.take(self._database, self._clock(), self._since)
        deep = self._since is not None  # what is known does not show that all before it is
        failures = 0
        while True:
            try:
                for form in self._forms:
                    await self.sweep(form, ground, deep=deep)
                deep, failures = False, 0
                self._vitals.beat("poller/feed", self._interval)
                await self._sleep(self._interval)
            except Blocked as block:
                self._vitals.beat("poller/feed", (block.until - self._clock()) / timedelta(seconds=1))
                await wait_out(block, self._database, self._clock, self._sleep)
            except Unreachable as error:
                failures += 1
                pause = min(self._interval * 2**failures, _LONGEST_PAUSE)
                log.warning("the feed cannot be read; trying again", detail=str(error), seconds=pause)
                self._vitals.beat("poller/feed", pause)
                await self._sleep(pause)

    async def sweep(self, form: str, ground: Baseline, *, deep: bool = False) -> int:
        """One reading of the feed for *form*, back to known ground (*deep*: back to the floor).

        Returns how many filings were new. Raises Blocked or Unreachable when even the newest page can't be had.
        """
        newest, seen = await self._page(form, 0)
        if newest == self._shown.get(form) and not deep:
            return 0
        sweep = _Sweep(form, ground)
        page, start = newest, 0
        while page.entries:
            accessions = sweep.take(page)
            unknown = accessions - await filings.known(self._database, accessions)
            sweep.new |= unknown
            if not ground.admits(sweep.oldest) or (accessions and not unknown and not deep):
                break
            start += PAGE
            try:
                page, _ = await self._page(form, start)
            except Unreachable as error:
                sweep.gap = str(error)
                break
        else:
            sweep.end_of_feed()
        fresh = sweep.fresh(seen)
        if fresh or sweep.gap:
            await self._remember(fresh, sweep)
        self._shown[form] = newest
        return len(fresh)

    async def _page(self, form: str, start: int) -> tuple[FeedPage, datetime]:
        """The page at *start*; tried again when it fails, but for the newest, which the next sweep reads anyway."""
        for attempt in range(1, _PAGE_TRIES + 1):
            self._vitals.beat("poller/feed")
            try:
                body = await self._client.feed_page(form, start)
                page = await asyncio.to_thread(self._readers[form].read, body.data)
            except Unreachable as error:
                if start == 0 or attempt == _PAGE_TRIES:
                    raise
                log.warning("a page of the feed cannot be read; trying again", start=start, detail=str(error))
                await self._sleep(_PAGE_PAUSE)
            else:
                if page.unreadable:
                    log.error("the feed has entries that name no filing", start=start, entries=page.unreadable)
                return page, body.received
        raise AssertionError("unreachable")

    async def _remember(self, fresh: list[Seen], sweep: "_Sweep") -> None:
        async with self._database.transaction() as tx:
            await filings.add(tx, fresh)
            if sweep.gap:
                await filings.add_gap(tx, self._clock(), sweep.oldest, sweep.gap)
            tx.ring(PENDING)
        if sweep.gap:
            log.error(
                "the feed could not be read back to known ground", before=sweep.oldest.isoformat(), detail=sweep.gap
            )
        for filing in fresh:
            log.info("seen", accession=filing.accession, form=filing.form, issuer=filing.issuer_name)


class _Sweep:
    """What one reading of the feed has found so far."""

    def __init__(self, form: str, ground: Baseline) -> None:
        self._forms = (form, f"{form}/A")
        self._ground = ground
        self._entries: dict[Accession, list[FeedEntry]] = {}
        self.new: set[Accession] = set()
        self.oldest = datetime.max.replace(tzinfo=UTC)
        self.gap: str | None = None  # why known ground was not reached

    def take(self, page: FeedPage) -> set[Accession]:
        """Add what *page* shows; returns the filings on it that are wanted."""
        wanted = [entry for entry in page.entries if entry.form in self._forms]
        for entry in wanted:
            self._entries.setdefault(entry.accession, []).append(entry)
        self.oldest = page.entries[-1].updated
        return {entry.accession for entry in wanted if self._ground.admits(entry.updated)}

    def end_of_feed(self) -> None:
        """The feed goes no further back: a gap, if that is more than a day short of the floor."""
        if self.new and self.oldest - self._ground.floor > _A_DAY:
            self.gap = f"the feed ends there, but all since {self._ground.floor:%Y-%m-%d %H:%M} UTC was asked for"

    def fresh(self, seen: datetime) -> list[Seen]:
        """The new filings, oldest first: one each, whatever the number of its parties."""
        made = [self._filing(self._entries[accession], seen) for accession in self.new]
        return sorted(made, key=lambda filing: (filing.updated, filing.accession))

    def _filing(self, entries: list[FeedEntry], seen: datetime) -> Seen:
        issuer = next((entry for entry in entries if entry.is_issuer), None)
        first = issuer or entries[0]
        return Seen(
            accession=first.accession,
            form=first.form,
            archive_cik=first.archive_cik,
            issuer_cik=issuer.party_cik if issuer else None,
            issuer_name=issuer.party_name if issuer else None,
            updated=first.updated,
            seen=seen,
            history=self._ground.is_history(first.updated),
        )


async def wait_out(
    block: Blocked,
    database: Database,
    clock: Callable[[], datetime],
    sleep: Callable[[float], Awaitable[None]],
) -> None:
    """Ask EDGAR for nothing until *block* is over; it is remembered, so that a restart does not prolong it."""
    async with database.transaction() as tx:
        await marks.put(tx, marks.BLOCKED, block.until)
    seconds = max(0.0, (block.until - clock()) / timedelta(seconds=1))
    log.error("EDGAR refuses this client; pausing", detail=str(block), until=block.until.isoformat())
    await sleep(seconds)
