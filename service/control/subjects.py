"""Filings of the past as the matcher looks at them, each with what was known before it and nothing that came later."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from msgspec.structs import replace

from consumers.matcher.match import CompiledRule
from consumers.matcher.necessary import asks_past, days_around
from consumers.matcher.recalling import before
from consumers.matcher.subject import Subject
from service.control import recalling
from service.model import calendar
from service.model.filing import Accession
from service.model.parsed import ParsedFiling
from service.model.past import Before
from service.store import Database
from service.store.history import known_of
from service.store.horizon import FixedHorizon, Horizon, hindsight


class Found(Protocol):
    """A filing, and when it was known."""

    @property
    def filing(self) -> int:
        """Its key in the past."""

    @property
    def known(self) -> datetime:
        """From when on everybody could know it."""


async def read(database: Database, rule: CompiledRule, found: Iterable[Found], now: datetime) -> Sequence[Subject]:
    """The filings that were *found*, each with what was known before it where *rule* hangs on that."""
    every = list(found)
    parsed = await recalling.several(database, [one.filing for one in every])
    filings = [_dated(parsed[one.filing], one.known) for one in every]
    subjects = await asyncio.to_thread(lambda: [Subject.of(one.filing, one.document) for one in filings])
    if not asks_past(rule.key):
        return subjects
    hanging = [one for one, subject in zip(filings, subjects, strict=True) if subject.facts and _is_open(rule, subject)]
    known = await _before(database, hanging, now, days_around(rule.key))
    return [
        subject.after(known[accession]) if (accession := subject.filing.accession) in known else subject
        for subject in subjects
    ]


async def _before(
    database: Database, filings: Sequence[ParsedFiling], now: datetime, days: int
) -> dict[Accession, Before]:
    """What was known before each of *filings*: complete is the past of each that was so, whatever is missing since."""
    filed = {one.filing.accession: calendar.eastern_day(known_of(one.filing.times, now)) for one in filings}
    async with database.reading() as connection:
        horizons = await hindsight(connection, set(filed.values()), now)
    together = defaultdict[Horizon, list[ParsedFiling]](list)
    for one in filings:
        together[horizons[filed[one.filing.accession]]].append(one)
    known = dict[Accession, Before]()
    for horizon, several in together.items():
        known |= await before(database, several, now, horizons=FixedHorizon(horizon), days=days)
    return known


def _is_open(rule: CompiledRule, subject: Subject) -> bool:
    try:
        return rule.condition.is_open(subject)
    except Exception:  # holding it tells
        return True


def _dated(parsed: ParsedFiling, known: datetime) -> ParsedFiling:
    """*parsed*; of a set, which has no times, as if it had been seen when it was known: nothing later is its past."""
    times = parsed.filing.times
    if times.accepted or times.updated or times.seen or times.published:
        return parsed
    return replace(parsed, filing=replace(parsed.filing, times=replace(times, seen=known)))
