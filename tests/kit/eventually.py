"""Waiting for something to become true, without guessing how long it takes."""

import asyncio
from collections.abc import Awaitable, Callable

PATIENCE = 120.0  # seconds until a test gives up; far more than anything needs


async def eventually(condition: Callable[[], Awaitable[bool]], *, within: float = PATIENCE) -> None:
    """Return as soon as *condition* holds; fail the test if it does not *within* that many seconds."""
    async with asyncio.timeout(within):
        while not await condition():
            await asyncio.sleep(0.02)
