"""One seed: a day, a poller that is killed again and again, and what is left in the end."""

import asyncio
import os
import random
import signal
import sys
import time as machine
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import cast

import msgspec
from msgspec import Struct

from service.log.table import TableLog
from service.lookalike.faults import Faults
from service.lookalike.server import LookAlike
from service.model.calendar import EASTERN
from service.model.filing import FilingEvent
from service.store import Database, day_records, days, filings, gaps
from service.store.database import open_database
from service.vitals import Unwatched
from service.wire import decode
from service.wire.topics import Topic
from tests.day.clock import FastClock, Pace
from tests.day.trading_day import DAY, TradingDay, Trouble, Window

SPEED = 60.0
_NIGHT = 3600.0  # times as fast, while nothing happens
_GRACE = 15.0  # seconds of the clock (a quarter of the machine's): what was on its way when a block fell
_PATIENCE = 60 * 60.0  # seconds of the clock from 6:00 on, until the day is given up
_BLOCKED = 14 * 60.0  # a block, and until what has come up meanwhile is fetched
_CAUGHT_UP = 8 * 60.0  # after an outage: 300 documents at 3 a second, and until the feed is looked at again


class Outcome(Struct, frozen=True, kw_only=True):
    """What a seed came to."""

    seed: int
    filings: int
    lost: tuple[str, ...]  # in the index, and not published
    doubled: tuple[str, ...]
    other: tuple[str, ...]
    violations: int
    busiest: int  # requests in any second
    recovered: int
    kills: int
    blocks: int
    outages: int
    asked: dict[str, int]
    delays: tuple[float, ...]  # from visible to published, of what the feed showed
    calm: tuple[float, ...]  # of these, what no outage, block, kill or late document held up
    seconds: float

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.doubled or self.other or self.violations)

    @property
    def per_filing(self) -> float:
        """Requests per filing, but for the looks at the feed's first page, which depend on the hours alone."""
        return (sum(self.asked.values()) - self.asked.get("newest page", 0)) / self.filings


async def play(folder: Path, seed: int, first: time, last: time, *, kills: int, outages: int, blocks: int) -> Outcome:
    """Play the day from *first* to *last*, and the next morning until the day is compared with its index."""
    chance = random.Random(seed)
    start = datetime.combine(DAY, first, EASTERN) - timedelta(minutes=5)
    end = datetime.combine(DAY, last, EASTERN) + timedelta(minutes=15)
    morning = datetime.combine(DAY + timedelta(days=1), time(5, 58), EASTERN)
    at = {name: (when - start).total_seconds() for name, when in {"end": end, "morning": morning}.items()}
    paces = (Pace(0.0, SPEED), Pace(at["end"], _NIGHT), Pace(at["morning"], SPEED))
    clock = FastClock(origin=machine.monotonic() + 1.5, start=start.astimezone(UTC), paces=paces)
    jumps = {"jump_at": chance.uniform(0, at["end"]), "jump": chance.choice([0.0, -300.0, 400.0, 5400.0])}
    theirs = msgspec.structs.replace(clock, **jumps)
    busy = at["end"] - 900
    windows = [Window(begin, begin + 1800) for begin in _spread(chance, outages, busy, 1800)]
    trouble = Trouble(clock, chance, windows, _spread(chance, blocks, busy, 700))
    day = TradingDay(clock, chance, first, last)
    edgar = LookAlike(day, cast("Faults", trouble), limit=10, block_seconds=600.0, grace=_GRACE, clock=clock)
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, -5)  # sixty times as fast, its own delays must not look like haste
    began = machine.monotonic()
    async with edgar:
        worker = Worker(folder, edgar.url, theirs)
        await worker.start()
        killed = _spread(chance, kills, busy, 300)
        for when in killed:
            await clock.sleep(max(0.0, when - clock.monotonic()))
            await worker.kill()
            await clock.sleep(chance.uniform(0, 60))
            await worker.start()
        await clock.sleep(max(0.0, at["morning"] + 60 - clock.monotonic()))
        database = await open_database(f"sqlite:///{folder}/filingbell.db")
        while clock.monotonic() < at["morning"] + _PATIENCE and not await _settled(database):
            await clock.sleep(15)
        status = await worker.stop()
        outcome = await _judged(database, seed, day, edgar, theirs, trouble, killed, machine.monotonic() - began)
        await database.close()
    if status:
        outcome = msgspec.structs.replace(outcome, other=(*outcome.other, f"the poller ended with status {status}"))
    return outcome


class Worker:
    """The poller as a process."""

    def __init__(self, folder: Path, edgar: str, clock: FastClock) -> None:
        self._folder = folder
        self._clock = msgspec.json.encode(clock).decode()
        settings = {
            "HOME": str(folder),
            "SEC_CONTACT": "Tests tests@example.com",
            "SEC_URL": edgar,
            "SEC_DATA_URL": edgar,
            "SEC_RATE": "3",  # at sixty times the speed, 20 ms late is 1.2 s
            "SEC_TIMEOUT_SECONDS": "0.5",  # the machine's
            "LOG_LEVEL": "info",
        }
        self._environment = os.environ | {f"FILINGBELL_{name}": value for name, value in settings.items()}
        self._environment.setdefault("FILINGBELL_HTTP", "off")
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it, or start it again."""
        self._folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "tests.day.worker", self._clock]
        with (self._folder / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *command, env=self._environment, stdout=log, stderr=log
            )

    async def kill(self) -> None:
        """Kill -9."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def stop(self) -> int:
        """SIGTERM; returns its exit status."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        return await self._process.wait()


async def _settled(database: Database) -> bool:
    records = await day_records.records(database, only=[DAY])
    pending = (await filings.counts(database)).get("pending", 0)
    return bool(records) and all(record.is_complete for record in records) and not pending


async def _judged(
    database: Database,
    seed: int,
    day: TradingDay,
    edgar: LookAlike,
    theirs: FastClock,
    trouble: Trouble,
    killed: list[float],
    seconds: float,
) -> Outcome:
    log = TableLog(database, Unwatched())
    records = [decode(one.value, FilingEvent) async for one in log.tail(Topic.FILINGS, None, follow=False)]
    published = Counter(record.filing.accession for record in records)
    other = [f"{accession} is not of the day" for accession in published.keys() - day.filed.keys()]
    account = next(iter(await day_records.records(database, only=[DAY])), None)
    if account is None or account.state is not days.DayState.READ:
        other.append(f"the day was not compared with its index: {account}")
    elif account.indexed != len(day.filed) or account.missing or account.dead:
        other.append(f"the account of the day does not add up: {account}")
    other += [f"a gap is open: {gap.cause}" for gap in await gaps.still_open(database)]
    held_up = [
        *(Window(begin - 60, begin + _BLOCKED) for begin in trouble.dealt),
        *(Window(window.since - 60, window.until + _CAUGHT_UP) for window in trouble.windows),
        *(Window(when - 60, when + 240) for when in killed),
    ]
    delays, calm = [], []
    for record in records:
        one = day.filed[record.filing.accession]
        if one.hidden or record.filing.provenance.source != "feed":
            continue
        assert record.filing.times.published is not None
        delay = theirs.true(record.filing.times.published) - one.visible
        delays.append(delay)
        if one.served == one.visible and not any(one.visible in window for window in held_up):
            calm.append(delay)
    return Outcome(
        seed=seed,
        filings=len(day.filed),
        lost=tuple(sorted(day.filed.keys() - published.keys())),
        doubled=tuple(sorted(accession for accession, count in published.items() if count > 1)),
        other=tuple(other),
        violations=edgar.violations,
        busiest=edgar.busiest,
        recovered=account.recovered if account else 0,
        kills=len(killed),
        blocks=len(trouble.dealt),
        outages=len(trouble.windows),
        asked=dict(edgar.asked),
        delays=tuple(sorted(delays)),
        calm=tuple(sorted(calm)),
        seconds=seconds,
    )


def _spread(chance: random.Random, count: int, until: float, least: float) -> list[float]:
    """*count* moments before *until*, one in each equal part of the time, *least* seconds before its end at least."""
    part = until / max(1, count)
    return [number * part + chance.uniform(0, max(0.0, part - least)) for number in range(count)]
