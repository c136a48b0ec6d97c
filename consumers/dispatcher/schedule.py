"""When a delivery is tried again. The schedule is stored, never slept."""

import random
from datetime import timedelta

from msgspec import Struct

from consumers.dispatcher.retry_after import LONGEST

_HOUR = 3600
_PAUSE = timedelta(minutes=5)  # the most that we leave a channel alone without being asked to
_DELAYS = tuple(
    timedelta(seconds=seconds)
    for seconds in (2, 10, 60, 300, 1200, _HOUR, 2 * _HOUR, 4 * _HOUR, 8 * _HOUR, *[12 * _HOUR] * 7)
)


_GOLDEN = (5**0.5 - 1) / 2  # a step around a circle that never comes near where many steps before it were


class Apart(random.Random):
    """Chance that spreads: of what is drawn between the same bounds, one after the other, no two are close.

    So a thousand deliveries that fail at once come back evenly, where drawing by chance alone would crowd some seconds
    with several times what others get. Where it begins is chance, so that two workers differ.
    """

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(seed)
        self._places: dict[tuple[float, float], float] = {}

    def uniform(self, a: float, b: float) -> float:
        """The next number between *a* and *b*."""
        place = (self._places.get((a, b)) or self.random()) + _GOLDEN
        self._places[a, b] = place % 1
        return a + (b - a) * self._places[a, b]


class RetrySchedule(Struct, frozen=True, kw_only=True):
    """Delays between tries, each spread by *jitter* so that what failed together does not come back together."""

    delays: tuple[timedelta, ...] = _DELAYS  # 99 hours in all; 79 where chance makes each as short as it may
    jitter: float = 0.2

    @property
    def latest(self) -> timedelta:
        """No time that this schedule sets is further away; one that is was set by a clock that was set back since."""
        return max(max(self.delays) * (1 + self.jitter), LONGEST)

    def pause(self, failures: int, retry_after: timedelta | None) -> timedelta:
        """How long to leave a channel alone that asks for it, and has failed *failures* times in a row.

        As long as it asks for; longer only if it asks again and again, or does not say.
        """
        ours = min(self.delays[min(failures, len(self.delays)) - (failures > 0)], _PAUSE)
        return max(retry_after, ours if failures else timedelta(0)) if retry_after is not None else ours

    def after(self, tries: int, retry_after: timedelta | None, chance: random.Random) -> timedelta | None:
        """How long to wait after the *tries*-th try failed; None: that was the last.

        A receiver's *retry_after* is honoured where it is longer than our own delay.
        """
        if tries > len(self.delays):
            return None
        seconds = self.delays[tries - 1].total_seconds()
        delay = timedelta(seconds=chance.uniform(seconds * (1 - self.jitter), seconds * (1 + self.jitter)))
        return max(delay, retry_after or timedelta(0))
