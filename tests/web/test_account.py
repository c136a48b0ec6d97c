"""One's own account."""

from pathlib import Path

import pytest

from service.model.person import Role
from service.store import Database
from service.web.browsers import called
from tests.web.browser import PASSWORD, Browser
from tests.web.desk import served

_NEW = "another horse battery"
_FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0"
_CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36"
_SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile/15E148 Safari/604.1"


async def test_another_password_signs_every_other_browser_out(database: Database, tmp_path: Path) -> None:
    """The old one is needed for it, and lets nobody in from then on."""
    async with served(database, tmp_path) as desk:
        other = await Browser(desk).signed_in(Role.VIEWER)
        browser = Browser(desk)
        await browser.send("/sign-in", {"name": "anna", "password": PASSWORD})
        await browser.get("/account")
        sent = {"current": PASSWORD, "password": _NEW, "again": _NEW}
        wrong = await browser.send("/account/password", sent | {"current": "guessed"})
        short = await browser.send("/account/password", sent | {"password": "short", "again": "short"})
        differ = await browser.send("/account/password", sent | {"again": PASSWORD})
        done = await browser.send("/account/password", sent)
        here, there = await browser.get("/account"), await other.get("/account")
        old, new = [await Browser(desk).send("/sign-in", {"name": "anna", "password": one}) for one in (PASSWORD, _NEW)]

    assert [422, 422, 422, 303] == [one.status for one in (wrong, short, differ, done)]
    assert "this is not the current password" in wrong.text
    assert _NEW not in wrong.html + short.html + differ.html
    assert [200, 303] == [here.status, there.status]
    assert "The new password is saved." in here.text
    assert [422, 303] == [old.status, new.status]


async def test_who_has_the_browser_but_not_the_password_cannot_guess_it(database: Database, tmp_path: Path) -> None:
    """As at signing in: ten tries, and then patience."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in(Role.VIEWER)
        sent = {"current": "guessed", "password": _NEW, "again": _NEW}
        tried = [await browser.send("/account/password", sent) for _ in range(11)]

    assert [422] * 10 + [429] == [one.status for one in tried]


async def test_a_browser_that_was_left_behind_is_signed_out_from_here(database: Database, tmp_path: Path) -> None:
    """By the name that it gives itself; nobody else's can be."""
    async with served(database, tmp_path) as desk:
        here = await Browser(desk).signed_in(Role.VIEWER)
        stranger = await Browser(desk).signed_in(Role.ADMIN, "ben")
        left = Browser(desk)
        await left.send("/sign-in", {"name": "anna", "password": PASSWORD}, User_Agent=_FIREFOX)
        seen = await here.get("/account")
        (which,) = [one.split('"')[0] for one in seen.html.split('name="browser" value="')[1:]]
        not_mine = await stranger.send("/account/sign-out", {"browser": which})
        still = await left.get("/account")
        await here.send("/account/sign-out", {"browser": which})
        after = await here.get("/account")
        over = await left.get("/account")

    assert "Firefox on Linux" in seen.text
    assert [404, 200, 200, 303] == [one.status for one in (not_mine, still, after, over)]
    assert "Firefox on Linux is signed out." in after.text


async def test_somebody_signs_out_everywhere(database: Database, tmp_path: Path) -> None:
    """Here too."""
    async with served(database, tmp_path) as desk:
        browsers = [await Browser(desk).signed_in(Role.VIEWER), Browser(desk)]
        await browsers[1].send("/sign-in", {"name": "anna", "password": PASSWORD})
        await browsers[0].send("/account/sign-out-everywhere")
        after = [await one.get("/account") for one in browsers]

    assert ["/sign-in?next=/account"] * 2 == [one.to for one in after]


async def test_pages_are_light_or_dark_as_somebody_chooses_in_a_browser(database: Database, tmp_path: Path) -> None:
    """The system decides until then, and nothing else can be chosen."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in(Role.VIEWER)
        before = await browser.get("/account")
        await browser.send("/account/theme", {"theme": "dark"})
        after = await browser.get("/account")
        error = await browser.get("/nothing")
        other = await browser.send("/account/theme", {"theme": '"><script>'})

    assert '<html lang="en">' in before.html
    assert ['<html lang="en" data-theme="dark">' in one.html for one in (after, error)] == [True, True]
    assert 422 == other.status


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (_FIREFOX, "Firefox on Linux"),
        (_CHROME, "Chrome on Windows"),
        (f"{_CHROME} Edg/137.0.0.0", "Edge on Windows"),
        (_SAFARI, "Safari on iPhone"),
        ("curl/8.5.0", None),
        ("", None),
    ],
)
def test_a_browser_has_the_name_that_people_give_it(agent: str, name: str | None) -> None:
    """Each claims to be several others, too."""
    assert name == called(agent)
