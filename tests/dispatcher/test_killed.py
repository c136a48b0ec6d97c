"""The sender, killed with -9 between every two steps."""

from pathlib import Path

import pytest

from tests.killing.play import play


@pytest.mark.long
async def test_killed_at_every_step_it_loses_nothing(tmp_path: Path, figures: list[str]) -> None:
    """Only what was in flight comes again, under its id; to a Slack bot's channel in its place. See `make kills`."""
    outcome = await play(tmp_path, 4)
    figures.append(outcome.told())

    assert [] == outcome.wrong
    assert outcome.kills > outcome.seeds
    assert outcome.repeated
    assert outcome.updated
