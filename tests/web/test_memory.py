"""How much memory the role takes."""

import re
from pathlib import Path

import aiohttp
import pytest

from service.control import invitations
from service.model.identity import DEFAULT
from service.model.person import Role, Scope
from service.model.resource import Actor
from service.store.database import open_database
from service.web.pages import PAGES
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.process import Service
from tests.servers.server import free_port

_PATHS = [page.path for page in PAGES if page.method == "GET" and page.scope is Scope.READ and "{" not in page.path]
_EACH = 500  # pages, fewer than one person may ask for at once
_MOST = 110  # megabytes, resident: what takes more than is meant shows here first
_PASSWORD = "correct horse battery"


@pytest.mark.long
async def test_the_role_stays_small(tmp_path: Path, figures: list[str]) -> None:
    """At its start, after twenty people have signed in, and after a thousand pages."""
    url = f"http://127.0.0.1:{free_port()}"
    service = Service(tmp_path, None, http=url.removeprefix("http://"))
    await service.command("migrate")  # as where it is not the first to run: migrations load a library of 16 MB
    await service.start("web")
    told = []

    def note(what: str) -> None:
        told.append(f"{what} {service.resident_mb():.0f} MB (of which its own {service.own_mb():.0f} MB)")

    async def is_up() -> bool:
        return "Make the first account" in service.log()

    async def look(link: str, name: str) -> None:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            sent = {"name": name, "password": _PASSWORD, "again": _PASSWORD}
            async with session.post(link, data=sent) as answer:
                assert 200 == answer.status
            for number in range(_EACH):
                async with session.get(f"{url}{_PATHS[number % len(_PATHS)]}") as answer:
                    assert 200 == answer.status, answer.url

    try:
        await eventually(is_up)
        note("start")
        (first,) = re.findall(r"Make the first account: (\S+)", service.log())
        await look(first, "anna")
        for _ in range(20):
            sent = {"name": "anna", "password": _PASSWORD}
            async with aiohttp.request("POST", f"{url}/sign-in", data=sent, allow_redirects=False) as answer:
                assert 303 == answer.status
        database = await open_database(f"sqlite:///{tmp_path}/filingbell.db")
        anna = Actor(name="person:anna", workspace=DEFAULT)
        _, secret = await invitations.invite(database, anna, "ben", Role.VIEWER, now())
        await database.close()
        await look(f"{url}/welcome/{secret}", "ben")
        note(f"after 20 sign-ins and {2 * _EACH:,} pages")
        most = service.resident_mb()
    finally:
        await service.stop()

    figures.append(f"the role web: {', '.join(told)}")
    assert most < _MOST
