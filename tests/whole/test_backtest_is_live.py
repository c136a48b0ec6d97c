"""What the matcher rang for live, and what a backtest says afterwards that it would have rung for: the same filings."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import groupby, zip_longest
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from consumers import stage
from consumers.language.rules import rules, watchlists
from consumers.matcher.match import CompiledRule
from consumers.matcher.rulebook import Rulebook
from consumers.matcher.step import MatcherStep
from consumers.parser import parse
from consumers.parser.limits import Limits
from consumers.parser.step import ParserStep
from consumers.steps import Step
from service.control.backtest import backtest
from service.control.recalling import several
from service.history.importing import Importer
from service.history.sets import Set
from service.log.table import TableLog
from service.model.alert import alert_id
from service.model.errors import UnusableDocument
from service.model.filing import Times
from service.model.parsed import ParsedFiling
from service.model.rule import Rule
from service.store import Database, marks
from service.store.database import open_database
from service.store.schema import events, history_filings, matchings
from service.store.schema import marks as instants
from service.vitals import Unwatched
from service.wire.topics import Topic, parsed_event
from tests.kit.clocks import SetClock
from tests.kit.corpus import DOCUMENTS, corpus
from tests.kit.eventually import eventually
from tests.kit.filings import a_filing_event, now
from tests.kit.market import market
from tests.kit.rows import all_of
from tests.kit.tasks import going_on
from tests.kit.tidying import publish, read_to, tidied

MONTH = datetime(2024, 10, 1, 4, tzinfo=UTC)  # midnight in New York
END = datetime(2024, 11, 1, 4, tzinfo=UTC)
_FILINGS = 20_000  # of six years
_AT_ONCE = 7  # that come together

RULES: dict[str, dict[str, object]] = {
    "large buys": {"kinds": "purchase", "value": ">= $100k"},
    "first in a year": {"kinds": "purchase", "days_since_purchase": ">= 365"},
    "again within two months": {
        "kinds": ["purchase", "sale"],
        "any_of": [{"days_since_purchase": "<= 60"}, {"days_since_sale": "<= 60"}],
    },
    "reversals": {"reversal": True},
    "opportunistic": {"kinds": ["purchase", "sale"], "habit": "opportunistic"},
    "half of a holding": {"kinds": "sale", "holding_change": ">= 20%"},
    "by no plan": {"kinds": "sale", "plan_10b5_1": False},
    "grants to officers": {"kinds": ["option-grant", "award"], "roles": "officer"},
    "late": {"days_late": ">= 1"},
    "sums": {"kinds": "sale", "value": ">= $1m", "per": "filing"},
    "vests": {"when": "vesting != ''"},
    "amendments": {"amendments": "only"},
    "a company": {"watchlist": "ours", "not": {"kinds": "withholding"}},
}


def made(issuer: int) -> list[Rule]:
    """The rules; one watches the company *issuer*."""
    known = watchlists({"ours": {"ciks": [issuer]}})
    return list(rules({name: one | {"channels": "desk"} for name, one in RULES.items()}, known, {"desk"}))


@pytest.fixture(scope="module")
def quarters(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], list[ParsedFiling]]:
    """The sets of the years before, and what was filed in the month, in order, each some minutes behind the last."""
    folder = tmp_path_factory.mktemp("market")
    zips = [one.zipped(folder / f"{one.name}_form345.zip") for one in market(_FILINGS)]
    found = asyncio.run(filed_in_the_month(f"sqlite:///{folder}/all.db", zips[-1:]))
    step = (END - MONTH) / (len(found) + 1)
    times = (Times(accepted=MONTH + number * step) for number in range(1, len(found) + 1))
    return zips[:-1], [
        replace(one, filing=replace(one.filing, times=when)) for one, when in zip(found, times, strict=True)
    ]


async def filed_in_the_month(url: str, zips: Sequence[Path]) -> list[ParsedFiling]:
    database = await open_database(url)
    await bring(database, zips)
    at = history_filings.c
    async with database.reading() as connection:
        within = select(at.filing).where(at.known >= MONTH, at.known < END).order_by(at.known, at.filing)
        keys = list(await connection.scalars(within))
    found = await several(database, keys)
    await database.close()
    return [found[key] for key in keys]


async def bring(database: Database, zips: Sequence[Path]) -> None:
    importer = Importer(database, lambda: MONTH - timedelta(days=1), lambda _: None)
    for path in zips:
        await importer.bring(Set(path))


@asynccontextmanager
async def matching(database: Database, held: Sequence[Rule], clock: SetClock, filings: int) -> AsyncIterator[None]:
    """The parser and the matcher are at work, until so many *filings* are matched."""
    log = TableLog(database, Unwatched())
    steps: list[Step[object]] = [
        ParserStep(clock.now, Limits(), Unwatched()),
        MatcherStep(lambda: Rulebook.of(held), clock.now, Unwatched()),
    ]
    loops = [stage.run(step, log.source(step.group, step.topic), database, clock.now, Unwatched()) for step in steps]
    async with going_on(*loops):
        yield

        async def matched() -> bool:
            return filings == len(await all_of(database, matchings.c.accession))

        await eventually(matched)


async def rung(database: Database) -> set[str]:
    """The ids of the alerts that came."""
    return {one for one, topic in await all_of(database, events.c.id, events.c.topic) if topic == Topic.ALERTS}


async def told(database: Database, held: Sequence[Rule], clock: SetClock, since: datetime, until: datetime) -> set[str]:
    """The ids of the alerts that backtests say."""
    ids = set[str]()
    for rule in held:
        found = await backtest(database, CompiledRule.of(rule), since, until, clock)
        assert 0 == found.failed
        ids |= {alert_id(rule.id, accession) for accession in found.rings}
    return ids


async def replayed(
    database: Database, zips: Sequence[Path], pieces: Sequence[Sequence[ParsedFiling]], held: Sequence[Rule]
) -> tuple[set[str], set[str]]:
    """What rang while the month came in *pieces*, and what backtests of it say."""
    await bring(database, zips)
    async with database.transaction() as tx:
        await tx.add(instants, {"name": marks.PAST, "at": MONTH - timedelta(days=1)})
    clock = SetClock(MONTH)
    async with matching(database, held, clock, sum(map(len, pieces))):
        for piece in pieces:
            latest = max(one.filing.times.accepted for one in piece if one.filing.times.accepted)
            clock.set(max(clock.now(), latest + timedelta(seconds=5)))
            await publish(database, *(parsed_event(one, clock.now()) for one in piece))
            await asyncio.sleep(0)
    live = await rung(database)
    return live, await told(database, held, clock, MONTH, END)


def by_issuer(month: Sequence[ParsedFiling], chance: random.Random) -> list[Sequence[ParsedFiling]]:
    """The same month, company by company as chance will have it, each company's in their order."""
    issuers = sorted(month, key=lambda one: one.document.issuer.issuer_cik)
    of_each = [list(group) for _, group in groupby(issuers, key=lambda one: one.document.issuer.issuer_cik)]
    chance.shuffle(of_each)
    rounds = zip_longest(*of_each)
    return [[one for one in piece if one is not None] for piece in rounds]


@pytest.mark.long
async def test_a_replayed_month_rings_live_for_what_a_backtest_says(
    database: Database, quarters: tuple[list[Path], list[ParsedFiling]], tmp_path: Path
) -> None:
    """Alert by alert; and likewise where the filings come in another order, each company's in their own."""
    zips, month = quarters
    held = made(int(month[0].document.issuer.issuer_cik))
    as_accepted = [month[start : start + _AT_ONCE] for start in range(0, len(month), _AT_ONCE)]
    live, said = await replayed(database, zips, as_accepted, held)
    other = await open_database(f"sqlite:///{tmp_path}/other.db")
    live_by_issuer, said_by_issuer = await replayed(other, zips, by_issuer(month, random.Random(1)), held)
    await other.close()
    rang = {rule.name for rule in held for one in month if alert_id(rule.id, one.filing.accession) in live}

    assert live == said
    assert live_by_issuer == said_by_issuer == live
    assert set(RULES) == rang
    assert len(live) > 100


def each_document() -> list[bytes]:
    return [path.read_bytes() for folder in DOCUMENTS for path in sorted((corpus() / folder).iterdir())]


def is_usable(data: bytes) -> bool:
    try:
        parse(data)
    except UnusableDocument:
        return False
    return True


async def test_filings_as_edgar_serves_them_ring_live_for_what_a_backtest_says(either: Database) -> None:
    """The corpus, through parser and matcher; in the log, and once that has forgotten it."""
    filed = [data for data in each_document() if is_usable(data)]
    held, clock = made(320193), SetClock(now())
    async with matching(either, held, clock, len(filed)):
        await publish(either, *(a_filing_event(number, data) for number, data in enumerate(filed)))
    live, since = await rung(either), clock.now() - timedelta(days=365 * 40)
    in_log = await told(either, held, clock, since, clock.now())
    await read_to(either, "dispatcher", 10**7)
    await tidied(either)
    in_past = await told(either, held, clock, since, clock.now())

    assert len(live) > 20
    assert live == in_log == in_past
