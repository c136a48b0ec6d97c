"""Fair access: how often EDGAR may be asked, who goes first, and when nobody may ask at all."""

import asyncio
from collections import deque
from datetime import timedelta
from enum import IntEnum, StrEnum
from itertools import count

from service.clock import Clock
from service.model.errors import Blocked

_MARGIN = 1.05  # requests paced a second apart can arrive a little less than that apart
_PASSED_OVER = 10  # urgent requests in a row, at most, while something waits in the background
_LONG = 60.0  # seconds; whoever is not the next in line is woken when the line moves


class Host(StrEnum):
    """Where a request goes. The rate is one for all; a block of one need not be a block of the other."""

    WWW = "www"
    DATA = "data"


class Urgency(IntEnum):
    """How urgent a request is: the lower goes first."""

    LIVE = 0  # the feed, and what it showed since the service began
    BACKGROUND = 1  # what the indexes list (reconciliation, backfill), and the first day's history


class Pace:
    """Lets at most *rate* requests start in any one second, the urgent ones first; none to a host that blocks us.

    A leaky bucket would let twice its rate through in the second after a pause; EDGAR counts sliding windows, and
    so does this. After a pause, up to *rate* requests go at once, so that a new filing's document never waits; what
    runs in the background leaves one of them free for it. However much is urgent, the background goes on slowly.
    """

    def __init__(self, rate: float, clock: Clock) -> None:
        self._count = max(1, int(rate))
        self._window = max(1.0, self._count / rate) * _MARGIN
        self._clock = clock
        self._started: deque[float] = deque(maxlen=self._count)
        self._line: list[tuple[Urgency, int]] = []
        self._passed_over = 0  # how often in a row the background has let others go first
        self._numbers = count()
        self._moved = asyncio.Event()
        self._blocked: dict[Host, tuple[float, Blocked]] = {}  # until when, monotonic

    def begin(self) -> None:
        """Wait a second before the first request: another process, now ended, may have asked until this moment."""
        self._started.extend([self._clock.monotonic()] * self._count)

    async def turn(self, host: Host = Host.WWW, lane: Urgency = Urgency.LIVE) -> None:
        """Returns when the next request may start; raises Blocked while *host* refuses this client."""
        self.refuse_if_blocked(host)
        ticket = lane, next(self._numbers)
        self._line.append(ticket)
        try:
            while (wait := self._wait(ticket)) > 0:
                await self._until_moved(wait)
                self.refuse_if_blocked(host)
            self._started.append(self._clock.monotonic())
            waits = any(other > lane for other, _ in self._line)
            self._passed_over = self._passed_over + 1 if waits else 0
        finally:
            self._line.remove(ticket)
            self._move()

    def block(self, host: Host, message: str, seconds: float) -> Blocked:
        """Let no request to *host* start for *seconds*; returns the error to raise."""
        until = self._clock.monotonic() + seconds
        if host not in self._blocked or until > self._blocked[host][0]:
            error = Blocked(message, self._clock.now() + timedelta(seconds=seconds), host)
            self._blocked[host] = until, error
            self._move()
        return self._blocked[host][1]

    def prolong(self, host: Host, seconds: float) -> Blocked | None:
        """A request to *host* has just ended without an answer: if we are blocked, it may have prolonged the block.

        Returns the block as it now is; None: there is none.
        """
        return self.block(host, str(self._blocked[host][1]), seconds) if host in self._blocked else None

    def left(self, host: Host) -> float:
        """Seconds until *host* may be asked again; 0: it may."""
        return max(0.0, self._blocked[host][0] - self._clock.monotonic()) if host in self._blocked else 0.0

    async def unblocked(self, host: Host) -> None:
        """Returns when *host* may be asked again. Counted on the monotonic clock: no clock that is set shortens it."""
        while (left := self.left(host)) > 0:
            await self._clock.sleep(left)

    def refuse_if_blocked(self, host: Host) -> None:
        """Raises Blocked while *host* refuses this client."""
        if self.left(host) > 0:
            _, error = self._blocked[host]
            raise Blocked(str(error), error.until, host)
        self._blocked.pop(host, None)

    def _next(self) -> tuple[Urgency, int]:
        """Whose turn it is."""
        if self._passed_over < _PASSED_OVER:
            return min(self._line)
        return min(self._line, key=lambda ticket: (-ticket[0], ticket[1]))

    def _wait(self, ticket: tuple[Urgency, int]) -> float:
        """Seconds until *ticket* may go, if nothing changes."""
        if self._next() != ticket:
            return _LONG
        free = self._count if ticket[0] is Urgency.LIVE else max(1, self._count - 1)
        if len(self._started) < free:
            return 0.0
        return self._started[-free] + self._window - self._clock.monotonic()

    def _move(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()

    async def _until_moved(self, seconds: float) -> None:
        moved = self._moved
        try:
            async with self._clock.timeout(seconds):
                await moved.wait()
        except TimeoutError:
            pass
