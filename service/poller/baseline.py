"""Where a first start begins, so that it neither floods the channels nor forgets the day."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, time

import structlog
from msgspec import Struct

from service.model.calendar import EASTERN
from service.store import Database, marks

log = structlog.get_logger()


class Baseline(Struct, frozen=True, kw_only=True):
    """What is too old to publish, and what is published without alerts."""

    floor: datetime  # older entries are left alone
    live: datetime  # older entries are history

    def admits(self, updated: datetime) -> bool:
        """Whether an entry of that time is published."""
        return updated >= self.floor

    def is_history(self, updated: datetime) -> bool:
        """Whether an entry of that time is published as history, which alerts nobody."""
        return updated < self.live


async def take(database: Database, edgar_now: Callable[[], Awaitable[datetime]], since: date | None) -> Baseline:
    """The baseline that the database holds; on the very first start it is taken now, by EDGAR's clock.

    Without *since* it reads back to the start of the current Eastern day, and what was there before *now* is
    history. With *since* it reads back to that Eastern day, and all of it is live: then and on a later start alike.
    """
    floor, live = await marks.get(database, marks.FLOOR), await marks.get(database, marks.LIVE)
    if floor is not None and live is not None and since is None:
        return Baseline(floor=floor, live=live)
    if since is not None:
        start = datetime.combine(since, time(), EASTERN)
        baseline = Baseline(floor=min(floor or start, start), live=min(live or start, start))
    else:
        now = await edgar_now()
        today = datetime.combine(now.astimezone(EASTERN).date(), time(), EASTERN)
        baseline = Baseline(floor=today, live=now.replace(microsecond=0))  # the feed's times are whole seconds
        log.info(
            "first_start", detail="what the feed shows by now is history, and alerts nobody", back_to=today.isoformat()
        )
    async with database.transaction() as tx:
        await marks.put(tx, marks.FLOOR, baseline.floor)
        await marks.put(tx, marks.LIVE, baseline.live)
    return baseline
