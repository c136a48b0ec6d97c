"""Every page in a real browser: readable by everybody, and asking nobody else for anything."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page as Window

from consumers.dispatcher.leaving import Leaving
from service.control import invitations, resources
from service.model.identity import DEFAULT, PersonId
from service.model.person import Person, Role
from service.model.resource import Actor, ResourceKind
from service.store import Database
from service.web.guest import Guest
from service.web.pages import PAGES
from service.web.pages.page import Page
from tests.kit.documents import ACCESSION
from tests.kit.filings import now
from tests.web.browser import a_person
from tests.web.desk import Web, served
from tests.web.examples import COMPANY, INSIDER, a_filing_came, filled
from tests.web.journey.chromium import DESKTOP, PHONE, beside, launched, opened, sign_in

GUEST = Guest(person=Person(id=PersonId("pr_guest"), name="Guest", admin=False, created=now()), secret="secret")


@pytest.mark.parametrize(
    ("dark", "size"),
    [
        pytest.param(False, DESKTOP, id="light, wide"),
        pytest.param(True, PHONE, id="dark, phone", marks=pytest.mark.long),
    ],
)
async def test_every_page_is_readable_by_everybody_and_asks_nobody_else(
    database: Database, tmp_path: Path, executable: str, dark: bool, size: tuple[int, int]
) -> None:
    """As axe sees it; no error on its console, no request to another host, nothing beside the screen."""
    faults: dict[str, list[str]] = {}
    async with served(database, tmp_path, GUEST, status="public") as desk, launched(executable) as browser:
        paths = await _paths(desk)
        context, page, watched = await opened(browser, desk.url, dark=dark, size=size)
        for one, path in paths:
            if one.scope is not None and not await context.cookies():
                await sign_in(page)
            answer = await page.goto(path)
            assert answer is not None
            found = [*([] if answer.ok else [answer.status_text]), *await _faults(page), *watched.wrong]
            watched.wrong.clear()
            if found:
                faults[f"{one.name} {path}"] = found
        await context.close()

    assert {} == faults


async def _faults(page: Window) -> list[str]:
    results: dict[str, Any] = (await Axe().run(page)).response
    found = [
        f"{one['id']}: {node['html'][:200]} ({node.get('failureSummary', '')[:300]})"
        for one in results["violations"]
        for node in one["nodes"]
    ]
    return [*found, *await beside(page)]


async def _paths(desk: Web) -> list[tuple[Page, str]]:
    """Each page that can be opened, those for anyone first, with an address where something is on it."""
    await a_filing_came(desk.context.database)
    anna = await a_person(desk, "anna")
    made = await filled(desk, await desk.token())
    actor = Actor(name="cli:anna", workspace=DEFAULT)
    _, invitation = await invitations.invite(desk.context.database, actor, "Ben", Role.VIEWER, now())
    places = {
        "accession": ACCESSION,
        "company": COMPANY,
        "insider": INSIDER,
        "person": anna.id,
        "account": anna.id,
        "workspace": DEFAULT,
        "revision": 1,
        "rule": made["desk rule"],
        "watchlist": made["desk watchlist"],
        "channel": made["desk channel"],
        "alert": made["alert"],
        "silence": made["silence"],
        "message": made["alert"],
    }
    mail = {"type": "email", "server": "smtp.example.com", "sender": "a@example.com", "to": "b@example.com"}
    told = await resources.add(
        desk.context.database, desk.context.vault, actor, ResourceKind.CHANNEL, "mail", mail, now()
    )
    leaving = Leaving(desk.context.vault, "").address(told.id, "b@example.com") or ""
    secrets = {"welcome": invitation, "visit": GUEST.secret, "unsubscribe": leaving.rpartition("/")[2]}
    pages = sorted((one for one in PAGES if one.method == "GET"), key=lambda one: one.scope is not None)
    return [(one, one.path.format(**places, secret=secrets.get(one.name))) for one in pages]
