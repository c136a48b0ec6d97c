"""How far the live poller reads the feed back, and what it takes for known, over real HTTP."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec

from service.lookalike.server import LookAlike
from service.model.calendar import EASTERN
from service.store import Database, events, gaps
from service.store.database import open_database
from service.vitals import Unwatched
from service.wire.topics import Topic
from tests.kit.archives import RecordedArchive, ScriptedArchive, listings
from tests.kit.clocks import TODAY
from tests.kit.corpus import corpus
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.poller.polling import accessions, has_published, polling, published


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
