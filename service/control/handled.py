"""How far stages have come: what a page reads is written by them, a moment after the event that they read."""

from service.store import Database, events, handling

_BEHIND = 5_000  # events: how far back is looked at first
_AT_ONCE = 500  # of them in one question


class Handled:
    """Remembers how far everything was handled, so that only what came since is looked at."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._before = 0  # everything before it is handled; 0: nobody has asked yet

    async def before(self) -> int:
        """The number of the first parsed filing, or alert, that its stage has not handled; else the log's end."""
        first, end = await events.bounds(self._database)
        start: int | None = max(first, self._before or end - _BEHIND)
        while start is not None:
            self._before = start
            unhandled, start = await handling.unhandled(self._database, start, _AT_ONCE)
            if unhandled is not None:
                return unhandled
        return max(end, self._before)
