"""A database as years leave it: its bulk is inserted as the stages would have left it, without going through them."""

import random
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import cycle, islice

from msgspec.structs import replace
from sqlalchemy import insert

from bench.pipeline import published, rules
from consumers.matcher.rulebook import Rulebook
from consumers.matcher.step import MatcherStep
from consumers.parser.limits import Limits
from consumers.parser.step import ParserStep
from service.clock import now
from service.log.source import GROUPS
from service.model.errors import UnusableDocument
from service.model.filing import Accession, Cik, FilingEvent
from service.model.identity import DEFAULT, Prefix, derived_id
from service.model.tape import TapeLine
from service.store import Database, Transaction, events, packing, positions, tape
from service.store.database import APPENDED
from service.store.schema import (
    attempts,
    channel_states,
    days,
    deliveries,
    filings,
    listed,
    matchings,
    messages,
    resources,
)
from service.store.schema import events as log
from service.vitals import Unwatched
from service.wire import decode
from service.wire.topics import Event, Record

A_DAY = 1_600  # filings, on a busy business day
A_YEAR = 250 * A_DAY
ALERTS = 0.18  # a filing
CHANNELS = tuple(derived_id(Prefix.CHANNEL, DEFAULT, name) for name in ("desk", "hook"))
_AT_ONCE = 2_000  # filings in a transaction
_COMPANIES = 6_000
_INSIDERS = 6  # of each company
_AGENTS = 400  # who file for others: each numbers its own accessions
_TIMES = [3_600_000_000, 900_000, 150_000, 25_000, 24_000, 3_000]  # microseconds until it was matched
_TABLES = (log, filings, listed, matchings, messages, deliveries, attempts)

Rows = dict[str, list[dict[str, object]]]


class Filler:
    """Fills *database* with *whole* filings of *span* (None: of busy days), the oldest first; the last is of now.

    Events are there of filings of the last *kept* (None: of all).
    """

    def __init__(
        self,
        database: Database,
        whole: int,
        span: timedelta | None = None,
        alerts: float = ALERTS,
        kept: timedelta | None = None,
    ) -> None:
        span = span or whole / A_DAY * timedelta(days=1)
        self._kept_since = now() - (kept or span)
        self._database = database
        self._between = span / whole
        self._alerts = alerts
        self._samples = cycle(samples())
        self._chance = random.Random(7)
        self._agents = dict.fromkeys(self._chance.choices(range(1_000_000, 1_900_000), k=_AGENTS), 0)
        self.at = now() - span
        self.made = 0

    async def fill(self, upto: int) -> None:
        """Go on until there are *upto* filings, all of them read by every group."""
        kept, packing.pack = packing.pack, lru_cache(256)(packing.pack)  # of the same few values, over and over
        while self.made < upto:
            await self._batch(min(_AT_ONCE, upto - self.made))
        packing.pack = kept
        await self.read()

    async def read(self) -> None:
        """Let every group have read everything."""
        ends = await events.after(self._database)
        for group, topic in GROUPS.items():
            position = await positions.load(self._database, group, topic, 0)
            async with self._database.transaction() as tx:
                await positions.advance(tx, group, topic, 0, position, ends.get(topic, position))

    def filings(self, count: int) -> list[FilingEvent]:
        """More of them, which nobody has published yet."""
        self.made += count
        ready = [decode(one.filing.value, FilingEvent) for one in samples()]
        return [
            replace(one, filing=replace(one.filing, accession=self.accession())) for one in islice(cycle(ready), count)
        ]

    def accession(self) -> Accession:
        """One that was not there before; agents come in no order."""
        agent = self._chance.choice(list(self._agents))
        self._agents[agent] += 1
        return Accession(f"{agent:010d}-{self._agents[agent] // 10**6:02d}-{self._agents[agent] % 10**6:06d}")

    async def _batch(self, count: int) -> None:
        rows: Rows = {table.name: [] for table in _TABLES}
        lines: list[TapeLine] = []
        day = self.at.date()
        for _ in range(count):
            self.at += self._between
            lines.append(self._filing(rows))
        async with self._database.transaction() as tx:
            await tx.add(days, {"day": day, "state": "read", "due": self.at, "looks": 1, "read": self.at})
            await tx.add(resources, [_channel_row(channel, self.at) for channel in CHANNELS])
            await tx.add(channel_states, [{"channel": channel, "failures": 0} for channel in CHANNELS])
            for table in _TABLES:
                if rows[table.name]:
                    await tx.execute(insert(table), rows[table.name])
            await tape.add(tx, lines)
            rung = {row["accession"] for row in rows["messages"]}
            await tape.ring(tx, [(line, DEFAULT) for line in lines if line.accession in rung])
            _tally(tx, rows, count)
        self.made += count

    def _filing(self, rows: Rows) -> TapeLine:
        """What one leaves in every table; returns its line on the tape."""
        accession, at, sample = self.accession(), self.at, next(self._samples)
        rows["filings"].append(_filing_row(accession, at))
        rows["listed"].append({"accession": accession, "day": at.date()})
        rows["matchings"].append({"accession": accession, "revision": 1, "at": at, "times": _TIMES})
        is_kept = at >= self._kept_since
        for event, event_id in ((sample.filing, f"filing-{accession}"), (sample.parsed, f"parsed-{accession}")):
            if is_kept:
                rows["events"].append(_event_row(event, event_id, accession, at))
        if self._chance.random() < self._alerts:
            self._alert(rows, sample.alert, accession)
        return self._line(sample.line, accession)

    def _alert(self, rows: Rows, alert: Event, accession: Accession) -> None:
        alert_id, at = str(uuid.UUID(int=self._chance.getrandbits(128), version=5)), self.at
        rows["events"].append(_event_row(alert, alert_id, accession, at))
        rows["messages"].append(_message_row(alert_id, accession, at))
        for channel in CHANNELS:
            rows["deliveries"].append(_delivery_row(alert_id, channel, at))
            rows["attempts"].append(_attempt_row(alert_id, channel, at))

    def _line(self, sample: TapeLine, accession: Accession) -> TapeLine:
        """As *sample*, of one of many companies and insiders."""
        company = self._chance.randrange(_COMPANIES)
        person = company * _INSIDERS + self._chance.randrange(_INSIDERS)
        first, *rest = sample.insiders
        return replace(
            sample,
            accession=accession,
            accepted=self.at,
            published=self.at,
            issuer=Cik(f"{company:010d}"),
            company=f"{sample.company} {company}",
            symbols=(f"X{company}",),
            insiders=(replace(first, cik=Cik(f"{10**6 + person:010d}"), name=f"{first.name} {person}"), *rest),
        )


@dataclass(frozen=True, slots=True)
class Sample:
    """A filing, and what comes of it."""

    filing: Event
    parsed: Event
    alert: Event
    line: TapeLine


def samples() -> list[Sample]:
    """The bundled filings that have it all."""
    parser = ParserStep(now, Limits(), Unwatched())
    rulebook = Rulebook.of(rules())
    matcher = MatcherStep(lambda: rulebook, now, Unwatched())
    found = []
    for filing in published(100):
        try:
            parsed = parser.read(_record(filing))
        except UnusableDocument:
            continue
        matched = matcher.read(_record(parsed))
        if matched.events and matched.line:
            found.append(Sample(filing, parsed, matched.events[0], matched.line))
    return found


def _tally(tx: Transaction, rows: Rows, count: int) -> None:
    for row in rows["events"]:
        tx.tally(f"{APPENDED}.{row['topic']}")
    tx.tally("filings.published", count)
    for row in rows["deliveries"]:
        tx.tally(f"delivered.{row['channel']}")


def _filing_row(accession: Accession, at: datetime) -> dict[str, object]:
    return {
        "accession": accession,
        "form": "4",
        "archive_cik": "0000320193",
        "issuer_cik": "0000320193",
        "issuer_name": "EXAMPLE HOLDINGS CORP",
        "updated": at,
        "seen": at,
        "history": False,
        "state": "published",
        "tries": 0,
        "due": at,
        "source": "feed",
        "filed_on": at.date(),
    }


def _event_row(event: Event, event_id: str, accession: Accession, at: datetime) -> dict[str, object]:
    headers = packing.shortened(event) | {"ce_time": at.isoformat(), "ce_subject": accession}
    return {"topic": event.topic, "key": event.key, "id": event_id, "headers": headers, "value": event.value}


def _channel_row(name: str, at: datetime) -> dict[str, object]:
    row = {"id": name, "kind": "channel", "workspace": DEFAULT, "name": name, "section": {}, "enabled": True}
    return row | {"revision": 1, "created": at}


def _message_row(alert: str, accession: Accession, at: datetime) -> dict[str, object]:
    row = {"id": alert, "kind": "alert", "workspace": DEFAULT, "accession": accession, "value": b"", "created": at}
    return row | {"rule_id": "rule_large", "rule_revision": 1, "rule": "large"}


def _delivery_row(alert: str, channel: str, at: datetime) -> dict[str, object]:
    row = {"message": alert, "channel": channel, "state": "delivered", "tries": 1, "steps": 0, "due": at}
    return row | {"created": at, "settled": at}


def _attempt_row(alert: str, channel: str, at: datetime) -> dict[str, object]:
    row = {"message": alert, "channel": channel, "number": 1, "at": at, "seconds": 0.05}
    return row | {"outcome": "delivered", "status": 200, "detail": "200 OK"}


def _record(event: Event) -> Record:
    return Record(
        topic=event.topic,
        partition=0,
        offset=1,
        key=event.key,
        id=event.id,
        headers=dict(event.headers),
        value=event.value,
    )
