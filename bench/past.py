"""What it costs the matcher that rules ask what was filed before, where millions of rows were.

python -m bench.past [ROWS] [FILE]: FILE is filled unless it is there, and kept.
"""

import asyncio
import gc
import random
import sqlite3
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from msgspec.structs import replace

from bench import ruleset
from bench.ruleset import Companies
from consumers import stage
from consumers.matcher.index.ruleset import RuleSet
from consumers.matcher.necessary import kinds_needed
from consumers.matcher.rulebook import Rulebook
from consumers.matcher.step import Matched, MatcherStep
from service import telemetry
from service.cli.app import YOUNG
from service.clock import now
from service.log.table import TableLog
from service.model.fact import Kind
from service.model.filing import Accession, Cik, Times
from service.model.identity import Revision
from service.model.ownership import ReportingOwner, TransactionCode
from service.model.parsed import ParsedFiling
from service.model.rule import All, Rule
from service.model.trait import TRAIT_OF_CODE
from service.store import Database, Transaction
from service.store.database import open_database
from service.store.marks import PAST
from service.vitals import Unwatched
from service.wire.topics import Record, parsed_event

ROWS = 10_000_000
GOAL = 1.3  # times what the matcher takes without them
RULES, ASKING = 1_000, 50
FILINGS = 6_000
INSIDERS = 25  # of a company, over the years; the first of them files a fifth of its filings
_SINCE = datetime(2006, 1, 1, tzinfo=UTC)
_BATCH = 100
_ORDER = (0, 1), (1, 0)  # of the two sides
_DEALS = [frozenset(one) for one in ({Kind.PURCHASE}, {Kind.SALE}, {Kind.PURCHASE, Kind.SALE})]

_ASKED: tuple[Mapping[str, Any], ...] = (  # beside what the rule asks anyway
    {"days_since_purchase": "> 730 days"},
    {"days_since_sale": "> 365 days"},
    {"reversal": True},
    {"habit": "opportunistic"},
    {"days_since_grant": "< 30 days"},
)
_EVERYWHERE: tuple[Mapping[str, Any], ...] = (  # the amounts that are drawn here are far above real ones
    {"kinds": ["purchase"], "value": ">= $50M", "days_since_purchase": "> 730 days"},
    {"kinds": ["purchase"], "value": ">= $50M", "reversal": True},
    {"kinds": ["sale"], "value": ">= $100M", "habit": "opportunistic"},
)
_WHATEVER = ({"kinds": ["purchase", "sale"], "reversal": True},)


def fill(file: Path, rows: int, companies: Companies) -> None:
    """Twenty years of purchases and sales, two rows a filing, as a set has them; in the order of their numbers."""
    with closing(sqlite3.connect(file)) as into:
        for pragma in ("synchronous=OFF", "journal_mode=OFF", "cache_size=-500000"):
            into.execute(f"PRAGMA {pragma}")
        into.execute("CREATE TEMP TABLE company (place INTEGER PRIMARY KEY, cik INTEGER)")
        into.executemany("INSERT INTO company VALUES (?, ?)", enumerate(int(cik) for _, cik in companies.every))
        (index,) = into.execute("SELECT sql FROM sqlite_master WHERE name = 'history_by_owner'").fetchone()
        into.execute("DROP INDEX history_by_owner")
        since, at = (int(one.timestamp() * 1_000_000) for one in (_SINCE, now()))
        into.executescript(
            _FILL.format(
                filings=rows // 2,
                companies=len(companies.every),
                insiders=INSIDERS,
                since=since,
                span=at - since,
                sale=TRAIT_OF_CODE[TransactionCode.SALE],
                purchase=TRAIT_OF_CODE[TransactionCode.PURCHASE],
            )
        )
        into.execute(index)
        into.execute("INSERT INTO marks (name, at) VALUES (?, ?)", (PAST, at))
        for quarter in range((now().year - _SINCE.year + 1) * 4):
            name = f"{_SINCE.year + quarter // 4}q{quarter % 4 + 1}"
            into.execute(
                "INSERT INTO history_sets (id, name, digest, started, finished, filings, rows)"
                " VALUES (?, ?, ?, ?, ?, 0, 0)",
                (quarter + 1, name, name, at, at),
            )
        into.execute("PRAGMA journal_mode=WAL")
        into.commit()


_FILL = """
CREATE TEMP TABLE made AS
WITH RECURSIVE number(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < {filings} - 1),
drawn AS (
  SELECT n, n * 2654435761 % 4294967296 % {companies} AS place, n * 40503 % 65536 / 65536.0 AS u,
    {since} + n * ({span} / {filings}) AS known
  FROM number
)
SELECT n, company.cik AS issuer, 10000000 + drawn.place * {insiders} + CAST({insiders} * u * u AS INTEGER) AS owner,
  known, CAST(strftime('%Y%m%d', known / 1000000, 'unixepoch') AS INTEGER) AS day, drawn.place % 400 AS agent
FROM drawn JOIN company USING (place);
CREATE TEMP TABLE sorted AS
SELECT *, ((day / 10000 - 1990) * 10000000000 + 1000000 + agent) * 1000000 + n % 1000000 AS filing,
  (day / 10000 - 2006) * 4 + (day / 100 % 100 + 2) / 3 AS brought
FROM made ORDER BY filing;
INSERT INTO history_filings (filing, source, form, issuer, symbol, known, filed, period, brought, traits)
SELECT filing, 1, '4', issuer, 'ABC', known, day, day, brought, CASE WHEN n % 3 THEN {sale} ELSE {purchase} END
FROM sorted;
INSERT INTO history_owners (filing, source, owner, rpt_owner_name, is_director) SELECT filing, 1, owner, 'Doe Jane', 1
FROM sorted;
INSERT INTO history_rows (filing, source, part, number, security_title, transaction_date, transaction_form_type,
  transaction_code, equity_swap_involved, transaction_shares, transaction_price_per_share,
  transaction_acquired_disposed_code, shares_owned_following_transaction, direct_or_indirect_ownership)
SELECT filing, 1, 1, piece.value, 'Common Stock', day, '4', CASE WHEN n % 3 THEN 'S' ELSE 'P' END, 0,
  CAST(100 + n % 9000 AS TEXT), '12.5', CASE WHEN n % 3 THEN 'D' ELSE 'A' END, CAST(10000 + n % 90000 AS TEXT), 'D'
FROM sorted, json_each('[1, 2]') AS piece;
DROP TABLE made;
DROP TABLE sorted;
"""


def filings(companies: Companies, count: int, named: str, at: datetime) -> list[ParsedFiling]:
    """*count* filings of today, by insiders of whom years of filings are there."""
    chance, places = random.Random(2), {cik: place for place, (_, cik) in enumerate(companies.every)}
    made = []
    for number, subject in enumerate(ruleset.subjects(count)):
        place = places[subject.document.issuer.issuer_cik]
        owner = 10_000_000 + place * INSIDERS + int(INSIDERS * chance.random() ** 2)
        (was,) = subject.document.reporting_owners
        who = ReportingOwner(
            rpt_owner_cik=Cik(f"{owner:010d}"), rpt_owner_name=was.rpt_owner_name, relationship=was.relationship
        )
        traded = [replace(row, transaction_date=at.date()) for row in subject.document.non_derivative_table]
        document = replace(subject.document, reporting_owners=(who,), non_derivative_table=tuple(traded))
        filing = replace(
            subject.filing,
            accession=Accession(f"{named}-26-{number:06d}"),
            filed_on=at.date(),
            times=Times(accepted=at),
        )
        made.append(ParsedFiling(filing=filing, document=document))
    return made


def asking(rules: Sequence[Rule]) -> Iterator[Rule]:
    """Some of *rules* on purchases and sales, with something of the past; and a few that ask so of every company."""
    deals = (rule for rule in rules if kinds_needed(rule.condition) in _DEALS)
    for number, rule in enumerate(islice(deals, ASKING)):
        more = ruleset.parts_of(_made(_ASKED[number % len(_ASKED)]).condition)
        condition = replace(rule.condition, rows=All((*ruleset.parts_of(rule.condition), *more)))
        yield replace(rule, id=f"{rule.id}-past", condition=condition)
    yield from map(_made, _EVERYWHERE)


def _made(asked: Mapping[str, Any]) -> Rule:
    made = ruleset.asking(
        tuple((key, tuple(value) if isinstance(value, list) else value) for key, value in asked.items())
    )
    return replace(made, id=str(asked))


def _itself(book: Rulebook) -> Rulebook:
    return book


class Alternating:
    """A matcher that takes every other batch by other rules, and knows what each took.

    Each takes the same filings, so that the second one finds the first one's among what was filed before: they take
    turns at being the first.
    """

    group, topic = MatcherStep.group, MatcherStep.topic

    def __init__(self, *rules: Sequence[Rule]) -> None:
        books = [Rulebook(revision=Revision(1), rules=RuleSet(one)) for one in rules]
        self._steps = [MatcherStep(partial(_itself, book), now, Unwatched()) for book in books]
        self._turn, self._began = 0, 0.0
        self.took = defaultdict[int, float](float)
        self.alerts: Counter[int] = Counter()
        self.looked: Counter[int] = Counter()

    @property
    def _side(self) -> int:
        pair, place = divmod(self._turn, 2)
        return _ORDER[pair % 2][place]

    async def recall(self, database: Database, records: Sequence[Record]) -> None:
        """Everything until this is called again is what the batch takes, reading and committing too."""
        self.over()
        self._began = time.process_time()
        await self._steps[self._side].recall(database, records)

    def read(self, record: Record) -> Matched:
        """By whose turn it is."""
        return self._steps[self._side].read(record)

    async def write(self, tx: Transaction, results: list[Matched]) -> None:
        """Likewise."""
        self.alerts[self._side] += sum(len(one.events) for one in results)
        held = self._steps[self._side]._held  # noqa: SLF001
        self.looked[self._side] += sum(one.subject.past is not None for one in held[1].values()) if held else 0
        await self._steps[self._side].write(tx, results)

    def over(self) -> None:
        """The batch before is over."""
        if self._began:
            self.took[self._side] += time.process_time() - self._began
            self._turn += 1
        self._began = 0.0


async def measure(what: str, file: Path, companies: Companies, without: Sequence[Rule], more: Sequence[Rule]) -> float:
    """Print what *more* rules cost beside those *without* a past; returns the ratio."""
    database = await open_database(f"sqlite:///{file}")
    at, step = now(), Alternating(without, [*without, *more])
    named = [f"{at.microsecond:08d}{side:02d}" for side in (0, 1)]
    sides = [filings(companies, FILINGS, name, at) for name in named]
    for number, start in enumerate(range(0, FILINGS, _BATCH)):
        for side in _ORDER[number % 2]:
            async with database.transaction() as tx:
                tx.emit(*(parsed_event(one, at) for one in sides[side][start : start + _BATCH]))
    log = TableLog(database, Unwatched())
    source = log.source(step.group, step.topic, _BATCH)
    task = asyncio.create_task(stage.run(step, source, database, now, Unwatched()))
    while any((await log.lag()).values()) or not step.took:
        await asyncio.sleep(0.2)
    step.over()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await database.close()
    ratio, share = step.took[1] / step.took[0], step.looked[1] / FILINGS
    each = [1000 * step.took[side] / FILINGS for side in (0, 1)]
    print(f"  {what}: {each[0]:.3f} and {each[1]:.3f} ms of CPU a filing, {ratio:.2f} x")
    print(f"    looked up before {share:.1%} of filings; alerts {step.alerts[0]:,} and {step.alerts[1]:,}")
    return ratio


async def main() -> None:
    """Print the figures."""
    telemetry.configure_logs("critical")
    gc.set_threshold(YOUNG)  # as the command does
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    companies = Companies()
    with TemporaryDirectory() as home:
        file = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(home) / "past.db"
        if not file.exists():
            await (await open_database(f"sqlite:///{file}")).close()
            fill(file, rows, companies)
        print(f"the matcher with {rows:,} rows of the past, {file.stat().st_size / 2**30:.1f} GiB; goal: {GOAL} x")
        rules = list(ruleset.realistic(RULES))
        more = list(asking(rules))
        await measure(f"{RULES:,} rules, and {len(more)} that ask for the past", file, companies, rules, more)
        every = [_made(asked) for asked in _WHATEVER]
        await measure(
            "the same, and one that asks it of every purchase and sale (no goal)", file, companies, rules, every
        )


if __name__ == "__main__":
    asyncio.run(main())
