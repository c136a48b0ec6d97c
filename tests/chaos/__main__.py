"""``python -m tests.chaos --seeds 10 --filings 20000``: figures; exit status 1 if anything was lost or doubled."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.chaos.storm import Outcome, Servers, storm


def told(outcome: Outcome) -> str:
    """One line."""
    verdict = outcome.verdict
    blows = ", ".join(f"{count} {name}" for name, count in sorted(outcome.blows.items(), key=lambda one: -one[1]))
    return (
        f"seed {outcome.seed}: {outcome.filings:,} filings in {outcome.seconds:.0f} s: {len(verdict.lost)} lost, "
        f"{len(verdict.doubled)} doubled, {len(verdict.other)} otherwise wrong; {verdict.delivered:,} webhooks, "
        f"{verdict.repeats} of them repeated under the same id; {outcome.fell} workers fell; {blows}"
    )


async def main(folder: Path, seeds: list[int], filings: int, rate: float, blows: int, only: str) -> bool:
    """Run every seed; returns whether all is well."""
    good = True
    async with Servers(folder) as servers:
        print(f"Apache Kafka {servers.kafka.version}, {servers.postgres.version}; logs in {folder}", flush=True)
        for seed in seeds:
            outcome = await storm(servers, folder / f"seed-{seed}", seed, filings, rate=rate, blows=blows, only=only)
            print(told(outcome), flush=True)
            for fault in [*outcome.verdict.lost, *outcome.verdict.doubled, *outcome.verdict.other][:20]:
                print(f"  {fault}", flush=True)
            good &= outcome.verdict.good
    return good


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--seeds", type=int, default=10, help="how many")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--filings", type=int, default=20_000, help="a seed")
    parser.add_argument("--rate", type=float, default=250.0, help="filings that appear a second")
    parser.add_argument("--blows", type=int, default=30, help="a seed")
    parser.add_argument("--only", default="", help="blows with these words in their name, with commas between")
    chosen = parser.parse_args()
    numbers = list(range(chosen.first, chosen.first + chosen.seeds))
    logs = Path(tempfile.mkdtemp(prefix="filingbell-chaos-"))
    logs.chmod(0o755)  # PostgreSQL runs as another user
    sys.exit(not asyncio.run(main(logs, numbers, chosen.filings, chosen.rate, chosen.blows, chosen.only)))
