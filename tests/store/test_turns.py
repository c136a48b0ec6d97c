"""Who writes next, where one writes at a time."""

import asyncio

from service.store.turn import Turns


async def order(*asked: bool) -> list[int]:
    """In which order those get their turns that have *asked*, urgently or not, while somebody has it."""
    turns = Turns()
    had: list[int] = []

    async def ask(number: int, urgent: bool) -> None:
        async with turns.taken(urgent=urgent):
            had.append(number)
            await asyncio.sleep(0)

    async with turns.taken(urgent=False):
        tasks = [asyncio.create_task(ask(number, urgent)) for number, urgent in enumerate(asked)]
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    return had


async def test_what_is_urgent_goes_first_and_all_else_in_order() -> None:
    """Deliveries go before a backlog of filings."""
    assert [1, 3, 0, 2] == await order(False, True, False, True)


async def test_what_is_urgent_does_not_keep_others_waiting_for_ever() -> None:
    """A backlog goes on while deliveries come without end."""
    assert 8 == (await order(*[True] * 20, False)).index(20)


async def test_who_gives_up_waiting_passes_the_turn_on() -> None:
    """Also when the turn has just come."""
    turns = Turns()
    had: list[str] = []

    async def ask(name: str) -> None:
        async with turns.taken(urgent=False):
            had.append(name)

    async with turns.taken(urgent=False):
        gone, waiting, last = (asyncio.create_task(ask(name)) for name in ("gone", "waiting", "last"))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
    waiting.cancel()  # it was called, and has not begun
    await asyncio.gather(gone, waiting, last, return_exceptions=True)
    async with turns.taken(urgent=False):
        had.append("next")

    assert ["last", "next"] == had
