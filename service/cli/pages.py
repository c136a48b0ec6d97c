"""The pages beside a demonstration, which nobody else can reach."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from aiohttp import web

from service.clock import SystemClock, now
from service.control import people
from service.log.source import Log
from service.settings import WEB, Settings
from service.store import Database
from service.vault import open_vault
from service.watch.health import KEPT_OPEN
from service.watch.presence import Presence
from service.web.app import application
from service.web.context import Context
from service.web.guest import Guest

_HOST = "127.0.0.1"
_SECRET = 12  # bytes: it is typed off a terminal, and lasts as long as the demonstration


@asynccontextmanager
async def pages(settings: Settings, database: Database, log: Log) -> AsyncIterator[tuple[str, Guest]]:
    """Serve them on *database* while the context is open; yields the link by which one press signs the guest in."""
    first = await people.first_link(database, now())
    assert first is not None  # the database is new
    person = await people.join(database, first, "visitor", secrets.token_urlsafe(), now())
    guest = Guest(person=person, secret=secrets.token_hex(_SECRET))
    vault = open_vault(settings.home, settings.vault_key)
    context = Context(database, log, vault, settings, SystemClock(), guest)
    runner = web.AppRunner(
        application(context), access_log=None, keepalive_timeout=KEPT_OPEN, auto_decompress=False, shutdown_timeout=1.0
    )
    await runner.setup()
    presence = Presence(database, SystemClock(), (WEB,), version("filingbell"))
    try:
        site = web.TCPSite(runner, _HOST, settings.listens[1] if settings.listens else 0)
        try:
            await site.start()
        except OSError:  # somebody has the usual port
            await web.TCPSite(runner, _HOST, 0).start()
        async with presence:  # or they would say that nothing runs
            yield f"http://{_HOST}:{runner.addresses[0][1]}/visit/{guest.secret}", guest
    finally:
        await runner.cleanup()
