"""``latency``: how long filings took, station by station."""

import asyncio

import msgspec
import typer
from rich.table import Table

from service.cli.out import print_json
from service.cli.screen import Screen
from service.control.latency import STATIONS, Took
from service.control.latency import latency as control
from service.runtime.opened import opened
from service.words import lasted


def latency(last: int, *, as_json: bool) -> None:
    """Show the stretches of the *last* live filings' way; exit status 1 if there are none."""
    figures = asyncio.run(_latency(last))
    if as_json:
        print_json(msgspec.to_builtins(figures))
    elif not figures:
        print("No live filing has come through yet; what is in the way: filingbell status")
    else:
        table = Table("Station", "Count", "p50", "p90", "p99", "Longest")
        for column in table.columns[1:]:
            column.justify = "right"
        for name, took in figures.items():
            times = map(lasted, (took.p50, took.p90, took.p99, took.longest))
            table.add_row(STATIONS[name], str(took.count), *times)
        Screen().put(table)
    if not figures:
        raise typer.Exit(1)


async def _latency(last: int) -> dict[str, Took]:
    async with opened() as (database, _):
        return await control(database, last)
