"""The collector: fetches what the feed listed, and publishes it."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from service.edgar.client import Body, EdgarClient
from service.edgar.submission import header, is_whole, ownership_xml
from service.model.dead import DeadLetter
from service.model.errors import Blocked, NotYet, Reason, Unreachable, UnusableDocument
from service.model.filing import Filing, FilingEvent, Original, Times
from service.poller.live import PENDING, wait_out
from service.store import Database, filings
from service.store.filings import Seen, State
from service.wire.topics import dead_event, filing_event

_AT_ONCE = 8  # documents in flight; the pace decides how often one starts
_ROUND = 200
_LOOK = 1.0  # seconds between looks for documents whose next try is due
_FIRST_RETRY = timedelta(seconds=1)
_LONGEST_RETRY = timedelta(minutes=5)
_CUT_OFF_TRIES = 4  # a body that stays cut off this often is published as it is, and the parser says why it is dead

log = structlog.get_logger()


class Collector:
    """Turns pending filings into events: each is settled in the same transaction as its event, so it is one event.

    Filings of one issuer are fetched one after the other, so that they are published in their order; issuers do not
    wait for each other.
    """

    def __init__(
        self,
        client: EdgarClient,
        database: Database,
        *,
        give_up: timedelta,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
        chance: random.Random,
    ) -> None:
        self._client = client
        self._database = database
        self._give_up = give_up
        self._clock = clock
        self._sleep = sleep
        self._chance = chance
        self._bell = database.bell(PENDING)
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def run(self) -> None:
        """Collect without end; outages and blocks are waited out."""
        while True:
            self._bell.clear()
            try:
                busy = await self.round()
            except Blocked as block:
                await wait_out(block, self._database, self._clock, self._sleep)
                continue
            if not busy:
                await self._bell.wait(_LOOK)

    async def round(self) -> bool:
        """Try every document that is due once; False: none was. Raises Blocked."""
        due = await filings.due(self._database, self._clock(), _ROUND)
        issuers: dict[str, list[Seen]] = defaultdict(list)
        for seen in due:
            issuers[seen.issuer_cik or seen.accession].append(seen)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._issuer(queue)) for queue in issuers.values()]
        for task in tasks:
            if block := task.result():
                raise block
        return bool(due)

    async def _issuer(self, queue: list[Seen]) -> Blocked | None:
        """Try *queue* in its order; returns the block that ended it early, so that no other is torn off half way."""
        for seen in queue:
            with structlog.contextvars.bound_contextvars(accession=seen.accession):
                async with self._slots:
                    try:
                        await self._one(seen)
                    except Blocked as block:
                        return block
        return None

    async def _one(self, seen: Seen) -> None:
        try:
            body = await self._client.submission(seen.archive_cik, seen.accession)
            self._check(seen, body)
        except NotYet as error:
            if self._clock() - seen.seen > self._give_up:
                await self._bury(seen, UnusableDocument(Reason.NEVER_SERVED, f"EDGAR lists it, but: {error}"))
            else:
                await self._postpone(seen, str(error))
        except Unreachable as error:
            await self._postpone(seen, str(error))
        except UnusableDocument as error:
            await self._bury(seen, error)
        else:
            await self._publish(seen, body)

    @staticmethod
    def _check(seen: Seen, body: Body) -> None:
        """Raises Unreachable where the answer is not the submission asked for."""
        stated = header(body.data).accession
        if stated is not None and stated != seen.accession:
            raise Unreachable(f"asked for {seen.accession}, got {stated}")
        if not is_whole(body.data) and seen.tries < _CUT_OFF_TRIES:
            raise Unreachable(f"the submission is cut off after {len(body.data):,} bytes")

    async def _publish(self, seen: Seen, body: Body) -> None:
        head = header(body.data)
        now = self._clock()
        filing = Filing(
            accession=seen.accession,
            form=seen.form,
            issuer_cik=seen.issuer_cik or head.issuer_cik,
            issuer_name=seen.issuer_name or head.issuer_name,
            filed_on=head.filed_on,
            links=self._client.links(seen.archive_cik, seen.accession),
            times=Times(
                accepted=head.accepted, updated=seen.updated, seen=seen.seen, fetched=body.received, published=now
            ),
            history=seen.history,
        )
        document = Original.of(ownership_xml(body.data) or body.data)
        async with self._database.transaction() as tx:
            if await filings.settle(tx, seen.accession, State.PUBLISHED):
                tx.emit(filing_event(FilingEvent(filing=filing, document=document), now))
        log.info("published", form=filing.form, issuer=filing.issuer_name, history=filing.history)

    async def _postpone(self, seen: Seen, why: str) -> None:
        delay = min(_FIRST_RETRY * 2**seen.tries, _LONGEST_RETRY) * self._chance.uniform(0.8, 1.2)
        async with self._database.transaction() as tx:
            await filings.postpone(tx, seen.accession, self._clock() + delay)
        log.warning("not to be had yet; trying again", detail=why, seconds=round(delay.total_seconds(), 1))

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
            died=self._clock(),
        )
        async with self._database.transaction() as tx:
            if await filings.settle(tx, seen.accession, State.DEAD):
                tx.emit(dead_event(letter))
        log.error("dead letter", reason=error.reason, detail=str(error))
