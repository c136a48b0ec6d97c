"""When a delivery is tried again. The schedule is stored, never slept."""

import random
from datetime import timedelta

from msgspec import Struct

_DELAYS = tuple(
    timedelta(seconds=seconds) for seconds in (2, 10, 60, 300, 1200, 3600, 2 * 3600, 4 * 3600, 8 * 3600, 12 * 3600)
)


class RetrySchedule(Struct, frozen=True, kw_only=True):
    """Delays between tries, each spread by *jitter* so that what failed together does not come back together."""

    delays: tuple[timedelta, ...] = _DELAYS  # 28 hours in all
    jitter: float = 0.2
    longest: timedelta = timedelta(days=1)  # the most that Retry-After may ask for

    def after(self, tries: int, retry_after: timedelta | None, chance: random.Random) -> timedelta | None:
        """How long to wait after the *tries*-th try failed; None: that was the last.

        A receiver's *retry_after* is honoured where it is longer than our own delay.
        """
        if tries > len(self.delays):
            return None
        delay = self.delays[tries - 1] * chance.uniform(1 - self.jitter, 1 + self.jitter)
        return max(delay, min(retry_after or timedelta(0), self.longest))
