"""A real browser, as Debian has it, and what it must never have done by the end."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, async_playwright, expect

from tests.servers.server import CannotStart
from tests.web.browser import PASSWORD

NAMED = "FILINGBELL_TEST_CHROMIUM"  # where it is, unless it is found by its name
PHONE, DESKTOP = (390, 844), (1440, 900)

_OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE = 60_000.0  # milliseconds
_NOT_RIGHT_YET = "status of 422"  # how a form is answered that is shown again; Chromium notes every such answer
_ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


class Watched:
    """What the pages of a browser did that they must not do."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self.wrong: list[str] = []

    def watch(self, page: Page) -> None:
        """Watch *page* from now on."""
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.wrong.append(f"{page.url}: {error}"))
        page.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and _NOT_RIGHT_YET not in message.text:
            self.wrong.append(f"{message.location['url']}: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self._origin}/", "data:", "about:")):
            self.wrong.append(f"asked elsewhere: {request.url}")


def chromium() -> str:
    """Where it is; raises CannotStart."""
    found = os.environ.get(NAMED) or next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise CannotStart(f"{NAMED} is not set, and there is no {' or '.join(_NAMES)}: apt install chromium")
    return found


@asynccontextmanager
async def launched(executable: str) -> AsyncIterator[Browser]:
    """The browser, until the end of the block; what is expected of its pages may take its time."""
    expect.set_options(timeout=_PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=_ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


async def opened(
    browser: Browser, origin: str, *, dark: bool = False, size: tuple[int, int] = DESKTOP, scripts: bool = True
) -> tuple[BrowserContext, Page, Watched]:
    """A window of *browser* in which nobody is signed in, and what watches it."""
    context = await browser.new_context(
        base_url=origin,
        color_scheme="dark" if dark else "light",
        viewport={"width": size[0], "height": size[1]},
        java_script_enabled=scripts,
    )
    context.set_default_timeout(_PATIENCE)
    page, watched = await context.new_page(), Watched(origin)
    watched.watch(page)
    return context, page, watched


async def sign_in(page: Page, name: str = "anna") -> None:
    """Sign in, as a person with the tests' password does."""
    await page.goto("/sign-in")
    await page.fill("input[name=name]", name)
    await page.fill("input[name=password]", PASSWORD)
    await page.click("main button")


async def beside(page: Page) -> list[str]:
    """What of *page* is beside the screen, in words; empty: nothing."""
    over = await page.evaluate(_OVER)
    return [f"{page.url}: {over} pixels beside the screen"] if over > 0 else []
