"""When a channel may be sent to, as every kind of channel has it from its settings."""

from datetime import timedelta
from typing import Protocol

from consumers.dispatcher.quiet import QuietHours
from consumers.dispatcher.timetable import Timetable


class Times(Protocol):
    """What every kind of channel has set for that."""

    @property
    def quiet(self) -> QuietHours | None:
        """When nothing is to be sent; None: at no time."""
        ...

    @property
    def digest(self) -> Timetable | None:
        """When everything is told together; None: it is not."""
        ...

    @property
    def max_per_hour(self) -> int | None:
        """How many messages go by themselves; None: all."""
        ...


class Timed:
    """A channel with these times, and *pace_seconds* from the end of one request to the start of the next.

    With *every_filing* each filing on a trade is a message of its own.
    """

    tells_again = False

    def __init__(self, times: Times, pace_seconds: float = 0.0, *, every_filing: bool = False) -> None:
        self.interval = timedelta(seconds=pace_seconds)
        self.quiet = times.quiet
        self.digest = times.digest
        self.max_per_hour = times.max_per_hour
        self.every_filing = every_filing
