"""From a filing's entry in the feed to its signed webhook, through the whole embedded service over real HTTP."""

import asyncio
import base64
import json
import secrets
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from msgspec.structs import replace

from consumers import configuration as configfile
from service import telemetry
from service.clock import now
from service.lookalike import archive
from service.lookalike.archive import FolderArchive, Listing
from service.lookalike.loopback import Loopback
from service.lookalike.server import LookAlike
from service.model.calendar import EASTERN
from service.runtime.wiring import serve_embedded
from service.settings import Settings
from service.store.database import open_database

SECONDS = 20.0
EMBEDDED = " (goal beyond the fetch: p50 10 ms, p99 30 ms)"

Service = Callable[[dict[str, str], Path], AbstractAsyncContextManager[None]]  # settings and configuration file
CONFIG = """
channels:
  hook: {type: webhook, url: "URL/hook", secrets: "SECRET"}
rules:
  everything: {channels: hook}
"""


async def main() -> None:
    """Print the figures: for the demo's morning as it is, and for the same filings evenly spread."""
    telemetry.configure_logs("critical")
    listings, even = mornings()
    await play("embedded, the demo, 17 of them within 0.2 s", listings)
    await play("embedded, steady, one every 0.4 s", even)
    print(f"  resident memory, look-alike and receiver included: {telemetry.resident_mb():.0f} MB")


def mornings() -> tuple[list[Listing], list[Listing]]:
    """The demo's morning as it is, and the same filings evenly spread."""
    listings = [one for one in archive.load(Path(archive.__file__).parent / "samples") if one.form in ("4", "4/A")]
    first = min(one.accepted for one in listings)
    return listings, [replace(one, accepted=first + timedelta(seconds=number)) for number, one in enumerate(listings)]


@asynccontextmanager
async def embedded(settings: Mapping[str, Any], config: Path) -> AsyncIterator[None]:
    """The whole service in this process, on SQLite."""
    chosen = Settings(**settings)
    database = await open_database(chosen.database_url)
    today = now().astimezone(EASTERN).date()
    task = asyncio.create_task(serve_embedded(chosen, configfile.load(config), database, today))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await database.close()


async def play(name: str, listings: Sequence[Listing], service: Service = embedded, goal: str = EMBEDDED) -> None:
    """Play *listings* within the time, and print how long their webhooks took."""
    bodies: list[tuple[datetime, bytes]] = []

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        bodies.append((now(), body))
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_post("/hook", receive)
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
    span = FolderArchive(listings, now(), 1.0).ends - now()
    async with AsyncExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        late = Late()
        edgar = await stack.enter_async_context(LookAlike(late))
        receiver = await stack.enter_async_context(Loopback(app))
        config = home / "filingbell.yaml"
        config.write_text(CONFIG.replace("URL", receiver.url).replace("SECRET", secret))
        settings = {
            "home": str(home),
            "sec_url": edgar.url,
            "sec_contact": "bench bench@example.com",
            "sec_rate": "1000",
            "poll_seconds": "0.05",
        }
        await stack.enter_async_context(service(settings, config))
        morning = FolderArchive(listings, now() + timedelta(seconds=1), span / timedelta(seconds=SECONDS))
        late.archive = morning
        while now() < morning.ends + timedelta(seconds=2):
            await asyncio.sleep(0.1)
    report(name, morning, bodies, goal)


class Late:
    """An archive that is empty until the service is up."""

    def __init__(self) -> None:
        self.archive = FolderArchive([], now(), 1.0)

    def feed(self, prefix: str, start: int, count: int) -> bytes | None:
        """The page as of now."""
        return self.archive.feed(prefix, start, count)

    def file(self, path: str) -> bytes | None:
        """No index."""
        return None

    def submission(self, accession: str) -> bytes | None:
        """The submission, once it has appeared."""
        return self.archive.submission(accession)


def report(name: str, morning: FolderArchive, bodies: Sequence[tuple[datetime, bytes]], goal: str) -> None:
    """Print how long each leg took."""
    visible, seen, received = [], [], []
    for at, body in bodies:
        filing = json.loads(body)["filing"]
        times = {name: datetime.fromisoformat(text) for name, text in filing["times"].items() if text}
        visible.append(at - morning.appears(filing["accession"]))
        seen.append(at - times["seen"])
        received.append(at - times["fetched"])
    print(f"latency, polling every 50 ms, {len(bodies)} filings within {SECONDS:.0f} s: {name}")
    line("visible in the feed -> webhook received", visible)
    line("feed page here -> webhook received", seen)
    line("document here -> webhook received", received, goal)


def line(name: str, spans: Sequence[timedelta], note: str = "") -> None:
    """Print one leg."""
    ordered = sorted(span / timedelta(milliseconds=1) for span in spans)
    p50, p99 = ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
    print(f"  {name:<42} p50 {p50:6.1f} ms   p99 {p99:6.1f} ms{note}")


if __name__ == "__main__":
    asyncio.run(main())
