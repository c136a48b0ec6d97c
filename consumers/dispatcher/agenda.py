"""When to look at which channel. Pure."""

import heapq
from datetime import datetime

from service.model.identity import ChannelId


class Agenda:
    """Each channel at most once, at the earliest time that was named for it; others are not on it and cost nothing."""

    def __init__(self) -> None:
        self._times: dict[ChannelId, datetime] = {}
        self._heap: list[tuple[datetime, ChannelId]] = []  # with times that were overtaken since, which count no more

    def note(self, channel: ChannelId, at: datetime) -> None:
        """Look at *channel* at that time, if not before."""
        known = self._times.get(channel)
        if known is None or at < known:
            self._times[channel] = at
            heapq.heappush(self._heap, (at, channel))

    def next(self) -> datetime | None:
        """When to look next; None: nothing is known of."""
        while self._heap and self._times.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def take(self, now: datetime) -> ChannelId | None:
        """The channel whose time came first, and came by *now*; it is off the agenda. None: there is none."""
        at = self.next()
        if at is None or at > now:
            return None
        _, channel = heapq.heappop(self._heap)
        del self._times[channel]
        return channel
