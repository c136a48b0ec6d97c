"""Reconciliation: every day is compared with the SEC's own index, and what is missing is fetched."""

import asyncio
import hashlib
from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta

import structlog

from service.clock import Clock
from service.edgar import hours
from service.edgar.client import EdgarClient
from service.edgar.index import FilingIndex, IndexEntry, read_index
from service.model.errors import Blocked, NotYet, Unreachable
from service.poller.live import PENDING
from service.store import Database, Transaction, days, filings, gaps, marks
from service.store.days import Day, State
from service.store.filings import Seen, Source
from service.vitals import Vitals
from service.words import counted

_LOOK = 20.0  # seconds between looks for days whose index is due
_FIRST_RETRY = timedelta(minutes=5)
_LONGEST_RETRY = timedelta(minutes=30)
_STEADY = 3  # looks at an index that lacks filings of the feed, and stays the same, until it is believed
_END_OF_DAY = time(23, 59)

log = structlog.get_logger()


class Reconciler:
    """Compares days with their indexes, each once its index can be trusted: at *trusted_at*, Eastern, on the next day.

    An index that is late, cut off, or lacks what the feed has shown is looked at again; it is never believed.
    """

    def __init__(
        self,
        client: EdgarClient,
        database: Database,
        *,
        forms: Iterable[str],
        trusted_at: time,
        clock: Clock,
        vitals: Vitals,
    ) -> None:
        self._client = client
        self._database = database
        self._forms = frozenset(name for form in forms for name in (form, f"{form}/A"))
        self._trusted_at = trusted_at
        self._clock = clock
        self._vitals = vitals
        self._bell = database.bell(days.ASKED)

    async def run(self) -> None:
        """Reconcile without end; outages and blocks are waited out."""
        while True:
            self._vitals.beat("poller/reconcile")
            self._bell.clear()
            try:
                await self._schedule()
                for day in await days.due(self._database, self._clock.now()):
                    await self.look(day)
                    self._vitals.beat("poller/reconcile")
                await self._close_gaps()
            except Blocked as block:
                self._vitals.beat("poller/reconcile", (block.until - self._clock.now()) / timedelta(seconds=1))
                await self._client.unblocked(block)
            await self._bell.wait(self._clock.timeout(_LOOK))

    async def look(self, day: Day) -> None:
        """Compare *day* with its index, or say when to look again. Raises Blocked."""
        with structlog.contextvars.bound_contextvars(day=day.day.isoformat()):
            try:
                body = await self._client.daily_index(day.day)
            except NotYet:
                await self._absent(day)
                return
            except Unreachable as error:
                await self._postpone(day, f"the index cannot be read: {error}", day.digest)
                return
            index = await asyncio.to_thread(read_index, body.data, self._forms)
            digest = hashlib.sha256(body.data).hexdigest()
            doubts = _doubts(index, day.day)
            if doubts:
                await self._postpone(day, f"the index cannot be trusted: {'; '.join(doubts)}", digest)
                return
            shown = await days.unlisted(self._database, day.day)
            unlisted = len(shown.difference(entry.accession for entry in index.entries))
            note = f"{counted(unlisted, 'filing')} shown by the feed, but not in the index" if unlisted else None
            looks = _looks(day.digest, digest)
            if unlisted and looks < _STEADY:
                await self._postpone(day, f"{note} yet", f"{digest}:{looks}")
                return
            await self._compare(day.day, index, note)

    async def _compare(self, day: date, index: FilingIndex, note: str | None) -> None:
        now = self._clock.now()
        trusted = self._due(day) <= now
        known = await filings.known(self._database, [entry.accession for entry in index.entries])
        missing = [entry for entry in index.entries if entry.accession not in known]
        async with self._database.transaction() as tx:
            await add_missing(tx, [found(entry, day, now, Source.INDEX) for entry in missing])
            await filings.claim_for_index(tx, [entry.accession for entry in index.entries])
            await days.list_as(tx, day, [entry.accession for entry in index.entries])
            if trusted:
                await days.settle(tx, day, State.READ, now, note)
            else:
                note = "read before it can be trusted; it is read again"
                await days.settle(tx, day, State.DUE, now, note)
                await days.postpone(tx, day, self._due(day), note, None)
        tell = log.warning if missing else log.info
        tell("compared with the SEC's index", listed=len(index.entries), missing=len(missing), note=note)

    async def _absent(self, day: Day) -> None:
        """No index: a holiday, once that is sure; else it is late."""
        silent = not await days.feed_was_read(self._database, day.day)
        holiday = not hours.is_business_day(day.day)
        if not silent or not (holiday or await days.any_read_after(self._database, day.day)):  # indexes come in order
            await self._postpone(day, "there is no index yet", None)
            return
        async with self._database.transaction() as tx:
            await days.settle(tx, day.day, State.CLOSED, None, "no index: EDGAR was closed")
        log.info("EDGAR was closed; there is no index")

    async def _postpone(self, day: Day, note: str, digest: str | None) -> None:
        due = self._clock.now() + min(_FIRST_RETRY * 2 ** min(day.looks, 10), _LONGEST_RETRY)
        async with self._database.transaction() as tx:
            await days.postpone(tx, day.day, due, note, digest)
        log.warning("not compared with the SEC's index yet; trying again", detail=note, due=due.isoformat())

    async def _schedule(self) -> None:
        """Every weekday since the service's first, once its index can be trusted."""
        floor = await marks.get(self._database, marks.FLOOR)
        if floor is None:
            return
        first, today = hours.eastern_day(floor), hours.eastern_day(self._clock.now())
        past = [first + timedelta(days=number) for number in range((today - first).days)]
        ripe = [day for day in past if hours.is_weekday(day) and self._due(day) <= self._clock.now()]
        unknown = set(ripe) - await days.known(self._database, first)
        if unknown:
            async with self._database.transaction() as tx:
                await days.schedule(tx, [(day, self._due(day)) for day in sorted(unknown)])

    async def _close_gaps(self) -> None:
        for gap in await gaps.still_open(self._database):
            async with self._database.transaction() as tx:
                closed = await gaps.close(tx, gap, self._clock.now())
            if closed:
                log.info("a gap is closed: the SEC's index shows that nothing of it is missing", cause=gap.cause)

    def _due(self, day: date) -> datetime:
        return hours.due(day, self._trusted_at)


def found(
    entry: IndexEntry,
    day: date,
    now: datetime,
    source: Source,
    *,
    backfill: int | None = None,
    digest: str | None = None,
) -> Seen:
    """The filing that *entry* of the index of *day* lists; who its issuer is, its document will tell."""
    return Seen(
        accession=entry.accession,
        form=entry.form,
        archive_cik=entry.ciks[0],
        issuer_cik=None,
        issuer_name=None,
        updated=hours.at(day, _END_OF_DAY),
        seen=now,
        history=source is Source.BACKFILL,
        source=source,
        filed_on=day,
        backfill=backfill,
        digest=digest,
    )


async def add_missing(tx: Transaction, missing: Collection[Seen]) -> None:
    """Remember *missing* as pending."""
    await filings.add(tx, list(missing))
    if missing:
        tx.ring(PENDING)


def _looks(last: str | None, digest: str) -> int:
    """How many times in a row the index was this one; *last* is what was put down of it."""
    before, _, count = (last or "").partition(":")
    return int(count or 0) + 1 if before == digest else 1


def _doubts(index: FilingIndex, day: date) -> list[str]:
    doubts = list(index.doubts)
    if index.through is not None and index.through < day:
        doubts.append(f"its data end on {index.through}")
    return doubts
