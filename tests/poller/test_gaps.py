"""Gaps of the feed, which the indexes of their days close."""

from datetime import time, timedelta

from service.lookalike.server import LookAlike
from service.model import calendar
from service.store import Database, days, filings, gaps
from tests.kit.archives import ScriptedArchive, listings
from tests.kit.clocks import SetClock
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.indexes import TUESDAY, an_index, began, path_of, seen_by_the_feed
from tests.poller.reconciling import MORNING, account, reconciling


async def test_a_gap_of_the_feed_is_closed_once_its_days_add_up(database: Database) -> None:
    """What the feed could not show is fetched through the index."""
    archive, made = ScriptedArchive(), listings(12)
    archive.add(*made)
    archive.files[path_of(TUESDAY)] = an_index(TUESDAY, made)
    await began(database)
    await seen_by_the_feed(database, made[:5])
    async with database.transaction() as tx:
        noon = calendar.at(TUESDAY, time(14))
        await gaps.add(tx, noon, calendar.at(TUESDAY, calendar.MIDNIGHT), noon, "EDGAR answered 503")

    async def closed() -> bool:
        return not await gaps.still_open(database)

    async with LookAlike(archive) as edgar, reconciling(edgar.url, database, SetClock(MORNING)):
        await eventually(account(database, lambda record: record.is_complete and record.recovered == 7))
        async with database.transaction() as tx:
            tx.ring(days.ASKED)
        await eventually(closed)


async def test_a_gap_that_reaches_into_a_day_without_an_index_stays_open(database: Database) -> None:
    """From yesterday evening to today: yesterday's index alone shows nothing of today."""
    archive = ScriptedArchive()
    archive.files[path_of(TUESDAY)] = an_index(TUESDAY, [])
    await began(database)
    await seen_by_the_feed(database, listings(1))
    async with database.transaction() as tx:
        today = MORNING + timedelta(hours=2)
        await gaps.add(tx, today, calendar.at(TUESDAY, calendar.MIDNIGHT), today, "EDGAR answered 503")
        await filings.settle(tx, listings(1)[0].accession, filings.FilingState.PUBLISHED)
    archive.files[path_of(TUESDAY)] = an_index(TUESDAY, listings(1))
    async with LookAlike(archive) as edgar, reconciling(edgar.url, database, SetClock(MORNING + timedelta(hours=3))):
        await eventually(account(database, lambda record: record.is_complete))
        async with database.transaction() as tx:
            for gap in await gaps.still_open(database):
                assert not await gaps.close(tx, gap, None, now())

    assert 1 == len(await gaps.still_open(database))


async def test_a_gap_of_an_earlier_version_is_closed_as_well(database: Database) -> None:
    """It does not say how far back it reaches: to the first start."""
    await began(database)
    async with database.transaction() as tx:
        number = await gaps.add(tx, MORNING, MORNING, MORNING, "EDGAR answered 503")
        old = gaps.Gap(id=number, after=None, before=calendar.at(TUESDAY, time(12)), cause="EDGAR answered 503")
        await days.account(tx, TUESDAY, MORNING)
        assert not await gaps.close(tx, old, None, MORNING)
        assert await gaps.close(tx, old, calendar.at(TUESDAY, calendar.MIDNIGHT), MORNING)
