"""Loops that run as long as a test needs them."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def going_on(*loops: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """While the context is open, *loops* run; at its end they are stopped, whatever they have come to."""
    tasks = [asyncio.create_task(loop) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
