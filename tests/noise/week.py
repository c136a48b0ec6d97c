"""A week in which clocks are changed, with what came of every alert at the end of each day."""

import logging
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from service.store import Database
from tests.noise.plan import DAYS, a_plan
from tests.noise.play import AFTER, Player
from tests.noise.verdict import ENDS, counted, sent, wrong

WEEKS = (datetime(2026, 3, 3, 5, tzinfo=UTC), datetime(2026, 10, 27, 5, tzinfo=UTC))
"""Before New York's clocks go forward, on 8 March, and back, on 1 November 2026."""

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


async def week(
    database: Database,
    channels: int,
    start: datetime,
    seed: int,
    say: Callable[[str], object] = lambda _: None,
    step: timedelta = timedelta(minutes=10),
) -> list[str]:
    """Play it with so many channels, the sender looking after each *step*; returns what is wrong."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    chance = random.Random(seed)
    plan = a_plan(channels, start, chance)
    player = Player(database, plan, chance, step)
    faults: list[str] = []
    await player.begin()
    for until in (*(start + (day + 1) * _DAY for day in range(DAYS)), plan.end + AFTER):
        player.step = step if until <= plan.end else max(step, _HOUR)  # nothing comes any more
        await player.play(until)
        ends = await counted(database, plan, until)
        matched = player.played.matched
        told = " + ".join(f"{ends[end]:,} {end}" for end in ENDS)
        say(f"{until:%Y-%m-%d}  {matched:,} matched = {told}")
        if sum(ends.values()) != matched or ends.keys() - set(ENDS):
            faults.append(f"{until}: {matched} matched, and {dict(ends)}")
    if left := ends["waiting"] + ends["held"]:
        faults.append(f"{left} wait still, days after the last came")
    faults += wrong(plan, player.played, await sent(database), step)
    return faults
