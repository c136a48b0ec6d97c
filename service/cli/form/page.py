"""A whole form: boxes, tables, footnotes, signatures, and what to look at."""

from collections.abc import Iterable, Iterator

from rich.table import Table
from rich.text import Text

from consumers.form import form_of
from consumers.form.head import Head, Owner, Tick
from service.cli.form.tables import show_table
from service.cli.screen import Screen
from service.model.ownership import OwnershipDocument

Line = tuple[str, str]
"""A box's number and name, and what stands in it; no name: a further line of the box before."""


def show(filed: OwnershipDocument, screen: Screen) -> None:
    """Print what was *filed* as the form that it is."""
    form = form_of(filed)
    version = f"schema {form.version}" if form.version else "no schema version"
    screen.print(Text.assemble((f"Form {form.type}: {form.title}", "bold"), (f"  ({version})", "dim")))
    for tick in form.head.ticks:
        screen.print(Text(f"{_mark(tick)} {tick.text}"))
    screen.print()
    _list(_head(form.head, amendment=filed.is_amendment), screen, "dim")
    for table in form.tables:
        show_table(table, form.type, screen)
    for line in form.codes:
        screen.print(Text(line, style="dim"))
    if form.footnotes:
        _heading("Explanation of Responses", screen)
        _list(form.footnotes, screen, "bold")
    if form.remarks:
        _heading("Remarks", screen)
        screen.print(Text(form.remarks))
    _heading("Signature of Reporting Person", screen)
    for one in form.signatures:
        screen.print(Text(f"{one.name or 'no name'}, {one.day or 'no date'}"))
    if not form.signatures:
        screen.print(Text("none", style="dim"))
    if form.flags:
        _heading("What to look at", screen)
        _list(((flag.where or "Form", flag.message) for flag in form.flags), screen, "yellow")


def _mark(tick: Tick) -> str:
    return "[x]" if tick.ticked else "[ ]" if tick.ticked is False else "[?]"


def _head(head: Head, *, amendment: bool) -> Iterator[Line]:
    """The boxes above the tables, in the order in which they are read."""
    for owner in head.owners:
        yield head.names["owner"], f"{owner.name or 'no name given'}, CIK {owner.cik}"
        for line in owner.address:
            yield "", line
        yield head.names["relationship"], _relationship(owner)
    symbol = f" [{head.symbol}]" if head.symbol else ""
    foreign = f", abroad {head.foreign_symbol}" if head.foreign_symbol else ""
    yield head.names["issuer"], f"{head.issuer}{symbol}{foreign}, CIK {head.cik}"
    yield head.names["period"], head.period or "not stated"
    if amendment:
        yield head.names["original"], head.original or "not stated"
    yield head.names["joint"], head.joint


def _relationship(owner: Owner) -> str:
    """All that is ticked, with the title."""
    more = {
        "is_officer": f" ({owner.title or 'no title given'})",
        "is_other": f" ({owner.other or 'not specified'})",
    }
    ticked = (f"{tick.text}{more.get(tick.box, '')}" for tick in owner.relationship if tick.ticked)
    return ", ".join(ticked) or "no box is ticked"


def _heading(text: str, screen: Screen) -> None:
    screen.print()
    screen.print(Text(text, style="bold"))


def _list(lines: Iterable[Line], screen: Screen, style: str) -> None:
    """Names, and what there is to say of each; what is wrapped stays in its column."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style=style, no_wrap=True)
    grid.add_column(overflow="fold")
    for name, text in lines:
        grid.add_row(name, Text(text))
    screen.print(grid)
