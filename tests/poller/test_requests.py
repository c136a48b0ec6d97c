"""What the SEC was asked is counted, day by day, and outlives the process."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from service.log.table import TableLog
from service.lookalike.server import LookAlike
from service.model import calendar
from service.model.errors import Superseded, Unavailable
from service.poller.requests import Requests
from service.runtime.wiring import serve
from service.settings import Settings
from service.store import Database, requests
from service.store.requests import RequestCounts
from service.vitals import Unwatched
from tests.kit.archives import ScriptedArchive, listings
from tests.kit.clocks import HastyClock
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.tasks import going_on

_NOON = datetime(2025, 3, 4, 17, tzinfo=UTC)
_DAY = date(2025, 3, 4)


class Noon(HastyClock):
    """A clock that stands at noon until it is moved."""

    def __init__(self) -> None:
        super().__init__()
        self.at = _NOON

    def now(self) -> datetime:
        """The wall clock."""
        return self.at


async def test_a_days_requests_add_up_across_processes(either: Database) -> None:
    """By kind, with those that were refused or not answered; the peak is the most within any one second."""
    for pauses in ((0.1, 0.1, 0.9), (0.6, 0.6)):
        clock = Noon()
        counted = Requests(either, clock, Unwatched())
        start = counted.permitted(lambda: None)
        for pause in pauses:
            start()
            counted.asked("feed", "200")
            await clock.sleep(pause)
        for outcome in ("200", "404", "403", "503", "timeout"):
            counted.asked("document", outcome)
        await counted.write()
        clock.at += timedelta(hours=12)
        counted.asked("index", "200")
        await counted.write()

    assert RequestCounts(feed=5, document=10, refused=2, failed=4, peak=3) == await requests.of(either, _DAY)
    assert RequestCounts(index=2) == await requests.of(either, _DAY + timedelta(days=1))
    assert RequestCounts() == await requests.of(either, _DAY - timedelta(days=1))


async def test_what_could_not_be_written_is_written_later(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """An outage of the database takes no count away, and doubles none."""
    counted = Requests(database, Noon(), Unwatched())
    counted.permitted(lambda: None)()
    counted.asked("company", "200")
    with monkeypatch.context() as away:
        away.setattr(requests, "add", _unavailable)
        with pytest.raises(Unavailable):
            await counted.write()
    await counted.write()
    await counted.write()

    assert RequestCounts(company=1, peak=1) == await requests.of(database, _DAY)


async def test_what_is_not_permitted_is_no_request(database: Database) -> None:
    """Who leads no more asks nothing."""
    counted = Requests(database, Noon(), Unwatched())
    with pytest.raises(Superseded):
        counted.permitted(_superseded)()
    await counted.write()

    assert RequestCounts() == await requests.of(database, _DAY)


async def test_the_poller_counts_what_it_asks(database: Database, tmp_path: Path) -> None:
    """As many as the look-alike was asked for, also when it is stopped."""
    archive = ScriptedArchive()
    archive.add(*listings(3))
    async with LookAlike(archive) as edgar:
        settings = Settings(home=tmp_path, sec_url=edgar.url, sec_contact="Tests tests@example.com", sec_rate=1000)
        log = TableLog(database, Unwatched())

        async def fetched() -> bool:
            return len(archive.submission_requests) >= 3

        async with going_on(serve(settings, database, log, Unwatched(), ["poller"], calendar.eastern_day(now()))):
            await eventually(fetched)
    asked = await requests.of(database, calendar.eastern_day(now()))

    assert 3 == asked.document
    assert asked.feed - len(archive.feed_requests) in (0, 1)  # the last one may have ended before it was there
    assert asked.peak >= 1


async def _unavailable(*_: object) -> None:
    raise Unavailable("the database is away")


def _superseded() -> None:
    raise Superseded("another process leads")
