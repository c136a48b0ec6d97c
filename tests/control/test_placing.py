"""Tickers of watchlists stand for companies: by the SEC's list, and until a person accepts another."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from service.clock import SystemClock
from service.control import entries, provision
from service.control.entries import EntryState, WatchlistEntry
from service.control.placing import Placer
from service.control.why import End, why
from service.log.table import TableLog
from service.lookalike.server import LookAlike
from service.lookalike.tickers import PATH, tickers_json
from service.model.alert import Explanation
from service.model.errors import Faulty
from service.model.filing import Accession, Cik
from service.model.identity import Revision
from service.model.notice import NoticeKind
from service.model.ownership import Issuer
from service.model.parsed import ParsedFiling
from service.model.resource import SERVICE, Action, Actor
from service.poller.tickers import TickerReader
from service.store import Database, matchings, moved, resources
from service.vitals import Unwatched
from service.watch.checks import conditions
from service.watch.look import Look
from service.wire.topics import parsed_event
from tests.control.desk import CHANNEL, RULE, WATCHLIST, Answers, Desk, Floor, accession_of
from tests.kit.archives import ScriptedArchive
from tests.kit.asking import asking
from tests.kit.documents import a_document, a_filing, a_row
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.receiver import SECRET

OTHERS = [(f"T{number:03d}", 9900000 + number, f"EXAMPLE {number} CORP") for number in range(100)]
AAPL, BRK = ("AAPL", 320193, "Apple Inc."), ("BRK-B", 1067983, "BERKSHIRE HATHAWAY INC")
BARNES, BARRICK = ("B", 9984, "BARNES GROUP INC"), ("B", 756894, "BARRICK MINING CORP")


class Sec:
    """The SEC with its list, and the service's reader of it."""

    def __init__(self, archive: ScriptedArchive, reader: TickerReader) -> None:
        self._archive = archive
        self._reader = reader

    async def lists(self, *rows: tuple[str, int, str]) -> None:
        """From now on the list says *rows*, which the service has read."""
        self._archive.files[PATH] = tickers_json([*OTHERS, *rows])
        await self._reader.read()


@asynccontextmanager
async def sec(database: Database) -> AsyncIterator[Sec]:
    archive = ScriptedArchive()
    async with LookAlike(archive) as edgar, asking(edgar.url, database) as client:
        yield Sec(archive, TickerReader(client, database, clock=SystemClock(), vitals=Unwatched()))


async def published(floor: Floor, number: int, *symbols: str, cik: int) -> Accession:
    """A purchase at the issuer *cik*, whose symbol box says *symbols*; it is matched."""
    issuer = Issuer(issuer_cik=Cik(f"{cik:010d}"), issuer_name="SOME ISSUER", symbols=symbols)
    filing = a_filing(accession=accession_of(number))
    async with floor.database.transaction() as tx:
        tx.emit(parsed_event(ParsedFiling(filing=filing, document=a_document(a_row(), issuer=issuer)), now()))

    async def matched() -> bool:
        return await matchings.of(floor.database, filing.accession) is not None

    await eventually(matched)
    return filing.accession


async def followed(floor: Floor, before: Revision) -> None:
    """Return once filings are held against what was changed since *before*."""
    probes = count(1000)

    async def under_another() -> bool:
        held = await matchings.of(floor.database, await published(floor, next(probes), cik=1))
        return held is not None and held[0] > before

    await eventually(under_another)


async def ruled(desk: Desk, url: str, **watchlist: Any) -> None:
    """A watchlist and a rule on it."""
    await desk.add(CHANNEL, "desk", type="webhook", url=f"{url}/desk", secrets=SECRET)
    await desk.add(WATCHLIST, "ours", **watchlist)
    await desk.add(RULE, "ours", watchlist="ours", channels="desk")


async def stated(floor: Floor, desk: Desk, accession: Accession) -> str | None:
    """What the alert on *accession* says of the watchlist; None: there was none."""
    (way,) = (await why(floor.database, desk.workspace, accession)).ways
    assert isinstance(way.explanation, Explanation)
    return None if way.end is End.NOT_MET else str(way.explanation.filing[0].stated)


async def entry(floor: Floor, desk: Desk, named: str) -> WatchlistEntry:
    """The entry *named*, as `watchlists check` has it."""
    (one,) = await entries.check(floor.database, desk.workspace, "ours")
    return next(entry for entry in one.entries if entry.entry == named)


async def placed(floor: Floor) -> None:
    """What the service does once a list has come."""
    assert await Placer(floor.database, now, Unwatched()).look()


async def wrong(floor: Floor) -> list[str]:
    """What the service says of moved tickers."""
    look = Look(floor.database, TableLog(floor.database, Unwatched()), floor.settings, now())
    return [one.headline for one in await conditions(look) if one.kind is NoticeKind.MOVED]


@pytest.mark.parametrize("workspace", [None, "acme"])
async def test_a_filing_is_found_whatever_its_box_says(workspace: str | None, either: Database, tmp_path: Path) -> None:
    """Empty, odd or another spelling: the issuer's CIK finds it, and evidence says by what."""
    floor = Floor(either, tmp_path)
    desk = await floor.desk(workspace)
    async with Answers({}) as receiver, sec(either) as edgar:
        await edgar.lists(AAPL, BRK)
        await ruled(desk, receiver.url, tickers=["AAPL", "BRK.B"])
        async with floor.running():
            boxes = [("AAPL",), (), ("CTB",), ("BRKB",)]
            made = [
                await published(floor, number, *box, cik=1067983 if box == ("BRKB",) else 320193)
                for number, box in enumerate(boxes)
            ]
            other = await published(floor, 9, "ELSE", cik=7)

            async def told() -> bool:
                return len(receiver.taken) == 4

            await eventually(told)
    day = (await entry(floor, desk, "AAPL")).listed
    by_cik = f"ticker AAPL, which is CIK 320193 by the SEC's list of {day}"

    assert ["ticker AAPL", by_cik, by_cik] == [await stated(floor, desk, one) for one in made[:3]]
    assert f"ticker BRK.B, which is CIK 1067983 by the SEC's list of {day}" == await stated(floor, desk, made[3])
    assert await stated(floor, desk, other) is None


async def test_until_the_list_has_come_the_box_alone_finds_it(either: Database, tmp_path: Path) -> None:
    """And a running service places what it has as soon as it comes; what a filing was held against stays known."""
    floor = Floor(either, tmp_path)
    desk = await floor.desk()
    async with Answers({}) as receiver, sec(either) as edgar:
        await ruled(desk, receiver.url, tickers=["AAPL"])
        assert EntryState.WAITING is (await entry(floor, desk, "AAPL")).state
        async with floor.running():
            by_box, without = await published(floor, 1, "AAPL", cik=320193), await published(floor, 2, cik=320193)
            before = await resources.revision(either)
            await edgar.lists(AAPL)
            await followed(floor, before)
            later = await published(floor, 3, cik=320193)
    found = await entry(floor, desk, "AAPL")

    assert (EntryState.PLACED, "0000320193", "Apple Inc.") == (found.state, found.cik, found.name)
    assert ["ticker AAPL", None] == [await stated(floor, desk, one) for one in (by_box, without)]
    assert f"ticker AAPL, which is CIK 320193 by the SEC's list of {found.listed}" == await stated(floor, desk, later)
    (change, *_) = await resources.history(either, desk.workspace, (await desk.find(WATCHLIST, "ours")).id, 5)
    assert (SERVICE, Action.PLACED) == (change.actor, change.action)
    assert f"found on the SEC's list of {found.listed}: AAPL" == change.reason


async def test_a_ticker_that_moves_is_told_and_never_followed_in_silence(either: Database, tmp_path: Path) -> None:
    """B went from Barnes to Barrick: who watches Barnes goes on to, and hears of it, until somebody accepts."""
    floor = Floor(either, tmp_path)
    desk = await floor.desk()
    async with Answers({}) as receiver, sec(either) as edgar:
        await edgar.lists(BARNES)
        await ruled(desk, receiver.url, tickers=["B"])
        await edgar.lists(BARRICK)
        await placed(floor)
        told, found = await wrong(floor), await entry(floor, desk, "B")
        async with floor.running():
            barnes, barrick = await published(floor, 1, cik=9984), await published(floor, 2, "B", cik=756894)
            boxless = await published(floor, 3, cik=756894)
            before = await resources.revision(either)
            _, accepted = await entries.accept(either, desk.actor, "ours", [], now())
            await followed(floor, before)
            after = [await published(floor, 4, cik=9984), await published(floor, 5, cik=756894)]

    assert ["The ticker B is another company's now: BARRICK MINING CORP (CIK 756894)"] == told
    assert (EntryState.MOVED, "0000009984", "BARNES GROUP INC") == (found.state, found.cik, found.name)
    assert found.now is not None
    assert "0000756894" == found.now.cik
    assert f"ticker B, which is CIK 9984 by the SEC's list of {found.listed}" == await stated(floor, desk, barnes)
    assert await stated(floor, desk, boxless) is None
    by_box = await stated(floor, desk, barrick)
    assert by_box is not None
    assert "though this issuer is not BARNES GROUP INC (CIK 9984), which it stands for" in by_box
    assert [("B", "0000009984", "0000756894")] == [(one.ticker, one.before.cik, one.after.cik) for one in accepted]
    assert [] == await wrong(floor)
    assert await stated(floor, desk, after[0]) is None
    assert f"ticker B, which is CIK 756894 by the SEC's list of {found.listed}" == await stated(floor, desk, after[1])


async def test_a_files_watchlist_keeps_what_it_stood_for(either: Database, tmp_path: Path) -> None:
    """Applying the file again, or with one ticker more, moves nothing; accepting does, and the file stays as it is."""
    floor = Floor(either, tmp_path)
    desk = await floor.desk()
    actor = Actor(name="file:f", workspace=desk.workspace, file="f")

    async def applied(*tickers: str) -> None:
        await provision.apply(either, floor.vault, actor, {"watchlists": {"ours": {"tickers": list(tickers)}}}, now())

    async with sec(either) as edgar:
        await edgar.lists(BARNES)
        await applied("B")
        await edgar.lists(BARRICK, AAPL)
        await placed(floor)
        await applied("B")
        await applied("B", "AAPL")
        kept = [(await entry(floor, desk, one)).cik for one in ("B", "AAPL")]
        await entries.accept(either, desk.actor, "ours", ["B"], now())
        await applied("B", "AAPL")
    accepted = await entry(floor, desk, "B")

    assert ["0000009984", "0000320193"] == kept
    assert (EntryState.PLACED, "0000756894") == (accepted.state, accepted.cik)


async def test_taking_the_ticker_out_ends_the_notice(either: Database, tmp_path: Path) -> None:
    """An edit is an answer, too; put in again, the ticker stands for what it is then."""
    floor = Floor(either, tmp_path)
    desk = await floor.desk()
    async with sec(either) as edgar:
        await edgar.lists(BARNES)
        await desk.add(WATCHLIST, "ours", tickers=["B"])
        await desk.add(WATCHLIST, "theirs", tickers=["B"])
        await edgar.lists(BARRICK)
        await placed(floor)
        both = [len(await moved.every(either)), len(await wrong(floor))]
        await desk.edit(WATCHLIST, "ours", ciks=[9984])
        await desk.remove(WATCHLIST, "theirs")
        over = await wrong(floor)
        await desk.edit(WATCHLIST, "ours", tickers=["B"])
        again = await entry(floor, desk, "B")

    assert [2, 1] == both
    assert [] == over
    assert (EntryState.PLACED, "0000756894") == (again.state, again.cik)


async def test_a_ticker_that_leaves_the_list_stays_with_its_company(either: Database, tmp_path: Path) -> None:
    """Insiders of a company that is taken private go on filing for a while."""
    floor = Floor(either, tmp_path)
    desk = await floor.desk()
    async with sec(either) as edgar:
        await edgar.lists(BARNES)
        await desk.add(WATCHLIST, "ours", tickers=["B"])
        await edgar.lists()
        await placed(floor)
    found = await entry(floor, desk, "B")

    assert (EntryState.GONE, "0000009984") == (found.state, found.cik)
    assert [] == await wrong(floor)


async def test_only_what_has_moved_can_be_accepted(database: Database, tmp_path: Path) -> None:
    """A name that is not there, or has not moved, is said."""
    floor = Floor(database, tmp_path)
    desk = await floor.desk()
    async with sec(database) as edgar:
        await edgar.lists(AAPL)
        await desk.add(WATCHLIST, "ours", tickers=["AAPL"])
        with pytest.raises(Faulty, match="has not moved"):
            await entries.accept(database, desk.actor, "ours", ["AAPL"], now())
        _, accepted = await entries.accept(database, desk.actor, "ours", [], now())

    assert [] == accepted


async def test_what_is_not_placed_has_the_nearest_beside_it(database: Database, tmp_path: Path) -> None:
    """By the letters, and by the company's name."""
    floor = Floor(database, tmp_path)
    desk = await floor.desk()
    async with sec(database) as edgar:
        await edgar.lists(AAPL, BRK)
        await desk.add(WATCHLIST, "ours", tickers=["APPL", "APPLE", "BRKB"], ciks=[320193, 5], owners=["Jane Doe"])
    found = {one: await entry(floor, desk, one) for one in ("APPL", "APPLE", "BRKB", "0000320193", "0000000005")}

    assert ("AAPL",) == found["APPL"].nearest == found["APPLE"].nearest
    assert [EntryState.UNPLACED, EntryState.UNPLACED, EntryState.PLACED, EntryState.PLACED, EntryState.UNLISTED] == [
        one.state for one in found.values()
    ]
    assert "Apple Inc." == found["0000320193"].name
    assert EntryState.OWNER is (await entry(floor, desk, "jane doe")).state


async def test_a_watchlists_exceptions_are_placed_as_well(database: Database, tmp_path: Path) -> None:
    """Who is not meant is told by CIK, too."""
    floor = Floor(database, tmp_path)
    desk = await floor.desk()
    async with Answers({}) as receiver, sec(database) as edgar:
        await edgar.lists(AAPL, BRK)
        await ruled(desk, receiver.url, owners=["Doe Jane"], **{"except": {"tickers": ["AAPL"]}})
        async with floor.running():
            apple, other = await published(floor, 1, cik=320193), await published(floor, 2, cik=1067983)
    found = await entry(floor, desk, "AAPL")

    assert await stated(floor, desk, apple) is None
    assert await stated(floor, desk, other) is not None
    assert (True, EntryState.PLACED, "0000320193") == (found.left_out, found.state, found.cik)
