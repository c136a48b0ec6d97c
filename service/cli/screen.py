"""The terminal, or whatever takes its place, as the commands print on it."""

import os
from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.measure import Measurement
from rich.segment import Segment
from rich.table import Table

from service.cli.groups import READER_GONE
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

    def fits(self, table: Table) -> bool:
        """Whether *table* can be printed without breaking a word or a number."""
        return self._measured(table).minimum <= self.width

    def print_whole(self, table: Table) -> None:
        """Print *table* as wide as it is: of a number that is cut off, something else would be left."""
        width = self._measured(table).maximum
        if width > self.width:
            table.width = width
        self.print(table, crop=False)

    def _measured(self, table: Table) -> Measurement:
        return Measurement.get(self, self.options.update(max_width=_WIDE), table)
