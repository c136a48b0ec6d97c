"""The tape in a real browser: what comes by itself, whatever becomes of the service meanwhile."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.kit.archives import listings
from tests.web.journey.chromium import launched, opened
from tests.web.journey.hands import Mouse
from tests.web.journey.test_journey import a_morning, comes_in

FILINGS = listings(6)
ROWS = "[id^=filing-]"
AWAY = ("net::ERR_", "[object Event]")  # what is noted while the service is away


@pytest.mark.long
async def test_rows_come_once_each_across_a_kill_and_rest_while_somebody_reads(tmp_path: Path, executable: str) -> None:
    """The page finds the service again, and is told what came meanwhile; while it is paused nothing moves."""
    async with a_morning(tmp_path) as morning, launched(executable) as browser:
        context, page, watched = await opened(browser, morning.url)
        await comes_in(morning, Mouse(page), page)
        await page.get_by_role("link", name="Tape").click()
        state = page.locator("[data-state]")
        await expect(state).to_have_text("Live")
        morning.edgar.add(*FILINGS[:2])
        await expect(page.locator(ROWS)).to_have_count(2)

        await morning.service.kill()
        await expect(state).to_have_text("Connecting again")
        morning.edgar.add(*FILINGS[2:4])
        await morning.service.start()
        await expect(page.locator(ROWS)).to_have_count(4)
        await expect(state).to_have_text("Live")
        once = await page.locator(ROWS).evaluate_all("rows => rows.map(row => row.id)")

        await page.get_by_role("button", name="Pause").click()
        morning.edgar.add(*FILINGS[4:])
        await expect(page.get_by_role("button", name="Show 2 new")).to_be_visible()
        resting = await page.locator(ROWS).count()
        await page.get_by_role("button", name="Show 2 new").click()
        await expect(page.locator(ROWS)).to_have_count(6)
        await context.close()

    assert {f"filing-{one.accession}" for one in FILINGS[:4]} == set(once)
    assert (4, 4) == (len(once), resting)
    assert [] == [one for one in watched.wrong if not any(word in one for word in AWAY)]
