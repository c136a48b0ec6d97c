"""Filings made to harm their readers, in a real browser: nothing runs, and nothing leaves its place."""

from pathlib import Path

from playwright.async_api import Dialog

from service.store import Database
from tests.control.desk import CHANNEL, RULE, Floor, accession_of
from tests.kit.filings import a_filing_event
from tests.kit.hostile import HOSTILE
from tests.kit.receiver import SECRET
from tests.web.browser import a_person
from tests.web.desk import served
from tests.web.journey.chromium import PHONE, beside, launched, opened, sign_in


async def test_hostile_filings_stay_in_their_place_on_a_phone(
    database: Database, tmp_path: Path, executable: str
) -> None:
    """No dialog opens, the console is silent, and no page is wider than the screen."""
    floor = Floor(database, tmp_path)
    desk = await floor.desk()
    await desk.add(CHANNEL, "desk", type="webhook", url="http://127.0.0.1:9/", secrets=SECRET)
    await desk.add(RULE, "bought", kinds="purchase", channels="desk")
    async with database.transaction() as tx:
        tx.emit(*(a_filing_event(number, xml) for number, xml in enumerate(HOSTILE.values())))
    async with floor.running("parser", "matcher"):
        await floor.matched(len(HOSTILE))
    async with served(database, tmp_path) as web, launched(executable) as browser:
        _, page, watched = await opened(browser, web.url, size=PHONE)
        page.on("dialog", lambda one: _opened(one, watched.wrong))
        await a_person(web, "anna")
        await sign_in(page)
        for path in ("/", "/alerts", *(f"/filings/{accession_of(number)}" for number in range(len(HOSTILE)))):
            await page.goto(path)
            watched.wrong += await beside(page)

    assert [] == watched.wrong


async def _opened(dialog: Dialog, wrong: list[str]) -> None:
    wrong.append(f"a dialog: {dialog.message}")
    await dialog.dismiss()
