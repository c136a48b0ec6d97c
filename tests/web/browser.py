"""A browser without a screen: it keeps cookies, and sends forms as they stand on the page."""

import re
from collections.abc import Sequence
from html import unescape
from typing import Any

import aiohttp
from msgspec import Struct

from service.control import passwords
from service.model.identity import DEFAULT, PersonId, Prefix, new_id
from service.model.person import Person, Role
from service.store import people
from tests.kit.filings import now
from tests.web.desk import Web

PASSWORD = "correct horse battery"
_CSRF = re.compile(r'name="csrf" value="(\w*)"')


class Seen(Struct, frozen=True, kw_only=True):
    """What a browser is shown."""

    status: int
    headers: Any
    html: str

    @property
    def text(self) -> str:
        """What can be read of it."""
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", self.html)).split())

    @property
    def to(self) -> str:
        """Where it leads on; empty: nowhere."""
        return str(self.headers.get("Location", ""))


class Browser:
    """One of them, in which nobody is signed in yet."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self.cookies: dict[str, str] = {}
        self._csrf = ""

    async def get(self, path: str, **headers: str) -> Seen:
        """Follow a link, but nowhere on from there; a header's name has _ for -."""
        return await self._ask("GET", path, None, headers)

    async def send(self, path: str, fields: dict[str, str | Sequence[str]] | None = None, **headers: str) -> Seen:
        """Send a form to *path*, with the token of the last page that had one."""
        data = aiohttp.FormData()
        for name, value in {"csrf": self._csrf, **(fields or {})}.items():
            for one in [value] if isinstance(value, str) else value:
                data.add_field(name, one)
        return await self._ask("POST", path, data, headers)

    async def upload(self, path: str, files: dict[str, bytes], fields: dict[str, str] | None = None) -> Seen:
        """Send a form with *files* to *path*, likewise."""
        data = aiohttp.FormData()
        for name, value in {"csrf": self._csrf, **(fields or {})}.items():
            data.add_field(name, value)
        for name, content in files.items():
            data.add_field(name, content, filename=f"{name}.csv", content_type="text/csv")
        return await self._ask("POST", path, data, {})

    async def follow(self, path: str) -> Seen:
        """Follow a link, and on to where it leads."""
        seen = await self.get(path)
        while seen.to:
            seen = await self.get(seen.to)
        return seen

    async def signed_in(self, role: Role | None = None, name: str = "anna") -> "Browser":
        """Sign in somebody new with *role* in the workspace; None: the instance's admin."""
        await a_person(self._web, name, role)
        await self.send("/sign-in", {"name": name, "password": PASSWORD})
        await self.get("/account")
        return self

    async def _ask(self, method: str, path: str, data: aiohttp.FormData | None, headers: dict[str, str]) -> Seen:
        sent = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._web.session.request(
            method,
            f"{self._web.url}{path}",
            headers=sent,
            cookies=self.cookies,
            allow_redirects=False,
            data=data,
        ) as answer:
            for name, morsel in answer.cookies.items():
                if morsel.value:
                    self.cookies[name] = morsel.value
                else:
                    self.cookies.pop(name, None)
            html = await answer.text()
        if found := _CSRF.search(html):
            self._csrf = found[1]
        return Seen(status=answer.status, headers=answer.headers, html=html)


async def a_person(web: Web, name: str, role: Role | None = None) -> Person:
    """Somebody with the password `PASSWORD`; *role* None: the instance's admin."""
    at = now()
    made = Person(
        id=PersonId(new_id(Prefix.PERSON, at)),
        name=name,
        admin=role is None,
        created=at,
        roles={DEFAULT: role or Role.ADMIN},
    )
    digest = await passwords.digest(PASSWORD)
    async with web.context.database.transaction() as tx:
        await people.add(tx, made, digest)
    return made
