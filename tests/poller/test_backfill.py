"""Filings of the past: from quarters, days and companies' own lists; resumable, marked, and behind what is live."""

import asyncio
import json
import random
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta

import msgspec
import pytest

from service.clock import SystemClock
from service.lookalike.archive import Listing
from service.lookalike.faults import Fault, Faults
from service.lookalike.server import LookAlike
from service.model import calendar
from service.model.filing import FilingEvent, Source
from service.poller.backfill import Backfiller, units_of
from service.poller.collect import Collector
from service.poller.live import PENDING
from service.store import Database, backfills, day_records, events, filings
from service.store.backfills import BackfillState, BackfillWish
from service.vitals import Unwatched
from service.wire import decode
from service.wire.topics import Topic
from tests.kit.archives import ScriptedArchive, listings
from tests.kit.asking import asking
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.indexes import an_index, began, path_of, seen_of
from tests.kit.tasks import going_on

QUARTER = "/Archives/edgar/full-index/2024/QTR1/form.idx"
FIRST, LAST = date(2024, 1, 1), date(2024, 3, 31)


@asynccontextmanager
async def backfilling(url: str, database: Database, *, rate: float = 2000) -> AsyncIterator[None]:
    """What `filingbell backfill` does where no poller runs."""
    async with asking(url, database, rate=rate) as client:
        timing = {"clock": SystemClock(), "vitals": Unwatched()}
        backfiller = Backfiller(client, database, forms=("4",), **timing)
        collector = Collector(client, database, give_up=timedelta(hours=24), chance=random.Random(1), **timing)
        async with going_on(backfiller.run(), collector.run()):
            yield


async def asked_for(database: Database, wish: BackfillWish) -> int:
    async with database.transaction() as tx:
        return await backfills.begin(tx, wish, units_of(wish, calendar.eastern_day(now())), now())


async def ended(database: Database, number: int) -> backfills.Backfill:
    async def over() -> bool:
        return (await backfills.get(database, number)).state is not BackfillState.ACTIVE

    await eventually(over)
    return await backfills.get(database, number)


async def published(database: Database) -> list[FilingEvent]:
    return [decode(record.value, FilingEvent) for record in await events.read(database, Topic.FILINGS, 0, 10_000)]


def a_quarter(made: list[Listing]) -> bytes:
    """The quarterly index: the filings of three days, 2024-01-02 to 2024-01-04."""
    body = b""
    for number in range(3):
        day = date(2024, 1, 2 + number)
        lines = an_index(day, made[number::3]).replace(f"{day:%Y%m%d}    ".encode(), f"{day:%Y-%m-%d}  ".encode())
        head, _, rows = lines.partition(b"-" * 141 + b"\n")
        body += rows
    rows = b"".join(sorted(body.splitlines(keepends=True)))
    head = re.sub(rb"Received:.*", b"Received:    March 31, 2024", head.replace(b"Daily", b"Master"))
    return head + b"-" * 141 + b"\n" + rows


async def test_a_quarter_is_published_as_history_and_accounted_for(either: Database) -> None:
    """One index for all of it; its filings are marked, alert nobody, and make a record for each day."""
    archive, made = ScriptedArchive(), listings(30)
    archive.add(*made)
    archive.files[QUARTER] = a_quarter(made)
    async with LookAlike(archive) as edgar, backfilling(edgar.url, either):
        number = await asked_for(either, BackfillWish(since=FIRST, until=LAST))
        one = await ended(either, number)
    found = await published(either)

    assert (BackfillState.DONE, ("2024Q1",), 30) == (one.state, one.units, one.listed)
    assert sorted(listing.accession for listing in made) == sorted(event.filing.accession for event in found)
    assert {(True, "backfill", None)} == {
        (e.filing.provenance.history, e.filing.provenance.source, e.filing.provenance.digest) for e in found
    }
    assert [QUARTER] == archive.file_requests
    records = await day_records.records(either)
    assert [(date(2024, 1, day), 10, 10) for day in (2, 3, 4)] == [(r.day, r.indexed, r.recovered) for r in records]


async def test_a_kill_in_the_middle_costs_nothing(database: Database) -> None:
    """It goes on with the unit and the filings that are left."""
    archive, made = ScriptedArchive(), listings(40)
    archive.add(*made)
    for number in range(4):
        day = date(2024, 5, 6 + number)
        archive.files[path_of(day)] = an_index(day, made[number::4])
    wish = BackfillWish(since=date(2024, 5, 6), until=date(2024, 5, 9))

    async def some() -> bool:
        return (await events.counts(database)).get(Topic.FILINGS, 0) >= 10

    async with LookAlike(archive) as edgar:
        async with backfilling(edgar.url, database, rate=60):
            number = await asked_for(database, wish)
            await eventually(some)
        half_way = len(await published(database))
        async with backfilling(edgar.url, database):
            one = await ended(database, number)

    assert half_way < 40
    assert (BackfillState.DONE, 4, 40) == (one.state, one.step, one.listed)
    assert sorted(listing.accession for listing in made) == sorted(
        event.filing.accession for event in await published(database)
    )
    assert len(archive.submission_requests) <= 40 + 16  # what was under way


async def test_what_is_live_goes_first(database: Database) -> None:
    """A filing of now does not wait for thousands of the past."""
    archive, made = ScriptedArchive(), listings(200)
    archive.add(*made)
    day = date(2024, 5, 6)
    archive.files[path_of(day)] = an_index(day, made[:190])
    live = made[190:]

    async def begun() -> bool:
        return len(archive.submission_requests) >= 20

    async def all_live() -> bool:
        return {one.accession for one in live} <= {event.filing.accession for event in await published(database)}

    async with LookAlike(archive) as edgar, backfilling(edgar.url, database, rate=20):
        await asked_for(database, BackfillWish(since=day, until=day))
        await eventually(begun)
        async with database.transaction() as tx:
            await filings.add(tx, seen_of(live))
            tx.ring(PENDING)
        before = len(archive.submission_requests)
        await eventually(all_live)
        asked = archive.submission_requests[before:]

    positions = [asked.index(one.accession) for one in live]
    assert max(positions) <= 10 + 8  # behind what was under way, and nothing else


async def test_a_company_s_own_list_spares_the_indexes(database: Database) -> None:
    """By ticker: the SEC's list of tickers, the company's filings, and the earlier ones it points to."""
    archive, made = ScriptedArchive(), listings(6)
    archive.add(*made)
    archive.files["/files/company_tickers.json"] = json.dumps(
        {"0": {"cik_str": 320193, "ticker": "AAPL", "title": "Apple Inc."}}
    ).encode()
    archive.files["/submissions/CIK0000320193.json"] = _submissions(
        made[:3], ["4", "4", "10-K"], more="CIK0000320193-submissions-001.json"
    )
    archive.files["/submissions/CIK0000320193-submissions-001.json"] = json.dumps(
        _columns(made[3:], ["4", "4/A", "4"], "2024-02-01")
    ).encode()
    wish = BackfillWish(since=FIRST, until=LAST, tickers=("AAPL",))
    async with LookAlike(archive) as edgar, backfilling(edgar.url, database):
        one = await ended(database, await asked_for(database, wish))

    assert (BackfillState.DONE, 5) == (one.state, one.listed)
    expected = {listing.accession for listing in made} - {made[2].accession}
    assert expected == {event.filing.accession for event in await published(database)}
    assert not any("index" in path for path in archive.file_requests)


async def test_an_unknown_ticker_ends_it_with_a_reason(database: Database) -> None:
    """What was meant is not known."""
    archive = ScriptedArchive()
    archive.files["/files/company_tickers.json"] = b"{}"
    wish = BackfillWish(since=FIRST, until=LAST, tickers=("APPL",))
    async with LookAlike(archive) as edgar, backfilling(edgar.url, database):
        one = await ended(database, await asked_for(database, wish))

    assert BackfillState.FAILED is one.state
    assert "APPL" in one.notes[0]


async def test_filings_that_are_known_are_not_fetched_again(database: Database) -> None:
    """Two backfills of the same days are one."""
    archive, made = ScriptedArchive(), listings(5)
    archive.add(*made)
    day = date(2024, 5, 6)
    archive.files[path_of(day)] = an_index(day, made)
    async with LookAlike(archive) as edgar, backfilling(edgar.url, database):
        for _ in range(2):
            one = await ended(database, await asked_for(database, BackfillWish(since=day, until=day)))

    assert (5, 0) == (one.listed, (await backfills.progress(database, one.id)).found)
    assert 5 == len(await published(database)) == len(archive.submission_requests)


async def test_a_stopped_backfill_claims_no_day_that_it_has_not_fetched(database: Database) -> None:
    """What it forgets must not look complete."""
    archive, made = ScriptedArchive(), listings(5)
    archive.add(*made)
    archive.missing.add(made[4].accession)
    day = date(2024, 5, 6)
    archive.files[path_of(day)] = an_index(day, made)

    async def four() -> bool:
        return len(await published(database)) == 4

    async with LookAlike(archive) as edgar, backfilling(edgar.url, database):
        number = await asked_for(database, BackfillWish(since=day, until=day))
        await eventually(four)
        async with database.transaction() as tx:
            await backfills.settle(tx, await backfills.get(database, number), BackfillState.STOPPED)

    assert [] == await day_records.records(database)


async def test_days_on_which_the_service_ran_are_no_history(database: Database) -> None:
    """What it missed alerts, whoever asked for it first."""
    archive, made = ScriptedArchive(), listings(2)  # accepted on 2025-03-03
    archive.add(*made)
    day = date(2025, 3, 3)
    archive.files[path_of(day)] = an_index(day, made)
    await began(database, day)
    async with LookAlike(archive) as edgar, backfilling(edgar.url, database):
        one = await ended(database, await asked_for(database, BackfillWish(since=day, until=day)))

    assert BackfillState.DONE is one.state
    assert {(False, "index")} == {
        (e.filing.provenance.history, e.filing.provenance.source) for e in await published(database)
    }


async def test_a_list_that_is_not_there_is_asked_for_again(database: Database) -> None:
    """404 for the list of tickers is an outage of that list, not of the service."""
    archive = ScriptedArchive()

    async def tried() -> bool:
        (one,) = await backfills.active(database)
        return one.tries == 1

    async with LookAlike(archive) as edgar, backfilling(edgar.url, database):
        await asked_for(database, BackfillWish(since=FIRST, until=LAST, tickers=("AAPL",)))
        await eventually(tried)


async def test_what_is_stopped_while_an_index_is_read_lists_nothing_more(database: Database) -> None:
    """A quarter that comes in afterwards must not bring 60,000 filings."""
    archive, made = ScriptedArchive(), listings(5)
    archive.add(*made)
    day = date(2024, 5, 6)
    number = await asked_for(database, BackfillWish(since=day, until=day))
    archive.files[path_of(day)] = an_index(day, made)
    faults = Faults()
    faults.inject(Fault.SLOW, where="daily-index")

    async def asked() -> bool:
        return bool(archive.file_requests)

    async with LookAlike(archive, faults, slow_seconds=1.0) as edgar, backfilling(edgar.url, database):
        await eventually(asked)
        async with database.transaction() as tx:
            await backfills.settle(tx, await backfills.get(database, number), BackfillState.STOPPED)
        await asyncio.sleep(1.5)  # the index has come in by then

    assert [] == await published(database)
    assert [] == await day_records.records(database)


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2024-01-01", "2024-06-30", ["2024Q1", "2024Q2"]),
        ("2024-03-29", "2024-07-02", ["2024-03-29", "2024Q2", "2024-07-01", "2024-07-02"]),
        ("2024-05-04", "2024-05-06", ["2024-05-06"]),  # a weekend before
    ],
)
def test_whole_quarters_take_one_index_and_days_their_own(since: str, until: str, expected: list[str]) -> None:
    """As few requests as it can be."""
    wish = BackfillWish(since=date.fromisoformat(since), until=date.fromisoformat(until))

    assert expected == units_of(wish, date(2025, 3, 4))


def test_a_quarter_that_is_just_over_is_read_by_days() -> None:
    """Its index may not be complete yet."""
    wish = BackfillWish(since=date(2024, 10, 1), until=date(2024, 12, 31))

    assert "2024-10-01" == units_of(wish, date(2025, 1, 2))[0]


def _columns(made: list[Listing], forms: list[str], day: str) -> dict[str, list[str]]:
    return {
        "accessionNumber": [one.accession for one in made],
        "filingDate": [day] * len(made),
        "form": forms,
        "size": ["1"] * len(made),
    }


def _submissions(made: list[Listing], forms: list[str], more: str) -> bytes:
    files = [{"name": more, "filingCount": 3, "filingFrom": "2020-01-01", "filingTo": "2024-02-15"}]
    recent = _columns(made, forms, "2024-03-01")
    return msgspec.json.encode({"cik": "320193", "filings": {"recent": recent, "files": files}})


@pytest.mark.parametrize(
    ("unit", "index", "told"),
    [
        ("2024-05-06", an_index(date(2024, 5, 3), listings(3)), "its data end on 2024-05-03"),
        ("2024Q1", a_quarter(listings(30)).replace(b"March 31, 2024", b"Jan 04, 2024"), "its data end on 2024-01-04"),
        ("2024Q1", a_quarter(listings(30)).replace(b"2024-01-03  ", b"2024-0l-03  "), "a row has no date"),
    ],
)
async def test_an_index_that_cannot_be_whole_proves_nothing(
    database: Database, unit: str, index: bytes, told: str
) -> None:
    """It is that of an earlier day, ends too early, or does not say of which day a filing is."""
    archive = ScriptedArchive()
    archive.add(*listings(30))
    whole = "Q" in unit
    archive.files[QUARTER if whole else path_of(date.fromisoformat(unit))] = index
    first, last = (FIRST, LAST) if whole else (date(2024, 5, 6), date(2024, 5, 6))
    wish = BackfillWish(since=first, until=last)

    async def waits() -> bool:
        (one,) = await backfills.active(database)
        return one.waits is not None

    async with LookAlike(archive) as edgar, backfilling(edgar.url, database):
        number = await asked_for(database, wish)
        await eventually(waits)
        (one,) = await backfills.active(database)
        for _ in range(5):  # so often that it goes on without proof
            async with database.transaction() as tx:
                await backfills.postpone(tx, await backfills.get(database, number), now(), "tried")
        async with database.transaction() as tx:
            tx.ring(backfills.ASKED)
        done = await ended(database, number)

    assert told in (one.waits or "")
    assert told in done.notes[0]
    assert [] == await day_records.records(database)


async def test_an_index_that_is_away_for_days_is_waited_for(database: Database) -> None:
    """However often it was tried, the next try has a time."""
    number = await asked_for(database, BackfillWish(since=FIRST, until=LAST))
    for _ in range(42):
        async with database.transaction() as tx:
            await backfills.postpone(tx, await backfills.get(database, number), now(), "tried")

    async def tried() -> bool:
        return (await backfills.get(database, number)).tries > 42

    async with LookAlike(ScriptedArchive()) as edgar, backfilling(edgar.url, database):
        await eventually(tried)
    one = await backfills.get(database, number)

    assert one.due - now() < timedelta(hours=2)


async def test_half_a_document_is_not_published_at_the_first_try(database: Database) -> None:
    """However long ago it was listed: a backfill of thousands comes to its last ones hours later."""
    archive, made = ScriptedArchive(), listings(1)
    archive.add(msgspec.structs.replace(made[0], data=made[0].data[: len(made[0].data) // 2]))
    waiting = msgspec.structs.replace(
        seen_of(made)[0], seen=now() - timedelta(hours=2), source=Source.BACKFILL, history=True
    )

    async def tried() -> bool:
        return bool(archive.submission_requests)

    async with LookAlike(archive) as edgar, backfilling(edgar.url, database):
        async with database.transaction() as tx:
            await filings.add(tx, [waiting])
            tx.ring(PENDING)
        await eventually(tried)
        archive.add(*made)
        archive._entries.reverse()  # whole from now on
        async with database.transaction() as tx:
            await filings.postpone(tx, waiting.accession, now(), "now")
            tx.ring(PENDING)

        async def out() -> bool:
            return bool(await published(database))

        await eventually(out)
    (event,) = await published(database)

    assert "</ownershipDocument>" in event.document.text


async def test_a_document_that_edgar_always_refuses_does_not_hold_up_the_others_for_good(database: Database) -> None:
    """It is asked for ever less often, and given up like one that is never served."""
    archive, made = ScriptedArchive(), listings(20)
    archive.add(*made)
    faults = Faults()
    faults.inject(*[Fault.BLOCKED] * 1000, where=made[0].accession)

    async def the_others() -> bool:
        return len(await published(database)) == 19

    server = LookAlike(archive, faults, block_seconds=0.3)
    async with server as edgar, asking(edgar.url, database, block_seconds=0.6) as client:
        timing = {"clock": SystemClock(), "vitals": Unwatched()}
        collector = Collector(client, database, give_up=timedelta(hours=24), chance=random.Random(1), **timing)
        async with database.transaction() as tx:
            await filings.add(tx, seen_of(made))
        async with going_on(collector.run()):
            await eventually(the_others)
    refused = archive.submission_requests.count(made[0].accession)

    assert refused <= 3
