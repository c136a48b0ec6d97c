"""Fair access: how often EDGAR may be asked, and when not at all."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime

from service.model.errors import Blocked

_MARGIN = 1.05  # requests paced a second apart can arrive a little less than that apart


class Pace:
    """Lets at most *rate* requests start in any one second, in the order they ask; none while blocked.

    A leaky bucket would let twice its rate through in the second after a pause; EDGAR counts sliding windows, and
    so does this. After a pause, up to *rate* requests go at once, so that a new filing's document never waits.
    """

    def __init__(
        self,
        rate: float,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._count = max(1, int(rate))
        self._window = self._count / rate * _MARGIN
        self._clock = clock
        self._monotonic = monotonic
        self._sleep = sleep
        self._started: deque[float] = deque(maxlen=self._count)
        self._turn = asyncio.Lock()
        self._blocked: Blocked | None = None

    async def turn(self) -> None:
        """Returns when the next request may start; raises Blocked while EDGAR refuses this client."""
        async with self._turn:
            self._refuse_if_blocked()
            if len(self._started) == self._count:
                wait = self._started[0] + self._window - self._monotonic()
                if wait > 0:
                    await self._sleep(wait)
                    self._refuse_if_blocked()
            self._started.append(self._monotonic())

    def block(self, message: str, until: datetime) -> Blocked:
        """Let no request start before *until*; returns the error to raise."""
        if self._blocked is None or until > self._blocked.until:
            self._blocked = Blocked(message, until)
        return self._blocked

    def _refuse_if_blocked(self) -> None:
        if self._blocked is None:
            return
        if self._clock() < self._blocked.until:
            raise Blocked(str(self._blocked), self._blocked.until)
        self._blocked = None
