"""Known ground: how far back one reading of the feed must go, and what it takes for an end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from service.clock import SystemClock
from service.lookalike.archive import atom_page
from service.lookalike.server import LookAlike
from service.model import calendar
from service.model.errors import Unreachable
from service.poller.baseline import Baseline
from service.poller.live import LivePoller
from service.poller.rhythm import Rhythm
from service.store import Database, gaps
from service.vitals import Unwatched
from tests.kit.archives import ScriptedArchive
from tests.kit.asking import asking
from tests.kit.clocks import HastyClock
from tests.kit.ground import GROUND, START, found, show
from tests.kit.indexes import began


class Waited(Exception):
    """Long enough."""


@asynccontextmanager
async def sweeping(archive: ScriptedArchive, database: Database, clock: SystemClock) -> AsyncIterator[LivePoller]:
    async with LookAlike(archive) as edgar, asking(edgar.url, database) as client:
        timing = {"clock": clock, "vitals": Unwatched()}
        yield LivePoller(client, database, forms=("4",), rhythm=Rhythm(), since=None, **timing)


async def test_one_filing_that_is_known_is_no_ground(database: Database) -> None:
    """A party's entry can come late: 99 entries of another form before it say nothing of what is behind."""
    archive = ScriptedArchive()
    show(archive, range(20), 0)
    async with sweeping(archive, database, HastyClock()) as poller:
        await poller.sweep("4", GROUND)
        show(archive, range(100, 130), 100)
        show(archive, range(200, 299), 200, "424B2")
        show(archive, [19], 400)
        await poller.sweep("4", GROUND)

    assert 30 == await found(database, range(100, 130))


async def test_a_gap_is_closed_by_what_is_behind_it_alone(database: Database) -> None:
    """What stands before it is known from the sweep that left it; entries of other forms are nothing to go by."""
    archive, clock = ScriptedArchive(), HastyClock()
    show(archive, range(20), 0)
    async with sweeping(archive, database, clock) as poller:
        await poller.sweep("4", GROUND)
        show(archive, range(100, 250), 60)  # the gap will hide these
        show(archive, range(250, 260), 220, "424B2")
        show(archive, range(260, 360), 240)
        archive.deepest = 100
        await poller.sweep("4", GROUND)
        left = await gaps.still_open(database)
        archive.deepest = 10**6
        show(archive, range(360, 452), 400)  # pushes the edge of the gap to the end of a page
        await clock.sleep(600)
        await poller.sweep("4", GROUND)

    assert 1 == len(left)
    assert 150 == await found(database, range(100, 250))
    assert [] == await gaps.still_open(database)


async def test_a_page_that_is_empty_once_is_not_the_end_of_the_feed(database: Database) -> None:
    """It would hide all that is behind it."""

    class Hiccup(ScriptedArchive):
        empty = 1

        def feed(self, prefix: str, start: int, count: int) -> bytes | None:
            if start == 200 and self.empty:
                self.empty -= 1
                return atom_page([], START)
            return super().feed(prefix, start, count)

    archive = Hiccup()
    show(archive, range(300), 0)
    async with sweeping(archive, database, HastyClock()) as poller:
        await poller.sweep("4", GROUND)

    assert 300 == await found(database, range(300))


async def test_a_gap_of_a_deep_reading_reaches_back_to_the_day_that_was_asked_for(database: Database) -> None:
    """What is known in between does not show that all of it is."""
    archive = ScriptedArchive()
    show(archive, range(20), 0)
    async with sweeping(archive, database, HastyClock()) as poller:
        await poller.sweep("4", GROUND)
        show(archive, range(100, 250), 60)
        archive.deepest = 100
        asked_for = Baseline(floor=START - timedelta(days=30), live=START - timedelta(days=30))
        await poller.sweep("4", asked_for, deep=True)
    (gap,) = await gaps.still_open(database)

    assert asked_for.floor == gap.after


async def test_a_feed_that_is_away_for_days_is_waited_for(database: Database) -> None:
    """A weekend without a network must not end the poller."""
    await began(database, calendar.eastern_day(START))
    clock = HastyClock()

    class Away:
        """Unreachable, until somebody has waited for three days."""

        async def feed_page(self, *_: object) -> None:
            if clock.monotonic() > 3 * 86_400:
                raise Waited
            raise Unreachable("no network")

    timing = {"clock": clock, "vitals": Unwatched()}
    poller = LivePoller(Away(), database, forms=("4",), rhythm=Rhythm(), since=None, **timing)  # type: ignore[arg-type]
    with pytest.raises(Waited):
        await poller.run()
