"""A short storm; `make chaos` is the long one."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.chaos.__main__ import told
from tests.chaos.storm import Servers, storm
from tests.conftest import missing
from tests.servers.server import CannotStart

SEED = int(os.environ.get("FILINGBELL_TEST_SEED", "20131218"))


@pytest.fixture
async def servers() -> AsyncIterator[Servers]:
    """Kafka and PostgreSQL of our own, since they are to be killed."""
    folder = Path(tempfile.mkdtemp(prefix="filingbell-chaos-"))
    await asyncio.to_thread(folder.chmod, 0o755)
    made = Servers(folder)
    try:
        await made.__aenter__()
    except CannotStart as error:
        missing("Kafka or PostgreSQL", error)
    yield made
    await made.__aexit__()


@pytest.mark.long
async def test_in_a_storm_nothing_is_lost_and_nothing_doubled(
    servers: Servers, tmp_path: Path, figures: list[str]
) -> None:
    """Workers killed, stopped and replaced, both servers killed and cut off: every topic, table and receiver agrees."""
    outcome = await storm(servers, tmp_path / "storm", SEED, 1500, rate=60, blows=16)
    figures.append(f"chaos: {told(outcome)}")

    assert [] == outcome.verdict.lost
    assert [] == outcome.verdict.doubled
    assert [] == outcome.verdict.other
