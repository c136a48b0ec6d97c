"""A whole form: boxes, tables, footnotes, signatures, and what to look at."""

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from service.cli.form.head import TITLES, checks, head
from service.cli.form.tables import tables
from service.cli.screen import Screen
from service.model.ownership import OwnershipDocument
from service.text import legible


def show(filed: OwnershipDocument, screen: Screen) -> None:
    """Print what was *filed* as the form that it is."""
    document = legible(filed)
    form = document.document_type
    version = f"schema {document.schema_version}" if document.schema_version else "no schema version"
    screen.print(Text.assemble((f"Form {form}: {TITLES[form[0]]}", "bold"), (f"  ({version})", "dim")))
    for mark, text in checks(document):
        screen.print(Text(f"{mark} {text}"))
    screen.print()
    _list(head(document), screen, "dim")
    tables(document, screen)
    if document.footnotes:
        _heading("Explanation of Responses", screen)
        _list(((number, _prose(text)) for number, text in document.footnotes.items()), screen, "bold")
    if document.remarks:
        _heading("Remarks", screen)
        screen.print(Text(_prose(document.remarks)))
    _heading("Signature of Reporting Person", screen)
    signed = [(one.signature_name or "no name", one.signature_date) for one in document.owner_signatures]
    for name, day in signed:
        screen.print(Text(f"{name}, {day.isoformat() if day else 'no date'}"))
    if not signed:
        screen.print(Text("none", style="dim"))
    if document.flags:
        _heading("What to look at", screen)
        _list(((flag.where or "Form", flag.message) for flag in document.flags), screen, "yellow")


def _heading(text: str, screen: Screen) -> None:
    screen.print()
    screen.print(Text(text, style="bold"))


def _prose(text: str) -> str:
    """*text* without the runs of spaces that filers' line ends leave."""
    return " ".join(text.split())


def _list(lines: Iterable[tuple[str, str]], screen: Screen, style: str) -> None:
    """Names, and what there is to say of each; what is wrapped stays in its column."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style=style, no_wrap=True)
    grid.add_column(overflow="fold")
    for name, text in lines:
        grid.add_row(name, Text(text))
    screen.print(grid)
