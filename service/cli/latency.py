"""``latency``: how long filings took, station by station."""

import asyncio
from collections import defaultdict
from datetime import timedelta

import typer
from rich.table import Table

from service.cli.out import print_json
from service.cli.screen import Screen
from service.model.filing import LEGS, leg
from service.runtime.opened import opened
from service.store import matchings

_NAMES = {
    "listed": "EDGAR accepted it -> time in the feed",
    "seen": "time in the feed -> seen",
    "fetched": "seen -> document here",
    "published": "document here -> published",
    "parsed": "published -> parsed",
    "matched": "parsed -> matched",
    "sent": "matched -> received by the channel",
    "seen-to-sent": "seen -> received by the channel",
    "whole": "EDGAR accepted it -> received by the channel",
}


def latency(last: int, *, as_json: bool) -> None:
    """Show the stretches of the *last* live filings' way; exit status 1 if there are none."""
    took = asyncio.run(_took(last))
    figures = {name: _figures(took[name]) for name in _NAMES if took[name]}
    if as_json:
        print_json(figures)
    elif not figures:
        print("No live filing has come through yet.")
    else:
        table = Table("Station", "Count", "p50", "p90", "p99", "Longest")
        for column in table.columns[1:]:
            column.justify = "right"
        for name, figure in figures.items():
            times = (_words(figure[key]) for key in ("p50", "p90", "p99", "longest"))
            table.add_row(_NAMES[name], str(int(figure["count"])), *times)
        Screen().put(table)
    if not figures:
        raise typer.Exit(1)


async def _took(last: int) -> dict[str, list[timedelta]]:
    took: dict[str, list[timedelta]] = defaultdict(list)
    async with opened() as (database, _):
        for times in await matchings.latest(database, last):
            for name in LEGS:
                stretch = leg(times, name)
                if stretch is not None:
                    took[name].append(stretch)
        for one in await matchings.received(database, last):
            times = one.times
            for name, since in (("sent", times.matched), ("seen-to-sent", times.seen), ("whole", times.accepted)):
                if since is not None:
                    took[name].append(one.at - since)
    return took


def _figures(stretches: list[timedelta]) -> dict[str, float]:
    ordered = sorted(stretch.total_seconds() for stretch in stretches)
    percentiles = {f"p{part}": ordered[min(len(ordered) - 1, len(ordered) * part // 100)] for part in (50, 90, 99)}
    return {"count": len(ordered), **percentiles, "longest": ordered[-1]}


def _words(seconds: float) -> str:
    if abs(seconds) < 1:
        return f"{seconds * 1000:.0f} ms"
    if abs(seconds) < 120:
        return f"{seconds:.1f} s"
    return f"{timedelta(seconds=round(seconds))}"
