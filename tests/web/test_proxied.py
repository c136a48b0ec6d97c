"""A proxy in front that has let somebody in, and everybody who would like to be taken for it."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from service.control import accounts, audit
from service.model.errors import ConfigError
from service.model.identity import DEFAULT
from service.model.person import Role
from service.model.resource import Actor
from service.settings import load
from service.store import Database, people
from service.store.audit import WhichChanges
from service.web.endpoint import BASE
from tests.kit.filings import now
from tests.web.askers import signed_in, somebody
from tests.web.desk import Web, served

BELIEVED = {"http_user_header": "X-Forwarded-User", "http_user_from": "127.0.0.1, 10.1.0.0/16"}
NAME = {"X_Forwarded_User": "Ben"}


async def _me(desk: Web, **headers: str) -> str | None:
    """Who asks, as the service sees them; None: nobody."""
    answer = await desk.ask("GET", f"{BASE}/me", None, **headers)
    return answer.content["name"] if answer.status == 200 else None


@asynccontextmanager
async def _from(desk: Web, address: str) -> AsyncIterator[Web]:
    """The same, asked from another *address* of this machine."""
    connector = aiohttp.TCPConnector(local_addr=(address, 0))
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), connector=connector) as session:
        yield Web(desk.context, desk.clock, session, desk.url)


async def test_whom_the_proxy_names_is_signed_in(either: Database, tmp_path: Path) -> None:
    """With the role they have; a form needs what stands on their pages, and no page elsewhere can send one."""
    async with served(either, tmp_path, **BELIEVED) as desk:
        ben = await somebody(desk, "ben", Role.EDITOR)
        page = await desk.ask("GET", "/account", None, Accept="text/html", **NAME)
        (csrf,) = set(re.findall(r'name="csrf" value="(\w+)"', page.content.decode()))
        body = {"name": "ours", "settings": {"tickers": ["AAPL"]}}
        mine = {"X_CSRF_Token": csrf, "Sec_Fetch_Site": "same-origin"}

        async def add(**headers: str) -> int:
            return (await desk.ask("POST", f"{BASE}/watchlists", None, body, **NAME, **headers)).status

        answers = [await add(), await add(X_CSRF_Token="0" * 64), await add(**mine | {"Sec_Fetch_Site": "cross-site"})]
        made = await add(**mine)
        people = (await desk.ask("GET", f"{BASE}/people", None, **NAME)).status
        log = await audit.history(either, WhichChanges(workspace=DEFAULT, actor="person:ben"), 1)

    assert [403, 403, 403] == answers
    assert (201, 403, ["ours"]) == (made, people, [one.name for one in log])
    assert "Set-Cookie" not in page.headers
    assert ben.name in page.content.decode()


async def test_somebody_without_an_account_stays_out_unless_a_role_is_set(database: Database, tmp_path: Path) -> None:
    """Then they get one with it, once, and never the whole service."""
    async with served(database, tmp_path, **BELIEVED) as desk:
        refused = await _me(desk, **NAME)
        page = await desk.ask("GET", "/account", None, Accept="text/html", **NAME)
    async with served(database, tmp_path, http_user_role="Admin", **BELIEVED) as desk:
        found = await asyncio.gather(*(_me(desk, **NAME) for _ in range(8)))
        wrong = [await _me(desk, X_Forwarded_User=name) for name in ("", " ", "a\tb", "x" * 300)]
        everybody = await people.every(database)
        accounts_ = (await desk.ask("GET", f"{BASE}/accounts", None, **NAME)).status

    assert (None, 303) == (refused, page.status)
    assert {"Ben"} == set(found)
    assert [None] * 4 == wrong
    assert [("Ben", False, {DEFAULT: Role.ADMIN})] == [(one.name, one.admin, one.roles) for one in everybody]
    assert 403 == accounts_


async def test_only_the_proxy_is_believed(database: Database, tmp_path: Path) -> None:
    """Not who connects from elsewhere, whatever else they claim; nor a proxy that passes on what a client sent."""
    async with served(database, tmp_path, http_user_role="admin", **BELIEVED) as desk:
        await somebody(desk, "ben", None)
        async with _from(desk, "127.0.0.2") as other:
            elsewhere = [
                await _me(other, **NAME),
                await _me(other, **NAME, X_Forwarded_For="127.0.0.1", X_Real_IP="127.0.0.1", Forwarded="for=127.0.0.1"),
                await _me(other, X_Forwarded_User="ben", Host="127.0.0.1"),
            ]
        twice = [("X-Forwarded-User", "ben"), ("X-Forwarded-User", "anna")]
        async with desk.session.get(f"{desk.url}{BASE}/me", headers=twice) as answer:
            both = answer.status
        alike = [await _me(desk, **{name: "ben"}) for name in ("X_Forwarded_Users", "Forwarded_User", "Remote_User")]
        ours = await _me(desk, **NAME)
    async with served(database, tmp_path) as desk:
        off = await _me(desk, **NAME)

    assert [None] * 3 == elsewhere
    assert (401, [None] * 3, "ben", None) == (both, alike, ours, off)


async def test_the_proxy_s_word_goes_before_what_a_browser_shows(database: Database, tmp_path: Path) -> None:
    """Also where it names nobody who may come in; without its word, a browser that is signed in stays so."""
    async with served(database, tmp_path, **BELIEVED) as desk:
        cookie, _ = await signed_in(desk, await somebody(desk, "anna", None))
        ben = await somebody(desk, "ben", Role.EDITOR)
        named = [await _me(desk, **cookie, X_Forwarded_User=name) for name in ("ben", "nobody")]
        await accounts.change(database, Actor(name="cli:root", workspace=DEFAULT), "ben", now(), disabled=True)
        disabled = await _me(desk, **cookie, **NAME)
        without = await _me(desk, **cookie)
        guessed = [await _me(desk, Cookie=f"filingbell={one}") for one in (f"proxy {ben.id}", f"proxy {ben.id}.x")]

    assert (["ben", None], None, "anna") == (named, disabled, without)
    assert [None, None] == guessed


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"HEADER": "X-Forwarded-User"}, "set FILINGBELL_HTTP_USER_FROM to its address"),
        ({"HEADER": "X Forwarded", "FROM": "10.0.0.1"}, "FILINGBELL_HTTP_USER_HEADER"),
        ({"HEADER": "X-User", "FROM": "proxy.internal"}, "write addresses or networks"),
        ({"HEADER": "X-User", "FROM": "10.0.0.1, 0.0.0.0/0"}, "every address would be everybody"),
        ({"HEADER": "X-User", "FROM": "10.0.0.1", "ROLE": "king"}, "FILINGBELL_HTTP_USER_ROLE"),
    ],
)
def test_a_setting_that_would_believe_everybody_is_refused(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], said: str
) -> None:
    """At the start, with what to write."""
    for name, value in settings.items():
        monkeypatch.setenv(f"FILINGBELL_HTTP_USER_{name}", value)
    with pytest.raises(ConfigError) as caught:
        load()

    assert said in str(caught.value)


async def test_a_name_that_is_no_text_is_nobodys(database: Database, tmp_path: Path) -> None:
    """Some proxies pass on names in another character set."""
    async with served(database, tmp_path, **BELIEVED) as desk:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(desk.url.rpartition(":")[2]))
        writer.write(b"GET /api/v1/me HTTP/1.0\r\nHost: localhost\r\nX-Forwarded-User: J\xf6rg\r\n\r\n")
        answer = await reader.read()
        writer.close()

    assert b"401" in answer.splitlines()[0]
