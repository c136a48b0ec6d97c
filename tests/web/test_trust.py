"""The page that says whether anything is missing, and whether anything is wrong."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from service.control import provision, resources
from service.model import calendar
from service.model.identity import DEFAULT
from service.model.person import Role
from service.model.resource import Actor, ResourceKind
from service.store import Database, letters, marks, processes
from service.store.letters import LetterState
from service.store.processes import Process
from tests.kit.filings import now
from tests.kit.process import LOOPBACK
from tests.web.browser import Browser
from tests.web.desk import Web, served
from tests.web.examples import a_letter_came
from tests.web.test_service import a_day, a_way, accessions

_ROLES = ("poller", "parser", "matcher", "dispatcher")


async def running(database: Database) -> None:
    """All roles run, and the feed is read."""
    at = now()
    process = Process(id="p", roles=_ROLES, version="0.1.0", host="CANARY host", pid=7, started=at, beat=at)
    async with database.transaction() as tx:
        await processes.put(tx, process)
        await marks.put(tx, marks.READ, at)


async def a_browser(desk: Web, role: Role | None = None) -> Browser:
    return await Browser(desk).signed_in(role, name=str(role))


async def test_the_first_screen_answers_both_questions(database: Database, tmp_path: Path) -> None:
    """Nothing is missing or wrong; each day of the calendar says how it stands, each station how long it took."""
    yesterday = calendar.weekdays(now().date() - timedelta(days=9), now().date() - timedelta(days=2))[-1]
    await running(database)
    await a_day(database, yesterday, accessions(3), 3)
    await a_way(database, [1.0, 2.0, 3.0])
    async with served(database, tmp_path) as desk:
        seen = await (await a_browser(desk, Role.VIEWER)).get("/trust")

    assert 200 == seen.status
    assert "Nothing is missing" in seen.text
    assert "Nothing is wrong" in seen.text
    assert f"{yesterday}: complete, 3 filings" in seen.html
    assert re.search(r"seen → document here\s*2\.0 s\s*3\.0 s", seen.text)
    assert "Everything could be used" in seen.text
    assert 'hx-get="/trust" hx-trigger="every 15s" hx-select="#now"' in seen.html


async def test_what_is_missing_or_wrong_is_said_with_what_to_do(database: Database, tmp_path: Path) -> None:
    """By name, and until when; the rest of the page goes on."""
    day = calendar.weekdays(now().date() - timedelta(days=9), now().date() - timedelta(days=2))[-1]
    await a_day(database, day, accessions(3), 1)
    async with served(database, tmp_path) as desk:
        seen = await (await a_browser(desk, Role.VIEWER)).get("/trust")

    assert "2 filings are missing" in seen.text
    assert f"{day}: 2 of 3 filings missing" in seen.html
    assert accessions(3)[1] in seen.text
    assert "not running" in seen.text
    assert "Start it with" in seen.text
    assert "No live filing has come through yet" in seen.text


async def test_a_viewer_learns_nothing_of_where_it_runs_or_of_other_workspaces(
    database: Database, tmp_path: Path
) -> None:
    """Hosts, and letters on what is sent, are for those who administer the instance."""
    await running(database)
    await a_letter_came(database, "parser")
    await a_letter_came(database, "dispatcher")
    async with served(database, tmp_path) as desk:
        viewer = await (await a_browser(desk, Role.ADMIN)).get("/trust")
        admin = await (await a_browser(desk)).get("/trust")

    assert "<script> of parser" in viewer.text
    assert "An operator can retry or drop them, on this page or with commands:" in viewer.text
    assert (
        '<p>Retry or drop them with the buttons <a href="#letters">below</a>. Commands do the same:</p>' in admin.html
    )
    for secret in ("CANARY host", "of dispatcher", "Retry"):
        assert secret not in viewer.html
        assert secret in admin.html


async def test_a_letter_is_retried_and_the_page_says_what_came_of_it(database: Database, tmp_path: Path) -> None:
    """One that can be used by now is; of one that cannot, the reason; one that nobody needs is dropped."""
    good = await a_letter_came(database)
    async with served(database, tmp_path) as desk:
        browser = await a_browser(desk)
        await browser.get("/trust")
        retried = await browser.send(f"/trust/dead-letters/{good}/retry")
        said = await browser.get("/trust")
        bad = await a_letter_came(database, "matcher")
        refused = await browser.send(f"/trust/dead-letters/{bad}/retry")
        dropped = await browser.send(f"/trust/dead-letters/{bad}/drop")
        nothing = await browser.send("/trust/dead-letters/nothing/retry")
    states = {kept.id: kept.state for kept in await letters.page(database, letters.WhichLetters(), 9)}

    assert (303, "/trust") == (retried.status, retried.to)
    assert "was tried again, and could be used" in said.text
    assert 422 == refused.status
    assert "is still unusable" in refused.text
    assert (303, 404) == (dropped.status, nothing.status)
    assert {good: LetterState.RETRIED, bad: LetterState.DROPPED} == states


@pytest.mark.parametrize("action", ["retry", "drop"])
async def test_only_who_administers_the_instance_settles_letters(
    database: Database, tmp_path: Path, action: str
) -> None:
    """A workspace's admin may not: a letter concerns everybody."""
    letter = await a_letter_came(database)
    async with served(database, tmp_path) as desk:
        refused = await (await a_browser(desk, Role.ADMIN)).send(f"/trust/dead-letters/{letter}/{action}")
    (kept,) = await letters.page(database, letters.WhichLetters(), 9)

    assert 403 == refused.status
    assert LetterState.OPEN == kept.state


async def test_where_notices_go_is_chosen_and_tried(database: Database, tmp_path: Path) -> None:
    """An editor ticks channels; a viewer reads which they are; what came of a test stands there."""
    async with served(database, tmp_path, egress_allow=LOOPBACK) as desk:
        editor = await a_browser(desk, Role.EDITOR)
        empty = await editor.get("/trust")
        for name in ("desk", "pager"):
            await editor.send("/channels/new", {"type": "slack", "url": f"http://127.0.0.1:9/{name}", "name": name})
        known = await resources.inventory(database, DEFAULT)
        ids = [known.id_of(ResourceKind.CHANNEL, name) for name in ("desk", "pager")]
        revision = re.findall(r'name="revision" value="(\d+)"', (await editor.get("/trust")).html)
        chosen = await editor.send("/trust/operations", {"channels": ids, "revision": revision[0]})
        told = await editor.get("/trust")
        stale = await editor.send("/trust/operations", {"channels": ids[:1], "revision": revision[0]})
        tested = await editor.send("/trust/operations/test")
        kept = await editor.get(f"/channels/{ids[0]}")
        viewer = await (await a_browser(desk, Role.VIEWER)).get("/trust")

    assert "There are no channels yet" in empty.text
    assert 1 == len(revision)
    assert (303, "/trust#told") == (chosen.status, chosen.to)
    assert "Notices go to desk, pager." in told.text
    assert 412 == stale.status
    assert re.search(r"desk did not take the test: .* pager did not take the test: ", tested.text)
    assert "choose other channels" in kept.text
    assert "Notices go to desk , pager ; if one takes nothing" in viewer.text
    assert "Save" not in viewer.text


async def test_a_file_that_says_where_notices_go_is_named(database: Database, tmp_path: Path) -> None:
    """There is no form then, and what is sent all the same is refused with the file's name."""
    slack = {"type": "slack", "url": "https://hooks.slack.com/services/T/B/x"}
    rules = {"buys": {"kinds": "purchase", "channels": "desk"}}
    content = {"channels": {"desk": slack}, "rules": rules, "operations": {"channels": "desk"}}
    async with served(database, tmp_path) as desk:
        file = Actor(name="file:/etc/fb.yaml", workspace=DEFAULT, file="/etc/fb.yaml")
        await provision.apply(database, desk.context.vault, file, content, now())
        editor = await a_browser(desk, Role.EDITOR)
        shown = await editor.get("/trust")
        refused = await editor.send("/trust/operations", {})

    assert "The file /etc/fb.yaml chooses them: change it there" in shown.text
    assert 'action="/trust/operations"' not in shown.html
    assert (409, True) == (refused.status, "/etc/fb.yaml" in refused.text)
