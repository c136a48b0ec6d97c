"""Stopping: what is under way ends and is recorded, in bounded time; nothing is lost either way."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from service.lookalike.archive import FolderArchive
from service.lookalike.loopback import Loopback
from service.lookalike.server import LookAlike
from service.model.calendar import EASTERN
from service.store import channel_names, deliveries
from service.store.database import open_database
from tests.kit.archives import listings
from tests.kit.eventually import eventually
from tests.kit.process import Service

CONFIG = """
channels:
  desk: {type: slack, url: "URL/slack"}
rules:
  everything: {channels: desk}
"""


@asynccontextmanager
async def sending(
    tmp_path: Path, answer: Callable[[], Awaitable[None]], **settings: str
) -> AsyncIterator[tuple[Service, list[float]]]:
    """A service that has begun to send one alert to a receiver that takes its time."""
    came: list[float] = []

    async def receive(_request: web.Request) -> web.Response:
        came.append(time.monotonic())
        await answer()
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_post("/slack", receive)
    async with Loopback(app) as receiver, LookAlike(FolderArchive(listings(1), datetime.now(UTC), 1.0)) as edgar:
        config = tmp_path / "filingbell.yaml"
        config.write_text(CONFIG.replace("URL", receiver.url))
        service = Service(
            tmp_path / "home",
            config,
            sec_contact="Tests tests@example.com",
            sec_url=edgar.url,
            poll_seconds="0.1",
            **settings,
        )
        await service.start("--since", datetime.now(UTC).astimezone(EASTERN).date().isoformat())

        async def began() -> bool:
            return bool(came)

        await eventually(began)
        yield service, came


async def states(tmp_path: Path) -> dict[tuple[str, str], int]:
    database = await open_database(f"sqlite:///{tmp_path}/home/filingbell.db")
    found, names = await deliveries.counts(database), await channel_names.names(database)
    await database.close()
    return {(names[channel], state): count for (channel, state), count in found.items()}


async def test_a_request_in_flight_ends_and_is_recorded(tmp_path: Path) -> None:
    """So that the next start does not repeat it."""
    released = asyncio.Event()
    async with sending(tmp_path, released.wait) as (service, came):
        stopping = asyncio.create_task(service.stop())
        await eventually(_said(service, '"stopping"'))
        released.set()
        status = await stopping

    assert 0 == status
    assert 1 == len(came)
    assert {("desk", "delivered"): 1} == await states(tmp_path)


async def test_stopping_is_bounded_and_loses_nothing(tmp_path: Path) -> None:
    """A receiver that never answers does not hold up a deployment; the alert is still owed."""
    released = asyncio.Event()
    async with sending(tmp_path, released.wait, stop_seconds="1") as (service, _):
        status = await service.stop()
        released.set()

    assert 75 == status  # EX_TEMPFAIL
    assert {("desk", "pending"): 1} == await states(tmp_path)
    assert "stopped_in_the_middle" in service.log()


def _said(service: Service, words: str) -> Callable[[], Awaitable[bool]]:
    async def condition() -> bool:
        return words in service.log()

    return condition
