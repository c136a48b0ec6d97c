"""``python -m tests.day --seeds 20``: whole days, several at once; exit status 1 if anything was missing or wrong."""

import argparse
import asyncio
import sys
import tempfile
from datetime import time
from pathlib import Path

import msgspec

from tests.day.play import Outcome, play

_FIRST, _LAST = time(6), time(22)


def told(outcome: Outcome) -> str:
    """One line."""
    asked = ", ".join(f"{count:,} {kind}" for kind, count in sorted(outcome.asked.items()))
    return (
        f"seed {outcome.seed}: {outcome.filings:,} filings in the index, {len(outcome.lost)} missing, "
        f"{len(outcome.doubled)} doubled, {len(outcome.other)} otherwise wrong, {outcome.violations} rate violations "
        f"(busiest second {outcome.busiest} of 10); {outcome.recovered} recovered from the index; {outcome.kills} kill "
        f"-9, {outcome.blocks} blocks, {outcome.outages} outages; {outcome.per_filing:.2f} requests a filing ({asked});"
        f" visible to published: p50 {part(outcome.delays, 50):.1f} s, p99 {part(outcome.delays, 99):.0f} s, worst "
        f"{part(outcome.delays, 100):.0f} s; undisturbed p50 {part(outcome.calm, 50):.1f} s, p99 "
        f"{part(outcome.calm, 99):.1f} s"
    )


def part(ordered: tuple[float, ...], percent: int) -> float:
    """The percentile."""
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else float("nan")


async def main(folder: Path, seeds: list[int], at_once: int) -> bool:
    """Play every seed in a process of its own; returns whether all is well."""
    slots, outcomes = asyncio.Semaphore(at_once), []

    async def one(seed: int) -> None:
        async with slots:
            command = [sys.executable, "-m", "tests.day", "--one", str(seed), "--folder", str(folder / f"seed-{seed}")]
            process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
            output, _ = await process.communicate()
            outcome = msgspec.json.decode(output, type=Outcome)
            outcomes.append(outcome)
            print(told(outcome), flush=True)
            for fault in [*outcome.lost, *outcome.doubled, *outcome.other][:20]:
                print(f"  {fault}", flush=True)

    async with asyncio.TaskGroup() as group:
        for seed in seeds:
            group.create_task(one(seed))
    delays = tuple(sorted(delay for outcome in outcomes for delay in outcome.delays))
    calm = tuple(sorted(delay for outcome in outcomes for delay in outcome.calm))
    filings = sum(outcome.filings for outcome in outcomes)
    requests = sum(outcome.per_filing * outcome.filings for outcome in outcomes)
    sums = {name: sum(len(getattr(outcome, name)) for outcome in outcomes) for name in ("lost", "doubled")}
    print(
        f"{len(outcomes)} days: {filings:,} filings, {sums['lost']} missing, {sums['doubled']} doubled, "
        f"{sum(outcome.violations for outcome in outcomes)} rate violations; {requests / filings:.2f} requests a "
        f"filing beside the looks at the feed; visible to published p99 {part(delays, 99):.0f} s, worst "
        f"{part(delays, 100):.0f} s; undisturbed p99 {part(calm, 99):.1f} s"
    )
    return all(outcome.good for outcome in outcomes) and len(outcomes) == len(seeds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.day")
    parser.add_argument("--seeds", type=int, default=20, help="how many")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--these", help="instead: these, with commas between")
    parser.add_argument("--at-once", type=int, default=4, help="days that are played side by side")
    parser.add_argument("--one", type=int, help="play this seed alone, and print its outcome as JSON")
    parser.add_argument("--folder", type=Path, help="where logs and databases go")
    parser.add_argument("--hours", default=f"{_FIRST:%H:%M}-{_LAST:%H:%M}", help="of the day, as 16:30-18:00")
    chosen = parser.parse_args()
    where = chosen.folder or Path(tempfile.mkdtemp(prefix="filingbell-day-"))
    if chosen.one is not None:
        begin, end = map(time.fromisoformat, chosen.hours.split("-"))
        span = end.hour - begin.hour
        result = asyncio.run(
            play(where, chosen.one, begin, end, kills=max(1, span // 2), outages=1 + span // 10, blocks=1 + span // 10)
        )
        sys.stdout.write(msgspec.json.encode(result).decode() + "\n")
        sys.exit(not result.good)
    print(f"logs in {where}", flush=True)
    numbers = list(range(chosen.first, chosen.first + chosen.seeds))
    if chosen.these:
        numbers = [int(number) for number in chosen.these.split(",")]
    sys.exit(not asyncio.run(main(where, numbers, chosen.at_once)))
