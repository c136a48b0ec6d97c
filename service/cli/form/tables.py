"""Table I and Table II: a table where it fits, else each row box by box."""

from collections.abc import Iterator
from textwrap import wrap

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from service.cli.form.cells import Row
from service.cli.form.codes import meaning
from service.cli.form.columns import TABLE_I, TABLE_II, Column, columns
from service.cli.screen import Screen
from service.model.ownership import DerivativeTransaction, NonDerivativeTransaction, OwnershipDocument

_HEADING = 14  # columns, where no word is longer
_TITLES = (
    ("Table I: Non-Derivative Securities", TABLE_I, "non_derivative_table"),
    (
        "Table II: Derivative Securities",
        TABLE_II,
        "derivative_table",
    ),
)


def tables(document: OwnershipDocument, screen: Screen) -> None:
    """Print the tables of *document*, and what their codes mean."""
    for title, table, name in _TITLES:
        rows: tuple[Row, ...] = getattr(document, name)
        screen.print()
        screen.print(Text(title, style="bold"))
        if not rows:
            screen.print(Text("  no rows", style="dim"))
            continue
        found = columns(table, document.document_type, rows)
        wide = _table(found, document.document_type)
        if screen.fits(wide):
            screen.print(wide)
        else:
            _row_by_row(found, document.document_type, screen)
    for line in _codes(document):
        screen.print(Text(line, style="dim"))


def _table(found: list[tuple[Column, list[str]]], form: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="", show_edge=False)
    table.add_column("")
    for column, _ in found:
        heading = Text("\n".join(wrap(column.heading(form), _HEADING)), style="dim")
        table.add_column(heading, justify="right" if column.right else "left", overflow="fold")
    for number, texts in enumerate(zip(*(texts for _, texts in found), strict=True), 1):
        table.add_row(Text(str(number), style="dim"), *map(Text, texts))
    return table


def _row_by_row(found: list[tuple[Column, list[str]]], form: str, screen: Screen) -> None:
    for index in range(len(found[0][1])):
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim")
        grid.add_column(overflow="fold")
        for column, texts in found:
            if texts[index]:
                grid.add_row(column.heading(form), Text(texts[index]))
        screen.print(Text(f"Row {index + 1}", style="dim bold"))
        screen.print(grid)


def _codes(document: OwnershipDocument) -> Iterator[str]:
    rows = (*document.non_derivative_table, *document.derivative_table)
    traded = [row for row in rows if isinstance(row, NonDerivativeTransaction | DerivativeTransaction)]
    for code in dict.fromkeys(row.transaction_code for row in traded):
        if code is not None:
            yield f"Code {code}: {meaning(code)}"
    if any(row.equity_swap_involved for row in traded):
        yield "Code /K: an equity swap or a similar instrument is involved"
    if any(row.transaction_timeliness for row in traded):
        yield "Code V: reported voluntarily, earlier than required; late: reported later than required"
