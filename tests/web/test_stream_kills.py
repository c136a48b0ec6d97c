"""Streams across kills of either side: nothing missed, nothing doubled."""

import asyncio
import random
from pathlib import Path
from uuid import uuid4

import pytest
from msgspec.structs import replace

from service.log.broker import Broker
from service.model.identity import DEFAULT
from service.store import Database
from service.store.database import open_database
from service.wire.topics import alert_event
from tests.conftest import new_database_url
from tests.kit.documents import a_row, an_alert
from tests.kit.filings import now
from tests.kit.process import Service
from tests.servers.server import free_port
from tests.web.follower import following

SEED = 20261126
WRITERS = 3


@pytest.mark.parametrize(
    ("on", "kills", "count"),
    [
        ("sqlite", 4, 300),
        pytest.param("sqlite", 50, 5000, marks=pytest.mark.long),
        pytest.param("kafka over postgresql", 50, 5000, marks=pytest.mark.long),
    ],
)
async def test_a_reader_and_the_service_are_killed_and_nothing_is_missed(
    request: pytest.FixtureRequest, tmp_path: Path, figures: list[str], on: str, kills: int, count: int
) -> None:
    """Three write at once; the reader is cut off, or what serves it is killed with -9, wherever they are."""
    chance = random.Random(SEED)
    kafka, _, backend = on.rpartition(" over ")
    url = await asyncio.to_thread(new_database_url, request, tmp_path, backend)
    broker: Broker | None = request.getfixturevalue("broker") if kafka else None
    settings = {} if broker is None else {"kafka": broker.bootstrap, "kafka_prefix": broker.prefix}
    roles = ("web",) if broker is None else ("web", "relay")
    port = free_port()
    service = Service(tmp_path / "home", None, http=f"127.0.0.1:{port}", database=url, **settings)
    (tmp_path / "home").mkdir()
    token = (await service.command("tokens", "add", "reader", "--scope", "read")).splitlines()[0]
    database = await open_database(url)
    sent: list[str] = []
    await service.start(*roles)
    try:
        async with following(f"http://127.0.0.1:{port}/api/v1/alerts/stream", token) as reader:
            for kill in range(kills):
                part = count * (kill + 1) // kills
                writing = asyncio.create_task(_write(database, sent, part))
                at = len(reader.told) + chance.randrange(1, count // kills)
                await reader.until(lambda one, at=at: len(one.told) >= at)
                if chance.random() < 0.5:
                    await service.kill()
                    await service.start(*roles)
                else:
                    reader.cut()
                await writing
            await reader.until(lambda one: len(one.told) >= count)
            let_in = reader.statuses.count(200)
    finally:
        await service.stop()
        await database.close()

    told = [one.data["id"] for one in reader.told]
    assert len(told) == len(set(told))
    assert set(sent) == set(told)
    assert sorted(int(one.id) for one in reader.told) == [int(one.id) for one in reader.told]
    figures.append(
        f"streams on {on}, seed {SEED}: {kills} kills, {let_in} connections, {count} events: 0 missed, 0 doubled"
    )


async def _write(database: Database, sent: list[str], until: int) -> None:
    """Alerts from several writers at once, until there are *until*."""
    left = until - len(sent)

    async def some(number: int) -> None:
        for _ in range(number):
            alert = replace(an_alert(a_row()), id=str(uuid4()), workspace=DEFAULT)
            async with database.transaction() as tx:
                tx.emit(alert_event(alert, now()))
            sent.append(alert.id)

    await asyncio.gather(*(some(left // WRITERS + (writer < left % WRITERS)) for writer in range(WRITERS)))
