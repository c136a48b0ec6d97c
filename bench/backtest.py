"""What it takes to hold one rule against a million filings of the past: python -m bench.backtest [FILINGS]."""

import asyncio
import gc
import resource
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.ruleset import Companies, subjects
from consumers.language.rules import rules, watchlists
from consumers.matcher.match import CompiledRule
from service.clock import SystemClock
from service.control.backtest import backtest
from service.model.filing import Accession
from service.model.parsed import ParsedFiling
from service.model.trait import traits_of
from service.store import Database, schema
from service.store.database import open_database
from service.store.history import key_of
from service.store.packing import pack
from service.wire import encode

FILINGS = 1_000_000
YEARS = 5
_UNTIL = datetime(2025, 6, 30, 20, tzinfo=UTC)
_SAMPLES = 5_000  # that differ in more than accession number and time
_BATCH = 10_000
_RULES: dict[str, tuple[dict[str, Any], float]] = {  # and within how many seconds of CPU time
    "every filing is read": ({"not": {"plan_10b5_1": True}, "value": ">= $50,000,000"}, 20.0),
    "one in three (kinds: purchase)": ({"kinds": "purchase", "value": ">= $5,000,000"}, 20.0),
    "one in twenty (kinds: gift)": ({"kinds": "gift"}, 1.0),
    "a kind that nobody filed": ({"kinds": "tender"}, 1.0),
    "a ticker": ({"watchlist": "ours"}, 1.0),
    "a ticker, two years": ({"watchlist": "ours", "kinds": "sale"}, 1.0),
}


async def fill(database: Database, filings: int) -> None:
    """So many filings, in equal steps of YEARS, as the log leaves them when it forgets: whole and packed."""
    made = subjects(_SAMPLES)
    samples = [(one, encode(ParsedFiling(filing=one.filing, document=one.document))) for one in made]
    step = timedelta(days=365 * YEARS) / filings
    for start in range(0, filings, _BATCH):
        async with database.transaction(lasting=False) as tx:
            rows, whole, symbols = [], [], set()
            for number in range(start, min(start + _BATCH, filings)):
                sample, said = samples[number * 7919 % _SAMPLES]
                known = _UNTIL - step * (filings - number)
                accession = Accession(f"{number % 997:010d}-{known.year % 100:02d}-{number:06d}"[:20])
                key, issuer = key_of(accession), sample.document.issuer
                told = {
                    "filing": key,
                    "source": 0,
                    "form": "4",
                    "issuer": int(issuer.issuer_cik),
                    "company": issuer.issuer_name,
                    "symbol": issuer.issuer_trading_symbol,
                    "known": tx.instant(known),
                    "traits": traits_of(sample.document),
                }
                rows.append(tuple(told.get(column.name) for column in schema.history_filings.columns))
                whole.append((key, pack(said.replace(sample.filing.accession.encode(), accession.encode()))))
                symbols.add((int(issuer.issuer_cik), issuer.issuer_trading_symbol))
            await tx.load(schema.history_filings, rows)
            await tx.load(schema.history_documents, whole)
            await tx.load(schema.history_symbols, sorted(symbols, key=repr))


async def measure(file: Path, filings: int) -> None:
    """Print what each rule takes."""
    database = await open_database(f"sqlite:///{file}")
    await fill(database, filings)
    watched = Counter(Companies().every[:50]).most_common(1)[0][0][0]
    known = watchlists({"ours": {"tickers": [watched]}})
    for name, (asked, goal) in _RULES.items():
        (rule,) = rules({"one": asked | {"channels": "desk"}}, known, {"desk"})
        days = 2 * 365 if "two years" in name else YEARS * 365 + 1
        cpu, wall = time.process_time(), time.perf_counter()
        found = await backtest(database, CompiledRule.of(rule), _UNTIL - timedelta(days=days), _UNTIL, SystemClock())
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        each = f"{cpu / max(found.held, 1) * 1e6:.0f} us each" if found.held > 100 else ""
        print(
            f"  {name:32} {cpu:7.2f} s of CPU (goal: {goal:g}), {wall:6.2f} s; of {found.filings:,} read "
            f"{found.held:,}, rang {found.rang:,}  {each}",
            flush=True,
        )
    await database.close()


def main() -> None:
    """Make the past, and hold rules against it."""
    gc.set_threshold(50_000)  # as the command has it
    filings = int(sys.argv[1]) if len(sys.argv) > 1 else FILINGS
    with TemporaryDirectory() as folder:
        file = Path(folder) / "past.db"
        print(f"one rule against {filings:,} filings of {YEARS} years")
        asyncio.run(measure(file, filings))
        print(f"  {file.stat().st_size / filings:,.0f} bytes a filing (of them the packed form, without rows)")
        print(f"  at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB (goal: 150)")


if __name__ == "__main__":
    main()
