"""How many filings a second go through parser, matcher and dispatcher, embedded."""

import asyncio
import gc
import os
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from msgspec import Struct

from bench import ruleset
from bench.ruleset import Companies
from consumers import stage
from consumers.dispatcher.step import DispatcherStep
from consumers.following import Following
from consumers.language.rules import rules as load_rules
from consumers.matcher.rulebook import Rulebook, rulebook
from consumers.matcher.step import MatcherStep
from consumers.parser.limits import Limits
from consumers.parser.step import ParserStep
from consumers.steps import Step
from service import telemetry
from service.cli.app import YOUNG
from service.clock import now
from service.control import provision, resources
from service.edgar.submission import ownership_xml
from service.log.table import TableLog
from service.lookalike import archive
from service.model.errors import UnusableReason
from service.model.fact import Kind
from service.model.filing import Accession, Filing, FilingEvent, Links, Original, Times
from service.model.identity import DEFAULT
from service.model.resource import Actor, ResourceKind
from service.model.rule import Rule
from service.runtime.beside import ReaderBeside
from service.store import Database, deliveries, events, marks
from service.store.database import open_database
from service.vault import Vault
from service.vitals import Unwatched
from service.wire.topics import Event, Topic, filing_event

FILINGS = 5_000
RULES = 1_000
REALISTIC = (1_000, 10_000)
NOWHERE = "nowhere"

_UNLISTED = 251  # companies; no multiple of the bundled filings, else each would file one and the same again
_FIRST = 8_000_000_000  # the CIK of the first
_LOOK = 0.02  # seconds between looks whether all is through


def sections() -> dict[str, Any]:
    """As in a configuration file: rules of every kind, few of which any one filing meets, and where they alert."""
    kinds = list(Kind)
    return {
        "channels": {NOWHERE: {"type": "slack", "url": "http://127.0.0.1:9/"}},
        "rules": {
            f"rule-{number}": {
                "kinds": str(kinds[number % len(kinds)]),
                "value": f">= {1000 * number}k",
                "channels": NOWHERE,
            }
            for number in range(RULES)
        },
    }


def rules() -> tuple[Rule, ...]:
    """Those of ``sections``, as they are where no database holds them."""
    return load_rules(sections()["rules"], {}, {NOWHERE})


async def provisioned(database: Database, asked: dict[str, Any] | None = None) -> Following[Rulebook]:
    """Store ``sections``, or what is *asked*; its channel is disabled: alerts are owed to it, and nothing is sent."""
    actor, vault = Actor(name="bench", workspace=DEFAULT, file="bench"), Vault([Fernet.generate_key().decode()])
    await provision.apply(database, vault, actor, asked or sections(), now())
    await resources.switch(database, actor, ResourceKind.CHANNEL, NOWHERE, now(), enabled=False)
    following = Following("rules", database, rulebook, Unwatched())
    await following.load()
    return following


class Unlisted:
    """Companies on nobody's watchlist, as many as file so often in a quarter: no filing tells of another's trade."""

    def __init__(self) -> None:
        self._number = 0

    def filing(self, _: random.Random) -> tuple[str, str]:
        """The next one."""
        self._number = (self._number + 1) % _UNLISTED
        return f"ZZ{chr(65 + self._number // 26)}{chr(65 + self._number % 26)}Z", f"{_FIRST + self._number:010d}"


def published(count: int = FILINGS, companies: Companies | Unlisted | None = None) -> list[Event]:
    """The bundled filings, over and over under new accessions; of *companies*, if there are any."""
    listings = archive.load(Path(archive.__file__).parent / "samples")
    documents = [xml for listing in listings if (xml := ownership_xml(listing.data))]
    chance = random.Random(3)
    made = []
    for number in range(count):
        filing = Filing(
            accession=Accession(f"0009990000-25-{number:06d}"),
            form="4",
            issuer_cik=None,
            issuer_name=None,
            filed_on=None,
            links=Links(index="", submission=""),
            times=Times(),
        )
        xml = documents[number % len(documents)]
        document = Original.of(xml if companies is None else _by(companies.filing(chance), xml))
        made.append(filing_event(FilingEvent(filing=filing, document=document), now()))
    return made


def _by(company: tuple[str, str], xml: bytes) -> bytes:
    """*xml* as if *company* were the issuer."""
    for element, value in zip((b"issuerTradingSymbol", b"issuerCik"), company, strict=True):
        xml = re.sub(b"<%b>[^<]*<" % element, b"<%b>%b<" % (element, value.encode()), xml)
    return xml


async def main() -> None:
    """Print the figures."""
    telemetry.configure_logs("critical")
    gc.set_threshold(YOUNG)  # as the command has it
    await run("rules by kind and value, few of which any filing meets", None, published(FILINGS, Unlisted()))
    companies = Companies()
    for count in REALISTIC:
        asked = {"channels": sections()["channels"], **ruleset.sections(count, NOWHERE)}
        rules = f"{count:,} rules as people make them, nine in ten with a watchlist"
        await run(f"{rules}; companies that are on none", asked, published(FILINGS, Unlisted()))
        await run(f"{rules}; companies as they file", asked, published(FILINGS // 5, companies))


async def run(what: str, asked: dict[str, Any] | None, filings: Sequence[Event]) -> None:
    """Print how soon *filings* are through, with what is *asked* (see ``provisioned``), and how long others wait."""
    alone = await through(asked, filings)
    beside = await through(asked, filings, writing)
    print(f"pipeline, embedded, {what}: {len(filings):,} filings, {alone.alerts:,} alerts, {alone.owed:,} owed")
    rate = f"{len(filings) / alone.seconds:8,.0f} filings/s, {1000 * alone.work / len(filings):.2f} ms of CPU each"
    print(f"  parser, matcher and dispatcher                {rate}")
    if alone.reader is not None:
        more = f"{1000 * alone.reader.work / len(filings):.2f} ms of CPU each, {alone.reader.memory:.0f} MB"
        print(f"  the process that reads filings beside them    {'':8} {more}")
    line("a read of one row, alone", alone.reads)
    line("a write of one row, alone", alone.writes)
    line("a write of one row, while the backlog is worked off", beside.meanwhile)


class Reader(Struct, frozen=True, kw_only=True):
    """The process that read filings beside the others."""

    work: float  # of the CPU, in seconds
    memory: float  # resident, in megabytes


class Through(Struct, frozen=True, kw_only=True):
    """How filings went through."""

    seconds: float
    work: float  # of the CPU, in seconds, of the process that writes
    reader: Reader | None  # None: there was none, for lack of cores
    alerts: int
    owed: int
    reads: list[float]  # what one took each time, of an idle database
    writes: list[float]
    meanwhile: list[float]  # what others took


class Handled(Unwatched):
    """Counts what went through: to ask the database how far it is would take a tenth of the time."""

    def __init__(self) -> None:
        self.groups = Counter[str]()
        self.dead = 0

    def handled(self, group: str, records: int, dead: Iterable[UnusableReason], seconds: float) -> None:
        """Count it."""
        self.groups[group] += records
        self.dead += len(list(dead))

    async def all_through(self, filings: int, log: TableLog) -> None:
        """Wait until all of *filings* are through, and their alerts."""
        while self.groups["matcher"] + self.dead < filings:
            await asyncio.sleep(_LOOK)
        while any((await log.lag()).values()):
            await asyncio.sleep(_LOOK)


async def through(
    asked: dict[str, Any] | None,
    filings: Sequence[Event],
    beside: Callable[[Database, list[float]], Coroutine[Any, Any, None]] | None = None,
) -> Through:
    """Work off *filings*; *beside*: what else goes on, and what it takes."""
    async with AsyncExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory())
        database = await open_database(f"sqlite:///{home}/bench.db")
        reads = [await timed(marks.get(database, marks.FLOOR)) for _ in range(1_000)]
        writes = [await timed(small_write(database)) for _ in range(200)]
        following = await provisioned(database, asked)
        async with database.transaction() as tx:
            tx.emit(*filings)
        log, handled = TableLog(database, Unwatched()), Handled()
        reading = await stack.enter_async_context(ReaderBeside(Limits()))
        steps: list[Step[Any]] = [
            ParserStep(now, Limits(), handled, reading),
            MatcherStep(lambda: following.current, now, handled),
            DispatcherStep(now, own=True),
        ]
        meanwhile: list[float] = []
        started, before = time.perf_counter(), time.process_time()
        tasks = [
            asyncio.create_task(stage.run(step, log.source(step.group, step.topic), database, now, handled))
            for step in steps
        ]
        if beside is not None:
            tasks.append(asyncio.create_task(beside(database, meanwhile)))
        await handled.all_through(len(filings), log)
        seconds, work = time.perf_counter() - started, time.process_time() - before
        reader = None if reading.pid is None else _of(reading.pid)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        alerts = (await events.counts(database)).get(Topic.ALERTS, 0)
        owed = sum((await deliveries.counts(database)).values())
        await database.close()
    return Through(
        seconds=seconds,
        work=work,
        reader=reader,
        alerts=alerts,
        owed=owed,
        reads=reads,
        writes=writes,
        meanwhile=meanwhile,
    )


def _of(process: int) -> Reader:
    """What *process* has used up to now, its start included."""
    user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    work = (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return Reader(work=work, memory=telemetry.resident_mb(process))


async def writing(database: Database, took: list[float]) -> None:
    """Write now and then, as a sender does, without end; *took* is how long each took."""
    while True:
        took.append(await timed(small_write(database)))
        await asyncio.sleep(0.002)


async def small_write(database: Database) -> None:
    """One row, in a transaction of its own."""
    async with database.transaction() as tx:
        await marks.put(tx, marks.FLOOR, now())


async def timed(work: Awaitable[object]) -> float:
    """How many seconds *work* takes."""
    started = time.perf_counter()
    await work
    return time.perf_counter() - started


def line(name: str, seconds: list[float]) -> None:
    """Print one figure."""
    ordered = sorted(seconds)
    p50, p99 = (1000 * ordered[len(ordered) * share // 100] for share in (50, 99))
    print(f"  {name:<52} p50 {p50:7.2f} ms   p99 {p99:7.2f} ms")


if __name__ == "__main__":
    asyncio.run(main())
