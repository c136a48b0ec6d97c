"""Silence is a signal: watches the whole service, and says what is wrong and when it is over."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

import structlog

from service.clock import Clock
from service.edgar.pace import Host
from service.log.source import Log
from service.model import calendar
from service.model.errors import Unavailable
from service.model.notice import Notice, NoticeKind
from service.settings import Settings
from service.store import Database, days, events, filings, gaps, marks, notices, positions
from service.store.notices import Standing
from service.vitals import Vitals
from service.watch.channels import of_channels
from service.watch.matter import Matter, raised, reminder
from service.watch.over import DOCUMENTS, POLLER, over
from service.words import counted, eastern

_LOOK = 15.0  # seconds
_COMPARED = timedelta(days=14)  # how far back usual silences are looked for
_MORE_THAN_USUAL = 1.5
_UNREAD = timedelta(minutes=5)  # without the feed being read to known ground
_OVERDUE = timedelta(hours=6)  # after a day's index could be trusted
_LOOKS = 10  # at the index, which take some hours: one that was asked for late is not told of at once
_REMEMBERED = timedelta(days=45)  # `completeness` goes further back
_RECOVERING = timedelta(hours=2)  # for what an index has shown to be missing
_STANDSTILL = 300.0  # seconds in which a lag never comes down
_DOCUMENTS = timedelta(hours=1)  # a listed document can answer 404 for a while

_Key = tuple[NoticeKind, str]

log = structlog.get_logger()


class Watch:
    """Compares what is wrong with what was told of it: each matter is told once, and once more when it is over.

    It looks at the database and the log alone, so it also sees that no poller runs.
    """

    def __init__(self, settings: Settings, database: Database, events_log: Log, clock: Clock, vitals: Vitals) -> None:
        self._settings = settings
        self._database = database
        self._log = events_log
        self._clock = clock
        self._vitals = vitals
        self._lags: dict[str, deque[tuple[float, int]]] = {}

    async def run(self) -> None:
        """Watch without end; raises Unavailable where the database is."""
        while True:
            self._vitals.beat("watch")
            await self.look()
            await self._clock.sleep(_LOOK)

    async def look(self) -> None:
        """Tell what is new, and what is over."""
        now = self._clock.now()
        matters = {(one.kind, one.subject): one for one in await self._matters(now)}
        standing = {(one.kind, one.subject): one for one in await notices.standing(self._database)}
        new = [matter for key, matter in matters.items() if key not in standing]
        ended = [one for key, one in standing.items() if key not in matters and await self._is_over(one, now)]
        again = await self._reminders(matters, standing, now)
        if not new and not ended and not again:
            return
        told = [await over(self._database, one, now) for one in ended]
        async with self._database.transaction() as tx:
            for matter in new:
                await notices.add(tx, raised(matter, now))
            for notice in again:
                await notices.add(tx, notice, passing=True)
            for one, notice in zip(ended, told, strict=True):
                await notices.clear(tx, one, now)
                await notices.add(tx, notice)
        for matter in new:
            log.error("operational_alert", kind=matter.kind, detail=matter.headline)
        for notice in told:
            log.info("operational_alert_over", kind=notice.kind, detail=notice.headline)

    async def _reminders(
        self, matters: Mapping[_Key, Matter], standing: Mapping[_Key, Standing], now: datetime
    ) -> list[Notice]:
        """What is to be told again and has not been yet."""
        due = [reminder(matter, standing[key].raised, now) for key, matter in matters.items() if key in standing]
        wanted = {one.id: one for one in due if one is not None}
        known = await notices.known(self._database, wanted) if wanted else set()
        return [one for name, one in wanted.items() if name not in known]

    async def _is_over(self, one: Standing, now: datetime) -> bool:
        """Whether what stands no longer shows because it has ended: a silence does not end with the day."""
        if one.kind is not NoticeKind.SILENCE or calendar.is_open(now):
            return True
        moved = marks.get(self._database, marks.READ) if one.subject == POLLER else filings.newest(self._database)
        at = await moved
        return at is not None and at > one.raised

    async def _matters(self, now: datetime) -> list[Matter]:
        return [
            *await self._blocks(now),
            *await self._silence(now),
            *await self._gaps(),
            *await self._days(now),
            *await self._lagging(now),
            *await of_channels(self._database, now),
        ]

    async def _blocks(self, now: datetime) -> list[Matter]:
        found = []
        for host in Host:
            until = await marks.get(self._database, marks.blocked(host))
            if until is not None and until > now:
                found.append(
                    Matter(
                        kind=NoticeKind.BLOCKED,
                        subject=host,
                        headline=f"EDGAR ({host}) refuses this client until {eastern(until)}",
                        lines=(
                            "Nothing is asked until then, since asking on would prolong it; then all is read back.",
                            "Is FILINGBELL_SEC_CONTACT right? Does anything else ask the SEC from this address?",
                            "If it comes again, lower FILINGBELL_SEC_RATE.",
                        ),
                    )
                )
        return found

    async def _silence(self, now: datetime) -> list[Matter]:
        if not calendar.is_open(now):
            return []
        read = await marks.get(self._database, marks.READ)
        newest = await filings.newest(self._database)
        opened = calendar.opens_after(calendar.at(calendar.eastern_day(now), calendar.MIDNIGHT))
        if read is None or newest is None:
            return []  # a first start: there is nothing to compare with
        if now - max(read, opened) > _UNREAD:
            return [
                Matter(
                    kind=NoticeKind.SILENCE,
                    subject=POLLER,
                    headline=f"EDGAR's feed has not been read completely since {eastern(read)}; filings may be late",
                    lines=("Does a poller run, and does EDGAR answer it? See its log.",),
                )
            ]
        silent = now - max(newest, opened)
        if silent <= timedelta(minutes=self._settings.silence_minutes):
            return []
        usual = usual_silence(await filings.times(self._database, now - _COMPARED), now)
        if silent <= usual * _MORE_THAN_USUAL:
            return []
        minutes = silent // timedelta(minutes=1)
        known = f"At this hour it was never more than {usual // timedelta(minutes=1)} of late." if usual else ""
        return [
            Matter(
                kind=NoticeKind.SILENCE,
                subject="feed",
                headline=f"The feed has shown no new filing for {minutes} minutes",
                lines=(
                    *filter(None, [known]),
                    "It is read without errors. If sec.gov shows nothing new either, EDGAR itself has stopped.",
                ),
            )
        ]

    async def _gaps(self) -> list[Matter]:
        return [
            Matter(
                kind=NoticeKind.GAP,
                subject=str(gap.id),
                headline=f"Filings before {eastern(gap.before)} may be missing; the SEC's daily index will show them",
                lines=(
                    gap.cause,
                    "The feed could not be read back further. What it did not show is fetched from the index.",
                ),
            )
            for gap in await gaps.still_open(self._database)
        ]

    async def _days(self, now: datetime) -> Iterable[Matter]:
        since, trusted_at = calendar.eastern_day(now) - _REMEMBERED, self._settings.reconcile_at
        late = await days.late(self._database, since, trusted_at, now, _OVERDUE)
        asked = {day for day in await days.lacking(self._database) if day >= since}.union(late)
        records = {record.day: record for record in await days.records(self._database, since, asked)}
        lacking = [one for one in records.values() if one.missing and one.read and now - one.read > _RECOVERING]
        return [
            *(_unproven(day, records.get(day)) for day in late if _is_given_up(records.get(day), now)),
            *(_missing(record) for record in lacking if record.day not in late),
        ]

    async def _lagging(self, now: datetime) -> list[Matter]:
        waits = await self._lag()
        if self._settings.kafka:
            position = await positions.highest(self._database, events.RELAY)
            waits["relay"] = await events.count_from(self._database, position)
        found = [
            Matter(
                kind=NoticeKind.LAG,
                subject=group,
                headline=f"{group} is {counted(count, 'record')} behind and does not catch up",
                lines=("Does it run? See its log; a stage stops on purpose when nearly everything is unusable.",),
            )
            for group, count in waits.items()
            if self._stands_still(group, count)
        ]
        oldest = await filings.oldest_pending(self._database)
        if oldest is not None and now - oldest > _DOCUMENTS:
            found.append(
                Matter(
                    kind=NoticeKind.LAG,
                    subject=DOCUMENTS,
                    headline="EDGAR lists filings but does not serve their documents",
                    lines=(f"The oldest has been waited for since {eastern(oldest)}: filingbell status",),
                )
            )
        return found

    async def _lag(self) -> dict[str, int]:
        try:
            return {group: count for (group, _), count in (await self._log.lag()).items()}
        except Unavailable as error:
            log.warning("lag_unknown", detail=str(error))
            return {}

    def _stands_still(self, group: str, count: int) -> bool:
        """Whether the lag has not come down for a while."""
        seen = self._lags.setdefault(group, deque())
        at = self._clock.monotonic()
        seen.append((at, count))
        while len(seen) > 1 and seen[1][0] <= at - _STANDSTILL:
            seen.popleft()
        return at - seen[0][0] >= _STANDSTILL and all(0 < was <= now for (_, was), (_, now) in pairwise(seen))


def usual_silence(times: Sequence[datetime], now: datetime) -> timedelta:
    """The longest silence between *times*, in order, that fell into this hour of an earlier business day."""
    hour = now.astimezone(calendar.EASTERN).hour
    longest = timedelta(0)
    for before, after in pairwise(times):
        day = calendar.eastern_day(before)
        if calendar.eastern_day(after) != day or day == calendar.eastern_day(now):
            continue
        if before.astimezone(calendar.EASTERN).hour <= hour <= after.astimezone(calendar.EASTERN).hour:
            longest = max(longest, after - before)
    return longest


def _is_given_up(record: days.DayRecord | None, now: datetime) -> bool:
    """Whether a late day has been looked at often, or, though it was due, not at all."""
    return record is None or record.looks >= _LOOKS or now - record.due > _OVERDUE


def _unproven(day: date, record: days.DayRecord | None) -> Matter:
    note = record.note if record and record.note else "Nobody has looked for it: does a poller run?"
    return Matter(
        kind=NoticeKind.UNPROVEN,
        subject=day.isoformat(),
        headline=f"{day} could not be compared with the SEC's index",
        lines=(note, f"A poller looks at it again; to see what comes of it: filingbell reconcile {day}"),
    )


def _missing(record: days.DayRecord) -> Matter:
    return Matter(
        kind=NoticeKind.UNPROVEN,
        subject=record.day.isoformat(),
        headline=f"{counted(record.missing, 'filing')} of {record.day} missing",
        lines=("The SEC's index lists what EDGAR has not served yet. Which and why: filingbell completeness",),
    )
