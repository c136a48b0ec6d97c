"""How often a rule would have rung, as a picture: bars on a scale of whole numbers. Pure."""

from collections.abc import Iterator

from msgspec import Struct

from service.control.spread import Bar, bars, stretch
from service.control.tallied import Backtest
from service.words import counted

WIDTH, HEIGHT = 720, 168  # of the picture, with the scale on the left and the labels below
LEFT, BELOW, ABOVE = 40, 28, 10
_LABELS = 8  # at most, below the bars
_LETTER = 9  # of a label, at most, so that the last one ends with the picture
_WIDEST = 48  # of a bar: a few days do not fill the picture


class HistogramBar(Struct, frozen=True, kw_only=True):
    """A bar."""

    x: float
    y: float
    width: float
    height: float
    words: str


class Histogram(Struct, frozen=True, kw_only=True):
    """The picture, and what the table beside it says."""

    title: str
    columns: tuple[HistogramBar, ...]
    labels: tuple[tuple[float, str], ...]  # where each stands, from the left
    ticks: tuple[tuple[float, int], ...]  # and from the top
    bars: tuple[Bar, ...]
    stretch: str  # day, week, month


def histogram(found: Backtest) -> Histogram | None:
    """What *found* looks like; None: it never rang."""
    if not found.rang:
        return None
    first, last = found.days
    drawn, of = bars(found.by_day, first, last), stretch(first, last)
    step = (WIDTH - LEFT) / len(drawn)
    wide = min(step * 0.8, _WIDEST)
    scale = list(_scale(max(bar.count for bar in drawn)))
    high = HEIGHT - BELOW - ABOVE
    every = -(-len(drawn) // _LABELS)
    return Histogram(
        title=f"Alerts a {of}, {first} to {last}: {found.rang:,} in all, at most {max(bar.count for bar in drawn):,}",
        columns=tuple(
            HistogramBar(
                x=round(LEFT + (number + 0.5) * step - wide / 2, 2),
                y=round(ABOVE + high * (1 - bar.count / scale[-1]), 2),
                width=round(wide, 2),
                height=round(high * bar.count / scale[-1], 2),
                words=f"{_called(bar, of)}: {counted(bar.count, 'alert')}",
            )
            for number, bar in enumerate(drawn)
        ),
        labels=tuple(
            (round(min(LEFT + (number + 0.5) * step, WIDTH - _LETTER * len(bar.label) / 2), 2), bar.label)
            for number, bar in enumerate(drawn)
            if number % every == 0
        ),
        ticks=tuple((round(ABOVE + high * (1 - tick / scale[-1]), 2), tick) for tick in scale),
        bars=tuple(drawn),
        stretch=of,
    )


def _called(bar: Bar, of: str) -> str:
    return f"week of {bar.first}" if of == "week" else bar.label


def _scale(most: int) -> Iterator[int]:
    """0, and a few whole numbers up to *most* or a little more."""
    step = next(step for step in _steps() if most <= 4 * step)
    yield from range(0, step * -(-most // step) + 1, step)


def _steps() -> Iterator[int]:
    size = 1
    while True:
        yield from (size, 2 * size, 5 * size)
        size *= 10
