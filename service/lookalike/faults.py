"""What goes wrong at EDGAR now and then, on demand."""

import random
from collections import deque
from collections.abc import Mapping
from enum import StrEnum


class Fault(StrEnum):
    """One way in which an answer is not what was asked for."""

    BLOCKED = "blocked"  # 403, and every further request prolongs it
    THROTTLED = "throttled"  # 429, likewise
    UNAVAILABLE = "unavailable"  # 503 with an HTML page
    HUNG = "hung"  # no answer at all
    SLOW = "slow"  # the answer comes, but late
    TRUNCATED = "truncated"  # the body ends half way, under a matching Content-Length
    TORN = "torn"  # the connection ends half way through the body
    MALFORMED = "malformed"  # 200 with an HTML page


class Faults:
    """Which requests go wrong: by chance at given *rates* (0 to 1), or those that were injected, in their order."""

    def __init__(self, rates: Mapping[Fault, float] | None = None, seed: int = 0) -> None:
        self._rates = dict(rates or {})
        self._chance = random.Random(seed)
        self._injected: deque[tuple[Fault, str]] = deque()

    def inject(self, *faults: Fault, where: str = "/") -> None:
        """Let the next requests go wrong so, one each; with *where*, those whose path holds it."""
        self._injected.extend((fault, where) for fault in faults)

    def draw(self, path: str) -> Fault | None:
        """The fault of the request for *path*; None: it goes well."""
        if self._injected and self._injected[0][1] in path:
            return self._injected.popleft()[0]
        for fault, rate in self._rates.items():
            if self._chance.random() < rate:
                return fault
        return None
