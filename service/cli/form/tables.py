"""Table I and Table II: a table where it fits, else each row box by box."""

from textwrap import wrap

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from consumers.form.cells import Cell, Entry
from consumers.form.columns import FormTable as Filed
from service.cli.screen import Screen

_HEADING = 14  # columns, where no word is longer


def show_table(filed: Filed, form: str, screen: Screen) -> None:
    """Print the table that was *filed* on *form*."""
    screen.print()
    screen.print(Text(filed.title, style="bold"))
    if not filed.rows:
        screen.print(Text("  no rows", style="dim"))
        return
    wide = _table(filed, form)
    if screen.fits(wide):
        screen.print(wide)
    else:
        _row_by_row(filed, form, screen)


def _table(filed: Filed, form: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="", show_edge=False)
    table.add_column("")
    for column, cells in zip(filed.columns, zip(*filed.rows, strict=True), strict=True):
        lines = wrap(column.heading(form), _HEADING)
        wide = max(map(len, (*lines, *map(_told, cells))))
        narrow = wide <= _HEADING  # it keeps its width: what is long gives way
        table.add_column(
            Text("\n".join(lines), style="dim"),
            justify="right" if column.right else "left",
            overflow="fold",
            min_width=wide if narrow else None,
            no_wrap=narrow,
        )
    for number, cells in enumerate(filed.rows, 1):
        table.add_row(Text(str(number), style="dim"), *(Text(_told(cell)) for cell in cells))
    return table


def _row_by_row(filed: Filed, form: str, screen: Screen) -> None:
    for number, cells in enumerate(filed.rows, 1):
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim")
        grid.add_column(overflow="fold")
        for column, cell in zip(filed.columns, cells, strict=True):
            if cell:
                grid.add_row(column.heading(form), Text(_told(cell)))
        screen.print(Text(f"Row {number}", style="dim bold"))
        screen.print(grid)


def _told(cell: Cell) -> str:
    return " ".join(map(_entry, cell))


def _entry(entry: Entry) -> str:
    """``$2.91 (F1)``; a value that could not be read stands as it was filed, with a question mark."""
    value = entry.text if entry.readable else f"{entry.filed} (?)"
    notes = ", ".join(entry.notes)
    return f"{value} ({notes})".lstrip() if notes else value
