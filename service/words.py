"""Counts, times and slips of the pen in words."""

import difflib
from collections.abc import Iterable
from datetime import datetime

from service.model.calendar import EASTERN


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 day``, ``2 days``, ``1,000 days``; *many*: where that is not *one* with an s."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def eastern(at: datetime) -> str:
    """``2026-11-25 18:03 EST``: every time that a person reads is New York's, with its zone."""
    return f"{at.astimezone(EASTERN):%Y-%m-%d %H:%M %Z}"


def eastern_span(start: datetime, end: datetime) -> str:
    """``2026-11-25 18:03 to 18:16 EST``: the day and the zone stand twice only where they differ."""
    first, last = start.astimezone(EASTERN), end.astimezone(EASTERN)
    day = "" if first.date() == last.date() else f"{last:%Y-%m-%d} "
    zone = "" if first.tzname() == last.tzname() else f" {first:%Z}"
    return f"{first:%Y-%m-%d %H:%M}{zone} to {day}{last:%H:%M %Z}"


def nearest(given: str, known: Iterable[str]) -> str | None:
    """The one of *known* that *given* is a slip of; None: nothing is so near that it must be meant.

    >>> nearest("Option_Grant", ["award", "option-grant"])
    'option-grant'
    >>> nearest("cluster", ["roles", "watchlist"]) is None
    True
    """
    folded = {_folded(name): name for name in known}
    letters = max(len(given), 2)
    near = min(0.8, (letters - 1) / letters)  # of a short name, all but one letter
    close = difflib.get_close_matches(_folded(given), folded, n=1, cutoff=near)
    return folded[close[0]] if close else None


def _folded(name: str) -> str:
    return name.casefold().replace("_", "-").replace(" ", "-")
