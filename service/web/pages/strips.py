"""Percentiles as a strip on a logarithmic scale, from a millisecond to a quarter of an hour. Pure."""

from collections.abc import Mapping
from math import log10

from msgspec import Struct

from service.control.latency import STATIONS, Took

_LEAST, _MOST = 0.001, 1000.0  # seconds at the ends of the scale
TICKS = (
    (0.001, "1 ms"),
    (0.01, "10 ms"),
    (0.1, "0.1 s"),
    (1.0, "1 s"),
    (10.0, "10 s"),
    (60.0, "1 min"),
    (600.0, "10 min"),
)
_TOTALS = frozenset({"seen-to-sent", "whole"})


class Strip(Struct, frozen=True, kw_only=True):
    """A stretch of the way: where its percentiles stand, in hundredths of the width."""

    name: str
    stretch: str  # in words
    took: Took
    p50: float
    p90: float
    p99: float
    is_total: bool  # of several stretches


def strips(found: Mapping[str, Took]) -> list[Strip]:
    """One for each station that is known, in the order of the way."""
    return [
        Strip(
            name=name,
            stretch=STATIONS[name].replace("->", "\N{RIGHTWARDS ARROW}"),
            took=took,
            p50=place(took.p50),
            p90=place(took.p90),
            p99=place(took.p99),
            is_total=name in _TOTALS,
        )
        for name, took in found.items()
    ]


def ticks() -> list[tuple[float, str]]:
    """Where the lines of the scale stand, and what is written at them."""
    return [(place(seconds), label) for seconds, label in TICKS]


def place(seconds: float) -> float:
    """Where *seconds* stand; what is off the scale stands at its end."""
    within = min(max(seconds, _LEAST), _MOST)
    return round(100 * log10(within / _LEAST) / log10(_MOST / _LEAST), 2)
