"""``watchlists check``, ``accept`` and ``import``: what entries stand for, and putting a portfolio among them."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from consumers import configuration as configfile
from service.cli.given import standard_input
from service.cli.out import print_json
from service.cli.resources import acting
from service.cli.screen import Screen
from service.clock import now
from service.control import entries
from service.control.entries import Checked, EntryState, WatchlistEntry
from service.control.importing import Imported, import_rows
from service.control.portfolio import rows_of
from service.text import legible
from service.words import counted


def check(named: str | None, workspace: str, *, as_json: bool) -> None:
    """Show what every entry stands for today; exit status 1 if a person should see to one."""

    async def read() -> list[Checked]:
        async with acting(workspace) as (database, _, actor):
            return await entries.check(database, actor.workspace, named)

    found = asyncio.run(read())
    if as_json:
        print_json([msgspec.to_builtins(one) for one in found])
    else:
        for one in legible(found):
            _show(one, workspace)
        if not found:
            Screen().print("no watchlists yet: filingbell watchlists add, or filingbell watchlists import NAME FILE")
    if any(entry.needs_a_look for one in found for entry in one.entries):
        raise typer.Exit(1)


def accept(named: str, tickers: Sequence[str], workspace: str) -> None:
    """Let tickers stand for what they are today."""

    async def write() -> None:
        async with acting(workspace) as (database, _, actor):
            after, moved = await entries.accept(database, actor, named, [one.upper() for one in tickers], now())
        screen = Screen()
        for one in moved:
            name = f"{one.after.name} (CIK {int(one.after.cik)})"
            screen.print(f"{after.name}: {one.ticker} stands for {name} now; until now CIK {int(one.before.cik)}")
        if not moved:
            screen.print(f"no ticker of the watchlist {after.name} has moved; nothing was changed")

    asyncio.run(write())


def import_file(named: str, file: str, workspace: str, *, partly: bool, replace: bool) -> None:
    """Put the companies of *file* on a watchlist."""
    text = standard_input() if file == "-" else configfile.text_of(Path(file), f"there is no file {file}")
    rows = list(rows_of(text, "standard input" if file == "-" else file))

    async def write() -> Imported:
        async with acting(workspace, create=True) as (database, vault, actor):
            return await import_rows(database, vault, actor, named, rows, now(), partly=partly, replace=replace)

    told = asyncio.run(write())
    screen = Screen()
    there = f", {told.there:,} there already or twice" if told.there else ""
    made = "made the watchlist" if told.made else "watchlist"
    lines = counted(told.lines, "line")
    screen.print(f"{made} {told.watchlist.name}: {counted(told.new, 'new entry', 'new entries')}{there}, from {lines}")
    if told.list_of is None:
        screen.print("the SEC's list has not come yet: whether tickers are right shows `filingbell watchlists check`")
    for one in legible(told.unplaced):
        screen.print(f"  line {one.line} was left out: {one.why}")
    if told.unplaced_count > len(told.unplaced):
        screen.print(f"  and {told.unplaced_count - len(told.unplaced):,} lines more were left out")


def _show(one: Checked, workspace: str) -> None:
    screen = Screen()
    screen.print(Text(f"{one.watchlist}", style="bold"), Text(f"({_of(one)})", style="dim"))
    table = Table("Entry", "Company", "CIK", "")
    option = "" if workspace == "default" else f" --workspace {workspace}"
    for entry in one.entries:
        company = entry.name or ""
        table.add_row(_written(entry), company, str(int(entry.cik)) if entry.cik else "", _said(entry, one, option))
    screen.put(table)


def _of(one: Checked) -> str:
    told = f"by the SEC's list of {one.list_of}" if one.list_of else "the SEC's list has not come yet"
    wanting = sum(entry.needs_a_look for entry in one.entries)
    return f"{counted(len(one.entries), 'entry', 'entries')}, {told}{f'; {wanting} to look at' if wanting else ''}"


def _written(entry: WatchlistEntry) -> str:
    named = str(int(entry.cik)) if entry.kind == "cik" and entry.cik else entry.entry
    return f"{'except ' if entry.left_out else ''}{'' if entry.kind == 'ticker' else f'{entry.kind} '}{named}"


def _said(entry: WatchlistEntry, one: Checked, option: str) -> str:
    """What to know of *entry*, and what to do."""
    if entry.now is not None:
        accepting = f"filingbell watchlists accept {one.watchlist} {entry.entry}{option}"
        return f"moved: now {entry.now.name} (CIK {int(entry.now.cik)}). To follow it: {accepting}"
    near = f"; nearest: {', '.join(entry.nearest)}" if entry.nearest else ""
    placed = f"by the list of {entry.listed}" if entry.listed else ""
    return {
        EntryState.GONE: f"not on the SEC's list any more; {placed}",
        EntryState.UNPLACED: f"not on the SEC's list: found by the symbol box alone{near}",
        EntryState.WAITING: "found by the symbol box alone, until the SEC's list comes"
        if entry.kind == "ticker"
        else "",
        EntryState.UNLISTED: "no ticker on the SEC's list",
        EntryState.OWNER: "by its CIK" if entry.entry.isdecimal() else "by all words of the name",
    }.get(entry.state, placed)
