"""Every day against the SEC's own index: what is missing is fetched, and what cannot be trusted is not believed."""

import asyncio
import random
import re
from datetime import date, datetime, time, timedelta
from pathlib import Path

import msgspec
import pytest

from service.lookalike.server import LookAlike
from service.model import calendar
from service.model.filing import Source
from service.poller.collect import Collector
from service.poller.live import LivePoller
from service.poller.reconcile import Reconciler
from service.poller.rhythm import Rhythm
from service.store import Database, day_records, days, filings, marks
from service.store.days import DayState
from service.store.filings import FilingState as Filed
from service.vitals import Unwatched
from tests.kit.archives import RecordedArchive, ScriptedArchive, listings
from tests.kit.asking import asking
from tests.kit.clocks import SetClock
from tests.kit.corpus import corpus
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.indexes import TUESDAY, an_index, began, path_of, seen_by_the_feed, seen_of
from tests.kit.tasks import going_on
from tests.poller.reconciling import MORNING, account, looked_at_until_settled, published, reconciling


async def test_what_the_feed_missed_is_fetched_and_the_day_adds_up(either: Database) -> None:
    """The record of a day: in the index, seen, recovered, dead, missing."""
    archive, made = ScriptedArchive(), listings(20)
    archive.add(*made)
    archive.files[path_of(TUESDAY)] = an_index(TUESDAY, made)
    await began(either, live=calendar.at(date(2025, 3, 3), calendar.MIDNIGHT))
    await seen_by_the_feed(either, made[:15])
    async with LookAlike(archive) as edgar, reconciling(edgar.url, either, SetClock(MORNING)):
        await eventually(account(either, lambda record: record.is_complete and record.indexed == 20))
    (record,) = await day_records.records(either)
    found = await published(either)

    assert (20, 15, 5, 0, 0) == (record.indexed, record.seen, record.recovered, record.dead, record.missing)
    assert sorted(one.accession for one in made) == sorted(event.filing.accession for event in found)
    recovered = [event.filing for event in found if event.filing.provenance.source == "index"]
    assert {one.accession for one in made[15:]} == {filing.accession for filing in recovered}
    assert {False} == {
        filing.provenance.history for filing in recovered
    }  # found late, but not history: rules alert on it
    assert {None} == {filing.times.updated for filing in recovered}


async def test_a_record_tells_what_is_yet_to_be_asked_for(either: Database) -> None:
    """Of what is missing, in one reading: whoever waits for the first try at each must see no more and no less."""
    made = listings(4)
    every = [one.accession for one in made]
    await began(either)
    async with either.transaction() as tx:
        await days.schedule(tx, [(TUESDAY, MORNING)])
        await filings.add(tx, seen_of(made))
        await day_records.list_as(tx, TUESDAY, every)
        await filings.settle(tx, every[0], Filed.PUBLISHED)
        await filings.settle(tx, every[1], Filed.DEAD)
        await filings.postpone(tx, every[2], MORNING, "EDGAR answered 503")
    (record,) = await day_records.records(either)

    assert (4, 1, 1, 2, 1) == (record.indexed, record.seen, record.dead, record.missing, record.untried)


async def test_what_was_accepted_before_the_first_start_is_recovered_as_history(database: Database) -> None:
    """The index of the first day lists the morning before the service ran."""
    archive, made = ScriptedArchive(), listings(2)  # accepted at 9:00:00 and 9:00:01 on 2025-03-03
    archive.add(*made)
    day = date(2025, 3, 3)
    archive.files[path_of(day)] = an_index(day, made)
    await began(database, day, live=calendar.at(day, time(9, 0, 1)))
    clock = SetClock(calendar.at(TUESDAY, time(6, 1)))
    async with LookAlike(archive) as edgar, reconciling(edgar.url, database, clock):
        await eventually(account(database, lambda record: record.is_complete and record.indexed == 2, day))

    history = {event.filing.accession: event.filing.provenance.history for event in await published(database)}
    assert {made[0].accession: True, made[1].accession: False} == history


@pytest.mark.parametrize("kind", ["cut off", "empty", "of another day", "a page for people"])
async def test_an_index_that_cannot_be_trusted_is_looked_at_again_and_proves_nothing(
    database: Database, kind: str
) -> None:
    """It would hide what is missing."""
    archive, made = ScriptedArchive(), listings(10)
    archive.add(*made)
    whole = an_index(TUESDAY, made)
    archive.files[path_of(TUESDAY)] = {
        "cut off": whole[: whole.rindex(b"0009990900-25-000006")],
        "empty": whole[: whole.index(b"10-K")],
        "of another day": an_index(TUESDAY - timedelta(days=1), made),
        "a page for people": b"<html><body>maintenance</body></html>",
    }[kind]
    await began(database)
    clock = SetClock(MORNING)
    async with LookAlike(archive) as edgar, reconciling(edgar.url, database, clock):
        await eventually(account(database, lambda record: record.looks == 1))
        (doubted,) = await day_records.records(database)
        archive.files[path_of(TUESDAY)] = whole
        clock.set(doubted.due + timedelta(seconds=1))
        async with database.transaction() as tx:
            tx.ring(days.ASKED)
        await eventually(account(database, lambda record: record.is_complete and record.recovered == 10))

    assert (DayState.DUE, kind == "cut off") == (doubted.state, doubted.indexed > 0)  # what it lists is fetched
    assert "cannot be trusted" in (doubted.note or "")


async def test_an_index_that_lacks_what_the_feed_showed_is_believed_only_when_it_stays_so(database: Database) -> None:
    """It may be late; or EDGAR has withdrawn a filing."""
    archive, made = ScriptedArchive(), listings(3)
    archive.add(*made)
    archive.files[path_of(TUESDAY)] = an_index(TUESDAY, made[:2])
    await began(database)
    await seen_by_the_feed(database, made)
    clock = SetClock(MORNING)
    async with LookAlike(archive) as edgar, reconciling(edgar.url, database, clock):
        record = await looked_at_until_settled(database, clock, TUESDAY)

    assert DayState.READ == record.state
    assert clock.now() - MORNING > timedelta(hours=4)
    assert "1 filing shown by the feed, but not in the index" == record.note


async def test_a_refusal_that_means_there_is_no_such_index_blocks_nothing(database: Database) -> None:
    """The store behind the archive answers 403 for what is not there: XML with a code, not EDGAR's page."""
    archive = ScriptedArchive()
    await began(database, date(2025, 3, 1))
    async with LookAlike(archive, absent=403) as edgar, reconciling(edgar.url, database, SetClock(MORNING)):
        await eventually(account(database, lambda record: record.looks == 1))

    assert await marks.get(database, marks.blocked("www")) is None


async def test_without_a_first_start_what_an_index_brings_is_history(database: Database) -> None:
    """`reconcile DATE` before the service ever ran: its first run must not alert on all of that day."""
    archive, made = ScriptedArchive(), listings(3)
    archive.add(*made)
    archive.files[path_of(TUESDAY)] = an_index(TUESDAY, made)
    async with database.transaction() as tx:
        await days.ask(tx, [TUESDAY], MORNING)
    async with LookAlike(archive) as edgar, reconciling(edgar.url, database, SetClock(MORNING)):
        await eventually(account(database, lambda record: record.is_complete and record.indexed == 3))

    assert {True} == {event.filing.provenance.history for event in await published(database)}


async def test_a_block_that_several_requests_meet_is_put_down_by_all_of_them(either: Database) -> None:
    """Eight documents are under way when EDGAR refuses: none of their answers may fail the service."""
    until = [now() + timedelta(seconds=number) for number in range(8)]

    async def put(at: datetime) -> None:
        async with either.transaction() as tx:
            await marks.put(tx, marks.blocked("www"), at)

    await asyncio.gather(*(put(at) for at in until))

    assert await marks.get(either, marks.blocked("www")) in until


async def test_a_real_index_is_reconciled_over_http(database: Database) -> None:
    """991 filings of 2020-03-18, none of which the feed has shown."""
    day = date(2020, 3, 18)
    archive = ScriptedArchive()
    archive.files[path_of(day)] = (corpus() / "index" / "form.20200318.idx").read_bytes()
    await began(database, day)
    clock = SetClock(calendar.at(day + timedelta(days=1), time(7)))
    async with LookAlike(archive) as edgar, reconciling(edgar.url, database, clock):
        await eventually(account(database, lambda record: record.state is DayState.READ, day))
    (record,) = await day_records.records(database, only=[day])

    assert (991, 991) == (record.indexed, record.missing)


class RecordedDays(RecordedArchive):
    """The recorded pages of the real feed, and for each day the index that lists what they show as filed on it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.by_day: dict[date, set[str]] = {}
        for page in sorted(folder.glob("start*.atom")):
            for entry in re.findall(r"<entry>.*?</entry>", page.read_text("latin-1"), re.DOTALL):
                if re.search(r'term="4(/A)?"', entry):
                    ((filed, number),) = re.findall(r"Filed:\D*([\d-]{10}).*number=([\d-]+)", entry, re.DOTALL)
                    self.by_day.setdefault(date.fromisoformat(filed), set()).add(number)

    def file(self, path: str) -> bytes | None:
        """The index of a day that the pages show."""
        for day, accessions in self.by_day.items():
            if path == path_of(day):
                (one,) = listings(1)
                return an_index(day, [msgspec.structs.replace(one, accession=number) for number in accessions])
        return None


async def test_the_recorded_pages_reconcile(database: Database) -> None:
    """Must show: what the real feed showed is what the index lists, and each is published once."""
    archive = RecordedDays(corpus() / "feed_type4_20251212")
    clock = SetClock(calendar.at(date(2025, 12, 15), time(7)))
    timing = {"clock": clock, "vitals": Unwatched()}
    async with LookAlike(archive) as edgar, asking(edgar.url, database, clock=clock) as client:
        loops = [
            LivePoller(client, database, forms=("4",), rhythm=Rhythm(), since=min(archive.by_day), **timing),
            Collector(client, database, give_up=timedelta(hours=24), chance=random.Random(1), **timing),
        ]
        expected = archive.accessions()

        async def all_published() -> bool:
            return len(await published(database)) == len(expected)

        async with going_on(*(loop.run() for loop in loops)):
            await eventually(all_published)
            async with going_on(Reconciler(client, database, forms=("4",), trusted_at=time(6), **timing).run()):
                for day in archive.by_day:
                    await eventually(account(database, lambda record: record.state is DayState.READ, day))
    records = await day_records.records(database)
    found = [event.filing.accession for event in await published(database)]

    assert sorted(expected) == sorted(found)
    assert len(expected) == sum(record.indexed for record in records) == sum(record.seen for record in records)
    assert all(record.is_complete for record in records)


async def test_alerts_that_a_backfill_was_asked_for_stay_with_it(database: Database) -> None:
    """Of days before the service first ran: comparing them meanwhile takes nothing away."""
    archive, made = ScriptedArchive(), listings(2)
    archive.add(*made)
    archive.files[path_of(TUESDAY)] = an_index(TUESDAY, made)
    await began(database, TUESDAY + timedelta(days=60))
    asked = [
        msgspec.structs.replace(one, source=Source.BACKFILL, history=True, backfill=1, digest="backfill-1")
        for one in seen_of(made)
    ]
    async with database.transaction() as tx:
        await filings.add(tx, asked)
        await days.ask(tx, [TUESDAY], MORNING)
    async with LookAlike(archive) as edgar, reconciling(edgar.url, database, SetClock(MORNING + timedelta(days=90))):
        await eventually(account(database, lambda record: record.is_complete))

    assert {"backfill-1"} == {event.filing.provenance.digest for event in await published(database)}


async def test_what_was_filed_before_the_first_start_is_history_also_without_a_time(database: Database) -> None:
    """Some old headers do not say when they were accepted."""
    archive, made = ScriptedArchive(), listings(1)
    data = re.sub(rb"<ACCEPTANCE-DATETIME>\d+\n", b"", made[0].data)
    archive.add(msgspec.structs.replace(made[0], data=data))
    archive.files[path_of(TUESDAY)] = an_index(TUESDAY, made)
    await began(database, TUESDAY + timedelta(days=60))
    async with database.transaction() as tx:
        await days.ask(tx, [TUESDAY], MORNING)
    async with LookAlike(archive) as edgar, reconciling(edgar.url, database, SetClock(MORNING + timedelta(days=90))):
        await eventually(account(database, lambda record: record.is_complete))

    assert [True] == [event.filing.provenance.history for event in await published(database)]
