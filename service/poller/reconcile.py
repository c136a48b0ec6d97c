"""Reconciliation: every day is compared with the SEC's own index, and what is missing is fetched."""

import asyncio
import hashlib
from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta

import structlog

from service.backoff import backoff
from service.clock import Clock
from service.edgar.client import EdgarClient
from service.edgar.index import FilingIndex, IndexEntry, doubts_of, read_index
from service.model import calendar
from service.model.errors import Blocked, NotYet, Refused, Unreachable
from service.model.filing import Source
from service.poller.live import PENDING
from service.store import Database, Transaction, day_records, days, filings, gaps, marks
from service.store.days import DayState, DueDay
from service.store.filings import Seen
from service.vitals import Vitals
from service.words import counted

_LOOK = 20.0  # seconds between looks for days whose index is due
_FIRST_RETRY = timedelta(minutes=5)
_LONGEST_RETRY = timedelta(minutes=30)
_STEADY = 12  # looks, over four hours, at an index that lacks filings of the feed and stays the same: it is believed
_ABSENT = 8  # looks, over two hours, until a business day that has shown nothing is taken for one without an index
_A_DAY = timedelta(days=1)
_END_OF_DAY = time(23, 59)

log = structlog.get_logger()


class Reconciler:
    """Compares days with their indexes, each once its index can be trusted: at *trusted_at*, Eastern, on the next day.

    An index that is late or cut off is looked at again, never believed; one that lacks what the feed has shown is
    believed once it has stayed the same for hours. What a doubtful one lists is fetched all the same.
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
                day = await days.due(self._database, self._clock.now())
                if day is not None:
                    await self.look(day)
                await self._close_gaps()
            except Blocked as block:
                self._vitals.beat("poller/reconcile", self._client.left(block))
                await self._client.unblocked(block)
            else:
                if day is None:
                    await self._bell.wait(self._clock.timeout(_LOOK))

    async def look(self, day: DueDay) -> None:
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
            except Refused as error:
                await self._postpone(day, str(error), day.digest)  # it may be this file alone
                raise
            index = await asyncio.to_thread(read_index, body.data, self._forms)
            digest = hashlib.sha256(body.data).hexdigest()
            doubts = doubts_of(index, day.day)
            if doubts:
                if doubts == index.doubts:  # it is of this day
                    await self._fetch(day.day, index)
                await self._postpone(day, f"the index cannot be trusted: {'; '.join(doubts)}", digest)
                return
            shown = await day_records.unlisted(self._database, day.day)
            unlisted = len(shown.difference(entry.accession for entry in index.entries))
            note = f"{counted(unlisted, 'filing')} shown by the feed, but not in the index" if unlisted else None
            looks = _looks(day.digest, digest)
            missing = await self._fetch(day.day, index)
            now = self._clock.now()
            if unlisted and looks < _STEADY:
                await self._postpone(day, f"{note} yet", f"{digest}:{looks}")
                return
            if self._due(day.day) > min(now, body.sent or now):  # by EDGAR's clock, where ours is ahead
                await self._too_early(day, now)
                return
            async with self._database.transaction() as tx:
                await days.settle(tx, day.day, DayState.READ, now, note)
            tell = log.warning if missing else log.info
            tell("compared with the SEC's index", listed=len(index.entries), missing=missing, note=note)

    async def _fetch(self, day: date, index: FilingIndex) -> int:
        """Note what *index* lists, and ask for what is not known of it: how many filings that is."""
        now, live = self._clock.now(), await marks.get(self._database, marks.LIVE)
        every = [entry.accession for entry in index.entries]
        missing = set(every) - await filings.known(self._database, every)
        async with self._database.transaction() as tx:  # all of them: one that was known may be gone by now
            await add_missing(tx, [found(entry, day, now, Source.INDEX) for entry in index.entries])
            if live is not None and day >= calendar.eastern_day(live):  # older ones a backfill tells as it was asked to
                await filings.claim_for_index(tx, every)
            await day_records.list_as(tx, day, every)
        return len(missing)

    async def _too_early(self, day: DueDay, now: datetime) -> None:
        """What the index lists by now is fetched; it proves nothing, and is read again when it can be trusted."""
        note, due = "read before it can be trusted; it is read again", max(self._due(day.day), now + _LONGEST_RETRY)
        async with self._database.transaction() as tx:
            await days.settle(tx, day.day, DayState.DUE, now, note)
            await days.postpone(tx, day.day, due, note, None)

    async def _absent(self, day: DueDay) -> None:
        """No index: EDGAR was closed, once that is sure; else it is late.

        A holiday of the calendar is believed at once. On another day the President may have closed EDGAR: a later
        day's index must be there, since they come in order, and none of this one for long.
        """
        sure = not calendar.is_business_day(day.day) or (
            day.looks + 1 >= _ABSENT
            and self._clock.now() - self._due(day.day) > _A_DAY
            and await days.any_read_after(self._database, day.day)
        )
        if not sure or await day_records.has_filings(self._database, day.day):
            await self._postpone(day, "the SEC has not published that day's index yet", None)
            return
        async with self._database.transaction() as tx:
            await days.settle(tx, day.day, DayState.CLOSED, None, "no index: EDGAR was closed")
        log.info("edgar_was_closed")

    async def _postpone(self, day: DueDay, note: str, digest: str | None) -> None:
        due = self._clock.now() + backoff(_FIRST_RETRY, day.looks, _LONGEST_RETRY)
        async with self._database.transaction() as tx:
            await days.postpone(tx, day.day, due, note, digest)
        log.warning("index_retrying", detail=note, due=due.isoformat())

    async def _schedule(self) -> None:
        """Every weekday since the service's first, once its index can be trusted."""
        floor = await marks.get(self._database, marks.FLOOR)
        if floor is None:
            return
        first, now = calendar.eastern_day(floor), self._clock.now()
        past = calendar.weekdays(first, calendar.eastern_day(now) - _A_DAY)
        ripe = [day for day in past if self._due(day) <= now]
        unknown = set(ripe) - await days.known(self._database, first)
        if unknown:
            async with self._database.transaction() as tx:
                await days.schedule(tx, [(day, self._due(day)) for day in sorted(unknown)])

    async def _close_gaps(self) -> None:
        floor = await marks.get(self._database, marks.FLOOR)
        for gap in await gaps.still_open(self._database):
            async with self._database.transaction() as tx:
                closed = await gaps.close(tx, gap, floor, self._clock.now())
            if closed:
                log.info("gap_closed", cause=gap.cause)

    def _due(self, day: date) -> datetime:
        return calendar.due(day, self._trusted_at)


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
        updated=calendar.at(day, _END_OF_DAY),
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
    """How many times in a row the index was this one; *last* is what was recorded of it."""
    before, _, count = (last or "").partition(":")
    return int(count or 0) + 1 if before == digest else 1
