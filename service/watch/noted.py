"""What only somebody who keeps looking can tell: since when something does not get better. Kept as marks."""

from collections.abc import Mapping
from datetime import datetime

from service.store import Database, marks
from service.watch.look import Look

UNREACHABLE = "watch.unreachable"  # since when the log has not answered


def lagging(group: str) -> str:
    """The name of the instant since which the lag of *group* has not come down."""
    return f"watch.lag.{group}"


class Noted:
    """Compares each look with the one before, and keeps since when a lag stands and the log does not answer.

    The marks are in the database, so that `status` and the metrics of every process know as much as whoever watches.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._before: Mapping[str, int] = {}

    async def note(self, look: Look) -> None:
        """Keep what *look* shows; what it reads of the marks is what is kept then."""
        behind, known = await look.behind(), await marks.every(self._database)
        if behind.unavailable is None:
            changes = {
                lagging(group): self._since(group, count, known, look.now) for group, count in behind.counts.items()
            }
            changes[UNREACHABLE] = None
            self._before = behind.counts
        else:  # the lags are as they were, as far as anybody knows
            changes = {UNREACHABLE: known.get(UNREACHABLE, look.now)}
        changed = {name: at for name, at in changes.items() if at != known.get(name)}
        if changed:
            async with self._database.transaction() as tx:
                await marks.remove(tx, changed)
                for name, at in changed.items():
                    if at is not None:
                        await marks.put(tx, name, at)

    def _since(self, group: str, count: int, known: Mapping[str, datetime], now: datetime) -> datetime | None:
        """Since when *group* is behind and does not catch up; None: it has read everything."""
        if not count:
            return None
        came_down = count < self._before.get(group, count)
        return now if came_down else known.get(lagging(group), now)
