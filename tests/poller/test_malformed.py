"""Malformed entries of the feed: each costs itself alone, and what it may hide is not forgotten."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import structlog
from structlog.testing import capture_logs

from service.lookalike.server import LookAlike
from service.model.filing import Accession
from service.poller.live import LivePoller
from service.poller.rhythm import Rhythm
from service.store import Database, filings, gaps
from service.store.gaps import Gap
from service.watch.metrics import Metrics
from tests.kit.archives import ScriptedArchive
from tests.kit.asking import asking
from tests.kit.clocks import HastyClock
from tests.kit.ground import GROUND, START, found, show

EMPTY = b"<entry></entry>\n"
PROSPECTUS = b'<entry><category term="424B2" label="form type"/></entry>\n'


class Mangled(ScriptedArchive):
    """A feed to whose pages something happens."""

    mangle: Callable[[bytes], bytes] = staticmethod(lambda page: page)

    def feed(self, prefix: str, start: int, count: int) -> bytes | None:
        page = super().feed(prefix, start, count)
        return page and self.mangle(page)


def with_entry(entry: bytes) -> Callable[[bytes], bytes]:
    """Puts *entry* behind the first one."""
    return lambda page: page.replace(b"</entry>\n", b"</entry>\n" + entry, 1)


@pytest.fixture
def archive() -> Mangled:
    """Ten filings of ten seconds."""
    made = Mangled()
    show(made, range(10), 0)
    return made


async def swept(archive: Mangled, database: Database, metrics: Metrics, looks: int = 1) -> list[str]:
    """The log of a poller that looks at *archive* so often."""
    structlog.reset_defaults()  # the tests' own configuration is silent
    with capture_logs() as logs:
        async with LookAlike(archive) as edgar, asking(edgar.url, database) as client:
            timing = {"clock": HastyClock(), "vitals": metrics}
            poller = LivePoller(client, database, forms=("4",), rhythm=Rhythm(), since=None, **timing)
            for look in range(looks):
                await poller.sweep("4", GROUND)
                show(archive, [100 + look], 100 + look)
    return [entry["event"] for entry in logs]


@pytest.mark.parametrize("name", [b"A & B", b"A&nbsp;B", b"A \x1b B", b"A &am"])
async def test_a_malformed_entry_rings_as_the_others_of_its_page_do(
    archive: Mangled, database: Database, name: bytes
) -> None:
    """One control character in a name once stopped the feed, and left a gap until the index came."""
    archive.mangle = lambda page: page.replace(b"EXAMPLE CORP", name, 1)
    metrics = Metrics()
    logs = await swept(archive, database, metrics, looks=3)

    assert 12 == await found(database, [*range(10), 100, 101])
    assert [] == await gaps.still_open(database)
    assert 3 == logs.count("feed_entry_malformed")  # each look shows another one first
    assert b'filingbell_feed_entries_malformed_total{outcome="recovered"} 3.0' in metrics.counted()


async def test_an_entry_that_may_hide_a_filing_leaves_one_gap(archive: Mangled, database: Database) -> None:
    """The index closes it; meanwhile operations know. Neither looks nor restarts tell of it again."""
    archive.mangle = with_entry(EMPTY)
    metrics = Metrics()
    logs = await swept(archive, database, metrics, looks=2) + await swept(archive, database, Metrics())
    (gap,) = await gaps.still_open(database)

    assert 11 == await found(database, [*range(10), 100])
    assert (START, START + timedelta(seconds=9)) == (gap.after, gap.before)
    assert "does not say which filing it is" in gap.cause
    assert 2 == logs.count("feed_entry_unreadable")  # once a process
    assert b'filingbell_feed_entries_malformed_total{outcome="unreadable"} 1.0' in metrics.counted()


async def left(archive: Mangled, database: Database, entry: bytes) -> list[Gap]:
    """The gaps that *entry* leaves."""
    archive.mangle = with_entry(entry)
    await swept(archive, database, Metrics())
    return await gaps.still_open(database)


async def test_an_entry_of_another_form_leaves_no_gap(archive: Mangled, database: Database) -> None:
    """Nobody waits for a prospectus."""
    assert [] == await left(archive, database, PROSPECTUS)


async def test_an_entry_of_a_filing_that_another_entry_shows_leaves_no_gap(
    archive: Mangled, database: Database
) -> None:
    """It is another party's, and the filing rings."""
    assert [] == await left(archive, database, b"<entry><id>accession-number=0009990900-25-000003</id></entry>\n")
    assert {"0009990900-25-000003"} == await filings.known(database, [Accession("0009990900-25-000003")])


async def test_an_unreadable_entry_is_told_although_nothing_else_is_new(archive: Mangled, database: Database) -> None:
    """The page's readable entries are those of the look before."""
    async with LookAlike(archive) as edgar, asking(edgar.url, database) as client:
        timing = {"clock": HastyClock(), "vitals": Metrics()}
        poller = LivePoller(client, database, forms=("4",), rhythm=Rhythm(), since=None, **timing)
        await poller.sweep("4", GROUND)
        archive.mangle = with_entry(EMPTY)
        await poller.sweep("4", GROUND)

    assert 1 == len(await gaps.still_open(database))
