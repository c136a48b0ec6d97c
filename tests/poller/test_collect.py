"""What the collector makes of documents: late, missing, refused or cut off, over real HTTP."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from service.lookalike.faults import Fault, Faults
from service.lookalike.server import LookAlike
from service.model.calendar import EASTERN
from service.model.dead import DeadLetter
from service.model.errors import UnusableReason
from service.poller import collect
from service.store import Database, events, marks
from service.wire import decode
from service.wire.topics import Topic
from tests.kit.archives import ScriptedArchive, listings
from tests.kit.asking import Starts
from tests.kit.clocks import TODAY
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.poller.polling import accessions, has_published, polling, published


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

    assert (listing.accession, UnusableReason.NEVER_SERVED) == (letter.accession, letter.reason)
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
