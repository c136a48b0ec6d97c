"""What it takes to hold one rule against a million filings of the past: python -m bench.backtest [FILINGS]."""

import asyncio
import gc
import resource
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from msgspec.structs import replace

from bench.ruleset import Companies, subjects
from consumers.language.rules import rules, watchlists
from consumers.matcher.columns import FORM
from consumers.matcher.match import CompiledRule
from consumers.matcher.subject import Subject
from service.clock import SystemClock
from service.control.backtest import backtest
from service.control.preparing import facts_of, prepare
from service.model.decision import Decided
from service.model.filing import Accession
from service.model.parsed import ParsedFiling
from service.model.trait import traits_of
from service.store import Database, facts, schema
from service.store.database import open_database
from service.store.facts import KeptFacts
from service.store.history import key_of
from service.store.packing import pack
from service.wire import encode

FILINGS = 1_000_000
YEARS = 5
_UNTIL = datetime(2025, 6, 30, 20, tzinfo=UTC)
_SAMPLES = 5_000  # that differ in more than accession number and time
_BATCH = 10_000
_NEW = 20_000  # the latest, whose facts nobody has told yet
_RULES: dict[str, tuple[dict[str, Any], float | None]] = {  # and within how many seconds of CPU time; None: no goal
    "whatever its kind": ({"not": {"plan_10b5_1": True}, "value": ">= $50,000,000"}, 20.0),
    "of half: kinds: purchase": ({"kinds": "purchase", "value": ">= $5,000,000"}, 20.0),
    "by roles and dates": ({"roles": "officer", "days_late": ">= 1", "ownership": "direct"}, 20.0),
    "a sum": ({"kinds": ["purchase", "sale"], "value": ">= $20,000,000", "per": "filing"}, 20.0),
    "most of them ring": ({"plan_10b5_1": False}, 20.0),
    "kinds: gift": ({"kinds": "gift"}, 1.0),
    "kinds: tender": ({"kinds": "tender"}, 1.0),
    "a ticker": ({"watchlist": "ours"}, 1.0),
    "a ticker, two years": ({"watchlist": "ours", "kinds": "sale"}, 1.0),
    "when": ({"kinds": "gift", "when": "value > 5000000 || 'ceo' in role"}, None),
    "the past": ({"kinds": "gift", "days_since_purchase": ">= 365"}, None),
}


async def fill(database: Database, filings: int) -> None:
    """So many filings, in equal steps of YEARS, as the log leaves them when it forgets: whole and packed.

    All but the latest with their facts, as `prepare` leaves them.
    """
    made = subjects(_SAMPLES)
    samples = [(one, encode(ParsedFiling(filing=one.filing, document=one.document)), _facts(one)) for one in made]
    step = timedelta(days=365 * YEARS) / filings
    for start in range(0, filings, _BATCH):
        async with database.transaction(lasting=False) as tx:
            rows, whole, symbols, told = [], [], set(), []
            for number in range(start, min(start + _BATCH, filings)):
                sample, said, of_sample = samples[number * 7919 % _SAMPLES]
                known = _UNTIL - step * (filings - number)
                accession = Accession(f"{number % 997:010d}-{known.year % 100:02d}-{number:06d}"[:20])
                key, issuer = key_of(accession), sample.document.issuer
                filing = {
                    "filing": key,
                    "source": 0,
                    "form": "4",
                    "issuer": int(issuer.issuer_cik),
                    "company": issuer.issuer_name,
                    "symbol": issuer.issuer_trading_symbol,
                    "known": tx.instant(known),
                    "traits": traits_of(sample.document),
                }
                rows.append(tuple(filing.get(column.name) for column in schema.history_filings.columns))
                whole.append((key, pack(said.replace(sample.filing.accession.encode(), accession.encode()))))
                told.append(replace(of_sample, filing=of_sample.filing._replace(known=known, filing=key)))
                symbols.add((int(issuer.issuer_cik), issuer.issuer_trading_symbol))
            await tx.load(schema.history_filings, rows)
            await tx.load(schema.history_documents, whole)
            await tx.load(schema.history_symbols, sorted(symbols, key=repr))
        told = told[: max(0, filings - _NEW - start)]
        await facts.keep(database, FORM, told, await facts.standing(database, [one.filing for one in told]))


def _facts(subject: Subject) -> KeptFacts:
    made = facts_of(subject, Decided(_UNTIL, 0, 0, None, None, None))
    assert made is not None
    return made


async def filled(file: Path, filings: int) -> None:
    """Make *file*, with so many filings."""
    database = await open_database(f"sqlite:///{file}")
    await fill(database, filings)
    await database.close()


async def measure(file: Path, filings: int) -> None:
    """Print what each rule takes."""
    database = await open_database(f"sqlite:///{file}")
    clock = SystemClock()
    cpu = time.process_time()
    async for _ in prepare(database, clock):
        pass
    cpu = time.process_time() - cpu
    new = min(filings, _NEW)
    print(f"  facts told ahead, once a filing: {cpu / new * 1e6:.0f} us of CPU each", flush=True)
    watched = Counter(Companies().every[:50]).most_common(1)[0][0][0]
    known = watchlists({"ours": {"tickers": [watched]}})
    for name, (asked, goal) in _RULES.items():
        (rule,) = rules({"one": asked | {"channels": "desk"}}, known, {"desk"})
        days = 2 * 365 if "two years" in name else YEARS * 365 + 1
        cpu, wall = time.process_time(), time.perf_counter()
        found = await backtest(database, CompiledRule.of(rule), _UNTIL - timedelta(days=days), _UNTIL, clock)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        wanted = f" (goal: {goal:g})" if goal else ""
        print(
            f"  {name:26} {cpu:7.2f} s of CPU{wanted}, {wall:6.2f} s; of {found.filings:,} read {found.held:,}, "
            f"rang {found.rang:,}, unknown {found.unknown_count:,}",
            flush=True,
        )
    await database.close()


def _filled(file: Path, filings: int) -> None:
    asyncio.run(filled(file, filings))


def main() -> None:
    """Make the past, and hold rules against it."""
    gc.set_threshold(50_000)  # as the command has it
    filings = int(sys.argv[1]) if len(sys.argv) > 1 else FILINGS
    with TemporaryDirectory() as folder:
        file = Path(folder) / "past.db"
        print(f"one rule against {filings:,} filings of {YEARS} years", flush=True)
        with ProcessPoolExecutor(1, get_context("spawn")) as apart:  # whose samples are no memory of a backtest
            apart.submit(_filled, file, filings).result()
        asyncio.run(measure(file, filings))
        print(f"  {file.stat().st_size / filings:,.0f} bytes a filing (of them the packed form, without rows)")
        print(f"  at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB (goal: 150)")


if __name__ == "__main__":
    main()
