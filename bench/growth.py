"""What stored filings cost: every look, the stages, the bytes they take, and what a year comes to.

``python -m bench.growth 1000000`` holds a million filings, all of whose events are still in the log.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from bench.filled import A_YEAR, ALERTS, CHANNELS, Filler
from bench.pipeline import provisioned
from consumers import stage
from consumers.dispatcher.step import DispatcherStep
from consumers.following import Following
from consumers.matcher.rulebook import Rulebook
from consumers.matcher.step import MatcherStep
from consumers.parser.limits import Limits
from consumers.parser.step import ParserStep
from consumers.steps import Step
from service import housekeeping, telemetry
from service.clock import SystemClock, now
from service.control.status import status
from service.housekeeping import Housekeeping
from service.log.table import TableLog
from service.model.filing import Cik, FilingEvent
from service.settings import Settings
from service.store import Database, day_records, deliveries, events, filings, letters, matchings, notices, undelivered
from service.store.database import open_database
from service.store.filings import FilingState, Seen
from service.vitals import Unwatched
from service.watch.checks import conditions
from service.watch.look import Look
from service.watch.metrics import Metrics
from service.watch.watch import Watch
from service.wire.topics import Topic, filing_event

FEW = 10_000
MANY = 50_000
_THROUGH = 2_000  # filings through the real stages, at each size
_AT_ONCE = 20  # of them in one transaction of the poller
_TIMES = 10  # each look
_PART = 40  # a year is played at this fraction of its size, unless the benchmark holds more than a year anyway

Looks = dict[str, Callable[[], Awaitable[object]]]


async def main(many: int, folder: Path) -> None:
    """Print the figures."""
    telemetry.configure_logs("critical")
    file = folder / "growth.db"
    database = await open_database(f"sqlite:///{file}")
    filler, rules = Filler(database, many), await provisioned(database)
    began = _size(file)  # with the rules, which cost what they cost, however many filings there are
    took = []
    for size in (FEW, many):
        await filler.fill(size)
        took.append(await _through(database, rules, filler.filings(_THROUGH)))
    found = {name: await _milliseconds(look) for name, look in _looks(database).items()}
    await database.close()
    print(
        f"growth, SQLite, {many:,} filings and all their events; {ALERTS} alerts a filing to {len(CHANNELS)} channels"
    )
    for name, milliseconds in found.items():
        print(f"  {name:45} {milliseconds:8.1f} ms (goal: 20)")
    for name, few, more in zip(("published", "from there to an alert owed"), *took, strict=True):
        of = f"{more:.2f} ms of CPU, at {FEW:,} {few:.2f} (goal: 1.30)"
        print(f"  {'a filing ' + name:45} {more / few:8.2f} x: {of}")
    print(f"  {'bytes a filing':45} {(_size(file) - began) / filler.made:8,.0f} (goal: 5,000)")
    await _alerts(folder)
    await _year(folder, 1 if many >= A_YEAR else _PART)


def _looks(database: Database) -> Looks:
    """What looks at the whole state, and the looks that once read whole tables."""
    log, settings = TableLog(database, Unwatched()), Settings()
    metrics = Metrics()

    def look() -> Look:
        return Look(database, log, settings, now())

    watch = Watch(settings, database, log, SystemClock(), Unwatched())
    return {
        "/metrics": lambda: metrics.exposition(look(), settings.roles),
        "status, whole": lambda: status(look()),
        "conditions": lambda: conditions(look()),
        "watch": watch.look,
        "lag": log.lag,
        "status: events": lambda: events.counts(database),
        "status: filings": lambda: filings.counts(database),
        "status: newest filing": lambda: filings.newest(database),
        "status: deliveries": lambda: deliveries.counts(database),
        "status: what is dead": lambda: undelivered.dead(database),
        "status: what waits": lambda: undelivered.waiting(database),
        "status: dead letters": lambda: letters.count_open(database),
        "status: notices": lambda: notices.standing(database),
        "status: days": lambda: day_records.unproven(database, settings.reconcile_at, now()),
        "latency: filings": lambda: matchings.latest(database, 1000),
        "latency: alerts": lambda: matchings.received(database, 1000),
        "tail: where the last 1,000 begin": lambda: events.nth_last(database, Topic.PARSED, 1000),
    }


async def _milliseconds(look: Callable[[], Awaitable[object]]) -> float:
    """At its quickest: what it costs where nothing else runs."""
    took = []
    for _ in range(_TIMES):
        started = time.perf_counter()
        await look()
        took.append(time.perf_counter() - started)
    return min(took) * 1000


async def _through(database: Database, rules: Following[Rulebook], made: list[FilingEvent]) -> tuple[float, float]:
    """Milliseconds of CPU a filing: to be found and published, and from there through every stage.

    Medians of ten parts. What waits for the disk is the same at every size: as many commits.
    """
    os.sync()  # what the filling has left to the disk is no part of it
    tenth = len(made) // 10
    took = [await _one_part(database, rules, made[start : start + tenth]) for start in range(0, len(made), tenth)]
    return median(published for published, _ in took), median(owed for _, owed in took)


async def _one_part(database: Database, rules: Following[Rulebook], made: list[FilingEvent]) -> tuple[float, float]:
    started = time.process_time()
    for start in range(0, len(made), _AT_ONCE):
        await _publish(database, made[start : start + _AT_ONCE])
    between = time.process_time()
    log = TableLog(database, Unwatched())
    steps: list[Step[Any]] = [
        ParserStep(now, Limits(), Unwatched()),
        MatcherStep(lambda: rules.current, now, Unwatched()),
        DispatcherStep(now),
    ]
    tasks = [
        asyncio.create_task(stage.run(step, log.source(step.group, step.topic), database, now, Unwatched()))
        for step in steps
    ]
    before = (await events.counts(database))[Topic.PARSED]
    while (await events.counts(database))[Topic.PARSED] < before + len(made) or any((await log.lag()).values()):
        await asyncio.sleep(0.02)
    ended = time.process_time()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return (between - started) / len(made) * 1000, (ended - between) / len(made) * 1000


async def _publish(database: Database, made: list[FilingEvent]) -> None:
    """As the poller does: first seen and pending, then published."""
    at = now()
    async with database.transaction() as tx:
        await filings.add(tx, [_seen(one, at) for one in made])
    async with database.transaction() as tx:
        for one in made:
            await filings.settle(tx, one.filing.accession, FilingState.PUBLISHED)
            tx.emit(filing_event(one, at))


def _seen(one: FilingEvent, at: datetime) -> Seen:
    return Seen(
        accession=one.filing.accession,
        form="4",
        archive_cik=Cik("0000320193"),
        issuer_cik=None,
        issuer_name=None,
        updated=at,
        seen=at,
        history=False,
        filed_on=at.date(),
    )


async def _alerts(folder: Path) -> None:
    """What an alert adds, whole: its event, its row, its deliveries and their attempts."""
    sizes = []
    for alerts in (0.0, 1.0):
        file = folder / f"alerts-{alerts}.db"
        database = await open_database(f"sqlite:///{file}")
        await Filler(database, FEW, alerts=alerts).fill(FEW)
        await database.close()
        sizes.append(_size(file))
    print(f"  {'bytes an alert':45} {(sizes[1] - sizes[0]) / FEW:8,.0f} (goal: 2,000)")


async def _year(folder: Path, part: int) -> None:
    """A year of busy days, tidied up week by week as the service does."""
    file, whole = folder / "year.db", A_YEAR // part
    database = await open_database(f"sqlite:///{file}")
    filler = Filler(database, whole, timedelta(days=365))
    housekeeping._BREATH = 0.0  # noqa: SLF001  # nobody waits for us
    keeper = Housekeeping(Settings(), database, _Then(filler), Unwatched())
    largest = 0
    for week in range(1, 53):
        await filler.fill(whole * week // 52)
        await keeper.tidy()
        largest = max(largest, file.stat().st_size)
    await database.close()
    gigabytes = largest * part / 1e9
    of = f"{A_YEAR:,} filings{f', played at 1/{part}' if part > 1 else ''}"
    print(f"  {'a year with the default retention, at most':45} {gigabytes:8.2f} GB: {of}")


class _Then(SystemClock):
    """The time of the filing that came last."""

    def __init__(self, filler: Filler) -> None:
        self._filler = filler

    def now(self) -> datetime:
        """Its time."""
        return self._filler.at


def _size(file: Path) -> int:
    return sum(one.stat().st_size for one in file.parent.glob(f"{file.name}*"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="filingbell-growth-") as home:
        asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else MANY, Path(home)))
