"""Crash safety, shown by killing the whole service at random moments of a replay."""

import os
import random
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from service.log.table import TableLog
from service.lookalike.archive import FolderArchive
from service.lookalike.server import LookAlike
from service.model.alert import Alert
from service.model.calendar import EASTERN
from service.model.delivery import DeliveryState
from service.store import Database, deliveries, events, filings
from service.store.database import open_database
from service.vitals import Unwatched
from service.wire import decode
from service.wire.topics import Record, Topic
from tests.kit.archives import listings
from tests.kit.eventually import eventually
from tests.kit.process import Service
from tests.kit.receiver import SECRET, Receiver

KILLS = int(os.environ.get("FILINGBELL_TEST_KILLS", "3"))
SEED = int(os.environ.get("FILINGBELL_TEST_SEED", "20131218"))
FILINGS = 60 * KILLS
BROKEN_EVERY = 20

CONFIG = """
channels:
  desk: {type: slack, url: "URL/slack", pace_seconds: 0}
  hook: {type: webhook, url: "URL/webhook", secrets: "SECRET"}
rules:
  purchase: {kinds: purchase, channels: [desk, hook]}
  larger-purchase: {kinds: purchase, shares: ">= 200", channels: hook}
"""


async def test_killed_at_random_moments_nothing_is_lost_and_nothing_doubled(tmp_path: Path, figures: list[str]) -> None:
    """Every filing parsed once, every alert once, every delivery at least once and never under two ids."""
    chance = random.Random(SEED)
    made = listings(FILINGS, broken_every=BROKEN_EVERY)
    broken = {listing.accession for index, listing in enumerate(made, 1) if index % BROKEN_EVERY == 0}
    config = tmp_path / "filingbell.yaml"
    playing = 1.2 * KILLS  # seconds; filings keep coming all the while
    async with Receiver(refuse=0.05, seed=SEED) as receiver:
        config.write_text(CONFIG.replace("URL", receiver.url).replace("SECRET", SECRET))
        archive = FolderArchive(made, datetime.now(UTC), speed=FILINGS / playing)
        async with LookAlike(archive) as edgar:
            service = Service(
                tmp_path / "home",
                config,
                sec_contact="Tests tests@example.com",
                sec_url=edgar.url,
                sec_rate="5000",
                poll_seconds="0.05",
                retry_seconds=",".join(["0.05"] * 40),
            )
            since = datetime.now(EASTERN).date().isoformat()
            database = await open_database(f"sqlite:///{tmp_path}/home/filingbell.db")
            for _ in range(KILLS):
                before = await _events(database)
                await service.start("--since", since)
                await eventually(lambda before=before: _moved(database, before, chance.randrange(1, 80)))
                await service.kill()
            await service.start("--since", since)
            await eventually(lambda: _through(database, FILINGS), within=120)
            assert 0 == await service.stop()

        figures.append(await _compare(database, receiver, {listing.accession for listing in made}, broken))
        await database.close()


async def _compare(database: Database, receiver: Receiver, every: set[str], broken: set[str]) -> str:
    whole = every - broken
    larger = {accession for accession in whole if int(accession[-6:]) >= 100}
    expected = {("purchase", accession) for accession in whole} | {("larger-purchase", a) for a in larger}

    assert Counter(every) == Counter(await _subjects(database, Topic.FILINGS))
    assert Counter(whole) == Counter(await _subjects(database, Topic.PARSED))
    assert Counter(broken) == Counter(await _subjects(database, Topic.DEAD))
    alerts = [decode(record.value, Alert) for record in await _records(database, Topic.ALERTS)]
    assert Counter(expected) == Counter((alert.rule, alert.filing.accession) for alert in alerts)

    ids = receiver.ids()
    assert expected == set(ids)
    assert {1} == {len(set(received)) for received in ids.values()}
    assert {alert.id for alert in alerts} == {received[0] for received in ids.values()}
    assert len(receiver.of("slack")) >= len(whole)
    assert 0 == receiver.wrongly_signed
    settled = {state for _, state in await deliveries.counts(database)}
    assert {DeliveryState.DELIVERED} == settled

    repeated = sum(len(received) - 1 for received in ids.values())
    return (
        f"kill -9, seed {SEED}: {KILLS} kills, {len(every)} filings, {len(alerts)} alerts: 0 lost, 0 doubled; "
        f"{repeated} of {len(ids)} webhook deliveries repeated under the same id (5 % were answered 503)"
    )


async def _events(database: Database) -> int:
    return sum((await events.counts(database)).values())


async def _moved(database: Database, before: int, by: int) -> bool:
    """Whether the service has published *by* more events, or has nothing left to do."""
    return await _events(database) >= before + by or await _through(database, FILINGS)


async def _through(database: Database, count: int) -> bool:
    """Whether every filing is through every stage, and nothing is owed."""
    states = await filings.counts(database)
    if sum(states.values()) < count or "pending" in states:
        return False
    lag = await TableLog(database, Unwatched()).lag()
    if any(lag.values()) or len(lag) < 3:
        return False
    return bool(await deliveries.counts(database)) and not await deliveries.pending(database)


async def _records(database: Database, topic: Topic) -> list[Record]:
    """All of them: one reading of the table gives no more than so many bytes."""
    return [record async for record in TableLog(database, Unwatched()).tail(topic, None, follow=False)]


async def _subjects(database: Database, topic: Topic) -> list[str]:
    return [record.headers["ce_subject"] for record in await _records(database, topic)]
