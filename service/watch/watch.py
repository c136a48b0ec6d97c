"""Silence is a signal: watches the whole service, and says what is wrong and when it is over."""

from collections.abc import Mapping
from datetime import datetime

import structlog

from service.clock import Clock
from service.log.source import Log
from service.model.identity import DEFAULT
from service.model.notice import Notice, NoticeKind
from service.settings import Settings
from service.store import Database, notices
from service.store.notices import StandingNotice
from service.vitals import Vitals
from service.watch.checks import CHECKS, conditions
from service.watch.condition import Condition, cleared, raised, reminder
from service.watch.look import Look, Probe
from service.watch.noted import Noted
from service.words import eastern_span

_LOOK = 15.0  # seconds

_Key = tuple[NoticeKind, str]

log = structlog.get_logger()


class Watch:
    """Compares what is wrong with what was told of it: each condition is told once, and once more when it is over.

    It looks at the database and the log alone, so it also sees that no poller runs.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        events_log: Log,
        clock: Clock,
        vitals: Vitals,
        probe: Probe | None = None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._log = events_log
        self._clock = clock
        self._vitals = vitals
        self._probe = probe
        self._noted = Noted(database)
        self._calm: dict[_Key, datetime] = {}  # what was told and is not so any more, as far as every look since found

    async def run(self) -> None:
        """Watch without end; raises Unavailable where the database is."""
        while True:
            self._vitals.beat("watch")
            await self.look()
            await self._clock.sleep(_LOOK)

    async def look(self) -> None:
        """Tell what is new, and what is over."""
        look = Look(self._database, self._log, self._settings, self._clock.now(), self._probe)
        await self._noted.note(look)
        found = {(one.kind, one.subject): one for one in await conditions(look)}
        standing = {(one.kind, one.subject): one for one in await look.standing()}
        new = [one for key, one in found.items() if key not in standing and CHECKS[one.kind].tells(one, look.now)]
        ended = [one for key, one in standing.items() if self._is_over(key, found, look.now)]
        again = await self._reminders(look, found, standing)
        if not new and not ended and not again:
            return
        told = [await over(look, one) for one in ended]
        async with self._database.transaction() as tx:
            for condition in new:
                await notices.add(tx, raised(condition, look.now), workspace=condition.workspace or DEFAULT)
            for notice in again:
                whose = found[notice.kind, notice.subject].workspace or DEFAULT
                await notices.add(tx, notice, workspace=whose, passing=True)
            for one, notice in zip(ended, told, strict=True):
                await notices.clear(tx, one, look.now)
                await notices.add(tx, notice, workspace=one.workspace)
        for condition in new:
            log.error("operational_alert", kind=condition.kind, detail=condition.headline)
        for notice in told:
            log.info("operational_alert_over", kind=notice.kind, detail=notice.headline)

    def _is_over(self, key: _Key, found: Mapping[_Key, Condition], now: datetime) -> bool:
        """Whether what stands as *key* has not been so for as long as it takes to settle: else it is the same again."""
        if key in found:
            self._calm.pop(key, None)
            return False
        if now - self._calm.setdefault(key, now) < CHECKS[key[0]].settles:
            return False
        del self._calm[key]
        return True

    async def _reminders(
        self, look: Look, found: Mapping[_Key, Condition], standing: Mapping[_Key, StandingNotice]
    ) -> list[Notice]:
        """What is to be told again and has not been yet."""
        due = [reminder(one, standing[key].raised, look.now) for key, one in found.items() if key in standing]
        wanted = {one.id: one for one in due if one is not None}
        known = await notices.known(self._database, wanted) if wanted else set()
        return [one for name, one in wanted.items() if name not in known]


async def over(look: Look, one: StandingNotice) -> Notice:
    """The notice that *one* has ended: that it is over, and from when to when it was."""
    how = await CHECKS[one.kind].ended(look, one.subject, eastern_span(one.raised, look.now))
    lines = (*how.lines, f"It was told as: {one.notice.headline}")
    return cleared(one, how.headline, lines, look.now, how.event)
