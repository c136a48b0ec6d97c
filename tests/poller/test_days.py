"""When a day's index is looked at, and looked at again: holidays, late indexes, clocks that are wrong."""

import asyncio
from datetime import date, time, timedelta

from aiohttp import web

from service.lookalike.faults import Fault, Faults
from service.lookalike.server import LookAlike
from service.model import calendar
from service.poller.reconcile import Reconciler
from service.store import Database, day_records, days
from service.store.days import DayState
from service.vitals import Unwatched
from tests.kit.answering import answering
from tests.kit.archives import ScriptedArchive, listings
from tests.kit.asking import asking
from tests.kit.clocks import SetClock
from tests.kit.eventually import eventually
from tests.kit.indexes import TUESDAY, an_index, began, path_of, seen_by_the_feed
from tests.kit.tasks import going_on
from tests.poller.reconciling import MORNING, account, looked_at_until_settled, reconciling


async def test_a_day_is_compared_once_its_index_can_be_trusted_and_not_before(database: Database) -> None:
    """6:00 Eastern on the next day."""
    archive = ScriptedArchive()
    archive.files[path_of(TUESDAY)] = an_index(TUESDAY, [])
    await began(database)
    clock = SetClock(calendar.at(TUESDAY + timedelta(days=1), time(5, 59)))
    async with LookAlike(archive) as edgar, reconciling(edgar.url, database, clock):
        async with database.transaction() as tx:
            tx.ring(days.ASKED)
        await asyncio.sleep(0)
        early = list(archive.file_requests)
        clock.set(MORNING)
        async with database.transaction() as tx:
            tx.ring(days.ASKED)
        await eventually(account(database, lambda record: record.state is DayState.READ))

    assert [] == early
    assert [path_of(TUESDAY)] == archive.file_requests


async def test_weekends_and_holidays_are_no_gaps(database: Database) -> None:
    """No file, no filings: Christmas, and a Friday on which EDGAR was closed by order."""
    wednesday, thursday, friday, monday = (date(2024, 12, day) for day in (25, 26, 27, 30))
    archive = ScriptedArchive()
    archive.files = {path_of(day): an_index(day, []) for day in (thursday, monday)}
    await began(database, wednesday)
    clock = SetClock(calendar.at(date(2024, 12, 31), time(7)))
    async with LookAlike(archive) as edgar, reconciling(edgar.url, database, clock):
        await eventually(account(database, lambda record: record.state is DayState.READ, monday))
        await looked_at_until_settled(database, clock, friday)
    states = {record.day: record.state for record in await day_records.records(database)}

    assert {
        wednesday: DayState.CLOSED,
        thursday: DayState.READ,
        friday: DayState.CLOSED,
        monday: DayState.READ,
    } == states


async def test_a_late_index_is_waited_for(database: Database) -> None:
    """On a business day that the feed has shown filings of, a missing file is late, never a holiday."""
    archive, made = ScriptedArchive(), listings(2)
    archive.add(*made)
    wednesday = TUESDAY + timedelta(days=1)
    archive.files[path_of(wednesday)] = an_index(wednesday, [])  # the next day's is there already
    await began(database)
    await seen_by_the_feed(database, made)
    clock = SetClock(calendar.at(TUESDAY + timedelta(days=2), time(6, 1)))
    async with LookAlike(archive) as edgar, reconciling(edgar.url, database, clock):
        await eventually(account(database, lambda record: record.state is DayState.READ, wednesday))
        await eventually(account(database, lambda record: record.looks >= 1))
    (record,) = await day_records.records(database, only=[TUESDAY])

    assert (DayState.DUE, "the SEC has not published that day's index yet") == (record.state, record.note)


async def test_a_day_read_too_early_is_not_proven_by_taking_a_second_look_back(database: Database) -> None:
    """`reconcile` of today at 22:30, once more, and Ctrl-C: the index was half of it."""
    archive, made = ScriptedArchive(), listings(10)
    archive.add(*made)
    archive.files[path_of(TUESDAY)] = an_index(TUESDAY, made[:3])
    clock = SetClock(calendar.at(TUESDAY, time(22, 30)))
    await began(database)
    async with database.transaction() as tx:
        await days.ask(tx, [TUESDAY], clock.now())
    async with LookAlike(archive) as edgar, reconciling(edgar.url, database, clock):
        await eventually(account(database, lambda record: record.recovered == 3))
        async with database.transaction() as tx:
            await days.ask(tx, [TUESDAY], clock.now() + timedelta(hours=1))
            await days.forget(tx, [TUESDAY], time(6))
        (early,) = await day_records.records(database)
        archive.files[path_of(TUESDAY)] = an_index(TUESDAY, made)
        clock.set(MORNING)
        async with database.transaction() as tx:
            tx.ring(days.ASKED)
        await eventually(account(database, lambda record: record.is_complete and record.recovered == 10))

    assert (DayState.DUE, MORNING.replace(minute=0)) == (early.state, early.due)


async def test_a_day_that_was_proven_is_so_again_when_a_look_is_taken_back(database: Database) -> None:
    """Ctrl-C at `reconcile` costs nothing."""
    async with database.transaction() as tx:
        await days.account(tx, TUESDAY, MORNING)
        await days.ask(tx, [TUESDAY, TUESDAY + timedelta(days=1)], MORNING)
        forgotten = await days.forget(tx, [TUESDAY, TUESDAY + timedelta(days=1)], time(6))

    assert 2 == forgotten
    assert [(TUESDAY, DayState.READ)] == [(record.day, record.state) for record in await day_records.records(database)]


async def test_a_clock_that_is_ahead_trusts_no_index_before_its_time(database: Database) -> None:
    """EDGAR's own clock, in its answer, says that it is still Tuesday evening."""

    async def evening(request: web.Request) -> web.StreamResponse:
        if request.path != path_of(TUESDAY):
            return web.Response(status=404)
        return web.Response(body=an_index(TUESDAY, listings(3)), headers={"Date": "Wed, 05 Mar 2025 03:05:00 GMT"})

    await began(database)
    async with answering(evening) as url, reconciling(url, database, SetClock(MORNING)):
        await eventually(account(database, lambda record: record.indexed == 3 and record.looks > 1))
    (record,) = await day_records.records(database)

    assert DayState.DUE == record.state
    assert record.due > MORNING + timedelta(minutes=29)


async def test_an_index_that_is_away_for_a_moment_makes_no_holiday_of_a_business_day(database: Database) -> None:
    """Nor does it undo what an index has listed."""
    archive, made = ScriptedArchive(), listings(5)
    archive.add(*made)
    wednesday = TUESDAY + timedelta(days=1)
    archive.files = {path_of(wednesday): an_index(wednesday, [])}
    clock = SetClock(calendar.at(wednesday + timedelta(days=1), time(6, 1)))
    await began(database)
    async with LookAlike(archive) as edgar, reconciling(edgar.url, database, clock):
        for look in range(1, 5):
            await eventually(account(database, lambda record, look=look: record.looks >= look))
            (away,) = await day_records.records(database, only=[TUESDAY])
            clock.set(away.due + timedelta(seconds=1))
            async with database.transaction() as tx:
                tx.ring(days.ASKED)
        archive.files[path_of(TUESDAY)] = an_index(TUESDAY, made)
        record = await looked_at_until_settled(database, clock, TUESDAY)

    assert DayState.DUE == away.state
    assert (DayState.READ, 5) == (record.state, record.indexed)


async def test_a_clock_that_was_months_ahead_delays_no_day(database: Database) -> None:
    """What it recorded as due then is due now."""
    archive = ScriptedArchive()
    archive.files[path_of(TUESDAY)] = an_index(TUESDAY, [])
    await began(database)
    async with database.transaction() as tx:
        await days.schedule(tx, [(TUESDAY, MORNING)])
        await days.postpone(tx, TUESDAY, MORNING + timedelta(days=90), "there is no index yet", None)
    async with LookAlike(archive) as edgar, reconciling(edgar.url, database, SetClock(MORNING)):
        await eventually(account(database, lambda record: record.state is DayState.READ))


async def test_an_index_that_edgar_always_refuses_is_asked_for_ever_less_often(database: Database) -> None:
    """The other days, and all else, go on."""
    archive, made = ScriptedArchive(), listings(3)
    archive.add(*made)
    wednesday = TUESDAY + timedelta(days=1)
    archive.files = {path_of(TUESDAY): an_index(TUESDAY, []), path_of(wednesday): an_index(wednesday, made)}
    faults = Faults()
    faults.inject(*[Fault.BLOCKED] * 1000, where=path_of(TUESDAY))
    await began(database)
    clock = SetClock(MORNING + timedelta(days=1))
    server = LookAlike(archive, faults, block_seconds=0.05)
    async with server as edgar, asking(edgar.url, database, clock=clock, block_seconds=0.1) as client:
        timing = {"clock": clock, "vitals": Unwatched()}
        reconciler = Reconciler(client, database, forms=("4",), trusted_at=time(6), **timing)

        async def read() -> bool:
            async with database.transaction() as tx:
                tx.ring(days.ASKED)
            return await account(database, lambda record: record.state is DayState.READ, wednesday)()

        async with going_on(reconciler.run()):
            await eventually(read)
    (record,) = await day_records.records(database, only=[TUESDAY])

    assert "EDGAR answered 403" in (record.note or "")
