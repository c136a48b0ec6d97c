"""Must show, in small: the busiest half hour of a day, sixty times as fast, with everything going wrong."""

from datetime import time
from pathlib import Path

import pytest

from tests.day.__main__ import told
from tests.day.play import play


@pytest.mark.long
async def test_the_busiest_time_of_a_day_is_published_whole_and_once(tmp_path: Path, figures: list[str]) -> None:
    """Index = published, through a kill, a block, half an hour's outage, and what goes wrong by chance."""
    outcome = await play(tmp_path / "home", 20131218, time(16, 55), time(17, 35), kills=2, outages=1, blocks=1)
    figures.append(f"a trading day, 16:55 to 17:35: {told(outcome)}")

    assert () == (*outcome.lost, *outcome.doubled, *outcome.other)
    assert 0 == outcome.violations
    assert outcome.recovered > 0  # what the feed never showed
