"""Rows of a page that come by themselves."""

from pathlib import Path
from typing import Any

import pytest

from service.control.feeds import Feeds
from service.model.alert import Alert
from service.model.person import Scope
from service.store import Database
from service.web import app
from service.web.pages import LIVES, environment
from service.web.pages.live import Live, Showing
from service.web.pages.page import Look, Shown
from service.wire import decode
from service.wire.topics import Record
from tests.web.browser import Browser
from tests.web.desk import Web, served
from tests.web.examples import a_filing_came
from tests.web.follower import following
from tests.web.test_streams import alerts_come

PATH = "/live/example"
every_live = pytest.mark.parametrize("live", LIVES, ids=lambda one: one.name)


async def _shows(look: Look) -> Showing[Record]:
    wanted = look.query.get("rule")

    def show(record: Record) -> Shown | None:
        alert = decode(record.value, Alert)
        return Shown(template="row.html", values={"alert": alert}) if wanted in (None, alert.rule) else None

    return show


LIVE = Live(path=PATH, name="live_example", scope=Scope.READ, feed=Feeds.alerts, shows=_shows)


@pytest.fixture(autouse=True)
def a_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A page with such rows, beside those that are there."""
    (tmp_path / "row.html").write_text('<tr id="alert-{{ alert.id }}">\n  <td>{{ alert.rule|line }}\n</tr>')
    monkeypatch.setattr(environment, "_FOLDER", [environment._FOLDER, tmp_path])
    monkeypatch.setattr(app, "LIVES", (*LIVES, LIVE))


async def _cookie(desk: Web, name: str = "anna") -> str:
    browser = await Browser(desk).signed_in(name=name)
    return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


async def test_what_comes_between_a_page_and_its_stream_is_shown(database: Database, tmp_path: Path) -> None:
    """From where the page may lack something: what no stage has taken yet. What a text says stays a text."""
    async with served(database, tmp_path) as desk:
        cookie = await _cookie(desk)
        await alerts_come(database, "not taken yet")
        after = await LIVE.position(Look(context=desk.context))
        await alerts_come(database, "<b>between</b>")
        async with following(f"{desk.url}{PATH}?after={after}", cookie) as reader:
            await alerts_come(database, "later")
            await reader.until(lambda one: len(one.told) == 3)

    assert {"row"} == {one.name for one in reader.told}
    assert ["<td>not taken yet", "<td>&lt;b&gt;between&lt;/b&gt;", "<td>later"] == [
        one.data.split("\n")[1].strip() for one in reader.told
    ]
    assert {'<tr id="alert-'} == {one.data[:14] for one in reader.told}


async def test_the_stream_of_a_page_has_the_pages_filter(database: Database, tmp_path: Path) -> None:
    """What was not asked for does not come; the position moves on all the same."""
    async with served(database, tmp_path) as desk:
        cookie = await _cookie(desk)
        async with following(f"{desk.url}{PATH}?rule=b", cookie) as reader:
            await alerts_come(database, "a", "b", "c", "b")
            await reader.until(lambda one: len(one.told) == 2)

    assert ["<td>b", "<td>b"] == [one.data.split("\n")[1].strip() for one in reader.told]


@every_live
async def test_what_moves_is_for_people_of_the_workspace(database: Database, tmp_path: Path, live: Live[Any]) -> None:
    """Not for nobody, nor for tokens; another workspace's alerts are not told; what is no position is refused."""
    async with served(database, tmp_path) as desk:
        nobody = await desk.ask("GET", live.path)
        program = await desk.ask("GET", live.path, await desk.token())
        wrong = await (await Browser(desk).signed_in()).get(f"{live.path}?after=x")
        await a_filing_came(database)
        other = await desk.workspace("other")
        async with following(f"{desk.url}{live.path}?after=1", await _cookie(desk, "ben")) as reader:
            await alerts_come(database, "CANARY", workspace=other)
            await alerts_come(database, "ours")
            await reader.until(lambda one: any("ours" in row.data for row in one.told))

    assert [401, 401, 422] == [one.status for one in (nobody, program, wrong)]
    assert "CANARY" not in str(reader.told)
