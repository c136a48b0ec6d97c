"""How often to look at the feed. Pure."""

from datetime import datetime, timedelta

from msgspec import Struct

from service.model import calendar

_NEWS = 60.0  # seconds without news until looks become rarer
_SLOWER = 60.0  # seconds of quiet that make the pause a second longer
_ASLEEP = 900.0  # seconds without news until closing hours are believed: EDGAR is open while it shows filings


class Rhythm(Struct, frozen=True, kw_only=True):
    """Seconds between looks: as filings come in, when they have become rare, and while EDGAR is closed."""

    busy: float = 2.0
    quiet: float = 10.0
    closed: float = 60.0

    def pause(self, now: datetime, since_news: float) -> float:
        """Seconds until the next look, *since_news* seconds after a start or after the feed showed something new."""
        slower = self.busy + max(0.0, since_news - _NEWS) / _SLOWER
        awake = min(slower, max(self.busy, self.quiet))
        if calendar.is_open(now) or since_news < _ASLEEP:
            return awake
        until_open = (calendar.opens_after(now) - now) / timedelta(seconds=1)
        return max(self.busy, min(self.closed, until_open))
