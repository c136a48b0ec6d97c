"""Forms that cannot be taken, in a real browser: what is wrong is found by everybody, and nothing typed is lost."""

from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe

from service.store import Database
from tests.web.browser import a_person
from tests.web.desk import served
from tests.web.journey.chromium import PHONE, beside, launched, opened, sign_in

_WRONG = "[aria-invalid=true]"
_FIRST = f"document.activeElement === document.querySelector('{_WRONG}')"

_FILLED = "fields => fields.some(field => field.value)"

FORMS = {
    "/sign-in": ("Sign in", {"Name": "anna"}),
    "/account": ("Change password", {}),
    "/channels/new?type=webhook": ("Save channel", {"Name": "desk"}),
    "/watchlists/new": ("Save", {"Name": "", "Companies": "AAPL"}),
    "/rules/new": ("Save", {"Name": "buys", "Value US$": "much"}),
}


@pytest.mark.parametrize("dark", [False, pytest.param(True, marks=pytest.mark.long)], ids=["light", "dark"])
async def test_what_is_wrong_stands_where_the_keyboard_is(
    database: Database, tmp_path: Path, executable: str, dark: bool
) -> None:
    """The first wrong field has the focus and names its fault; what was typed stands there, but for secrets."""
    found, kept = dict[str, list[str]](), dict[str, dict[str, str]]()
    async with served(database, tmp_path) as desk, launched(executable) as browser:
        await a_person(desk, "anna")
        context, page, watched = await opened(browser, desk.url, dark=dark, size=PHONE)
        for path, (button, typed) in FORMS.items():
            if path != "/sign-in" and not await context.cookies():
                await sign_in(page)
            await page.goto(path)
            for secret in await page.locator("input[type=password]").all():
                await secret.fill("wrong")
            for label, text in typed.items():
                await page.get_by_label(label, exact=True).fill(text)
            await page.get_by_role("button", name=button, exact=True).click()
            await page.wait_for_selector("[role=alert], .fault")
            violations = (await Axe().run(page)).response["violations"]
            found[path] = [one["id"] for one in violations] + await beside(page)
            if await page.locator(_WRONG).count():
                assert await page.evaluate(_FIRST), f"{path}: the focus is elsewhere"
            kept[path] = {label: await page.get_by_label(label, exact=True).input_value() for label in typed}
            assert not await page.locator("input[type=password]").evaluate_all(_FILLED), f"{path}: a secret came back"
        await context.close()

    assert {path: [] for path in FORMS} == found
    assert {path: typed for path, (_, typed) in FORMS.items()} == kept
    assert [] == watched.wrong
