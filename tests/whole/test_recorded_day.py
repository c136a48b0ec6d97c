"""The whole service over the recorded pages of a real afternoon's feed."""

from datetime import date
from pathlib import Path

import pytest

from service.lookalike.server import LookAlike
from service.store import Database, events
from service.store.database import open_database
from service.wire.topics import Topic
from tests.kit.archives import RecordedArchive
from tests.kit.corpus import corpus
from tests.kit.eventually import eventually
from tests.kit.process import Service
from tests.kit.receiver import SECRET, Receiver

CONFIG = """
channels:
  hook: {type: webhook, url: "URL/webhook", secrets: "SECRET"}
rules:
  purchase: {kinds: purchase, channels: hook}
"""


@pytest.mark.long
async def test_the_whole_service_takes_the_recorded_pages_and_stays_small(tmp_path: Path, figures: list[str]) -> None:
    """Every distinct filing of the pages alerts once, though the process is killed in the middle; memory is printed."""
    archive = RecordedArchive(corpus() / "feed_type4_20251212")
    expected = archive.accessions()
    config = tmp_path / "filingbell.yaml"
    async with LookAlike(archive) as edgar, Receiver() as receiver:
        config.write_text(CONFIG.replace("URL", receiver.url).replace("SECRET", SECRET))
        service = Service(
            tmp_path / "home",
            config,
            sec_contact="Tests tests@example.com",
            sec_url=edgar.url,
            sec_rate="5000",
            poll_seconds="0.1",
        )
        database = await open_database(f"sqlite:///{tmp_path}/home/filingbell.db")
        since = date(2025, 12, 11).isoformat()
        await service.start("--since", since)
        await eventually(lambda: _alerts(database, len(expected) // 2))
        await service.kill()
        await service.start("--since", since)
        await eventually(lambda: _alerts(database, len(expected)), within=120)

        async def received() -> bool:
            return len(receiver.ids()) == len(expected)

        await eventually(received)
        memory = service.resident_mb()
        assert 0 == await service.stop()
        published = [r.headers["ce_subject"] for r in await events.read(database, Topic.FILINGS, 0, 100_000)]
        await database.close()

    assert sorted(expected) == sorted(published)
    assert {1} == {len(set(ids)) for ids in receiver.ids().values()}
    figures.append(
        f"recorded pages: {len(expected)} filings, as many alerts and webhooks, one kill -9 in the middle; "
        f"whole service {memory:.0f} MB resident (goal: at most 120 MB)"
    )


async def _alerts(database: Database, count: int) -> bool:
    return (await events.counts(database)).get(Topic.ALERTS, 0) >= count
