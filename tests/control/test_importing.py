"""Importing a portfolio: as people export it, whole or not at all."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from service.clock import SystemClock
from service.control import provision
from service.control.importing import Imported, import_rows
from service.control.portfolio import PortfolioRow, rows_of
from service.lookalike.server import LookAlike
from service.lookalike.tickers import PATH, tickers_json
from service.model.errors import ConfigError, Faulty, Forbidden
from service.model.resource import Actor
from service.poller.tickers import TickerReader
from service.store import Database
from service.vitals import Unwatched
from tests.control.desk import WATCHLIST, Desk, Floor
from tests.kit.archives import ScriptedArchive
from tests.kit.asking import asking
from tests.kit.filings import now
from tests.kit.tasks import going_on

LISTED = [
    ("AAPL", 320193, "Apple Inc."),
    ("BRK-B", 1067983, "BERKSHIRE HATHAWAY INC"),
    ("T", 732717, "AT&T INC."),
    ("APLS", 1492422, "Apellis Pharmaceuticals, Inc."),
    ("NA", 1872302, "Nano Labs Ltd"),
]
AAPL = ("0000320193",)


async def a_desk(database: Database, home: Path, *rows: tuple[str, int, str]) -> tuple[Floor, Desk]:
    """A desk at which the SEC's list is known."""
    archive = ScriptedArchive()
    archive.files[PATH] = tickers_json([*LISTED, *rows])
    async with LookAlike(archive) as edgar, asking(edgar.url, database) as client:
        await TickerReader(client, database, clock=SystemClock(), vitals=Unwatched()).read()
    floor = Floor(database, home)
    return floor, await floor.desk()


async def imported(floor: Floor, desk: Desk, text: str, *, partly: bool = False, replace: bool = False) -> Imported:
    rows = rows_of(text, "portfolio.csv")
    return await import_rows(
        floor.database, floor.vault, desk.actor, "ours", rows, now(), partly=partly, replace=replace
    )


FORMS = {
    "one a line": "AAPL\n\nbrk.b\n  T \n",
    "commas": "ticker,quantity\nAAPL,10\nBRK.B,5\nT,1\n",
    "semicolons": "Symbol;Menge;Preis\nAAPL;10;1,50\nBRK/B;5;2,00\nT;1;3,00\n",
    "tabs": "Company Name\tTicker Symbol\nApple\tAAPL\nBerkshire\tBRK-B\nAT&T\tT\n",
    "quotes": '"Name","Symbol","ISIN"\n"Apple, ""the"" company","AAPL","US0378331005"\n"B","BRKB",""\n"T","T",""\n',
    "a byte order mark": "\ufeffticker\r\nAAPL\r\n\r\nBRK B\r\nT\r\n",
    "an account before it": "Account: 123\n\nSymbol,Qty\nAAPL,1\nBRK.B,1\nT,1\n",
    "exchanges": "ticker\nNASDAQ:AAPL\nNYSE: BRK.B\nT US Equity\n",
    "comments": "# my companies\nAAPL\nBRK.B\nT\n",
    "CIKs": "cik\n320193\n0001067983\n732717.0\n",
    "CIK before ticker": "ticker,cik\nXXXX,320193\nYYYY,CIK0001067983\nT,\n",
    "names": "name\nApple\nBerkshire Hathaway Inc.\nAT&T Inc\n",
    "a name a line": "Apple Inc.\nBerkshire Hathaway\nAT&T Inc\n",
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
async def test_portfolios_are_read_as_people_export_them(text: str, database: Database, tmp_path: Path) -> None:
    """Three companies, however they are written."""
    floor, desk = await a_desk(database, tmp_path)
    told = await imported(floor, desk, text)
    one = await desk.find(WATCHLIST, "ours")
    companies = {placement.cik for placement in one.placed} | set(one.section.get("ciks", ()))

    assert {"0000320193", "0001067983", "0000732717"} == companies
    assert (3, 3, 0, 0) == (told.lines, told.new, told.there, told.unplaced_count)


async def test_nothing_is_imported_where_a_line_cannot_be_placed(either: Database, tmp_path: Path) -> None:
    """Each is told with its number and what is nearest; `--partly` leaves them out."""
    floor, desk = await a_desk(either, tmp_path)
    text = "symbol,name\nAAPL,Apple\nAPPL,\nZZZZ,Apple Inc\nCash & Cash Investments,\n,\n,No Such Company\nT,\n"
    with pytest.raises(Faulty) as refused:
        await imported(floor, desk, text)
    told = await imported(floor, desk, text, partly=True)

    assert [
        "4 of 6 lines cannot be placed, so nothing was imported; --partly leaves them out:",
        "  line 3: 'APPL' is not on the SEC's list; nearest: AAPL, APLS",
        "  line 4: 'ZZZZ' is not on the SEC's list; nearest: AAPL",
        "  line 5: 'Cash & Cash Investments' is not a ticker",
        "  line 7: 'No Such Company': no company of the list is called so",
    ] == str(refused.value).splitlines()
    assert (2, 4) == (told.new, told.unplaced_count)
    assert ["AAPL", "T"] == (await desk.find(WATCHLIST, "ours")).section["tickers"]


async def test_an_import_adds_and_replaces_only_when_it_is_asked_to(database: Database, tmp_path: Path) -> None:
    """Owners, and what is written in another way, stay; importing the same again changes nothing."""
    floor, desk = await a_desk(database, tmp_path)
    await desk.add(WATCHLIST, "ours", tickers=["brk/b"], ciks=5, owners=["Jane Doe"])
    added = await imported(floor, desk, "AAPL\nBRK.B\nAAPL\n")
    again = await imported(floor, desk, "AAPL\nBRK.B\nAAPL\n")
    await imported(floor, desk, "T\nBRK.B\n", replace=True)
    one = await desk.find(WATCHLIST, "ours")

    assert (False, 1, 2) == (added.made, added.new, added.there)
    assert {"tickers": ["brk/b", "AAPL"], "ciks": [5], "owners": ["Jane Doe"]} == added.watchlist.section
    assert added.watchlist.revision == again.watchlist.revision
    assert {"tickers": ["brk/b", "T"], "owners": ["Jane Doe"]} == one.section


async def test_without_the_list_tickers_are_taken_unchecked(database: Database, tmp_path: Path) -> None:
    """And it is said so; what is no ticker at all is refused all the same."""
    floor = Floor(database, tmp_path)
    desk = await floor.desk()
    told = await imported(floor, desk, "AAPL\nZZZZ\n")
    with pytest.raises(Faulty, match=r"line 2: 'N/A' is not a ticker"):
        await imported(floor, desk, "AAPL\nN/A\n")
    with pytest.raises(Faulty, match="the SEC's list has not come yet, which says what companies are called"):
        await imported(floor, desk, "name\nApple\n")

    assert told.list_of is None
    assert (2, 0) == (told.new, told.unplaced_count)


async def test_a_files_watchlist_is_not_imported_into(database: Database, tmp_path: Path) -> None:
    """What a file owns changes there."""
    floor, desk = await a_desk(database, tmp_path)
    owner = Actor(name="file:f", workspace=desk.workspace, file="f")
    await provision.apply(database, floor.vault, owner, {"watchlists": {"ours": {"tickers": ["T"]}}}, now())
    with pytest.raises(Forbidden):
        await imported(floor, desk, "AAPL\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("AAPL,10\nT,5\n", "p.csv:1: it has several columns, and none of them is called ticker, symbol, cik or name"),
        ('ticker\n"AAPL\n' + "x" * 200_000, "it cannot be read as CSV"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(text: str, said: str) -> None:
    """Nobody guesses which column is meant."""
    with pytest.raises(ConfigError, match=said):
        rows_of(text, "p.csv")


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "ticker\n", "ticker,name\n,\n"])
async def test_a_portfolio_without_a_company_is_refused(text: str, database: Database, tmp_path: Path) -> None:
    """An empty watchlist would be met by nothing."""
    floor, desk = await a_desk(database, tmp_path)
    with pytest.raises(Faulty, match="no line of it names a company"):
        await imported(floor, desk, text)


def test_rows_know_their_line() -> None:
    """Also behind blank lines, and cells of several lines."""
    rows = rows_of('ticker,name\n\nA,"two\nlines"\nB,\n', "p.csv")

    assert [PortfolioRow(line=4, ticker="A", name="two\nlines"), PortfolioRow(line=5, ticker="B")] == rows


async def test_a_hundred_thousand_lines_take_seconds(database: Database, tmp_path: Path) -> None:
    """A fund's whole universe, half of it by CIK and many lines unknown; streams and pages go on meanwhile."""
    listed = [(f"X{number:04d}", 5_000_000 + number, f"COMPANY {number}") for number in range(9000)]
    floor, desk = await a_desk(database, tmp_path, *listed)
    lines = [f"X{number % 12_000:04d}," if number % 2 else f",{number + 1}" for number in range(100_000)]
    began = time.process_time()
    async with turns() as taken:
        told = await imported(floor, desk, "\n".join(["ticker,cik", *lines]), partly=True)
    spent = time.process_time() - began

    assert 100_000 == told.lines
    assert 12_000 == told.unplaced_count
    assert 20 < len(taken)
    assert 4_500 + 50_000 == told.new
    print(f"100,000 lines in {spent:.1f} s of CPU time")
    assert spent < 30


def test_a_portfolio_is_bounded() -> None:
    """Nobody's upload fills the memory."""
    with pytest.raises(ConfigError, match="at most 100,000 lines; import it in parts"):
        rows_of("AAPL\n" * 100_500, "p.csv")


@asynccontextmanager
async def turns() -> AsyncIterator[list[None]]:
    """How often another task had its turn meanwhile."""
    taken: list[None] = []

    async def take() -> None:
        while True:
            taken.append(None)
            await asyncio.sleep(0.005)

    async with going_on(take()):
        yield taken
