"""The poller against the look-alike of EDGAR, over real HTTP."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from service.clock import SystemClock
from service.lookalike.faults import Fault, Faults
from service.lookalike.server import LookAlike
from service.model.calendar import EASTERN
from service.model.dead import DeadLetter
from service.model.errors import Reason
from service.model.filing import FilingEvent
from service.poller import collect
from service.poller.collect import Collector
from service.poller.live import LivePoller
from service.store import Database, events, gaps, marks
from service.store.database import open_database
from service.vitals import Unwatched, Vitals
from service.wire import decode
from service.wire.topics import Topic
from tests.kit.archives import RecordedArchive, ScriptedArchive, listings
from tests.kit.asking import Starts, asking
from tests.kit.clocks import RHYTHM, TODAY
from tests.kit.corpus import corpus
from tests.kit.eventually import eventually
from tests.kit.filings import now


@asynccontextmanager
async def polling(
    url: str,
    database: Database,
    *,
    since: date | None = TODAY,
    rate: float = 2000,
    contact: str = "Tests tests@example.com",
    block_seconds: float = 600,
    give_up: timedelta = timedelta(hours=24),
    permit: Callable[[], None] = lambda: None,
    watcher: Vitals | None = None,
) -> AsyncIterator[asyncio.Task[None]]:
    """The poller and the collector, running."""
    timing = {"clock": SystemClock(), "vitals": Unwatched()}
    async with asking(
        url, database, rate=rate, contact=contact, block_seconds=block_seconds, permit=permit, watcher=watcher
    ) as client:
        poller = LivePoller(client, database, forms=("4",), rhythm=RHYTHM, since=since, **timing)
        collector = Collector(client, database, give_up=give_up, chance=random.Random(1), **timing)

        async def both() -> None:
            async with asyncio.TaskGroup() as group:
                group.create_task(poller.run())
                group.create_task(collector.run())

        task = asyncio.create_task(both())
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def published(database: Database) -> list[FilingEvent]:
    records = await events.read(database, Topic.FILINGS, 0, 100_000)
    return [decode(record.value, FilingEvent) for record in records]


async def accessions(database: Database) -> list[str]:
    return [event.filing.accession for event in await published(database)]


def has_published(database: Database, count: int) -> Callable[[], "asyncio.Future[bool]"]:
    async def condition() -> bool:
        return (await events.counts(database)).get(Topic.FILINGS, 0) >= count

    return condition  # type: ignore[return-value]


async def test_recorded_pages_are_published_once_each_across_a_restart_in_the_middle(tmp_path: Path) -> None:
    """Must show: exactly the distinct 4 and 4/A accessions of the recorded pages, whatever happens half way."""
    archive = RecordedArchive(corpus() / "feed_type4_20251212")
    expected = archive.accessions()
    since = date(2025, 12, 11)
    url = f"sqlite:///{tmp_path}/filingbell.db"
    async with LookAlike(archive) as edgar:
        first = await open_database(url)
        async with polling(edgar.url, first, since=since):
            await eventually(has_published(first, len(expected) // 3))
        await first.close()

        second = await open_database(url)
        before = len(await accessions(second))
        assert before < len(expected)
        async with polling(edgar.url, second, since=since):
            await eventually(has_published(second, len(expected)), within=120)
            fetched = archive.submissions

            async def swept_again() -> bool:
                return edgar.requests > asked + 2

            asked = edgar.requests
            await eventually(swept_again)
        found = await accessions(second)
        await second.close()

    assert len(expected) > 700
    assert sorted(expected) == sorted(found)
    assert fetched <= len(expected) + 8  # one request a filing, but for those in flight at the restart


async def test_a_filing_listed_under_each_of_its_parties_is_one_event(database: Database) -> None:
    """The feed has an entry a party; the event is keyed by the issuer."""
    archive = ScriptedArchive()
    archive.add(*listings(3))
    async with LookAlike(archive) as edgar, polling(edgar.url, database):
        await eventually(has_published(database, 3))
        records = await events.read(database, Topic.FILINGS, 0, 100)

    assert {
        "0009990900-25-000000": "0009900000",
        "0009990900-25-000001": "0009900001",
        "0009990900-25-000002": "0009900002",
    } == {record.headers["ce_subject"]: record.key for record in records}
    assert len(records) == 3


async def test_one_issuers_filings_are_published_in_their_order(database: Database) -> None:
    """Keyed by issuer, a consumer sees its filings as they came, however they are fetched."""
    archive = ScriptedArchive()
    made = listings(60, issuers=3)
    for offset, listing in enumerate(made):
        archive.add(listing, at=now() - timedelta(seconds=60 - offset))
    midnight = datetime.combine(TODAY - timedelta(days=1), datetime.min.time(), EASTERN).date()
    rates = {Fault.SLOW: 0.2}
    slow = LookAlike(archive, Faults(rates, seed=1), slow_seconds=0.05)
    async with slow as edgar, polling(edgar.url, database, since=midnight):
        await eventually(has_published(database, 60))
        records = await events.read(database, Topic.FILINGS, 0, 100)

    for key in {record.key for record in records}:
        subjects = [record.headers["ce_subject"] for record in records if record.key == key]
        assert subjects == sorted(subjects)


async def test_a_document_that_hangs_holds_up_no_other_issuer(database: Database) -> None:
    """One slow answer must not delay what comes in meanwhile."""
    archive = ScriptedArchive()
    slow, *others = listings(12)
    faults = Faults()
    faults.inject(Fault.SLOW, where=slow.accession)
    archive.add(slow)

    async def asked_for() -> bool:
        return slow.accession in archive.submission_requests

    async with LookAlike(archive, faults, slow_seconds=9) as edgar, polling(edgar.url, database):
        await eventually(asked_for)
        archive.add(*others)
        await eventually(has_published(database, 11))
        assert slow.accession not in await accessions(database)


async def test_the_event_carries_the_xml_as_filed_and_its_times(database: Database) -> None:
    """A consumer never has to ask the SEC again."""
    archive = ScriptedArchive()
    (listing,) = listings(1)
    archive.add(listing)
    async with LookAlike(archive) as edgar, polling(edgar.url, database):
        await eventually(has_published(database, 1))
        (event,) = await published(database)

    assert event.document.data() in listing.data
    assert event.document.data().startswith(b"<?xml")
    times = event.filing.times
    assert datetime(2025, 3, 3, 14, tzinfo=UTC) == times.accepted
    stations = [times.updated, times.seen, times.fetched, times.published]
    assert stations == sorted(at for at in stations if at is not None)
    assert event.filing.links.index.startswith(f"{edgar.url}/Archives/edgar/data/9900000/000999090025000000/")


async def test_a_burst_deeper_than_a_page_is_read_back_to_known_ground(database: Database) -> None:
    """A poller that reads only the first page loses filings."""
    archive = ScriptedArchive()
    made = listings(400)
    archive.add(*made[:50])
    async with LookAlike(archive) as edgar, polling(edgar.url, database):
        await eventually(has_published(database, 50))
        archive.add(*made[50:])
        await eventually(has_published(database, 400))
        found = await accessions(database)

    assert sorted(listing.accession for listing in made) == sorted(found)
    assert not await gaps.still_open(database)


async def test_other_forms_that_share_the_prefix_are_left_alone(database: Database) -> None:
    """type=4 also brings 424B2 and the like; only the category decides."""
    archive = ScriptedArchive()
    made = listings(4)
    forms = ["424B2", "4", "4/A", "497K"]
    archive.add(*(msgspec.structs.replace(one, form=form) for one, form in zip(made, forms, strict=True)))
    async with LookAlike(archive) as edgar, polling(edgar.url, database):
        await eventually(has_published(database, 2))
        found = [event.filing.form for event in await published(database)]

    assert ["4", "4/A"] == sorted(found)


async def test_a_page_without_wanted_filings_is_not_known_ground(database: Database) -> None:
    """Between two filings can lie a whole page of prospectuses."""
    archive = ScriptedArchive()
    made = listings(120)
    archive.add(made[0])
    archive.add(*(msgspec.structs.replace(one, form="424B2") for one in made[1:]))
    async with LookAlike(archive) as edgar, polling(edgar.url, database):
        await eventually(has_published(database, 1))

    assert [made[0].accession] == await accessions(database)


async def test_the_first_start_takes_what_is_there_as_history(database: Database) -> None:
    """It must not flood the channels: what was accepted before is published, marked, and of this day only."""
    archive = ScriptedArchive()
    old, morning, live = listings(3)
    midnight = datetime.combine(TODAY, datetime.min.time(), EASTERN)
    archive.add(old, at=midnight - timedelta(hours=3))
    archive.add(morning, at=midnight)
    async with LookAlike(archive) as edgar, polling(edgar.url, database, since=None):
        await eventually(has_published(database, 1))
        archive.add(live, at=now() + timedelta(seconds=1))
        await eventually(has_published(database, 2))
        found = {event.filing.accession: event.filing.provenance.history for event in await published(database)}

    assert {morning.accession: True, live.accession: False} == found


async def test_what_comes_in_during_the_first_sweep_is_live_also_after_a_crash(tmp_path: Path) -> None:
    """The baseline is taken once: a second start must not make history of what the first one missed."""
    archive = ScriptedArchive()
    url = f"sqlite:///{tmp_path}/filingbell.db"
    (listing,) = listings(1)
    async with LookAlike(archive) as edgar:
        first = await open_database(url)
        async with polling(edgar.url, first, since=None):
            await eventually(_asked(archive))
        await first.close()
        archive.add(listing, at=now() + timedelta(seconds=1))
        second = await open_database(url)
        async with polling(edgar.url, second, since=None):
            await eventually(has_published(second, 1))
        (event,) = await published(second)
        await second.close()

    assert event.filing.provenance.history is False


async def test_on_the_first_start_a_new_filing_is_fetched_before_the_day_s_history(database: Database) -> None:
    """Behind all that EDGAR had accepted before, it would wait for minutes on a full day."""
    archive = ScriptedArchive()
    *history, new = listings(201, issuers=201)
    archive.add(*history, at=datetime.combine(TODAY, datetime.min.time(), EASTERN))
    requests = archive.submission_requests

    async def under_way() -> bool:
        return len(requests) >= 5

    async def fetched() -> bool:
        return new.accession in requests

    async with LookAlike(archive) as edgar, polling(edgar.url, database, since=None, rate=20):
        await eventually(under_way)
        archive.add(new, at=now() + timedelta(seconds=1))
        await eventually(fetched, within=60)

    assert requests.index(new.accession) < 100  # of 201


async def test_since_reads_back_to_its_day_and_alerts(database: Database) -> None:
    """--since DATE: nothing of what it finds is history."""
    archive = ScriptedArchive()
    older, wanted = listings(2)
    start = datetime.combine(TODAY - timedelta(days=2), datetime.min.time(), EASTERN)
    archive.add(older, at=start - timedelta(minutes=1))
    archive.add(wanted, at=start + timedelta(minutes=1))
    async with LookAlike(archive) as edgar, polling(edgar.url, database, since=start.date()):
        await eventually(has_published(database, 1))
        (event,) = await published(database)

    assert (wanted.accession, False) == (event.filing.accession, event.filing.provenance.history)


async def test_a_feed_that_cannot_be_read_back_far_enough_is_a_recorded_gap(database: Database) -> None:
    """The 503 behind the deepest page is an error, never the end of the feed."""
    archive = ScriptedArchive()
    archive.deepest = 100
    archive.add(*listings(100))
    async with LookAlike(archive) as edgar, polling(edgar.url, database):
        await eventually(has_published(database, 50))
        (gap,) = await gaps.still_open(database)

    assert "503" in gap.cause


async def test_a_document_that_is_not_served_yet_is_tried_again(database: Database) -> None:
    """A document can answer 404 for a while after its entry; others do not wait for it."""
    archive = ScriptedArchive()
    late, other = listings(2)
    archive.missing.add(late.accession)
    archive.add(late, other)
    async with LookAlike(archive) as edgar, polling(edgar.url, database):
        await eventually(has_published(database, 1))
        assert [other.accession] == await accessions(database)
        archive.missing.clear()
        await eventually(has_published(database, 2))

    assert {late.accession, other.accession} == set(await accessions(database))


async def test_a_document_that_is_never_served_becomes_a_dead_letter(database: Database) -> None:
    """Nothing is dropped: what EDGAR lists but never serves stands on form4.dead."""
    archive = ScriptedArchive()
    (listing,) = listings(1)
    archive.missing.add(listing.accession)
    archive.add(listing)

    async def buried() -> bool:
        return bool((await events.counts(database)).get(Topic.DEAD))

    async with LookAlike(archive) as edgar, polling(edgar.url, database, give_up=timedelta(0)):
        await eventually(buried)
    (record,) = await events.read(database, Topic.DEAD, 0, 10)
    letter = decode(record.value, DeadLetter)

    assert (listing.accession, Reason.NEVER_SERVED) == (letter.accession, letter.reason)
    assert "404" in letter.message


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was cut off is asked for again within a blink."""
    monkeypatch.setattr(collect, "_OUTAGE", (timedelta(milliseconds=10), 2.0))


@pytest.mark.usefixtures("soon")
async def test_a_page_for_people_in_place_of_a_document_is_never_published(database: Database) -> None:
    """During maintenance EDGAR answers 200 with HTML; a dead letter for that would lose the filing."""
    archive = ScriptedArchive()
    (listing,) = listings(1)
    archive.add(listing)
    faults = Faults()
    faults.inject(*[Fault.MALFORMED] * 3, where=".txt")
    async with LookAlike(archive, faults) as edgar, polling(edgar.url, database):
        await eventually(has_published(database, 1))
        (event,) = await published(database)

    assert event.document.data() in listing.data


@pytest.mark.usefixtures("soon")
async def test_a_document_that_stays_cut_off_is_published_as_it_is(database: Database) -> None:
    """In the end the parser says why it is dead, with what there is of it."""
    archive = ScriptedArchive()
    (listing,) = listings(1)
    archive.add(msgspec.structs.replace(listing, data=listing.data[:1200]))
    async with LookAlike(archive) as edgar, polling(edgar.url, database, give_up=timedelta(0)):
        await eventually(has_published(database, 1))
        (event,) = await published(database)

    assert event.document.data() in listing.data


async def test_faults_of_every_kind_lose_nothing(database: Database) -> None:
    """503s, torn and truncated bodies, HTML instead of a feed: all come round."""
    archive = ScriptedArchive()
    made = listings(60)
    rates = {Fault.UNAVAILABLE: 0.05, Fault.TRUNCATED: 0.05, Fault.TORN: 0.05, Fault.MALFORMED: 0.05}
    async with LookAlike(archive, Faults(rates, seed=4)) as edgar, polling(edgar.url, database):
        for listing in made:
            archive.add(listing)
        await eventually(has_published(database, 60))

    assert sorted(listing.accession for listing in made) == sorted(await accessions(database))


@pytest.mark.parametrize("fault", [Fault.BLOCKED, Fault.THROTTLED])
async def test_a_block_pauses_everything_and_is_remembered(database: Database, fault: Fault) -> None:
    """Requests while blocked would prolong it, also those of a restarted service."""
    archive = ScriptedArchive()
    archive.add(*listings(5))
    faults = Faults()
    faults.inject(fault)

    async def remembered() -> bool:
        return await marks.get(database, marks.blocked("www")) is not None

    async with LookAlike(archive, faults, block_seconds=1.0) as edgar:
        async with polling(edgar.url, database, block_seconds=1.2):
            await eventually(remembered)
        async with polling(edgar.url, database, block_seconds=1.2):
            await eventually(has_published(database, 5))

        assert 0 == edgar.violations


async def test_without_a_declared_contact_everything_stops(database: Database) -> None:
    """EDGAR answers 403 to anonymous clients; asking on would be a second offence."""
    archive = ScriptedArchive()

    async def remembered() -> bool:
        return await marks.get(database, marks.blocked("www")) is not None

    async with LookAlike(archive) as edgar, polling(edgar.url, database, contact="nobody"):
        await eventually(remembered)
        assert 1 == edgar.requests


async def test_the_rate_is_held_in_every_window_of_a_second(database: Database) -> None:
    """A strict look-alike blocks whoever sends more than that in any one second."""
    archive = ScriptedArchive()
    archive.add(*listings(60))
    starts = Starts()
    async with (
        LookAlike(archive, limit=26) as edgar,  # some arrive late; what starts is counted to the letter
        polling(edgar.url, database, rate=20, permit=starts),
    ):
        await eventually(has_published(database, 60))

        assert 0 == edgar.violations
        assert starts.hold(20)


def _asked(archive: ScriptedArchive) -> Callable[[], "asyncio.Future[bool]"]:
    async def condition() -> bool:
        return len(archive.feed_requests) >= 2

    return condition  # type: ignore[return-value]


class ShiftingArchive(ScriptedArchive):
    """A feed whose deeper pages are of another moment than the first."""

    def __init__(self) -> None:
        super().__init__()
        self.before_deeper: Callable[[], None] = lambda: None
        self.old: dict[int, bytes] = {}  # pages as some cache still has them, each served once

    def feed(self, prefix: str, start: int, count: int) -> bytes | None:
        """The page; behind the first one, whatever the test does happens before."""
        if start:
            self.before_deeper()
        return self.old.pop(start, None) or super().feed(prefix, start, count)


async def test_entries_that_come_in_while_pages_are_read_push_none_out(database: Database) -> None:
    """Each page read finds the feed fifty entries longer."""
    archive = ShiftingArchive()
    made = listings(450)
    late = iter(made[300:])
    archive.before_deeper = lambda: archive.add(*[one for _, one in zip(range(50), late, strict=False)])
    archive.add(*made[:300])
    async with LookAlike(archive) as edgar, polling(edgar.url, database):
        await eventually(has_published(database, 450))

    assert sorted(one.accession for one in made) == sorted(await accessions(database))
    assert not await gaps.still_open(database)


async def test_a_page_that_is_older_than_the_one_before_it_hides_nothing(database: Database) -> None:
    """A cache may still have the second page of a moment ago: what stood between its place then and now is missed."""
    archive = ShiftingArchive()
    made = listings(200)
    archive.add(*made[:160])
    old = ScriptedArchive.feed(archive, "4", 100, 100)
    assert old is not None
    archive.add(*made[160:])
    archive.old = {100: old}
    async with LookAlike(archive) as edgar, polling(edgar.url, database):
        await eventually(has_published(database, 200))

    assert sorted(one.accession for one in made) == sorted(await accessions(database))


async def test_pages_of_one_second_are_read_twice_and_then_left_alone(database: Database) -> None:
    """Pages tell their time in whole seconds: that they may be of different moments must not keep us reading."""
    archive = ScriptedArchive()
    archive.add(*listings(180))
    async with LookAlike(archive) as edgar, polling(edgar.url, database):
        await eventually(has_published(database, 180))
        await eventually(_rests(archive))

    assert sum(start == 200 for start in archive.feed_requests) <= 1 + 3


async def test_a_page_that_cannot_be_had_for_a_while_is_read_later_and_the_gap_is_closed(database: Database) -> None:
    """A short outage behind the first page must not leave filings to the next day's index."""
    archive = ScriptedArchive()
    made = listings(120)
    archive.add(*made[:10])

    async def open_gap() -> bool:
        return bool(await gaps.still_open(database))

    async def no_gap() -> bool:
        return not await gaps.still_open(database)

    async with LookAlike(archive) as edgar, polling(edgar.url, database):
        await eventually(has_published(database, 10))
        archive.deepest = 100
        archive.add(*made[10:])
        await eventually(open_gap)
        archive.deepest = 10**6
        await eventually(has_published(database, 120))
        await eventually(no_gap)

    assert sorted(one.accession for one in made) == sorted(await accessions(database))


async def test_a_look_that_brings_news_costs_one_request_as_long_as_the_page_reaches_known_ground(
    database: Database,
) -> None:
    """Its oldest filings are known: there is no need to look behind them."""
    archive = ScriptedArchive()
    made = listings(60)
    archive.add(*made[:40])
    async with LookAlike(archive) as edgar, polling(edgar.url, database):
        await eventually(has_published(database, 40))
        await eventually(_rests(archive))
        archive.feed_requests.clear()
        for one in made[40:]:
            archive.add(one)
        await eventually(has_published(database, 60))

    assert {0} == set(archive.feed_requests)


async def test_an_unchanged_page_is_not_sent_again(database: Database) -> None:
    """Conditional requests: the look-alike honours them, as EDGAR may."""
    archive = ScriptedArchive()
    archive.add(*listings(10))
    statuses: list[str] = []

    class Counting(Unwatched):
        def asked(self, kind: str, outcome: str) -> None:
            statuses.append(f"{kind} {outcome}")

    async def unchanged() -> bool:
        return statuses.count("feed 304") >= 3

    async with LookAlike(archive) as edgar, polling(edgar.url, database, watcher=Counting()):
        await eventually(has_published(database, 10))
        await eventually(unchanged)
        archive.add(*listings(12)[10:])
        await eventually(has_published(database, 12))

    assert 12 == len(await accessions(database))


def _rests(archive: ScriptedArchive) -> Callable[[], "asyncio.Future[bool]"]:
    """Whether the last looks went no further than the first page."""

    async def condition() -> bool:
        return archive.feed_requests[-3:] == [0, 0, 0]

    return condition  # type: ignore[return-value]
