"""The SEC's list of tickers: read once a day within the budget, compared, and never believed when it is odd."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from service.clock import SystemClock
from service.edgar.companies import listed_tickers
from service.lookalike.faults import Fault, Faults
from service.lookalike.server import LookAlike
from service.lookalike.tickers import PATH, ticker_list, tickers_json
from service.model.errors import Unreachable
from service.model.tickers import Placement, succeed
from service.poller.tickers import TickerReader
from service.store import Database, tickers
from service.vitals import Unwatched
from tests.kit import datasets
from tests.kit.archives import ScriptedArchive, listings
from tests.kit.asking import asking
from tests.kit.corpus import corpus
from tests.kit.eventually import eventually
from tests.kit.tasks import going_on

FEW = [("AAPL", 320193, "Apple Inc."), ("BRK-B", 1067983, "BERKSHIRE HATHAWAY INC"), ("T", 732717, "AT&T INC.")]
MANY = [(f"T{number:03d}", 9900000 + number, f"EXAMPLE {number} CORP") for number in range(200)]


class Wound(SystemClock):
    """A clock whose hours can be let go by."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        """The wall clock."""
        return datetime.now(UTC) + self.ahead


@asynccontextmanager
async def reader(archive: ScriptedArchive, database: Database, **edgar: object) -> AsyncIterator[TickerReader]:
    async with LookAlike(archive, **edgar) as served, asking(served.url, database) as client:
        yield TickerReader(client, database, clock=SystemClock(), vitals=Unwatched())


async def test_the_list_is_read_and_kept(either: Database) -> None:
    """With the class behind a point, as watchlists have it."""
    archive = ScriptedArchive()
    archive.files[PATH] = tickers_json(FEW)
    async with reader(archive, either) as one:
        await one.read()
    found = await tickers.known(either)

    assert found is not None
    assert {"AAPL": "0000320193", "BRK.B": "0001067983", "T": "0000732717"} == {
        ticker: company.cik for ticker, company in found.listed.items()
    }
    assert Placement("BRKB", "0001067983", "BERKSHIRE HATHAWAY INC", found.day) == found.place("BRKB")


async def test_an_unchanged_list_is_not_sent_again(either: Database) -> None:
    """A conditional request: 304, and it counts as read."""
    archive = ScriptedArchive()
    archive.files[PATH] = tickers_json(FEW)
    async with reader(archive, either) as one:
        await one.read()
        first = await tickers.reading(either)
        await one.read()
    second = await tickers.reading(either)

    assert first.validators == second.validators != {}
    assert first.read is not None
    assert second.read is not None
    assert first.read < second.read


async def test_a_list_that_changes_is_compared(either: Database) -> None:
    """What is new, gone, and moved to another company; what was listed before keeps its day."""
    archive = ScriptedArchive()
    archive.files[PATH] = tickers_json([*MANY, ("B", 9984, "BARNES GROUP INC")])
    async with reader(archive, either) as one:
        await one.read()
        archive.files[PATH] = tickers_json([*MANY[1:], ("B", 756894, "BARRICK MINING CORP"), ("NEW", 9, "NEW CORP")])
        await one.read()
    found = await tickers.known(either)

    assert found is not None
    assert ("0000756894", "BARRICK MINING CORP") == (found.listed["B"].cik, found.listed["B"].name)
    assert {"T000"} == set(found.gone)
    assert "NEW" in found.listed


@pytest.mark.parametrize(
    "odd",
    [
        tickers_json([]),
        tickers_json(MANY[:99]),
        tickers_json([(ticker, cik + 1, name) for ticker, cik, name in MANY]),
        b"<html>maintenance</html>",
        b"[]",
        b"",
        tickers_json(MANY)[:-50],
        tickers_json([*MANY, ("BAD", 10**12, "NO CIK HAS THIRTEEN DIGITS")]),
    ],
    ids=["empty", "half", "all moved", "a page", "another form", "nothing", "cut off", "no CIK"],
)
async def test_an_odd_list_is_doubted_and_the_last_one_stays(odd: bytes, database: Database) -> None:
    """Nobody's watchlist must lose its companies for a bad day at the SEC."""
    archive = ScriptedArchive()
    archive.files[PATH] = tickers_json(MANY)
    async with reader(archive, database) as one:
        await one.read()
        before = await tickers.known(database)
        archive.files[PATH] = odd
        with pytest.raises(Unreachable):
            await one.read()

    assert before == await tickers.known(database)


async def test_an_odd_list_is_asked_for_again_and_why_is_kept(either: Database) -> None:
    """`status` can say what is wrong, and since when."""
    archive = ScriptedArchive()
    archive.files[PATH] = tickers_json([])
    async with reader(archive, either) as one, going_on(one.run()):

        async def doubted() -> bool:
            return (await tickers.reading(either)).waits is not None

        await eventually(doubted)
    reading = await tickers.reading(either)

    assert "the SEC's list of tickers cannot be believed: it is empty" == reading.waits
    assert reading.waits_since is not None
    assert reading.read is None
    assert await tickers.known(either) is None


async def test_a_list_that_is_fresh_is_not_asked_for_by_the_next_poller(database: Database) -> None:
    """A restart costs no request; a day later it is asked for."""
    archive, clock = ScriptedArchive(), Wound()
    archive.files[PATH] = tickers_json(FEW)
    async with LookAlike(archive) as edgar, asking(edgar.url, database, clock=clock) as client:

        async def asked(times: int) -> None:
            one = TickerReader(client, database, clock=clock, vitals=Unwatched())
            async with going_on(one.run()):

                async def done() -> bool:
                    read = (await tickers.reading(database)).read
                    fresh = read is not None and clock.now() - read < timedelta(hours=24)
                    return fresh and len(archive.file_requests) == times

                await eventually(done)

        await asked(1)
        await asked(1)
        clock.ahead = timedelta(hours=25)
        await asked(2)


async def test_a_block_is_waited_out(database: Database) -> None:
    """The list is asked for within the same budget as everything else, and by the same client."""
    archive = ScriptedArchive()
    archive.files[PATH] = tickers_json(FEW)
    faults = Faults()
    faults.inject(Fault.THROTTLED, where=PATH)
    async with (
        LookAlike(archive, faults, block_seconds=0.2) as edgar,
        asking(edgar.url, database, block_seconds=0.2) as client,
    ):
        one = TickerReader(client, database, clock=SystemClock(), vitals=Unwatched())
        async with going_on(one.run()):

            async def read() -> bool:
                return await tickers.known(database) is not None

            await eventually(read)

    assert 0 == edgar.violations


def test_the_look_alike_lists_the_issuers_of_its_filings() -> None:
    """So that a demo finds its companies by CIK, too."""
    assert {"EXMP": ("0009900019", "EXAMPLE 0009900019 CORP")} == listed_tickers(
        ticker_list(one.data for one in listings(20))
    )


def test_three_real_lists_follow_each_other() -> None:
    """None is doubted; BLK, TTGT, FUN and B have moved, and no ticker that stayed has."""
    older = listed_tickers((corpus() / "json" / "company_tickers.json").read_bytes())
    newer = {ticker.replace("-", "."): (f"{cik:010d}", "") for ticker, cik in datasets.tickers().items()}
    first, _ = succeed(None, older, datetime(2024, 9, 1, tzinfo=UTC).date())
    second, told = succeed(first, newer, datetime(2025, 8, 24, tzinfo=UTC).date())
    moved = {one.ticker: (one.before.cik, one.after.cik) for one in told.moved}

    assert () == told.doubts
    assert ("0001364742", "0002012383") == moved["BLK"]
    assert ("0001293282", "0002018064") == moved["TTGT"]
    assert {"B", "FUN"} <= moved.keys()
    assert moved == {
        ticker: (first.listed[ticker].cik, second.listed[ticker].cik)
        for ticker in first.listed.keys() & second.listed.keys()
        if first.listed[ticker].cik != second.listed[ticker].cik
    }


def test_a_ticker_is_found_as_people_write_it() -> None:
    """Classes without their mark, preferred shares and units as exchanges write them; never another market's."""
    rows = {"BRK.B": ("1", "BERKSHIRE"), "BAC.PK": ("2", "BANK"), "ABC": ("3", "ABC"), "T": ("4", "AT&T")}
    listed, _ = succeed(None, rows, datetime(2025, 8, 24, tzinfo=UTC).date())

    def cik(ticker: str) -> str | None:
        company = listed.find(ticker)
        return company and company.cik

    assert ["1", "1", "2", "2", "2"] == [cik(one) for one in ("BRK.B", "BRKB", "BAC.PK", "BAC.PRK", "BACPK")]
    assert ["3", "3", "3", "3"] == [cik(one) for one in ("ABC", "ABC.U", "ABC.WS", "ABC.PRA")]
    assert [None, None, None] == [cik(one) for one in ("T.TO", "XYZ", "9999.TW")]
