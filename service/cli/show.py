"""Alerts and documents for a terminal."""

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from consumers.dispatcher.render import RowText, rendering
from service.model.alert import Alert
from service.words import counted


def alert_panel(alert: Alert) -> Panel:
    """*alert* as a panel: who, what, why, where."""
    words = rendering(alert)
    parts: list[RenderableType] = [Text(words.headline, style="bold"), Text()]
    about = Table.grid(padding=(0, 2))
    about.add_column(style="dim", no_wrap=True)
    about.add_column(overflow="fold")
    for who in words.who:
        about.add_row("Who", Text(who))
    about.add_row("Company", Text(words.company))
    for note in words.notes:
        about.add_row("Note", Text(note, style="yellow"))
    if words.remarks:
        about.add_row("Remarks", Text(words.remarks))
    parts.append(about)
    for row in words.rows[:3]:
        parts += [Text(), *_row(row)]
    if len(words.rows) > 3:
        parts.append(Text(f"and {counted(len(words.rows) - 3, 'more row')}", style="dim"))
    parts += [Text(), Text("Why", style="bold green")]
    parts += [Padding(Text(line), (0, 0, 0, 2)) for line in words.why[:8]]
    if len(words.why) > 8:
        parts.append(Text(f"  and {counted(len(words.why) - 8, 'more line')}: filingbell explain", style="dim"))
    for number, text in words.footnotes[:4]:
        parts.append(Text.assemble((f"{number} ", "dim"), (text, "italic")))
    for flag in words.flags:
        parts.append(Text(f"Odd: {flag}", style="yellow"))
    parts.append(Text())
    parts += [Text.assemble((f"{label}: ", "dim"), (url, "blue")) for label, url in words.links]
    if words.way:
        parts.append(Text(words.way, style="dim"))
    subtitle = f"form {words.form}  {words.accession}"
    return Panel(
        Group(*parts), title=Text(f" {words.rule} ", style="bold reverse"), subtitle=Text(subtitle), title_align="left"
    )


def _row(row: RowText) -> list[RenderableType]:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, text in row.lines:
        grid.add_row(label, Text(text))
    return [Text(row.title, style="bold cyan"), grid]
