"""What holds for every page: who is shown it, what is around it, and what becomes of an error."""

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest

from service.model.person import Role
from service.store import Database
from service.web.pages import PAGES
from service.web.pages.page import Page
from tests.web.browser import PASSWORD, Browser, Seen, a_person
from tests.web.desk import served

_INLINE = re.compile(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)

_ELSEWHERE = re.compile(r"""(?:src|action)=["']?(?:https?:)?//""")


def _path(page: Page) -> str:
    """An address of *page*, where nothing stands."""
    return re.sub(r"\{\w+\}", "nothing", page.path)


async def _asked(browser: Browser, page: Page) -> Seen:
    """What *browser* is shown of *page*; its forms are empty."""
    return await (browser.get(_path(page)) if page.method == "GET" else browser.send(_path(page)))


async def test_nobody_sees_a_page_before_signing_in(database: Database, tmp_path: Path) -> None:
    """But those for anyone; and from the page for it they come back to the one they asked for."""
    wrong = []
    async with served(database, tmp_path) as desk:
        for page in PAGES:
            desk.clock.later += timedelta(minutes=1)  # strangers may not ask for all of them at once
            path = _path(page)
            seen = await _asked(Browser(desk), page)
            there = (303, f"/sign-in?next={path}" if page.method == "GET" else "/sign-in")
            is_right = (
                there == (seen.status, seen.to) if page.scope else seen.to in ("", "/sign-in") and seen.status < 500
            )
            if not is_right:
                wrong.append((page.name, seen.status, seen.to))

    assert not wrong


async def test_nothing_stands_in_line_and_nothing_is_loaded_from_elsewhere(database: Database, tmp_path: Path) -> None:
    """The browser is told to run and to load nothing of the kind; nothing is missing for it."""
    wrong = []
    async with served(database, tmp_path) as desk:
        await a_person(desk, "anna")
        for page in PAGES:
            browser = Browser(desk)  # some pages sign it out
            await browser.send("/sign-in", {"name": "anna", "password": PASSWORD})
            await browser.get("/account")
            seen = await _asked(browser, page)
            is_told = "script-src 'self'; style-src 'self'" in seen.headers["Content-Security-Policy"]
            found = _INLINE.findall(seen.html) + _ELSEWHERE.findall(seen.html)
            if seen.status >= 500 or found or not is_told:
                wrong.append((page.name, seen.status, found, is_told))

    assert not wrong


def test_names_and_addresses_are_of_one_page_alone() -> None:
    """Else one would hide the other."""
    assert len({page.name for page in PAGES}) == len(PAGES)
    assert len({(page.method, page.path) for page in PAGES}) == len(PAGES)
    assert not [page for page in PAGES if page.path.startswith(("/api", "/static", "/health", "/metrics"))]


async def test_a_form_from_another_page_changes_nothing(database: Database, tmp_path: Path) -> None:
    """Neither without the token of this session, nor sent from elsewhere."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        elsewhere = await browser.send("/sign-out", Sec_Fetch_Site="cross-site")
        still = await browser.get("/account")

    assert (403, 200) == (elsewhere.status, still.status)
    assert "load the page again" in elsewhere.text


async def test_a_browser_is_told_of_errors_on_a_page_and_a_program_in_json(database: Database, tmp_path: Path) -> None:
    """The API's errors are always JSON."""
    async with served(database, tmp_path) as desk:
        browser = Browser(desk)
        page = await browser.get("/nothing")
        program = await browser.get("/nothing", Accept="*/*")
        api = await browser.get("/api/v1/nothing")
        other = await browser.get("/account", Host="elsewhere.example")
        inside = await (await browser.signed_in(Role.VIEWER)).get("/nothing")

    assert [404, 404, 404, 421] == [one.status for one in (page, program, api, other)]
    types = [one.headers["Content-Type"] for one in (page, program, api, other)]
    assert ["text/html; charset=utf-8", "application/problem+json", "application/problem+json"] == types[:3]
    assert "There is no page at this address. Sign in" in page.text
    assert "FILINGBELL_HTTP_TRUSTED" in other.text
    assert "Alerts" in inside.text
    assert "Sign out" in inside.text


async def test_what_pages_load_is_kept_until_it_changes(database: Database, tmp_path: Path) -> None:
    """At the address that a page names, for a year, and packed where the browser can unpack it."""
    async with served(database, tmp_path) as desk:
        page = await Browser(desk).get("/sign-in")
        (address,) = re.findall(r'href="(/static/base\.css[^"]*)"', page.html)
        async with desk.session.get(f"{desk.url}{address}", auto_decompress=False) as packed:
            body = await packed.read()
        bare = await Browser(desk).get("/static/base.css", Accept_Encoding="identity")
        again = await Browser(desk).get("/static/base.css", If_None_Match=bare.headers["ETag"])

    assert "public, max-age=31536000, immutable" == packed.headers["Cache-Control"]
    assert ("text/css; charset=utf-8", "gzip") == (packed.headers["Content-Type"], packed.headers["Content-Encoding"])
    assert gzip.decompress(body).decode() == bare.html
    assert ("no-cache", 304) == (bare.headers["Cache-Control"], again.status)


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd", "/static/"]
)
async def test_no_other_file_is_served(database: Database, tmp_path: Path, path: str) -> None:
    """Whatever the address is made to look like."""
    async with served(database, tmp_path) as desk:
        seen = await Browser(desk).get(path)

    assert 404 == seen.status
