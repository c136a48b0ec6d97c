"""``history``: what insiders did before, from the SEC's quarterly data sets and from what was filed since."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from service.cli.out import print_json
from service.cli.plot import plot
from service.cli.screen import Screen
from service.clock import now
from service.control import history as control
from service.control.trend import Trend
from service.history.importing import Importer, ImportOutcome
from service.history.sets import Set, sets_in
from service.model.ownership import AcquiredDisposed, DerivativeHolding, NonDerivativeHolding
from service.model.past import Brought, Past
from service.runtime.opened import opened
from service.text import legible
from service.wire import encode
from service.words import counted, eastern

_DRAWN = 1000  # filings: the latest


def bring(paths: Sequence[Path], *, as_json: bool) -> None:
    """Bring the sets that *paths* name, one after the other; exit status 1 if rows could not be read."""
    sets = sets_in(paths)
    screen = Screen(stderr=True)
    try:
        outcomes = asyncio.run(_brought(sets, screen))
    except KeyboardInterrupt:
        screen.print("What is there stays: the same call goes on from here.")
        raise
    if as_json:
        print_json([{name: getattr(one, name) for name in ImportOutcome.__struct_fields__} for one in outcomes])
    else:
        for one in outcomes:
            for line in _told(one):
                print(line)
    if any(one.unreadable for one in outcomes):
        raise typer.Exit(1)


def show(name: str, limit: int, *, as_json: bool) -> None:
    """Show the last *limit* filings of a company or an owner, row by row, and to a terminal a plot of what it knows."""
    console = Screen()
    drawn = console.is_terminal and console.encoding.startswith("utf") and not as_json
    found, trend = asyncio.run(_found(name, limit, _DRAWN if drawn else 0))
    if as_json:
        sys.stdout.buffer.write(encode(found) + b"\n")  # numbers as they were filed
        return
    table = Table("Known", "Form", "Who", "Code", "Shares", "Price", "Owned after", "Security")
    table.columns[0].no_wrap = True
    for column in table.columns[4:7]:
        column.justify = "right"
    for past in legible(found):
        for line in _lines(past):
            table.add_row(eastern(past.known), past.form, *line)
    console.put(table)
    if any(past.source is Brought.SET for past in found):
        console.print("From the SEC's quarterly sets numbers are rounded to two decimals, and times are the day's end.")
    if trend is not None:
        for text in plot(legible(trend), console.width):
            console.print(text, no_wrap=True)


async def _brought(sets: Sequence[Set], console: Console) -> list[ImportOutcome]:
    async with opened(create=True) as (database, _):
        with _bar(console) as bar:
            outcomes = []
            for one in sets:
                task = bar.add_task(one.name, total=one.size)

                def tell(read: int, task: Any = task) -> None:
                    bar.update(task, completed=read)

                outcomes.append(await Importer(database, now, tell).bring(one))
                bar.update(task, completed=one.size)
            return outcomes


async def _found(name: str, limit: int, drawn: int) -> tuple[list[Past], Trend | None]:
    """The latest *limit* filings of *name*, and what the latest *drawn* say together; None: nothing is drawn."""
    async with opened() as (database, _):
        one = await control.whose(database, name)
        found = await control.latest(database, one, limit)
        return found, await control.drawn(database, one, drawn) if drawn else None


def _told(one: ImportOutcome) -> Iterator[str]:
    if one.again:
        yield f"{one.name}: was there already ({counted(one.filings, 'filing')})"
        return
    yield f"{one.name}: {counted(one.filings, 'filing')}, {counted(one.rows, 'row')}"
    if one.changed or one.same or one.gone:
        yield (
            f"  issued again: {counted(one.changed, 'filing')} changed, {one.same:,} the same, "
            f"{one.gone:,} of the earlier issue not in it (they stay)"
        )
    if one.better:
        yield f"  {counted(one.better, 'filing')} left out: EDGAR's own documents were read, which say it better"
    if one.odd:
        counts = "counts" if one.odd == 1 else "count"
        yield f"  {counted(one.odd, 'cell')} could not be read, and {counts} as empty"
    if one.unreadable:
        left = "is" if one.unreadable == 1 else "are"
        yield f"  {counted(one.unreadable, 'row')} could not be read, and {left} left out"


def _lines(past: Past) -> Iterator[tuple[str, ...]]:
    """A line for each row, and one for a filing without any."""
    who = "; ".join(owner.rpt_owner_name or owner.rpt_owner_cik for owner in past.owners)
    for row in past.rows:
        owned, security = _amount(row.shares_owned_following_transaction), row.security_title or ""
        if isinstance(row, NonDerivativeHolding | DerivativeHolding):
            yield who, "holds", "", "", owned, security
            continue
        shares = _amount(row.transaction_shares)
        gone = row.transaction_acquired_disposed_code is AcquiredDisposed.DISPOSED
        signed = f"-{shares}" if gone and shares else shares
        yield who, row.transaction_code or "?", signed, _amount(row.transaction_price_per_share), owned, security
    if not past.rows:
        yield who, "no rows", "", "", "", ""


def _amount(number: Decimal | None) -> str:
    return "" if number is None else f"{number:,f}"


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:.0f} %"),
        TransferSpeedColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    )
