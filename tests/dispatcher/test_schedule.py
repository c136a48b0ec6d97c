"""The schedule of tries, from the first failure to the last, on a clock that is set."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from consumers.dispatcher.schedule import Apart, RetrySchedule
from service.model.delivery import DeliveryState
from service.store import Database, ledger
from service.store.ledger import Chosen
from service.store.schema import attempts
from tests.kit.receiver import SECRET
from tests.noise.plan import AChannel, ARule, Plan
from tests.noise.play import Player

START = datetime(2026, 3, 3, 5, tzinfo=UTC)
STEP = timedelta(minutes=10)
COUNT = 1000
SCHEDULE = RetrySchedule()


async def test_the_whole_schedule_is_kept(database: Database) -> None:
    """Each try at its time, the last after three days at the least; then the delivery is dead, and nothing is lost."""
    never = (START, START + timedelta(days=30), 500)
    section = {"type": "webhook", "url": "http://127.0.0.1:9/c", "secrets": SECRET}
    channel = AChannel("c", section, (never,), None, None)
    end = START + timedelta(days=5)
    plan = Plan(START, end, [channel], [ARule(0, False, [channel], [(START, "TA")])])
    player = Player(database, plan, random.Random(20), STEP)
    await player.begin()
    await player.play(end)
    async with database.reading() as connection:
        tried = list(await connection.scalars(select(attempts.c.at).order_by(attempts.c.number)))
    (one,) = await ledger.listed(database, Chosen(), 10)

    gaps = [after - before for before, after in pairwise(tried)]
    assert (DeliveryState.DEAD, len(SCHEDULE.delays) + 1) == (one.state, len(tried))
    assert [] == [
        (gap, delay)
        for gap, delay in zip(gaps, SCHEDULE.delays, strict=True)
        if not delay * 0.8 <= gap <= delay * 1.2 + 3 * STEP  # a worker may have died before it sent
    ]
    assert timedelta(hours=72) < tried[-1] - tried[0] < timedelta(hours=110)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("tries", range(1, len(SCHEDULE.delays) + 1))
def test_what_failed_at_once_comes_back_apart(tries: int, seed: int) -> None:
    """Of a thousand, no second has more than twice the mean; or than two, where the mean is less than one."""
    chance = Apart(seed)
    delays = [SCHEDULE.after(tries, None, chance) for _ in range(COUNT)]
    seconds = [delay.total_seconds() for delay in delays if delay]
    crowded = max(Counter(map(int, seconds)).values())
    mean = COUNT / max(1.0, max(seconds) - min(seconds))

    assert COUNT == len(seconds)
    assert crowded <= max(2, 2 * mean)


def test_two_workers_do_not_begin_alike() -> None:
    """What failed with each of them at once does not come back together."""
    assert 2 == len({SCHEDULE.after(1, None, Apart(seed)) for seed in (1, 2)})
