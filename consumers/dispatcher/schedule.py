"""When a delivery is tried again. The schedule is stored, never slept."""

import random
from datetime import timedelta

from msgspec import Struct

_HOUR = 3600
_DELAYS = tuple(
    timedelta(seconds=seconds)
    for seconds in (2, 10, 60, 300, 1200, _HOUR, 2 * _HOUR, 4 * _HOUR, 8 * _HOUR, *[12 * _HOUR] * 7)
)


class RetrySchedule(Struct, frozen=True, kw_only=True):
    """Delays between tries, each spread by *jitter* so that what failed together does not come back together."""

    delays: tuple[timedelta, ...] = _DELAYS  # 99 hours in all; 79 where chance makes each as short as it may
    jitter: float = 0.2

    def after(self, tries: int, retry_after: timedelta | None, chance: random.Random) -> timedelta | None:
        """How long to wait after the *tries*-th try failed; None: that was the last.

        A receiver's *retry_after* is honoured where it is longer than our own delay.
        """
        if tries > len(self.delays):
            return None
        delay = self.delays[tries - 1] * chance.uniform(1 - self.jitter, 1 + self.jitter)
        return max(delay, retry_after or timedelta(0))
