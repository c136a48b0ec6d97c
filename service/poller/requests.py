"""What is asked of the SEC, counted for whoever wants to see that it is fair."""

from collections import Counter, deque
from collections.abc import Callable
from datetime import date

from service.clock import Clock
from service.edgar.client import Watcher
from service.model import calendar
from service.store import Database, requests
from service.store.requests import RequestCounts

_EVERY = 5.0  # seconds between two writes; a kill loses what was counted since
_REFUSED = frozenset({"403", "429"})
_FAILED = frozenset({"timeout", "broken"})


class Requests:
    """Counts each request, tells *watcher* of it, and keeps the sums of every day.

    It outlives a poller that is interrupted, as the pace does: what could not be written waits for the next time.
    """

    def __init__(self, database: Database, clock: Clock, watcher: Watcher) -> None:
        self._database = database
        self._clock = clock
        self._watcher = watcher
        self._counts: dict[date, Counter[str]] = {}
        self._started: deque[float] = deque()

    def permitted(self, permit: Callable[[], None]) -> Callable[[], None]:
        """*permit*, which is asked right before each request, and may raise."""

        def start() -> None:
            permit()
            now = self._clock.monotonic()
            self._started.append(now)
            while self._started[0] <= now - 1.0:
                self._started.popleft()
            of = self._today()
            of["peak"] = max(of["peak"], len(self._started))

        return start

    def asked(self, kind: str, outcome: str) -> None:
        """A request for a *kind* of thing came to *outcome*."""
        self._watcher.asked(kind, outcome)
        of = self._today()
        of[kind] += 1
        of["refused"] += outcome in _REFUSED
        of["failed"] += outcome in _FAILED or outcome.startswith("5")

    async def run(self) -> None:
        """Write without end; raises Unavailable where the database is."""
        while True:
            await self._clock.sleep(_EVERY)
            await self.write()

    async def write(self) -> None:
        """Keep what was counted."""
        counts, self._counts = self._counts, {}
        try:
            if counts:
                async with self._database.transaction(lasting=False) as tx:
                    for day, of in counts.items():
                        await requests.add(tx, day, RequestCounts(**of))
        except BaseException:
            for day, of in counts.items():
                self._of(day).update({name: count for name, count in of.items() if name != "peak"})
                self._of(day)["peak"] = max(self._of(day)["peak"], of["peak"])
            raise

    def _today(self) -> Counter[str]:
        return self._of(calendar.eastern_day(self._clock.now()))

    def _of(self, day: date) -> Counter[str]:
        return self._counts.setdefault(day, Counter())
