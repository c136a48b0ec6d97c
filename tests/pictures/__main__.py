"""Make them anew: ``python -m tests.pictures [FOLDER]``; into docs/pages, unless another folder is named."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode, urlsplit

from playwright.async_api import Page

from tests.kit.process import COMMAND
from tests.pictures.past import a_past
from tests.servers.server import CannotStart
from tests.web.journey.chromium import DESKTOP, PHONE, chromium, launched, opened, sign_in

_FOLDER = Path(__file__).parents[2] / "docs" / "pages"
_SECONDS = "25"  # within which the morning is played
_TALL = (DESKTOP[0], 1240)
_PORTFOLIO = "ticker\nBTRN\nCPLN\nIBPP\nNDLY\nSONS"
_RULE = {
    "name": "officers-buy",
    "document": "kinds: purchase\nroles: [director, officer]\nvalue: '>= $250k'\nper: filing\nchannels: [desk]\n",
}


@asynccontextmanager
async def _demo() -> AsyncIterator[str]:
    """A demo that has played its morning to its visitor, by whose link one press signs in."""
    demo = await asyncio.create_subprocess_exec(
        COMMAND, "demo", "--follow", "--seconds", _SECONDS, stdout=asyncio.subprocess.PIPE
    )
    assert demo.stdout is not None
    try:
        link = ""
        async for line in demo.stdout:
            if b"In a browser: " in line:
                link = line.split()[-1].decode()
            if b"going on until Ctrl-C" in line:
                break
        yield link
    finally:
        demo.terminate()
        await demo.communicate()


async def _taken(
    page: Page, folder: Path, name: str, address: str, size: tuple[int, int] = DESKTOP, press: str = ""
) -> None:
    """The page at *address*, once the button *press*, if there is one, was pressed."""
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await page.goto(address)
    if press:
        async with page.expect_response(lambda answer: answer.request.method == "POST"):
            await page.get_by_role("button", name=press, exact=True).click()
    await page.wait_for_load_state("networkidle")
    await page.screenshot(path=folder / f"{name}.png", animations="disabled")
    print(f"{name}.png", flush=True)


async def _make(executable: str, folder: Path) -> None:
    async with _demo() as link, launched(executable) as browser:
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(link))
        context, page, watched = await opened(browser, origin)

        taken = partial(_taken, page, folder)

        await page.goto(link)
        await page.click("main button")
        await _watchlist(page)
        filing = await _first(page, "/?rang=yes", "a[href^='/filings/']")
        alert = await _first(page, "/alerts", _in_a_row("/alerts/"))
        await taken("tape", "/")
        await taken("filing", filing, _TALL)
        await taken("alert", alert)
        await taken("rule", f"/rules/new?{urlencode(_RULE)}", _TALL, "Preview")
        await taken(
            "watchlist",
            await _first(page, "/watchlists", "main td a[href^='/watchlists/'], main th a[href^='/watchlists/']"),
        )
        await taken("channel", await _first(page, "/channels", _in_a_row("/channels/")))
        await taken("trust", "/trust")
        await page.emulate_media(color_scheme="dark")
        await taken("phone", filing, PHONE)
        await context.close()
        if watched.wrong:
            sys.exit("\n".join(watched.wrong))


async def _make_of_the_past(executable: str, folder: Path) -> None:
    with TemporaryDirectory() as home:
        async with a_past(Path(home)) as past, launched(executable) as browser:
            context, page, watched = await opened(browser, past.url)
            await sign_in(page)
            for name in ("company", "insider", "backtest", "silences"):
                await _taken(page, folder, name, getattr(past, name), DESKTOP if name == "silences" else _TALL)
            await context.close()
            if watched.wrong:
                sys.exit("\n".join(watched.wrong))


async def _watchlist(page: Page) -> None:
    """Let there be one."""
    await page.goto("/watchlists/new")
    await page.fill("#name", "holdings")
    await page.fill("#portfolio", _PORTFOLIO)
    await page.click("main .form button.primary")


def _in_a_row(path: str) -> str:
    """A link of a table to what is below *path*."""
    return f"main tbody a[href^='{path}']"


async def _first(page: Page, address: str, link: str) -> str:
    """Where the first *link* of a page leads."""
    await page.goto(address)
    return await page.locator(link).first.get_attribute("href") or address


if __name__ == "__main__":
    try:
        into = Path(sys.argv[1]) if len(sys.argv) > 1 else _FOLDER
        asyncio.run(_make_of_the_past(chromium(), into))
        asyncio.run(_make(chromium(), into))
    except CannotStart as error:
        sys.exit(str(error))
