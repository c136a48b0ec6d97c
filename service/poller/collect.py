"""The collector: fetches what the feed and the indexes listed, and publishes it."""

import asyncio
import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import partial

import structlog

from service.backoff import backoff
from service.clock import Clock
from service.edgar.client import Body, EdgarClient
from service.edgar.pace import Urgency
from service.edgar.submission import header, is_submission, is_whole, ownership_xml
from service.model.calendar import eastern_day
from service.model.dead import DeadLetter
from service.model.errors import Blocked, NotYet, Refused, Unreachable, UnusableDocument, UnusableReason
from service.model.filing import Filing, FilingEvent, Original, Provenance, Source, Times
from service.poller.live import PENDING
from service.store import Database, Transaction, backfills, days, filings, letters, marks
from service.store.filings import FilingState, Seen
from service.store.group_commit import GroupCommit, Write, each
from service.vitals import Vitals
from service.wire.topics import Event, filing_event

_AT_ONCE = 8  # documents of a lane in flight; the pace decides how often one starts
_ROUND = 200
_ROUND_IN_BACKGROUND = 16
_LOOK = 5.0  # seconds between looks for what nobody rang for
_LOOK_WHILE_BUSY = 1.0
_OUTAGE = timedelta(seconds=1), 2.0  # until the first retry, and how many times longer each further one waits
_LATE = timedelta(seconds=2), 2.5  # a document that is not served yet is late by seconds or by minutes
_REFUSED = timedelta(minutes=1), 4.0  # counted from the end of the block, for one that was refused before
_LONGEST_RETRY = timedelta(minutes=5)
_LONGEST_WHEN_REFUSED = timedelta(minutes=12)  # what is due later, the store takes for a slip of the clock
_BODY_TRIES = 5  # at a document that is cut off, or an answer without one, until that is what EDGAR has
_NEVER = datetime.max.replace(tzinfo=UTC)
_CUT_OFF = timedelta(hours=1)  # what stays cut off for longer is published so, and the parser says why it is dead

log = structlog.get_logger()


class Collector:
    """Turns pending filings into events: each is settled in the same transaction as its event, so it is one event.

    Filings of one issuer are fetched one after the other, so that they are published in their order; issuers do not
    wait for each other, and what is live waits for nothing else: neither for a backfill, nor for what the feed showed
    of the first day before the service began.
    """

    def __init__(
        self,
        client: EdgarClient,
        database: Database,
        *,
        give_up: timedelta,
        clock: Clock,
        chance: random.Random,
        vitals: Vitals,
    ) -> None:
        self._client = client
        self._database = database
        self._give_up = give_up
        self._clock = clock
        self._chance = chance
        self._vitals = vitals
        self._commits: GroupCommit[Write[bool], bool] = GroupCommit(database, each)
        self._bell = database.bell(PENDING)
        self._lanes = {lane: _Traffic() for lane in Urgency}
        self._block: Blocked | None = None

    async def run(self) -> None:
        """Collect without end; outages and blocks are waited out."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._vitals.beat("poller/collector")
                self._bell.clear()
                if self._block is not None:
                    block, self._block = self._block, None
                    self._vitals.beat("poller/collector", self._client.left(block))
                    await self._client.unblocked(block)
                for lane in Urgency:
                    await self._begin(group, lane)
                await self._bell.wait(self._clock.timeout(await self._until_due()))

    async def _until_due(self) -> float:
        """Seconds until there is something to look for."""
        following = await filings.next_due(self._database)
        if following is None:
            return _LOOK
        left = (following - self._clock.now()) / timedelta(seconds=1)
        return min(left, _LOOK) if left > 0 else _LOOK_WHILE_BUSY

    async def _begin(self, group: asyncio.TaskGroup, lane: Urgency) -> None:
        """Start on what is due, but for issuers that are under way."""
        traffic, now = self._lanes[lane], self._clock.now()
        limit = _ROUND if lane is Urgency.LIVE else _ROUND_IN_BACKGROUND
        busy = frozenset(traffic.under_way)  # as of before the look: what ends meanwhile may still look due
        if lane is Urgency.LIVE:
            found = await filings.due(self._database, now, limit)
        elif len(busy) < _AT_ONCE:
            found = await filings.due_in_background(self._database, now, limit)
        else:
            traffic.more = True
            return
        issuers: dict[str, list[Seen]] = defaultdict(list)
        for seen in found:
            issuers[seen.issuer_cik or seen.accession].append(seen)
        traffic.more = len(found) == limit or not busy.isdisjoint(issuers)
        for issuer in issuers.keys() - busy:
            traffic.under_way.add(issuer)
            group.create_task(self._issuer(lane, issuer, issuers[issuer]))

    async def _issuer(self, lane: Urgency, issuer: str, queue: list[Seen]) -> None:
        """Try *queue* in its order; a block ends it early, and what is left stays due."""
        traffic = self._lanes[lane]
        for seen in queue:
            with structlog.contextvars.bound_contextvars(accession=seen.accession):
                async with traffic.slots:
                    if self._block is not None:
                        break
                    try:
                        published = await self._one(seen, lane)  # meanwhile *more* may change
                        traffic.more |= not published
                    except Blocked as block:
                        self._block, traffic.more = block, True
                        break
        traffic.under_way.discard(issuer)
        if traffic.more and len(traffic.under_way) < _AT_ONCE:
            self._bell.ring()  # look for more before the slots run dry

    async def _one(self, seen: Seen, lane: Urgency) -> bool:
        """Whether *seen* is published; if not, it may have to be tried again."""
        try:
            body = await self._client.submission(seen.archive_cik, seen.accession, lane)
            filing, event = self._event(seen, body, await self._live_from(seen))
        except NotYet as error:
            if self._clock.now() - seen.seen > self._give_up and seen.tries >= self._enough:
                await self._bury(seen, UnusableDocument(UnusableReason.NEVER_SERVED, f"EDGAR lists it, but: {error}"))
            else:
                await self._postpone(seen, str(error), *_LATE)
        except Unreachable as error:
            await self._postpone(seen, str(error), *_OUTAGE)
        except Refused as error:
            await self._step_back(seen, error)
            raise
        except UnusableDocument as error:
            await self._bury(seen, error)
        else:
            published = await self._commits.write(partial(_publish, seen, event))
            if published:
                if not filing.provenance.history:
                    self._vitals.passed(filing.times, "published")
                log.info(
                    "published", form=filing.form, history=filing.provenance.history, source=filing.provenance.source
                )
            return published
        return False

    async def _live_from(self, seen: Seen) -> datetime | None:
        """Where the feed did not tell a filing's time: what was accepted before this is history."""
        if seen.source is not Source.INDEX:
            return None
        return await marks.get(self._database, marks.LIVE) or _NEVER  # the service has never run

    @property
    def _enough(self) -> int:
        """Tries before a document is given up: a wall clock that is set ahead must not give it up at once."""
        return self._give_up // _LONGEST_RETRY // 4

    def _event(self, seen: Seen, body: Body, live: datetime | None) -> tuple[Filing, Event]:
        """The filing and its event; raises Unreachable where the answer is not the submission asked for.

        *live*: what was accepted before is history, for a filing whose time the feed did not tell.
        """
        head = header(body.data)
        if head.accession is not None and head.accession != seen.accession:
            raise Unreachable(f"asked for {seen.accession}, got {head.accession}")
        now = self._clock.now()
        age = now - seen.seen
        if not is_submission(body.data) and (age < self._give_up or seen.tries < _BODY_TRIES):
            raise Unreachable("the answer is not a submission (perhaps a maintenance page)")
        if not is_whole(body.data) and (age < min(_CUT_OFF, self._give_up) or seen.tries < _BODY_TRIES):
            raise Unreachable(f"the submission is cut off after {len(body.data):,} bytes")
        times = Times(
            accepted=head.accepted,
            updated=seen.updated if seen.source is Source.FEED else None,
            seen=seen.seen,
            fetched=body.received,
            published=now,
        )
        old = live is not None and _is_before(live, head.accepted, seen.filed_on)
        filing = Filing(
            accession=seen.accession,
            form=seen.form,
            issuer_cik=seen.issuer_cik or head.issuer_cik,
            issuer_name=seen.issuer_name or head.issuer_name,
            filed_on=head.filed_on or seen.filed_on,
            links=self._client.links(seen.archive_cik, seen.accession),
            times=times,
            provenance=Provenance(source=seen.source, history=seen.history or old, digest=seen.digest),
        )
        document = Original.of(ownership_xml(body.data) or body.data)
        return filing, filing_event(FilingEvent(filing=filing, document=document), now)

    async def _postpone(self, seen: Seen, why: str, first: timedelta, slower: float) -> None:
        delay = backoff(first, seen.tries, _LONGEST_RETRY, slower) * self._chance.uniform(0.8, 1.2)
        async with self._database.transaction() as tx:
            await filings.postpone(tx, seen.accession, self._clock.now() + delay, why)
        log.warning("document_unavailable", detail=why, seconds=round(delay.total_seconds(), 1))

    async def _step_back(self, seen: Seen, error: Refused) -> None:
        """It may be this document alone that EDGAR refuses: ask for it ever less often."""
        if seen.tries >= self._enough and self._clock.now() - seen.seen > self._give_up:
            await self._bury(seen, UnusableDocument(UnusableReason.NEVER_SERVED, str(error)))
            return
        first, slower = _REFUSED
        later = backoff(first, seen.tries, _LONGEST_WHEN_REFUSED, slower)
        async with self._database.transaction() as tx:
            await filings.postpone(tx, seen.accession, error.until + later, str(error))

    async def _bury(self, seen: Seen, error: UnusableDocument) -> None:
        letter = DeadLetter(
            group="poller",
            reason=error.reason,
            message=str(error),
            accession=seen.accession,
            topic=None,
            partition=None,
            offset=None,
            id=None,
            key=seen.issuer_cik,
            original=Original.of(b""),
            died=self._clock.now(),
        )
        async with self._database.transaction() as tx:
            if await filings.settle(tx, seen.accession, FilingState.DEAD):
                await letters.bury(tx, letter)
            _tell(tx, seen)
        log.error("dead_letter", reason=error.reason, detail=str(error))


class _Traffic:
    """What is under way in a lane."""

    def __init__(self) -> None:
        self.slots = asyncio.Semaphore(_AT_ONCE)
        self.under_way: set[str] = set()  # issuers
        self.more = True  # as far as is known, something is due or comes again, beside what is under way


async def _publish(seen: Seen, event: Event, tx: Transaction) -> bool:
    settled = await filings.settle(tx, seen.accession, FilingState.PUBLISHED, seen.source)  # as it was taken for
    if settled:
        tx.emit(event)
    _tell(tx, seen)
    return settled


def _tell(tx: Transaction, seen: Seen) -> None:
    """*seen* may have been the last that its backfill or its day waits for."""
    if seen.backfill is not None:
        tx.ring(backfills.ASKED)
    if seen.source is Source.INDEX:
        tx.ring(days.ASKED)


def _is_before(live: datetime, accepted: datetime | None, filed_on: date | None) -> bool:
    """Whether a filing is older than *live*; where its header does not say when it was accepted, its day decides."""
    if accepted is not None:
        return accepted < live
    return filed_on is not None and filed_on < eastern_day(live)
