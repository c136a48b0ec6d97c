"""A clock that runs faster than the machine's, the same in every process."""

import asyncio
import time
from datetime import datetime, timedelta

from msgspec import Struct


class Pace(Struct, frozen=True):
    """From *since* (seconds of the fast clock) on it runs *speed* times as fast as the machine's."""

    since: float
    speed: float


class FastClock(Struct, frozen=True, kw_only=True):
    """Starts with *start* when the machine's monotonic clock shows *origin*; *paces* begin at 0.

    At *jump_at* seconds its wall clock, and nothing else, is set forward by *jump* seconds.
    """

    origin: float
    start: datetime
    paces: tuple[Pace, ...]
    jump_at: float = float("inf")
    jump: float = 0.0

    def now(self) -> datetime:
        """The wall clock."""
        elapsed = self.monotonic()
        return self.start + timedelta(seconds=elapsed + (self.jump if elapsed >= self.jump_at else 0.0))

    def monotonic(self) -> float:
        """Seconds since the start."""
        real = time.monotonic() - self.origin
        for pace, following in zip(self.paces, [*self.paces[1:], None], strict=True):
            length = float("inf") if following is None else (following.since - pace.since) / pace.speed
            if real < length:
                return pace.since + real * pace.speed
            real -= length
        raise AssertionError("unreachable")

    async def sleep(self, seconds: float) -> None:
        """Sleep *seconds* of this clock."""
        target = self.monotonic() + seconds
        while (left := self._real(target)) > 0:
            await asyncio.sleep(min(left, 5.0))
        await asyncio.sleep(0)

    def timeout(self, seconds: float) -> asyncio.Timeout:
        """A timeout of *seconds* of this clock."""
        return asyncio.timeout(max(0.0, self._real(self.monotonic() + seconds)))

    def at(self, instant: datetime) -> float:
        """When *instant* is, in seconds since the start, whatever was done to the wall clock."""
        return (instant - self.start).total_seconds()

    def true(self, told: datetime) -> float:
        """When it was *told* by this wall clock, in seconds since the start."""
        seconds = self.at(told)
        return seconds - self.jump if seconds >= self.jump_at + max(0.0, self.jump) else seconds

    def _real(self, target: float) -> float:
        """Seconds of the machine's clock until this one shows *target*."""
        passed = 0.0
        for pace, following in zip(self.paces, [*self.paces[1:], None], strict=True):
            end = float("inf") if following is None else following.since
            if target < end:
                return passed + (target - pace.since) / pace.speed - (time.monotonic() - self.origin)
            passed += (end - pace.since) / pace.speed
        raise AssertionError("unreachable")
