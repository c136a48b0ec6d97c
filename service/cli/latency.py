"""``latency``: how long filings took, station by station."""

import asyncio
from collections import defaultdict
from datetime import timedelta

import typer
from rich.table import Table

from service.cli.out import print_json
from service.cli.screen import Screen
from service.log.source import Log
from service.model.alert import Alert
from service.model.filing import LEGS, Times, leg
from service.model.parsed import ParsedFiling
from service.runtime.opened import opened
from service.store import Database, deliveries
from service.wire import decode
from service.wire.topics import Topic

_NAMES = {
    "listed": "EDGAR accepted it -> time in the feed",
    "seen": "time in the feed -> seen",
    "fetched": "seen -> document here",
    "published": "document here -> published",
    "parsed": "published -> parsed",
    "matched": "parsed -> alert made",
    "sent": "alert made -> received by the channel",
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
    async with opened() as (database, log):
        took: dict[str, list[timedelta]] = defaultdict(list)
        await _filings(log, last, took)
        await _alerts(database, last, took)
        return took


async def _filings(log: Log, last: int, took: dict[str, list[timedelta]]) -> None:
    async for record in log.tail(Topic.PARSED, last, follow=False):
        filing = decode(record.value, ParsedFiling).filing
        if not filing.provenance.history:
            _add(took, filing.times, [name for name in LEGS if name != "matched"])


async def _alerts(database: Database, last: int, took: dict[str, list[timedelta]]) -> None:
    for value, sent in await deliveries.first_received(database, last):
        filing = decode(value, Alert).filing
        if filing.provenance.history:
            continue
        times = filing.times
        _add(took, times, ["matched"])
        for name, since in (("sent", times.matched), ("seen-to-sent", times.seen), ("whole", times.accepted)):
            if since is not None:
                took[name].append(sent - since)


def _add(took: dict[str, list[timedelta]], times: Times, names: list[str]) -> None:
    for name in names:
        stretch = leg(times, name)
        if stretch is not None:
            took[name].append(stretch)


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
