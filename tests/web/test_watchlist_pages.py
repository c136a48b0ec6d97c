"""Watchlists on pages: portfolios in, what each entry stands for, and what is to be looked at."""

import re
from collections.abc import Sequence
from html import unescape
from pathlib import Path

import pytest

from service.control import provision
from service.control.placing import Placer
from service.model.errors import Faulty
from service.model.identity import DEFAULT
from service.model.person import Role
from service.model.resource import Actor
from service.store import Database
from service.vitals import Unwatched
from service.web.pages.uploads import text_of
from tests.control.test_placing import AAPL, BARNES, BARRICK, BRK, sec
from tests.kit.filings import now
from tests.web.browser import Browser, Seen
from tests.web.desk import served
from tests.web.examples import WEBHOOK
from tests.web.test_rules_pages import revision_of

Fields = dict[str, str | Sequence[str]]


def area(seen: Seen, name: str) -> str:
    """What stands in several lines."""
    found = re.search(rf'<textarea id="{name}"[^>]*>\n(.*?)</textarea>', seen.html, re.DOTALL)
    assert found
    return unescape(found[1])


async def test_a_portfolio_becomes_a_watchlist(database: Database, tmp_path: Path) -> None:
    """Pasted, with persons; each entry says which company it is."""
    async with served(database, tmp_path) as desk, sec(database) as list_of:
        await list_of.lists(AAPL, BRK)
        browser = await Browser(desk).signed_in()
        empty = await browser.get("/watchlists")
        fields: Fields = {"name": "ours", "portfolio": "AAPL\nbrk.b\n5\n", "owners": "Jane Doe\n1214156\n"}
        made = await browser.send("/watchlists/new", fields)
        seen = await browser.get(made.to)
        listed = await browser.get("/watchlists")
        taken = await browser.send("/watchlists/new", {"name": "ours", "portfolio": "AAPL"})

    assert "No watchlists yet" in empty.text
    assert 422 == taken.status
    assert "there is a watchlist 'ours' already" in taken.text
    assert "5 new entries." in seen.text
    assert "AAPL Apple Inc. 320193 its CIK, by the list of" in seen.text
    assert "Jane Doe person or fund all words of the name" in seen.text
    assert "ours 2 1 2 0 0 –" in listed.text


async def test_a_portfolio_that_cannot_be_placed_stays_as_it_was_typed(database: Database, tmp_path: Path) -> None:
    """With each line that is wrong, and what may have been meant; nothing is made."""
    async with served(database, tmp_path) as desk, sec(database) as list_of:
        await list_of.lists(AAPL)
        browser = await Browser(desk).signed_in()
        fields: Fields = {"name": "ours", "portfolio": "AAPL\nAPPL\n", "owners": "Jane Doe"}
        faulty = await browser.send("/watchlists/new", fields)
        columns = await browser.send("/watchlists/new", {"name": "ours", "portfolio": "a,b\nc,d\n"})
        nameless = await browser.send("/watchlists/new", {"portfolio": "AAPL"})
        nothing = await browser.send("/watchlists/new", {"name": "ours"})
        person = await browser.send("/watchlists/new", {"name": "ours", "owners": ". ."})
        none = await browser.get("/watchlists")
        partly = await browser.send("/watchlists/new", {**fields, "partly": "yes"})
        seen = await browser.get(partly.to)

    assert [422] * 5 == [one.status for one in (faulty, columns, nameless, nothing, person)]
    assert "line 2: 'APPL' is not on the SEC's list; nearest: AAPL" in faulty.text
    assert ("AAPL\nAPPL", "Jane Doe") == (area(faulty, "portfolio").strip(), area(faulty, "owners").strip())
    assert "none of them is called ticker, symbol, cik or name" in columns.text
    assert "it needs a name" in nameless.text
    assert "no line of it names a company" in nothing.text
    assert "is not an owner" in person.text
    assert "No watchlists yet" in none.text
    assert "2 new entries, 1 line left out." in seen.text


async def test_a_file_is_uploaded_and_comes_back_as_text(database: Database, tmp_path: Path) -> None:
    """A browser cannot fill in a file again: what cannot be placed can be mended all the same."""
    async with served(database, tmp_path) as desk, sec(database) as list_of:
        await list_of.lists(AAPL, BRK)
        browser = await Browser(desk).signed_in()
        made = await browser.send("/watchlists/new", {"name": "ours", "portfolio": "AAPL"})
        file = "Symbol;Menge\r\nBRK.B;5\r\nAPPL;1\r\n".encode("utf-16")
        faulty = await browser.upload(f"{made.to}/import", {"file": file})
        picture = await browser.upload(f"{made.to}/import", {"file": b"\x89PNG\0\0"})
        taken = await browser.upload(f"{made.to}/import", {"file": b"Symbol;Menge\nBRK.B;5\n"})
        seen = await browser.get(taken.to)

    assert [422, 422, 303] == [one.status for one in (faulty, picture, taken)]
    assert "Symbol;Menge\nBRK.B;5\nAPPL;1" == area(faulty, "portfolio").strip()
    assert "line 3: 'APPL' is not on the SEC's list" in faulty.text
    assert "it is no text: save the spreadsheet as CSV" in picture.text
    assert "BRK.B BERKSHIRE HATHAWAY INC 1067983" in seen.text


async def test_entries_are_added_and_removed(database: Database, tmp_path: Path) -> None:
    """One by one, at the revision that was read; what is wrong stands at the entry."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        made = await browser.send("/watchlists/new", {"name": "ours", "portfolio": "AAPL"})
        where = made.to
        old = revision_of((await browser.get(where)).html)
        jane: Fields = {"key": "owners", "entry": "Jane Doe", "left_out": "yes"}
        added = await browser.send(f"{where}/add", {**jane, "revision": old})
        stale = await browser.send(f"{where}/add", {"key": "tickers", "entry": "T", "revision": old})
        seen = await browser.get(where)
        current = revision_of(seen.html)
        wrong = await browser.send(f"{where}/add", {"key": "ciks", "entry": "Apple", "revision": current})
        strange = await browser.send(f"{where}/add", {"key": "nothing", "entry": "Apple", "revision": current})
        last = await browser.send(f"{where}/take", {"key": "tickers", "entry": "AAPL", "revision": current})
        gone = await browser.send(f"{where}/take", {**jane, "revision": current})
        after = await browser.get(where)

    assert [303, 412, 422, 422, 422, 303] == [one.status for one in (added, stale, wrong, strange, last, gone)]
    assert "Jane Doe left out person or fund" in seen.text
    assert "'Apple' is not a CIK" in wrong.text
    assert 'name="entry" type="text" value="Apple"' in wrong.html
    assert "the watchlist is empty" in last.text
    assert "Jane Doe is removed." in after.text
    assert "1 entry" in after.text


async def test_a_ticker_that_has_moved_is_shown_and_accepted(database: Database, tmp_path: Path) -> None:
    """Of a file's watchlist, too; nothing else of that can be changed here."""
    async with served(database, tmp_path) as desk, sec(database) as list_of:
        await list_of.lists(AAPL, BARNES)
        browser = await Browser(desk).signed_in()
        owner = Actor(name="/srv/f.yaml", workspace=DEFAULT, file="/srv/f.yaml")
        content = {"watchlists": {"theirs": {"tickers": ["AAPL", "B"]}}}
        await provision.apply(database, desk.context.vault, owner, content, now())
        await list_of.lists(AAPL, BARRICK)
        await Placer(database, now, Unwatched()).look()
        listed = await browser.get("/watchlists")
        seen = await browser.get("/watchlists/theirs?look=yes")
        accepted = await browser.send("/watchlists/theirs/accept", {"ticker": "B"})
        after = await browser.get(accepted.to)
        again = await browser.send("/watchlists/theirs/accept", {"ticker": "B"})
        refused = await browser.send("/watchlists/theirs/take", {"key": "tickers", "entry": "B"})

    assert "1 to look at" in listed.text
    assert "B BARNES GROUP INC 9984 moved now BARRICK MINING CORP (CIK 756894) Accept" in seen.text
    assert "AAPL" not in seen.text.partition("Found by")[2].partition("Used by")[0]
    assert "owned by /srv/f.yaml" in seen.text
    assert "/take" not in seen.html
    assert "B now stands for BARRICK MINING CORP." in after.text
    assert [422, 409] == [again.status, refused.status]
    assert "B: this ticker has not moved" in again.text


async def test_a_watchlist_in_use_is_not_removed_and_says_by_which_rules(database: Database, tmp_path: Path) -> None:
    """Neither is the button there; renamed, its rules go on with it."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        token = await desk.token()
        made = await browser.send("/watchlists/new", {"name": "ours", "portfolio": "AAPL"})
        await desk.ask("POST", "/api/v1/channels", token, {"name": "hook", "settings": WEBHOOK})
        rule = {"name": "on it", "settings": {"watchlist": "ours", "channels": "hook"}}
        await desk.ask("POST", "/api/v1/rules", token, rule)
        seen = await browser.get(made.to)
        refused = await browser.send(f"{made.to}/remove", {"revision": revision_of(seen.html)})
        renamed = await browser.send(f"{made.to}/rename", {"name": "mine", "revision": revision_of(seen.html)})
        rules = await browser.get("/rules")
        await desk.ask("DELETE", "/api/v1/rules/on%20it", token, If_Match="*")
        free = await browser.get(made.to)
        removed = await browser.send(f"{made.to}/remove", {"revision": revision_of(free.html)})

    assert "A rule uses it: on it . Change that first." in seen.text
    assert "/remove" not in seen.html
    assert (409, 303, 303) == (refused.status, renamed.status, removed.status)
    assert "is used by the rules on it" in refused.text
    assert "on watchlist mine" in rules.text
    assert "No rule uses it." in free.text


async def test_who_may_only_look_is_offered_nothing_else(database: Database, tmp_path: Path) -> None:
    """And refused it."""
    async with served(database, tmp_path) as desk:
        admin, viewer = await Browser(desk).signed_in(), await Browser(desk).signed_in(Role.VIEWER, "vic")
        made = await admin.send("/watchlists/new", {"name": "ours", "portfolio": "AAPL"})
        seen = await viewer.get(made.to)
        refused = await viewer.send(f"{made.to}/add", {"key": "tickers", "entry": "T"})
        new = await viewer.get("/watchlists/new")

    assert "AAPL" in seen.text
    assert f'action="{made.to}/' not in seen.html
    assert [403, 403] == [refused.status, new.status]


@pytest.mark.parametrize(
    "data", ["Name\nM\u00fcller".encode(), "Name\nM\u00fcller".encode("utf-16"), "Name\r\nM\u00fcller".encode("cp1252")]
)
def test_files_are_read_as_spreadsheets_write_them(data: bytes) -> None:
    """Whatever the system."""
    assert "Name\nM\u00fcller" == text_of(data, "file")


@pytest.mark.parametrize("data", [b"\x00\x01", b"a" * 6_000_001, "x".encode("utf-16")[:3]])
def test_what_is_no_text_or_too_large_is_refused(data: bytes) -> None:
    """Before anything is made of it."""
    with pytest.raises(Faulty) as caught:
        text_of(data, "file")

    assert ("file",) == caught.value.faults[0].path
