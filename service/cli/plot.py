"""A small plot in the terminal: what an insider held over time, and what was bought and sold."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from rich.text import Text

from service.control.trend import Trend

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_HELD, _TRADED = 6, 2  # lines
_NAME, _COUNT = 7, 13  # columns before the plot: what it is, and the most
_LABEL = _NAME + _COUNT
_NARROW, _WIDE = 20, 100  # columns of the plot
_MARK = 5  # columns that a year needs, with a blank behind


def plot(trend: Trend, width: int) -> Iterator[Text]:
    """*trend* in lines of up to *width* columns; nothing where there is nothing to draw or no room."""
    columns = min(width - _LABEL - 2, _WIDE)
    if columns < _NARROW or not trend.days:
        return
    span = _Span(min(trend.days), max(trend.days), columns)
    yield Text(trend.title, style="bold")
    if trend.held:
        yield from _bars("held", _latest(trend.held, span), _HELD, "")
    for name, trades, style in (("bought", trend.bought, "green"), ("sold", trend.sold, "red")):
        if trades:
            yield from _bars(name, _sums(trades, span), _TRADED, style)
    yield Text(" " * (_LABEL + 1) + span.years(), style="dim")


class _Span:
    """Days, and the column in which each is drawn."""

    def __init__(self, first: date, last: date, columns: int) -> None:
        self._first = first
        self._last = last
        self._days = (last - first).days + 1
        self.columns = columns

    def column(self, day: date) -> int:
        """From 0 on."""
        return (day - self._first).days * self.columns // self._days

    def years(self) -> str:
        """The first day, then each year where it begins and there is room."""
        line = f"{self._first:%Y-%m}"
        for year in range(self._first.year + 1, self._last.year + 1):
            at = self.column(date(year, 1, 1))
            if len(line) < at and at + _MARK <= self.columns + 1:
                line = f"{line:{at}}{year}"
        return line


def _bars(name: str, values: Sequence[Decimal], height: int, style: str) -> Iterator[Text]:
    most = max(values)
    steps = [_step(value, most, height) for value in values]
    for line in range(height - 1, -1, -1):
        label = _counted(most) if line == height - 1 else "0" if line == 0 else ""
        head = f"{name if line == height - 1 else '':{_NAME}}{label:>{_COUNT}} "
        drawn = "".join(_EIGHTHS[min(8, max(0, step - 8 * line))] for step in steps)
        yield Text.assemble((head, "dim"), (drawn.rstrip(), style))


def _counted(most: Decimal) -> str:
    """In full, but for what somebody mistyped."""
    full = f"{most:,.0f}"
    return full if len(full) <= _COUNT else f"{most:.3g}"


def _step(value: Decimal, most: Decimal, height: int) -> int:
    """In eighths of a line; whatever is above 0 can be seen."""
    return max(1, int(value * 8 * height / most)) if value > 0 else 0


def _latest(held: Sequence[tuple[date, Decimal]], span: _Span) -> list[Decimal]:
    """What was held at the end of each column."""
    found: list[Decimal] = []
    by_column = {span.column(day): count for day, count in held}
    for column in range(span.columns):
        found.append(by_column.get(column, found[-1] if found else Decimal(0)))
    return found


def _sums(trades: Sequence[tuple[date, Decimal]], span: _Span) -> list[Decimal]:
    found = [Decimal(0)] * span.columns
    for day, count in trades:
        found[span.column(day)] += count
    return found
