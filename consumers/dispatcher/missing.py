"""Channels that are owed something and not configured: it waits until they are, or it is moved."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from service.store import Database, channel_names, channels, deliveries

_GRACE = timedelta(minutes=15)  # a worker of a newer configuration may know the channel: a deployment rolls

log = structlog.get_logger()


class MissingChannels:
    """Marks them, and says so once of each."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._grace = timedelta(0) if database.one_machine else _GRACE
        self._told: set[str] = set()

    async def look(self, unknown: Sequence[str], now: datetime) -> None:
        """Of *unknown* channels, for which something waits, mark those that are not new to other workers either."""
        found = await channels.unserved(self._database, unknown, now - self._grace) if unknown else []
        new = [one for one in found if one not in self._told]
        if new:
            await self._tell(new, now)
        self._told = self._told.intersection(found).union(new)

    async def _tell(self, missing: Sequence[str], now: datetime) -> None:
        waiting, names = await deliveries.pending(self._database), await channel_names.names(self._database)
        for one in missing:
            log.warning(
                "channel_not_configured",
                channel=names[one],
                waiting=waiting.get(one, 0),
                help=f"what it is owed is kept: add or enable it, or: filingbell deliveries move {names[one]} OTHER",
            )
        async with self._database.transaction() as tx:
            await channels.missing(tx, missing, now)
