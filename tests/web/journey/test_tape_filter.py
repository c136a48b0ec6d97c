"""The tape's filter in a real browser."""

from pathlib import Path

from playwright.async_api import expect

from service.store import Database
from tests.kit.documents import DISPOSED, a_row
from tests.web.browser import PASSWORD, a_person
from tests.web.desk import served
from tests.web.journey.chromium import launched, opened
from tests.web.test_tape import a_line, taped

ROWS = "[id^=filing-]"


async def test_a_filter_acts_as_it_is_chosen_and_becomes_a_rule(
    database: Database, tmp_path: Path, executable: str
) -> None:
    """Only the list is exchanged; the address says what is shown, and what comes is narrowed alike."""
    async with served(database, tmp_path) as desk, launched(executable) as browser:
        await taped(database, [a_line(1, a_row("S", **DISPOSED)), *(a_line(number) for number in range(2, 70))])
        await a_person(desk, "anna")
        context, page, watched = await opened(browser, desk.url)
        await page.goto("/sign-in")
        await page.fill("input[name=name]", "anna")
        await page.fill("input[name=password]", PASSWORD)
        await page.click("main button")
        await page.get_by_role("link", name="Older").click()
        await expect(page.locator(ROWS)).to_have_count(19)
        assert "/?cursor=" in page.url
        await page.get_by_label("Kind").select_option("sale")
        await expect(page.locator(ROWS)).to_have_count(1)
        assert f"{desk.url}/?kind=sale" == page.url
        await expect(page.locator("[data-state]")).to_have_text("Live")
        follows = await page.locator("[sse-connect]").get_attribute("sse-connect")
        await page.get_by_role("button", name="Save as rule").click()
        await expect(page).to_have_title("New rule – filingbell")
        await context.close()

    assert (follows or "").startswith("/live/tape?kind=sale&after=")
    assert [] == watched.wrong
