"""The terminal, or whatever takes its place, as the commands print on it."""

import os
from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.measure import Measurement
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from service.cli.calls import READER_GONE
from service.text import each_line

_WIDE = 10_000  # columns: more than any table


class Screen(Console):
    """Prints words as they are, without anything in them that would steer the terminal."""

    def __init__(self, *, stderr: bool = False, framed: bool = False) -> None:
        """*framed*: it shows frames as wide as the screen is, into a pipe as well."""
        super().__init__(highlight=False, stderr=stderr)
        if not self.is_terminal and not framed and "COLUMNS" not in os.environ:
            self.width = _WIDE  # no line is broken that grep or diff will read

    def on_broken_pipe(self) -> None:
        """End the command: the reader has gone. Rich would end it with 1, which here means that the answer is no."""
        try:
            super().on_broken_pipe()
        except SystemExit:
            raise SystemExit(READER_GONE) from None

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """What *renderable* comes to. Commands make text `legible` by themselves; this is for what one forgot."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=each_line(segment.text))

    def hang(self, head: Text, body: Text, indent: int | None = None) -> None:
        """Print *body* behind *head*; where it is wrapped, its lines begin where the first one does, or at *indent*."""
        if indent is None:
            indent = head.cell_len
        if indent > self.width // 2:
            self.print(head, soft_wrap=True)
            head, indent = Text(" " * 4), 4
        lines = body.wrap(self, max(self.width - indent, 1), overflow="fold") or [Text()]
        for number, line in enumerate(lines):
            line.rstrip()
            begin = Text(" " * indent) if number else head
            self.print(Text.assemble(begin, line) if line else head, soft_wrap=True)

    def put(self, table: Table) -> None:
        """Print *table* where it fits without breaking a word; else each row of it, column by column."""
        if self.fits(table):
            self.print(table)
            return
        columns = [(str(column.header), list(column.cells)) for column in table.columns]
        heads = max(len(header) for header, _ in columns) + 2
        for index in range(table.row_count):
            name, *rest = [(header, _text(cells[index])) for header, cells in columns]
            self.hang(Text(), Text(name[1].plain, style="bold"))
            for header, cell in rest:
                if cell:
                    self.hang(Text(f"  {header:{heads}}", style="dim"), cell)

    def fits(self, table: Table) -> bool:
        """Whether *table* can be printed without breaking a word or a number."""
        return Measurement.get(self, self.options.update(max_width=_WIDE), table).minimum <= self.width


def _text(cell: RenderableType) -> Text:
    return cell if isinstance(cell, Text) else Text(str(cell))
