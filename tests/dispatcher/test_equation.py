"""What matched is sent, waits, is held, silenced, disabled or dead: each once, whatever channels ask for."""

from datetime import datetime, timedelta

import pytest

from service.store import Database
from tests.noise.week import WEEKS, week


@pytest.mark.parametrize("start", WEEKS, ids=["forward", "back"])
async def test_what_matched_adds_up_in_a_week_in_which_clocks_change(database: Database, start: datetime) -> None:
    """Random quiet hours, digests, bounds, silences, outages, workers that die; `make noise` plays 10,000 channels."""
    assert [] == await week(database, 30, start, seed=3, step=timedelta(hours=1))


@pytest.mark.long
@pytest.mark.parametrize("start", WEEKS, ids=["forward", "back"])
async def test_it_adds_up_for_many(either: Database, start: datetime) -> None:
    """On SQLite and PostgreSQL."""
    assert [] == await week(either, 60, start, seed=7, step=timedelta(minutes=20))
