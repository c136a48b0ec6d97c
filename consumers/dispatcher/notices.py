"""Owes notices to the channels for operations, and tells alerts on the past together."""

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from service.model.alert import Alert
from service.model.notice import OF_CHANNELS, Notice, NoticeKind, notice_id
from service.store import Database, backfills, deliveries, digests, notices
from service.store.notices import Taken
from service.vitals import Vitals
from service.wire import decode

_LOOK = 5.0  # seconds between looks for what nobody rang for
_TOLD = 40  # alerts named in a digest; the others are counted

log = structlog.get_logger()


class Notices:
    """Owes each notice once to each of *channels*, and closes digests when nothing has come to them for a while."""

    def __init__(
        self, channels: Sequence[str], database: Database, clock: Callable[[], datetime], vitals: Vitals
    ) -> None:
        self._channels = tuple(channels)
        self._database = database
        self._clock = clock
        self._vitals = vitals
        self._bell = database.bell(notices.NEW)

    async def run(self) -> None:
        """Owe without end; raises Unavailable where the database is."""
        while True:
            self._vitals.beat("notices")
            self._bell.clear()
            await self._owe()
            active = {one.digest for one in await backfills.active(self._database) if one.digest}
            for name, channel in await digests.ripe(self._database, self._clock(), active):
                await self._digest(name, channel)
            await self._bell.wait(_LOOK)

    async def _owe(self) -> None:
        waiting = await notices.unowed(self._database)
        if not waiting:
            return
        async with self._database.transaction() as tx:
            taken = await notices.owe(tx, waiting)
            pairs = [(one.id, channel) for one in taken for channel in self._told_of(one)]
            await deliveries.owe_notices(tx, pairs, self._clock())

    def _told_of(self, notice: Taken) -> tuple[str, ...]:
        """Who is told: a channel that does not work is not what tells of itself, unless there is no other."""
        others = tuple(channel for channel in self._channels if channel != notice.subject)
        return others if notice.kind in OF_CHANNELS and others else self._channels

    async def _digest(self, name: str, channel: str) -> None:
        """One message with every alert that *channel* is owed under *name*."""
        now = self._clock()
        async with self._database.transaction() as tx:
            values = await digests.take(tx, name, channel)
            if not values:
                return  # another worker was here first
            notice = digest_of(name, channel, [decode(value, Alert) for value in values], now)
            await notices.add(tx, notice, owed=True)
            await deliveries.owe_notices(tx, [(notice.id, channel)], now)
        log.info("a digest is owed", digest=name, channel=channel, alerts=len(values))


def digest_of(name: str, channel: str, alerts: Sequence[Alert], at: datetime) -> Notice:
    """The message that tells *alerts* together."""
    ordered = sorted(alerts, key=lambda alert: (alert.filing.filed_on or at.date(), alert.filing.accession))
    lines = [f"{alert.filing.filed_on or ''} {alert.rule}: {alert.headline}".strip() for alert in ordered[:_TOLD]]
    if len(ordered) > _TOLD:
        lines.append(f"and {len(ordered) - _TOLD} more: filingbell tail form4.alerts --from-beginning")
    links = [(alert.filing.accession, alert.filing.links.index) for alert in ordered[:_TOLD]]
    days = sorted(alert.filing.filed_on for alert in ordered if alert.filing.filed_on)
    span = f", filed {days[0]} to {days[-1]}" if days else ""
    return Notice(
        id=notice_id(NoticeKind.DIGEST, f"{name}/{channel}/{ordered[0].id}/{len(ordered)}", at, cleared=False),
        kind=NoticeKind.DIGEST,
        subject=name,
        cleared=False,
        headline=f"{name}: {len(ordered)} alerts on filings of the past{span}",
        lines=tuple(lines),
        links=tuple(dict.fromkeys(links)),
        at=at,
    )
