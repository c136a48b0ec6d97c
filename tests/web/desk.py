"""The application on a socket, and those who ask it."""

import io
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from msgspec import Struct

from service.clock import SystemClock
from service.control import tokens
from service.log.table import TableLog
from service.model.identity import DEFAULT, WorkspaceId
from service.model.person import Role, Scope
from service.model.resource import Actor
from service.settings import Settings
from service.store import Database, workspaces
from service.vault import open_vault
from service.vitals import Unwatched
from service.web.app import application
from service.web.context import Context
from service.web.guest import Guest
from tests.kit.filings import now


class Later(SystemClock):
    """The machine's clock, which a test moves on; what is measured by ``monotonic`` stands still until then."""

    def __init__(self) -> None:
        self.later = timedelta()

    def now(self) -> datetime:
        return super().now() + self.later

    def monotonic(self) -> float:
        return self.later.total_seconds()


class Answered(Struct, frozen=True, kw_only=True):
    """What came of a request."""

    status: int
    headers: Any
    content: Any


class Web:
    """The application, as those see it who ask it."""

    def __init__(self, context: Context, clock: Later, session: aiohttp.ClientSession, url: str) -> None:
        self.context = context
        self.clock = clock
        self.url = url
        self.session = session

    async def token(
        self, role: Role = Role.ADMIN, workspace: WorkspaceId = DEFAULT, *, scopes: Iterable[Scope] | None = None
    ) -> str:
        """The secret of a new token with *scopes*, or those of *role*."""
        name = f"{role}-{len(await tokens.every(self.context.database, workspace))}"
        actor = Actor(name="cli:anna", workspace=workspace)
        wanted = role.scopes if scopes is None else [*scopes]
        _, secret = await tokens.add(self.context.database, actor, name, wanted, now())
        assert secret is not None
        return secret

    async def workspace(self, name: str) -> WorkspaceId:
        """Another workspace."""
        async with self.context.database.transaction() as tx:
            return await workspaces.add(tx, name, now())

    async def ask(self, method: str, path: str, token: str | None = None, body: Any = None, **headers: str) -> Answered:
        """Send a request; a header's name has _ for -."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if body is not None and not isinstance(body, bytes):
            body, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        data = None if body is None else io.BytesIO(body)
        url = f"{self.url}{path}"
        async with self.session.request(method, url, headers=sent, allow_redirects=False, data=data) as answer:
            text = await answer.read()
            is_json = answer.content_type.endswith("json")
            content = await answer.json(content_type=None) if is_json and text else text
            return Answered(status=answer.status, headers=answer.headers, content=content)


@asynccontextmanager
async def served(database: Database, folder: Path, guest: Guest | None = None, **settings: Any) -> AsyncIterator[Web]:
    """The application on *database*; *guest* None: it is no demonstration."""
    clock = Later()
    made = Settings(home=folder, http="127.0.0.1:9464", **({"egress_allow": "127.0.0.1:9"} | settings))
    log = TableLog(database, Unwatched())
    context = Context(database, log, open_vault(folder, None), made, clock, guest)
    runner = web.AppRunner(application(context), access_log=None, auto_decompress=False)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    _, port = runner.addresses[0]
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Web(context, clock, session, f"http://127.0.0.1:{port}")
    await runner.cleanup()
