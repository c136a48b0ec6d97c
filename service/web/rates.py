"""How often one may ask: so many requests at once, and so many a second from then on."""

from collections import OrderedDict
from http import HTTPStatus
from math import ceil

from service.clock import Clock
from service.web.problems import Refusal

_MOST = 10_000  # askers that are remembered


class Rates:
    """A bucket for each asker, of *burst* requests, filled again within *window* seconds; of this process alone."""

    def __init__(self, name: str, burst: int, window: float, clock: Clock) -> None:
        self._name = name
        self._burst = burst
        self._window = window
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # how much was left, and when

    def take(self, asker: str) -> dict[str, str]:
        """Count a request of *asker*; returns the headers that say how many are left. Raises Refusal (429)."""
        left = self._filled(asker)
        if left < 1:
            wait = ceil((1 - left) * self._window / self._burst)
            raise Refusal(
                HTTPStatus.TOO_MANY_REQUESTS,
                "rate",
                f"too many requests: try again in {wait} s",
                headers={"Retry-After": str(wait), **self._headers(0, wait)},
            )
        self._keep(asker, left - 1)
        return self._headers(int(left - 1), ceil((self._burst - left + 1) * self._window / self._burst))

    def back(self, asker: str) -> None:
        """Do not count a request of *asker* that was counted."""
        self._keep(asker, min(float(self._burst), self._filled(asker) + 1))

    def _filled(self, asker: str) -> float:
        now = self._clock.monotonic()
        left, at = self._left.get(asker, (float(self._burst), now))
        return min(float(self._burst), left + (now - at) * self._burst / self._window)

    def _keep(self, asker: str, left: float) -> None:
        self._left[asker] = (left, self._clock.monotonic())
        self._left.move_to_end(asker)
        if len(self._left) > _MOST:
            self._left.popitem(last=False)

    def _headers(self, left: int, seconds: int) -> dict[str, str]:
        """As the IETF's draft on RateLimit headers has them."""
        return {
            "RateLimit-Policy": f'"{self._name}";q={self._burst};w={ceil(self._window)}',
            "RateLimit": f'"{self._name}";r={left};t={seconds}',
        }
