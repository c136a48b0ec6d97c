"""Fair access: sliding windows, the urgent first, and nothing while blocked."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from service.edgar.pace import Host, Pace, Urgency
from service.model.errors import Blocked


class HandClock:
    """A clock that only moves when everybody waits: then to the first moment that somebody waits for."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.wall = datetime(2025, 3, 4, 15, tzinfo=UTC)

    def now(self) -> datetime:
        return self.wall + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        await asyncio.sleep(0)

    def timeout(self, seconds: float) -> asyncio.Timeout:
        self.seconds += seconds
        return asyncio.timeout(0)


@pytest.mark.parametrize("rate", [1.5, 2.5, 5.5, 9.5, 9.9])
async def test_a_rate_that_is_no_whole_number_is_held_as_well(rate: float) -> None:
    """9.5 a second is nine in every window of a second."""
    clock = HandClock()
    pace = Pace(rate, clock)
    started = []
    for _ in range(60):
        await pace.turn()
        started.append(clock.seconds)

    assert int(rate) == max(sum(at <= other < at + 1.0 for other in started) for at in started)


async def test_a_process_that_begins_counts_on_one_that_has_just_ended() -> None:
    """After a handover or a restart the first second is full."""
    clock = HandClock()
    pace = Pace(5, clock)
    pace.begin()
    await pace.turn()

    assert clock.seconds > 1.0


async def test_the_background_goes_on_however_much_is_urgent() -> None:
    """Once in a while; else a first start in the afternoon would hold up the index for minutes."""
    pace = Pace(5, HandClock())
    order: list[Urgency] = []

    async def ask(lane: Urgency, times: int) -> None:
        for _ in range(times):
            await pace.turn(lane=lane)
            order.append(lane)

    async with asyncio.TaskGroup() as group:
        group.create_task(ask(Urgency.BACKGROUND, 2))
        for _ in range(8):
            group.create_task(ask(Urgency.LIVE, 10))

    first, second = (number for number, lane in enumerate(order) if lane is Urgency.BACKGROUND)
    assert second < 24
    assert first < second


async def test_no_window_of_a_second_has_more_than_the_rate() -> None:
    """The SEC counts sliding windows; a leaky bucket would let twice the rate through after a pause."""
    clock = HandClock()
    pace = Pace(5, clock)
    started = []
    for number in range(60):
        if number == 30:
            clock.seconds += 10
        await pace.turn()
        started.append(clock.seconds)

    assert all(later - earlier > 1.0 for earlier, later in zip(started, started[5:], strict=False))
    assert started[-1] < 26  # and it is used: 60 requests at 5 a second, and the pause


async def test_the_urgent_go_first_whoever_came_first() -> None:
    """A backfill must not hold up what was filed just now."""
    pace = Pace(1, HandClock())
    order: list[str] = []

    async def ask(name: str, lane: Urgency) -> None:
        await pace.turn(lane=lane)
        order.append(name)

    await pace.turn()
    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(ask(f"backfill {number}", Urgency.BACKGROUND))
        await asyncio.sleep(0)
        for number in range(3):
            group.create_task(ask(f"live {number}", Urgency.LIVE))

    assert [f"live {number}" for number in range(3)] == order[:3]
    assert [f"backfill {number}" for number in range(5)] == order[3:]


async def test_the_background_leaves_one_request_a_second_free() -> None:
    """So a new filing's document goes at once, however busy the backfill is."""
    clock = HandClock()
    pace = Pace(5, clock)
    for _ in range(4):
        await pace.turn(lane=Urgency.BACKGROUND)
    await pace.turn(lane=Urgency.LIVE)
    live = clock.seconds
    await pace.turn(lane=Urgency.BACKGROUND)

    assert 0.0 == live
    assert clock.seconds > 1.0


async def test_a_block_of_one_host_is_not_one_of_the_other() -> None:
    """A block on www.sec.gov need not cover data.sec.gov."""
    pace = Pace(5, HandClock())
    pace.block(Host.WWW, "403", 600)

    await pace.turn(Host.DATA)
    with pytest.raises(Blocked):
        await pace.turn(Host.WWW)


async def test_a_clock_that_is_set_does_not_shorten_a_block() -> None:
    """Ten minutes are ten minutes."""
    clock = HandClock()
    pace = Pace(5, clock)
    pace.block(Host.WWW, "403", 600)
    clock.wall += timedelta(hours=5)

    with pytest.raises(Blocked):
        await pace.turn(Host.WWW)
    await pace.unblocked(Host.WWW)
    assert clock.seconds >= 600
    await pace.turn(Host.WWW)


async def test_who_waits_in_line_when_a_block_falls_asks_nothing() -> None:
    """Not one request more."""
    pace = Pace(1, HandClock())
    await pace.turn()
    waiting = [asyncio.create_task(pace.turn()) for _ in range(3)]
    pace.block(Host.WWW, "403", 600)

    outcomes = await asyncio.gather(*waiting, return_exceptions=True)

    assert [Blocked] * 3 == [type(outcome) for outcome in outcomes]


async def test_a_request_that_ends_without_an_answer_while_blocked_prolongs_the_block() -> None:
    """It may have arrived."""
    clock = HandClock()
    pace = Pace(5, clock)
    pace.prolong(Host.WWW, 600)
    await pace.turn()
    pace.block(Host.WWW, "403", 600)
    clock.seconds += 100
    pace.prolong(Host.WWW, 600)
    await pace.unblocked(Host.WWW)

    assert clock.seconds >= 700
