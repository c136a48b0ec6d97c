"""One budget for everything: feed, documents, reconciliation and backfill together, against a strict look-alike."""

import asyncio
import os
import random
import signal
import time as machine
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from service.clock import SystemClock
from service.lookalike.faults import Fault, Faults
from service.lookalike.server import LookAlike
from service.model import calendar
from service.poller.backfill import Backfiller, units_of
from service.poller.collect import Collector
from service.poller.live import LivePoller
from service.poller.reconcile import Reconciler
from service.poller.rhythm import Rhythm
from service.settings import Settings
from service.store import Database, backfills, day_records, events, marks
from service.store.backfills import BackfillWish
from service.store.database import open_database
from service.vitals import Unwatched
from service.wire.topics import Topic
from tests.conftest import new_database_url
from tests.kit.archives import ScriptedArchive, listings
from tests.kit.asking import Starts, asking
from tests.kit.clocks import RHYTHM, TODAY
from tests.kit.eventually import eventually
from tests.kit.indexes import an_index, path_of
from tests.kit.process import Service
from tests.kit.tasks import going_on

PAST = date(2024, 5, 6)
YESTERDAY = next(day for day in (TODAY - timedelta(days=number) for number in range(1, 5)) if calendar.is_weekday(day))
SECONDS = float(os.environ.get("FILINGBELL_TEST_FAIR_SECONDS", "20"))


async def test_poller_backfill_and_reconciliation_together_never_pass_the_limit(
    database: Database, figures: list[str]
) -> None:
    """A strict look-alike counts every sliding second, and blocks as the SEC does."""
    rate, limit, starts = 8, 10, Starts()  # two may arrive 50 ms late; what starts is counted to the letter
    made = listings(int(SECONDS * rate * 2))
    live, past, missed = made[: int(SECONDS * 2)], made[int(SECONDS * 2) : -20], made[-20:]
    archive = ScriptedArchive()
    archive.files = {path_of(PAST): an_index(PAST, past), path_of(YESTERDAY): an_index(YESTERDAY, missed)}
    for one in (*past, *missed):
        archive.add(one)
        archive.hidden.add(one.accession)
    wish = BackfillWish(since=PAST, until=PAST)
    async with (
        LookAlike(archive, limit=limit) as edgar,
        asking(edgar.url, database, rate=rate, permit=starts) as client,
    ):
        timing = {"clock": SystemClock(), "vitals": Unwatched()}
        give_up = timedelta(hours=24)
        since, rhythm = YESTERDAY, Rhythm(busy=0.4, quiet=0.4, closed=0.4)
        loops = [
            LivePoller(client, database, forms=("4",), rhythm=rhythm, since=since, **timing),
            Collector(client, database, give_up=give_up, chance=random.Random(1), **timing),
            Reconciler(client, database, forms=("4",), trusted_at=calendar.MIDNIGHT, **timing),
            Backfiller(client, database, forms=("4",), **timing),
        ]
        async with database.transaction() as tx:
            await backfills.begin(tx, wish, units_of(wish, TODAY), datetime.now(UTC))
        wanted = {one.accession for one in (*live, *missed)}

        async def live_and_missed() -> bool:
            found = await events.read(database, Topic.FILINGS, 0, 10_000)
            return wanted <= {record.headers["ce_subject"] for record in found}

        async with going_on(*(loop.run() for loop in loops)):
            ends = machine.monotonic() + SECONDS
            for one in live:
                archive.add(one)
                await asyncio.sleep(max(0.0, (ends - machine.monotonic()) / len(live)))
            await eventually(live_and_missed)
        (account,) = await day_records.records(database, only=[YESTERDAY])
        figures.append(
            f"fair access: feed, documents, reconciliation and backfill together, {edgar.requests} requests in "
            f"{SECONDS:.0f} s, busiest second {edgar.busiest} of {limit}: {edgar.violations} violations"
        )

        assert 0 == edgar.violations
        assert starts.hold(rate)
        assert edgar.requests > SECONDS * rate * 0.6  # the budget is used
    assert (20, 0) == (account.recovered, account.missing)


async def test_a_block_pauses_everything_for_the_whole_window(database: Database) -> None:
    """Feed, documents, reconciliation and backfill: not one request, whichever of them was refused."""
    archive, made = ScriptedArchive(), listings(30)
    archive.add(*made)
    archive.files[path_of(PAST)] = an_index(PAST, made[:15])
    faults = Faults()
    faults.inject(Fault.THROTTLED, where="/Archives/edgar/data")
    wish, starts = BackfillWish(since=PAST, until=PAST), Starts()
    async with LookAlike(archive, faults, block_seconds=2.0, grace=1.0) as edgar:
        async with asking(edgar.url, database, block_seconds=2.0, permit=starts) as client:
            timing = {"clock": SystemClock(), "vitals": Unwatched()}
            give_up = timedelta(hours=24)
            loops = [
                LivePoller(client, database, forms=("4",), rhythm=RHYTHM, since=TODAY, **timing),
                Collector(client, database, give_up=give_up, chance=random.Random(1), **timing),
                Backfiller(client, database, forms=("4",), **timing),
            ]
            async with database.transaction() as tx:
                await backfills.begin(tx, wish, units_of(wish, TODAY), datetime.now(UTC))

            async def through() -> bool:
                return (await events.counts(database)).get(Topic.FILINGS, 0) == 30

            async with going_on(*(loop.run() for loop in loops)):
                await eventually(through)
        assert 0 == edgar.violations
        assert starts.longest_pause() > 2.0
    assert await marks.get(database, marks.blocked("www")) is not None


@pytest.fixture
def shared_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that several machines share."""
    return new_database_url(request, tmp_path, "postgresql")


async def test_a_standby_takes_over_within_15_seconds_and_a_stalled_leader_publishes_nothing_twice(
    shared_url: str, tmp_path: Path, figures: list[str]
) -> None:
    """Two pollers, one lease: kill -9 of the leader, then SIGSTOP past the lease and SIGCONT."""
    config = tmp_path / "filingbell.yaml"
    config.write_text("channels: {a: {type: slack, url: 'http://127.0.0.1:9/'}}\nrules: {r: {channels: a}}\n")
    archive, made = ScriptedArchive(), listings(60)
    async with LookAlike(archive, limit=10) as edgar:
        settings = {
            "database": shared_url,
            "sec_contact": "Tests tests@example.com",
            "sec_url": edgar.url,
            "sec_rate": "5",
            "poll_seconds": "0.5",
        }
        first, second = (Service(tmp_path / name, config, **settings) for name in ("first", "second"))
        database = await open_database(shared_url)

        async def has(count: int) -> bool:
            return (await events.counts(database)).get(Topic.FILINGS, 0) >= count

        archive.add(*made[:5])
        await first.start("poller", "--since", TODAY.isoformat())
        await eventually(lambda: has(5))
        await second.start("poller", "--since", TODAY.isoformat())
        await eventually(lambda: _up(second, 1))
        await first.kill()
        archive.add(*made[5:10])
        killed = machine.monotonic()
        await eventually(lambda: has(10))
        took = machine.monotonic() - killed

        await first.start("poller", "--since", TODAY.isoformat())
        await eventually(lambda: _up(first, 2))
        archive.add(*made[10:40])
        await eventually(lambda: has(15))
        second.send(signal.SIGSTOP)  # in the middle of fetching
        archive.add(*made[40:])
        await eventually(lambda: has(60))
        second.send(signal.SIGCONT)
        await eventually(lambda: _superseded(second))
        statuses = [await first.stop(), await second.stop()]
        subjects = [record.headers["ce_subject"] for record in await events.read(database, Topic.FILINGS, 0, 1000)]
        await database.close()
        figures.append(f"high availability: the standby poller had published {took:.1f} s after kill -9 of the leader")

        assert took < 15
        assert sorted(one.accession for one in made) == sorted(subjects)
        assert 0 == edgar.violations
    assert [0, 0] == statuses


async def _up(service: Service, starts: int) -> bool:
    """Whether it runs, for the so many-th time; while another leads, it stands by."""
    return service.log().count('"event":"started"') == starts


async def _superseded(service: Service) -> bool:
    log = service.log()
    return "lease_lost" in log or "has run out" in log


def test_the_rate_stays_below_the_limit_by_default() -> None:
    """A user was blocked at 9.7 a second."""
    assert 5.0 == Settings().sec_rate
