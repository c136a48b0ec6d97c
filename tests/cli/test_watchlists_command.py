"""``watchlists check``, ``accept`` and ``import``; what ``check`` and ``status`` say of tickers."""

import json
import os
from pathlib import Path

import msgspec
import pytest

from service.control.placing import Placer
from service.model import calendar
from service.model.filing import Cik
from service.model.ownership import Issuer
from service.model.parsed import ParsedFiling
from service.model.tickers import succeed
from service.store import tickers
from service.store.database import open_database
from service.vitals import Unwatched
from service.wire.topics import parsed_event
from tests.kit.documents import a_document, a_filing, a_row
from tests.kit.filings import now
from tests.kit.forked import called

BEFORE = {
    "AAPL": ("0000320193", "Apple Inc."),
    "B": ("0000009984", "BARNES GROUP INC"),
    "T": ("0000732717", "AT&T INC."),
}
AFTER = BEFORE | {"B": ("0000756894", "BARRICK MINING CORP")}
CONFIG = """
channels: {desk: {type: slack, url: "http://127.0.0.1:9/"}}
watchlists: {ours: {tickers: [AAPL, B, APPL], owners: [Brin Sergey]}}
rules: {ours: {watchlist: ours, channels: desk}}
"""


class Terminal:
    """Where commands are typed, beside a service that has read the SEC's list when the test says so."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder}/home/filingbell.db"
        (folder / "filingbell.yaml").write_text(CONFIG)

    def types(self, *arguments: str, given: str = "") -> tuple[int, list[str]]:
        """Exit status, and the lines that are printed."""
        environment = os.environ | {"FILINGBELL_HOME": str(self.folder / "home"), "FILINGBELL_DATABASE": self.url}
        environment.pop("COLUMNS", None)
        done = called(*arguments, environment=environment, folder=self.folder, given=given.encode())
        return done.returncode, (done.stdout + done.stderr).splitlines()

    async def lists(self, rows: dict[str, tuple[str, str]]) -> None:
        """The service has read a list that says *rows*."""
        database = await open_database(self.url)
        try:
            listed, _ = succeed(await tickers.known(database), rows, calendar.eastern_day(now()))
            async with database.transaction() as tx:
                await tickers.put(tx, msgspec.json.encode(listed), {}, now())
            await Placer(database, now, Unwatched()).look()
        finally:
            await database.close()

    async def publishes(self, *symbols: str, cik: str) -> str:
        """A filing of the issuer *cik*, whose box says *symbols*."""
        database = await open_database(self.url)
        issuer = Issuer(issuer_cik=Cik(cik), issuer_name="SOME ISSUER", symbols=symbols)
        one = ParsedFiling(filing=a_filing(), document=a_document(a_row(), issuer=issuer))
        try:
            async with database.transaction() as tx:
                tx.emit(parsed_event(one, now()))
        finally:
            await database.close()
        return one.filing.accession


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A terminal of its own."""
    (tmp_path / "home").mkdir()
    return Terminal(tmp_path)


def told(lines: list[str], entry: str) -> str:
    """What the table says of *entry*."""
    (line,) = [line for line in lines if line.startswith(f"\u2502 {entry} ")]
    return " ".join(line.replace("\u2502", " ").split())


async def test_what_each_entry_stands_for_is_shown(terminal: Terminal) -> None:
    """Before the list, by the list, and once a ticker has moved."""
    terminal.types("apply", "--yes")
    _, before = terminal.types("watchlists", "check", "ours")
    await terminal.lists(BEFORE)
    placed, by_list = terminal.types("watchlists", "check")
    await terminal.lists(AFTER)
    moved, lines = terminal.types("watchlists", "check", "ours")

    assert "ours (4 entries, the SEC's list has not come yet)" == before[0]
    assert "AAPL found by the symbol box alone, until the SEC's list comes" == told(before, "AAPL")
    day = calendar.eastern_day(now())
    assert f"ours (4 entries, by the SEC's list of {day}; 1 to look at)" == by_list[0]
    assert f"AAPL Apple Inc. 320193 by the list of {day}" == told(by_list, "AAPL")
    assert "APPL not on the SEC's list: found by the symbol box alone; nearest: AAPL" == told(by_list, "APPL")
    assert "owner brin sergey by all words of the name" == told(by_list, "owner brin sergey")
    assert (1, 1) == (placed, moved)
    assert (
        "B BARNES GROUP INC 9984 moved: now BARRICK MINING CORP (CIK 756894). To follow it: filingbell watchlists "
        "accept ours B"
    ) == told(lines, "B")


async def test_a_moved_ticker_is_accepted_by_command(terminal: Terminal) -> None:
    """Of a file's watchlist, too; the audit log says who."""
    terminal.types("apply", "--yes")
    await terminal.lists(BEFORE)
    await terminal.lists(AFTER)
    _, status = terminal.types("status")
    accepted = terminal.types("watchlists", "accept", "ours", "b")
    again = terminal.types("watchlists", "accept", "ours")
    wrong = terminal.types("watchlists", "accept", "ours", "AAPL")
    _, shown = terminal.types("watchlists", "show", "ours")
    _, after = terminal.types("status")

    headline = "The ticker B is another company's now: BARRICK MINING CORP (CIK 756894)"
    assert any(headline in line for line in status)
    assert (0, ["ours: B stands for BARRICK MINING CORP (CIK 756894) now; until now CIK 9984"]) == accepted
    assert (0, ["no ticker of the watchlist ours has moved; nothing was changed"]) == again
    assert (2, "  AAPL: this ticker has not moved") == (wrong[0], wrong[1][-1])
    assert any("placed by cli:" in line and "accepted as on the SEC's list of" in line for line in shown)
    assert not any(headline in line for line in after)


async def test_a_portfolio_is_imported_by_command(terminal: Terminal) -> None:
    """From a file and from a pipe; in another workspace, too."""
    terminal.types("apply", "--yes")
    terminal.types("workspaces", "add", "acme")
    await terminal.lists(BEFORE)
    (terminal.folder / "p.csv").write_text("Symbol;Qty\nAAPL;1\nAPPL;2\nT;3\n", encoding="utf-8-sig")
    refused = terminal.types("watchlists", "import", "mine", "p.csv")
    partly = terminal.types("watchlists", "import", "mine", "p.csv", "--partly")
    piped = terminal.types("watchlists", "import", "mine", "-", "--workspace", "acme", given="AAPL\nT\n")
    owned = terminal.types("watchlists", "import", "ours", "-", given="T\n")
    missing = terminal.types("watchlists", "import", "mine", "no.csv")
    _, shown = terminal.types("watchlists", "show", "mine", "--json")

    assert (
        2,
        [
            "filingbell: 1 of 3 lines cannot be placed, so nothing was imported; --partly leaves them out:",
            "  line 3: 'APPL' is not on the SEC's list; nearest: AAPL",
        ],
    ) == refused
    assert (
        0,
        [
            "made the watchlist mine: 2 new entries, from 3 lines",
            "  line 3 was left out: 'APPL' is not on the SEC's list; nearest: AAPL",
        ],
    ) == partly
    assert (0, ["made the watchlist mine: 2 new entries, from 2 lines"]) == piped
    assert 2 == owned[0]
    assert "is owned by" in owned[1][0]
    assert (2, ["filingbell: there is no file no.csv"]) == missing
    assert {"tickers": ["AAPL", "T"]} == json.loads("\n".join(shown))["settings"]


async def test_check_and_status_say_whether_the_list_has_come(terminal: Terminal) -> None:
    """Until then, tickers go by the symbol box alone."""
    terminal.types("apply", "--yes")
    _, check = terminal.types("check")
    _, before = terminal.types("status")
    await terminal.lists(BEFORE)
    _, after = terminal.types("status")

    assert any("until then the symbol box alone finds them" in line for line in check)
    assert (
        "Tickers    the SEC's list is not here yet: watchlists find tickers by the filing's symbol box alone" in before
    )
    assert any(line.startswith("Tickers    the SEC's list, read 20") for line in after)


async def test_explain_knows_the_list_too(terminal: Terminal) -> None:
    """A filing whose box says nothing is found by the rules of a file as it is by the service."""
    terminal.types("apply", "--yes")
    await terminal.lists(BEFORE)
    accession = await terminal.publishes(cik="0000320193")
    status, lines = terminal.types("explain", accession)

    assert 0 == status
    assert any("ticker AAPL, which is CIK 320193 by the SEC's list of" in line for line in lines)
