"""Every page, and everybody who could ask for it: nobody sees or does what is not theirs."""

import re
from pathlib import Path

import pytest

from service.model.identity import DEFAULT
from service.model.person import Role, Scope
from service.store import Database
from service.web import app
from service.web.pages import LIVES, PAGES
from service.web.pages.page import Page
from tests.web.askers import Asking, everybody, signed_in, somebody
from tests.web.desk import Answered, Web, served
from tests.web.examples import a_filing_came, filled, places_of
from tests.web.test_who_may import state

_GUARDED = [page for page in PAGES if page.scope is not None]
_PLACES = re.compile(r"\{(\w+)\}")
_EVERYBODYS = {"filing", "accession", "company", "insider", "secret"}  # places in which nothing of a workspace stands


async def _ask(desk: Web, page: Page, made: dict[str, str], headers: dict[str, str]) -> Answered:
    places = places_of(made)
    path = _PLACES.sub(lambda found: places.get(found[1], "nothing"), page.path)
    sent = {"Accept": "text/html"} | ({"Content-Type": "application/x-www-form-urlencoded"} if _changes(page) else {})
    return await desk.ask(page.method, path, None, b"" if _changes(page) else None, **sent, **headers)


def _changes(page: Page) -> bool:
    return page.method != "GET"


def _shown(answer: Answered) -> str:
    return bytes(answer.content).decode()


async def test_nobody_else_sees_a_page(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is not signed in, or shows a token, is led to the page for it; without the scope, or from elsewhere, 403."""
    monkeypatch.setattr(app, "_STRANGERS", 10_000)
    async with served(database, tmp_path) as desk:
        await a_filing_came(database)
        made = await filled(desk, await desk.token(scopes=Scope))
        there = await everybody(desk)
        before = await state(database)
        answers = {
            (page.name, who.name): await _ask(desk, page, made, who.headers)
            for page in _GUARDED
            for who in there
            if not _may(page, who)
        }
        after = await state(database)

    expected = {(name, who): 303 if who == "nobody" or who.startswith("a token") else 403 for name, who in answers}
    assert expected == {place: answer.status for place, answer in answers.items()}
    assert before == after
    assert [] == [place for place, answer in answers.items() if "CANARY" in _shown(answer)]


async def test_nobody_else_hears_what_moves(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither who is not signed in, nor a token, which is for programs."""
    monkeypatch.setattr(app, "_STRANGERS", 10_000)
    async with served(database, tmp_path) as desk:
        nobody = [one for one in await everybody(desk) if "Cookie" not in one.headers]
        answers = {
            (live.name, who.name): (await desk.ask("GET", live.path, None, **who.headers)).status
            for live in LIVES
            for who in nobody
        }

    assert [] == [place for place, status in answers.items() if status not in (401, 403)]


async def test_who_may_see_a_page_does(database: Database, tmp_path: Path) -> None:
    """People of each role whose scopes allow it; where nothing is at its address, they are told so."""
    async with served(database, tmp_path) as desk:
        await a_filing_came(database)
        made, people = await filled(desk, await desk.token(scopes=Scope)), await everybody(desk)
        answers = {
            (page.name, who.name): (await _ask(desk, page, made, who.headers)).status
            for page in _GUARDED
            for who in people
            if not _changes(page) and _may(page, who)
        }

    there = {page.name for page in _GUARDED if set(_PLACES.findall(page.path)) <= places_of(made).keys()}
    assert {} == {place: status for place, status in answers.items() if status != (200 if place[0] in there else 404)}


async def test_pages_of_another_workspace_are_as_if_they_were_not_there(database: Database, tmp_path: Path) -> None:
    """Its admin is shown nothing, and what they send changes nothing."""
    async with served(database, tmp_path) as desk:
        await a_filing_came(database)
        elsewhere = await desk.workspace("other")
        eve = await somebody(desk, "eve", Role.ADMIN, elsewhere)
        made = await filled(desk, await desk.token(scopes=Scope))
        mine = [row for table in await state(database) for row in table if DEFAULT in row]
        answers = {}
        for page in _GUARDED:  # signed in anew for each: some sign her out
            cookie, more = await signed_in(desk, eve, elsewhere)
            answers[page.name] = await _ask(desk, page, made, cookie | more)
        after = [row for table in await state(database) for row in table if DEFAULT in row]

    theirs = [page for page in _GUARDED if set(_PLACES.findall(page.path)) - _EVERYBODYS]
    refused = {page.name: 403 if page.scope is Scope.INSTANCE else 404 for page in theirs}
    assert refused == {page.name: answers[page.name].status for page in theirs}
    assert [] == [name for name, answer in answers.items() if "CANARY" in _shown(answer)]
    assert mine == after


def _may(page: Page, who: Asking) -> bool:
    """Whether *who* is a person whom *page* is for."""
    is_person = "Cookie" in who.headers
    assert page.scope is not None
    return is_person and who.may(page.scope, changing=_changes(page))
