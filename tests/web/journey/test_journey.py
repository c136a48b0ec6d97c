"""The way of somebody who has just installed the service, in a real browser: from the first link to the alert."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec import Struct
from playwright.async_api import Page, expect

from service.log.broker import Broker
from service.lookalike import tickers
from service.lookalike.server import LookAlike
from tests.conftest import new_database_url
from tests.kit.archives import ScriptedArchive, listings
from tests.kit.eventually import eventually
from tests.kit.process import Service
from tests.kit.receiver import SECRET, Receiver
from tests.servers.server import free_port
from tests.web.journey.chromium import PHONE, launched, opened
from tests.web.journey.hands import Hands, Keyboard, Mouse

PASSWORD = "correct horse battery"
BEFORE, LATER = listings(2, issuers=1)


class Morning(Struct, frozen=True):
    """A service that has just been started, and what is around it."""

    url: str
    link: str  # which makes the first account
    service: Service
    edgar: ScriptedArchive
    receiver: Receiver


@asynccontextmanager
async def a_morning(home: Path, **settings: str) -> AsyncIterator[Morning]:
    """`filingbell run`, an EDGAR on which nothing was filed yet, and a receiver of webhooks."""
    archive = ScriptedArchive()
    archive.files[tickers.PATH] = tickers.ticker_list([BEFORE.data, LATER.data])
    url = f"http://127.0.0.1:{free_port()}"
    async with Receiver() as receiver, LookAlike(archive) as edgar:
        service = Service(
            home,
            None,
            http=url.removeprefix("http://"),
            sec_contact="Tests tests@example.com",
            sec_url=edgar.url,
            sec_rate="1000",
            poll_seconds="0.1",
            **settings,
        )
        await service.start()
        try:
            link = ""

            async def has_started() -> bool:
                nonlocal link
                found = re.search(rf"Make the first account: ({url}/welcome/\S+)", service.log())
                link = found[1] if found else ""
                return bool(link) and '"started"' in service.log()

            await eventually(has_started)
            yield Morning(url, link, service, archive, receiver)
        finally:
            await service.stop()


async def comes_in(morning: Morning, hands: Hands, page: Page) -> None:
    """Make the first account, and be signed in."""
    await page.goto(morning.link)
    await hands.fill("Name", "anna")
    await hands.fill("Password", PASSWORD)
    await hands.fill("Password again", PASSWORD)
    await hands.press("Make the account")


async def goes_the_whole_way(morning: Morning, page: Page, hands: Hands, *, live: bool) -> None:
    """Link, account, portfolio, channel with test, rule with preview, a filing that rings, why, and who has it."""
    await comes_in(morning, hands, page)
    await hands.follow("Tape")
    morning.edgar.add(BEFORE)
    await _comes(page, f"#filing-{BEFORE.accession}", live=live)

    await hands.follow("Watchlists")
    await hands.follow("New watchlist")
    await hands.fill("Name", "ours")
    await hands.fill("Companies", "ticker,shares\nEXMP,500")
    await hands.press("Save")
    await expect(page.get_by_text("EXAMPLE 0009900000 CORP")).to_be_visible()

    await hands.follow("Channels")
    await hands.follow("Webhook")
    await hands.fill("Name", "desk")
    await hands.fill("Address", f"{morning.receiver.url}/webhook")
    await hands.fill("Signing secret", SECRET)
    await hands.press("Save channel")
    await hands.press("Send a test")
    await expect(page.get_by_text("desk took the test")).to_be_visible()

    await hands.follow("Rules")
    await hands.follow("New rule")
    await hands.fill("Name", "buys")
    await hands.tick("Kinds", "purchase")
    await hands.tick("Watchlists", "ours")
    await hands.tick("Channels", "desk")
    await hands.press("Preview")
    await expect(page.get_by_text("1 of the last 1 filings would have rung")).to_be_visible()
    await hands.press("Save")
    await expect(page.get_by_role("heading", name="buys")).to_be_visible()

    await hands.follow("Tape")
    morning.edgar.add(LATER)
    await _comes(page, f"#filing-{LATER.accession}.rang", live=live)
    await eventually(lambda: _has_rung(morning))
    headline = morning.receiver.of("webhook")[-1].content["headline"]
    await hands.follow("Alerts")
    await hands.follow(headline)
    await expect(page.get_by_role("heading", name="Why it rang")).to_be_visible()
    await expect(page.get_by_text("delivered").first).to_be_visible()
    await hands.follow("The filing, with what made it ring marked")
    await expect(page.get_by_text(LATER.accession).first).to_be_visible()


async def _comes(page: Page, row: str, *, live: bool) -> None:
    """Return once *row* stands on the page: by itself, or where the page has no scripts after it was loaded again."""

    async def stands() -> bool:
        await page.reload()
        return await page.locator(row).count() == 1

    await (expect(page.locator(row)).to_be_visible() if live else eventually(stands))


async def _has_rung(morning: Morning) -> bool:
    return any(rule == "buys" for rule, _ in morning.receiver.ids())


async def test_the_whole_way_by_keyboard(tmp_path: Path, executable: str) -> None:
    """Nothing needs a mouse, and where the keyboard stands is always seen."""
    async with a_morning(tmp_path) as morning, launched(executable) as browser:
        context, page, watched = await opened(browser, morning.url)
        await goes_the_whole_way(morning, page, Keyboard(page), live=True)
        await context.close()

    assert [] == watched.wrong


@pytest.mark.long
async def test_the_whole_way_without_scripts(tmp_path: Path, executable: str) -> None:
    """Links are links and forms are forms."""
    async with a_morning(tmp_path) as morning, launched(executable) as browser:
        context, page, watched = await opened(browser, morning.url, scripts=False)
        await goes_the_whole_way(morning, page, Mouse(page), live=False)
        await context.close()

    assert [] == watched.wrong


@pytest.mark.long
async def test_the_whole_way_on_kafka_and_postgresql(
    request: pytest.FixtureRequest, tmp_path: Path, executable: str, broker: Broker
) -> None:
    """On a phone, in the dark."""
    url = await asyncio.to_thread(new_database_url, request, tmp_path, "postgresql")
    servers = {"database": url, "kafka": broker.bootstrap, "kafka_prefix": broker.prefix}
    async with a_morning(tmp_path, **servers) as morning, launched(executable) as browser:
        context, page, watched = await opened(browser, morning.url, dark=True, size=PHONE)
        await goes_the_whole_way(morning, page, Mouse(page), live=True)
        await context.close()

    assert [] == watched.wrong
