"""Who writes next, where one writes at a time."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_IN_A_ROW = 8  # urgent turns, while others wait


class Turns:
    """One at a time, in the order in which they asked; what is urgent goes first, but not for ever."""

    def __init__(self) -> None:
        self._taken = False
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._others: deque[asyncio.Future[None]] = deque()
        self._row = 0

    @asynccontextmanager
    async def taken(self, *, urgent: bool) -> AsyncIterator[None]:
        """Have the turn until the end of the block."""
        if self._taken:
            await self._called(self._urgent if urgent else self._others)
        self._taken = True
        self._row = self._row + 1 if urgent else 0
        try:
            yield
        finally:
            self._call()

    async def _called(self, queue: deque[asyncio.Future[None]]) -> None:
        """Return once it is this caller's turn, which nobody else takes meanwhile."""
        call: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(call)
        try:
            await call
        except asyncio.CancelledError:
            if call.done() and not call.cancelled():  # called and cancelled at once: the turn is passed on
                self._call()
            raise

    def _call(self) -> None:
        """Give the turn to who comes next, if anybody waits."""
        first, second = (self._urgent, self._others) if self._row < _IN_A_ROW else (self._others, self._urgent)
        for queue in (first, second):
            while queue:
                call = queue.popleft()
                if not call.done():
                    call.set_result(None)
                    return  # the turn stays taken until then
        self._taken = False
