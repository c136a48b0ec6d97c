"""The sender, killed with -9 between every two of its steps."""

import pytest

from tests.killing.play import play
from tests.killing.receivers import RECEIVERS


@pytest.mark.long
async def test_killed_at_every_step_it_loses_nothing(database_url: str, figures: list[str]) -> None:
    """Only what was in flight comes again, under its id; to a Slack bot's channel in its place. See `make kills`."""
    outcome = await play(database_url, 2 * len(RECEIVERS))
    figures.append(f"{database_url.partition(':')[0]}: {outcome.told()}")

    assert [] == outcome.wrong
    assert outcome.kills > outcome.seeds
    assert set(RECEIVERS) == set(+outcome.again)
    assert outcome.together
