"""Fair access: how often EDGAR may be asked, who goes first, and when nobody may ask at all."""

import asyncio
import heapq
from collections import deque
from datetime import timedelta
from enum import IntEnum, StrEnum
from itertools import count

from service.clock import Clock
from service.model.errors import Blocked

_MARGIN = 1.05  # requests paced a second apart can arrive a little less than that apart
_LONG = 60.0  # seconds; whoever is not the next in line is woken when the line moves


class Host(StrEnum):
    """Where a request goes. The rate is one for all; a block of one need not be a block of the other."""

    WWW = "www"
    DATA = "data"


class Lane(IntEnum):
    """How urgent a request is: the lower goes first."""

    LIVE = 0  # the feed, and what it listed
    BACKGROUND = 1  # what the indexes list: reconciliation, backfill


class Pace:
    """Lets at most *rate* requests start in any one second, the urgent ones first; none to a host that blocks us.

    A leaky bucket would let twice its rate through in the second after a pause; EDGAR counts sliding windows, and
    so does this. After a pause, up to *rate* requests go at once, so that a new filing's document never waits; what
    runs in the background leaves one of them free for it.
    """

    def __init__(self, rate: float, clock: Clock) -> None:
        self._count = max(1, int(rate))
        self._window = self._count / rate * _MARGIN
        self._clock = clock
        self._started: deque[float] = deque(maxlen=self._count)
        self._line: list[tuple[Lane, int]] = []
        self._numbers = count()
        self._moved = asyncio.Event()
        self._blocked: dict[Host, tuple[float, Blocked]] = {}  # until when, monotonic

    async def turn(self, host: Host = Host.WWW, lane: Lane = Lane.LIVE) -> None:
        """Returns when the next request may start; raises Blocked while *host* refuses this client."""
        self.refuse_if_blocked(host)
        ticket = lane, next(self._numbers)
        heapq.heappush(self._line, ticket)
        try:
            while (wait := self._wait(ticket)) > 0:
                await self._until_moved(wait)
                self.refuse_if_blocked(host)
            self._started.append(self._clock.monotonic())
        finally:
            self._line.remove(ticket)
            heapq.heapify(self._line)
            self._move()

    def block(self, host: Host, message: str, seconds: float) -> Blocked:
        """Let no request to *host* start for *seconds*; returns the error to raise."""
        until = self._clock.monotonic() + seconds
        if host not in self._blocked or until > self._blocked[host][0]:
            error = Blocked(message, self._clock.now() + timedelta(seconds=seconds), host)
            self._blocked[host] = until, error
            self._move()
        return self._blocked[host][1]

    def prolong(self, host: Host, seconds: float) -> None:
        """A request to *host* has just ended without an answer: if we are blocked, it may have prolonged the block."""
        if host in self._blocked:
            self.block(host, str(self._blocked[host][1]), seconds)

    async def unblocked(self, host: Host) -> None:
        """Returns when *host* may be asked again. Counted on the monotonic clock: no clock that is set shortens it."""
        while host in self._blocked and (left := self._blocked[host][0] - self._clock.monotonic()) > 0:
            await self._clock.sleep(left)

    def refuse_if_blocked(self, host: Host) -> None:
        """Raises Blocked while *host* refuses this client."""
        if host not in self._blocked:
            return
        until, error = self._blocked[host]
        if self._clock.monotonic() < until:
            raise Blocked(str(error), error.until, host)
        del self._blocked[host]

    def _wait(self, ticket: tuple[Lane, int]) -> float:
        """Seconds until *ticket* may go, if nothing changes."""
        if self._line[0] != ticket:
            return _LONG
        free = self._count if ticket[0] is Lane.LIVE else max(1, self._count - 1)
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
