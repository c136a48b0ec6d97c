"""Coming, signing in, and signing out."""

from datetime import timedelta
from pathlib import Path

import pytest

from service.control import accounts, invitations, people
from service.model.identity import DEFAULT
from service.model.person import Role
from service.model.resource import Actor
from service.store import Database
from service.store import people as kept
from service.web.pages.signing import own_path
from tests.kit.filings import now
from tests.web.browser import PASSWORD, Browser, a_person
from tests.web.desk import served


async def test_the_first_link_makes_the_first_person_and_then_nobody(database: Database, tmp_path: Path) -> None:
    """Who only looks at it does not use it up: programs that follow links in messages do."""
    async with served(database, tmp_path) as desk:
        secret = await people.first_link(database, now())
        browser = Browser(desk)
        looked = [await browser.get(f"/welcome/{secret}") for _ in range(2)]
        sent = {"name": "anna", "password": PASSWORD, "again": PASSWORD}
        differ = await browser.send(f"/welcome/{secret}", sent | {"again": "another one altogether"})
        short = await browser.send(f"/welcome/{secret}", sent | {"password": "short", "again": "short"})
        made = await browser.send(f"/welcome/{secret}", sent)
        account = await browser.get("/account")
        used = await Browser(desk).send(f"/welcome/{secret}", sent | {"name": "eve"})

    assert [200, 200, 422, 422, 303, 200, 404] == [one.status for one in (*looked, differ, short, made, account, used)]
    assert "the two passwords are different" in differ.text
    assert 'value="anna"' in differ.html
    assert PASSWORD not in differ.html
    assert "a password has at least 12 characters" in short.text
    assert "Welcome, anna." in account.text
    assert "This service admin" in account.text
    assert ["anna"] == [one.name for one in await kept.every(database)]


async def test_an_invitation_says_what_it_is_for(database: Database, tmp_path: Path) -> None:
    """Whose workspace, and what one may do there."""
    async with served(database, tmp_path) as desk:
        anna = Actor(name="person:anna", workspace=DEFAULT)
        _, secret = await invitations.invite(database, anna, "ben", Role.EDITOR, now())
        seen = await Browser(desk).get(f"/welcome/{secret}")
        joined = Browser(desk)
        await joined.send(f"/welcome/{secret}", {"name": "ben", "password": PASSWORD, "again": PASSWORD})
        account = await joined.get("/account")

    assert "anna invites you as editor of the workspace default" in seen.text
    assert "default editor" in account.text


async def test_who_has_an_account_joins_with_it(database: Database, tmp_path: Path) -> None:
    """An invitation to another workspace makes no second account."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in(Role.VIEWER)
        other = await desk.workspace("other")
        admin = Actor(name="person:ben", workspace=other)
        _, secret = await invitations.invite(database, admin, "anna", Role.EDITOR, now())
        seen = await browser.get(f"/welcome/{secret}")
        await browser.send(f"/welcome/{secret}")
        account = await browser.get("/account")
        used = await browser.get(f"/welcome/{secret}")

    assert "Join as anna" in seen.html
    assert "You are in the workspace other." in account.text
    assert "other editor" in account.text
    assert 404 == used.status


async def test_who_forgot_a_password_chooses_another_by_a_link(database: Database, tmp_path: Path) -> None:
    """The old one is over, and so is every session with it."""
    async with served(database, tmp_path) as desk:
        before = await Browser(desk).signed_in(Role.VIEWER)
        _, secret, _ = await accounts.password_link(database, Actor(name="cli:ben", workspace=DEFAULT), "anna", now())
        browser = Browser(desk)
        seen = await browser.get(f"/welcome/{secret}")
        new = "another horse battery"
        short = await browser.send(f"/welcome/{secret}", {"password": "short", "again": "short"})
        done = await browser.send(f"/welcome/{secret}", {"password": new, "again": new})
        inside = await browser.get("/account")
        over = await before.get("/account")
        old = await Browser(desk).send("/sign-in", {"name": "anna", "password": PASSWORD})

    assert "Choose a new password For the account anna" in seen.text
    assert [422, 303, 200, 303, 422] == [one.status for one in (short, done, inside, over, old)]


async def test_what_is_wrong_at_signing_in_is_not_told(database: Database, tmp_path: Path) -> None:
    """An unknown name, a wrong password and somebody who was disabled: the same answer."""
    async with served(database, tmp_path) as desk:
        await a_person(desk, "anna")
        browser = Browser(desk)
        unknown = await browser.send("/sign-in", {"name": "nobody", "password": PASSWORD})
        wrong = await browser.send("/sign-in", {"name": "anna", "password": "wrong"})

    assert [422, 422] == [unknown.status, wrong.status]
    assert unknown.html.replace("nobody", "anna") == wrong.html
    assert "filingbell" not in browser.cookies


async def test_who_guesses_is_slowed_down_by_name_and_by_address(database: Database, tmp_path: Path) -> None:
    """Whether there is such a person or not; a right password is not counted."""
    async with served(database, tmp_path) as desk:
        await a_person(desk, "anna")
        for _ in range(12):
            right = await Browser(desk).send("/sign-in", {"name": "anna", "password": PASSWORD})
        for name in ("anna", "nobody"):
            tried = [await Browser(desk).send("/sign-in", {"name": name, "password": "wrong"}) for _ in range(11)]
            assert [422] * 10 + [429] == [one.status for one in tried], name
        even_right = await Browser(desk).send("/sign-in", {"name": "ANNA", "password": PASSWORD})
        desk.clock.later += timedelta(minutes=2)
        later = await Browser(desk).send("/sign-in", {"name": "anna", "password": PASSWORD})
        spread = [await Browser(desk).send("/sign-in", {"name": f"n{one}", "password": "wrong"}) for one in range(30)]

    assert [303, 429, 303] == [one.status for one in (right, even_right, later)]
    assert "Too many requests: try again in 60 s." in even_right.text
    assert 429 == spread[-1].status


async def test_signing_out_ends_the_session(database: Database, tmp_path: Path) -> None:
    """Not only in this browser: the cookie of before lets nobody in."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        before = dict(browser.cookies)
        out = await browser.follow((await browser.send("/sign-out")).to)
        browser.cookies = before
        again = await browser.get("/account")

    assert "You are signed out." in out.text
    assert "/sign-in?next=/account" == again.to


@pytest.mark.parametrize(
    "given",
    [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "javascript:alert(1)",
        "rules",
        "/a\nb",
    ],
)
def test_signing_in_leads_to_no_other_place(given: str) -> None:
    """What a link asks for after it is a path of this service, or it is not followed."""
    assert not own_path(given)
    assert "/rules?q=a" == own_path("/rules?q=a")


async def test_signing_in_leads_to_where_one_was_going(database: Database, tmp_path: Path) -> None:
    """With what narrows the page."""
    async with served(database, tmp_path) as desk:
        await a_person(desk, "anna")
        browser = Browser(desk)
        asked = await browser.get("/account?a=1&b=2")
        shown = await browser.get(asked.to)
        (back,) = {part.split('"')[0] for part in shown.html.split('name="next" value="')[1:]}
        done = await browser.send(
            "/sign-in", {"name": "anna", "password": PASSWORD, "next": back.replace("&amp;", "&")}
        )

    assert "/account?a=1&b=2" == done.to
