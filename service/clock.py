"""Time as the service sees it: passed in, so that a test can hold it, move it, or let it run faster."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Two clocks, and how to wait: ``monotonic`` measures what must not jump, ``now`` is for what is told or kept."""

    def now(self) -> datetime:
        """The wall clock, in UTC. It can jump: it is set by people and by NTP."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment; never back, never a jump."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after *seconds* of ``monotonic``."""
        ...

    def timeout(self, seconds: float) -> asyncio.Timeout:
        """A context that raises TimeoutError after *seconds* of ``monotonic``."""
        ...


def now() -> datetime:
    """The machine's wall clock, in UTC."""
    return datetime.now(UTC)


class SystemClock:
    """The machine's own."""

    def now(self) -> datetime:
        """The wall clock, in UTC."""
        return now()

    def monotonic(self) -> float:
        """The monotonic clock."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Sleep."""
        await asyncio.sleep(seconds)

    def timeout(self, seconds: float) -> asyncio.Timeout:
        """A timeout."""
        return asyncio.timeout(seconds)
