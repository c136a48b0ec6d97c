"""Clocks that tests set, and times that they speak of."""

from datetime import UTC, datetime, timedelta

from service.clock import SystemClock
from service.model.calendar import EASTERN
from service.poller.rhythm import Rhythm


class SetClock(SystemClock):
    """The machine's clock, set to another time; *moved* by whoever holds it."""

    def __init__(self, at: datetime) -> None:
        self._ahead = at.astimezone(UTC) - datetime.now(UTC)

    def now(self) -> datetime:
        """The wall clock."""
        return datetime.now(UTC) + self._ahead

    def set(self, at: datetime) -> None:
        """Set it."""
        self._ahead = at.astimezone(UTC) - datetime.now(UTC)


class HastyClock(SystemClock):
    """Nobody waits; time passes all the same."""

    def __init__(self) -> None:
        self._passed = 0.0

    def monotonic(self) -> float:
        """The time that was waited."""
        return self._passed

    async def sleep(self, seconds: float) -> None:
        """Done at once."""
        self._passed += seconds


RHYTHM = Rhythm(busy=0.05, quiet=0.05, closed=0.05)
TODAY = datetime.now(EASTERN).date()


def around_now() -> str:
    """Quiet hours that began an hour ago and last for three more."""
    began = datetime.now(UTC) - timedelta(hours=1)
    return f"{began:%H:%M}-{began + timedelta(hours=4):%H:%M} UTC"
