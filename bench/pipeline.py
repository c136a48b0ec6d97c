"""How many filings a second go through parser, matcher and dispatcher, embedded, with 1,000 rules."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from consumers import stage
from consumers.dispatcher.step import DispatcherStep
from consumers.following import Following
from consumers.language.rules import rules as load_rules
from consumers.matcher.rulebook import Rulebook, rulebook
from consumers.matcher.step import MatcherStep
from consumers.parser import Limits
from consumers.parser.step import ParserStep
from service import telemetry
from service.clock import now
from service.control import provision, resources
from service.edgar.submission import ownership_xml
from service.log.table import TableLog
from service.lookalike import archive
from service.model.fact import Kind
from service.model.filing import Accession, Filing, FilingEvent, Links, Original, Times
from service.model.identity import DEFAULT
from service.model.resource import Actor, ResourceKind
from service.model.rule import Rule
from service.store import Database, deliveries, events, marks
from service.store.database import open_database
from service.vault import Vault
from service.vitals import Unwatched
from service.wire.topics import Event, Topic, filing_event

FILINGS = 5_000
RULES = 1_000
NOWHERE = "nowhere"


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


async def provisioned(database: Database) -> Following[Rulebook]:
    """Store ``sections``; their channel is disabled, so that alerts are owed to it, and nothing is sent."""
    actor, vault = Actor(name="bench", workspace=DEFAULT, file="bench"), Vault([Fernet.generate_key().decode()])
    await provision.apply(database, vault, actor, sections(), now())
    await resources.switch(database, actor, ResourceKind.CHANNEL, NOWHERE, now(), enabled=False)
    following = Following("rules", database, rulebook, Unwatched())
    await following.load()
    return following


def published(count: int = FILINGS) -> list[Event]:
    """The bundled filings, over and over under new accessions."""
    listings = archive.load(Path(archive.__file__).parent / "samples")
    documents = [xml for listing in listings if (xml := ownership_xml(listing.data))]
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
        document = Original.of(documents[number % len(documents)])
        made.append(filing_event(FilingEvent(filing=filing, document=document), now()))
    return made


async def main() -> None:
    """Print the figure."""
    telemetry.configure_logs("critical")
    with tempfile.TemporaryDirectory() as home:
        database = await open_database(f"sqlite:///{home}/bench.db")
        reads = [await timed(marks.get(database, marks.FLOOR)) for _ in range(1_000)]
        writes = [await timed(small_write(database)) for _ in range(200)]
        following = await provisioned(database)
        async with database.transaction() as tx:
            tx.emit(*published())
        log = TableLog(database, Unwatched())
        steps: list[stage.Step[object]] = [
            ParserStep(now, Limits(), Unwatched()),
            MatcherStep(lambda: following.current, now, Unwatched()),
            DispatcherStep(now),
        ]
        started = time.perf_counter()
        tasks = [
            asyncio.create_task(stage.run(step, log.source(step.group, step.topic), database, now, Unwatched()))
            for step in steps
        ]
        meanwhile: list[float] = []
        tasks.append(asyncio.create_task(writing(database, meanwhile)))
        while True:
            await asyncio.sleep(0.02)
            counts = await events.counts(database)
            parsed = counts.get(Topic.PARSED, 0) + counts.get(Topic.DEAD, 0)
            if parsed == FILINGS and not any((await log.lag()).values()):
                break
        seconds = time.perf_counter() - started
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        owed = sum((await deliveries.counts(database)).values())
        await database.close()
    alerts = f"{counts.get(Topic.ALERTS, 0):,} alerts, {owed:,} of them owed"
    print(f"pipeline, embedded, {FILINGS:,} filings, {RULES:,} rules, {alerts}")
    print(f"  parser, matcher and dispatcher in one process {FILINGS / seconds:8,.0f} filings/s (goal: 1,000)")
    line("a read of one row, alone", reads)
    line("a write of one row, alone", writes)
    line("a write of one row, while the backlog is worked off", meanwhile)


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
