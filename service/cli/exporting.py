"""``history export``: the past as a file for other programs, or into a pipe."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from service.cli.screen import Screen
from service.control import history as control
from service.history.exporting import Exported, Writer, export, written
from service.history.formats import Format
from service.model.errors import ConfigError
from service.runtime.opened import opened
from service.words import counted

_NAMED = 5  # filings whose numbers were left out


def export_history(name: str | None, out: Path, form: Format | None, since: date | None, until: date | None) -> None:
    """Export to *out*, ``-`` for standard output; exit status 1 if the format could not hold a number."""
    to_pipe = str(out) == "-"
    form = form or (Format.PARQUET if out.suffix == ".parquet" else Format.CSV)
    if to_pipe and form is Format.PARQUET and sys.stdout.isatty():
        raise ConfigError("Parquet is nothing for a terminal: give --out FILE, or a pipe")
    screen = Screen(stderr=True)
    with _counting(screen, shown=screen.is_terminal and not to_pipe) as tell:
        if to_pipe:
            done = asyncio.run(_exported(name, sys.stdout.buffer, form, since, until, tell))
        else:
            with written(out) as file:
                done = asyncio.run(_exported(name, file, form, since, until, tell))
    if not to_pipe:
        screen.print(f"{out}: {counted(done.filings, 'filing')}, {counted(done.lines, 'line')}")
    if done.inexact:
        named = ", ".join(done.inexact[:_NAMED])
        more = f" and {len(done.inexact) - _NAMED:,} more" if len(done.inexact) > _NAMED else ""
        screen.print(
            f"{counted(len(done.inexact), 'filing')} with a number of more digits than Parquet's decimals hold, "
            f"which is empty there ({named}{more}); --format csv has them"
        )
        raise typer.Exit(1)


async def _exported(
    name: str | None,
    file: IO[bytes],
    form: Format,
    since: date | None,
    until: date | None,
    tell: Callable[[int], None],
) -> Exported:
    async with opened() as (database, _):
        one = await control.whose(database, name) if name else None
        return await export(control.between(database, one, since, until), _writer(form, file), tell)


def _writer(form: Format, file: IO[bytes]) -> Writer:
    if form is Format.CSV:
        from service.history.as_csv import CsvWriter  # noqa: PLC0415 - each loads what it writes with

        return CsvWriter(file)
    from service.history.as_parquet import ParquetWriter  # noqa: PLC0415 - an extra

    return ParquetWriter(file)


@contextmanager
def _counting(screen: Screen, *, shown: bool) -> Iterator[Callable[[int], None]]:
    """Show how many filings there are so far."""
    bar = Progress(
        SpinnerColumn(), TextColumn("{task.completed:,} filings"), TimeElapsedColumn(), console=screen, transient=True
    )
    task = bar.add_task("", total=None)
    if not shown:
        yield lambda _: None
        return
    with bar:
        yield lambda filings: bar.update(task, completed=filings)
