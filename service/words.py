"""Counts, times and slips of the pen in words."""

import difflib
from collections.abc import Iterable
from datetime import datetime, timedelta

from service.model.calendar import EASTERN


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 day``, ``2 days``, ``1,000 days``; *many*: where that is not *one* with an s."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def eastern(at: datetime, *, seconds: bool = False) -> str:
    """``2026-11-25 18:03 EST``: every time that a person reads is New York's, with its zone."""
    return format(at.astimezone(EASTERN), f"%Y-%m-%d %H:%M{':%S' if seconds else ''} %Z")


def lasted(seconds: float) -> str:
    """A stretch of time, as exactly as it matters.

    >>> lasted(0.0123), lasted(3.21), lasted(3601)
    ('12 ms', '3.2 s', '1:00:01')
    """
    if abs(seconds) < 1:
        return f"{seconds * 1000:.0f} ms"
    if abs(seconds) < 120:
        return f"{seconds:.1f} s"
    return f"{timedelta(seconds=round(seconds))}"


def shortened(text: str, length: int) -> str:
    """*text*, or as many of its words as *length* characters hold, with "..." behind.

    >>> shortened("404 Not Found: no_service", 18)
    '404 Not Found: ...'
    """
    if len(text) <= length:
        return text
    head = text[: length - 3]
    return f"{head if text[len(head)].isspace() else head[: head.rfind(' ') + 1] or head}..."


def span(stretch: timedelta) -> str:
    """How long something took: ``40 ms``, ``1.4 s``, ``36 s``, ``12 min``."""
    seconds = stretch.total_seconds()
    if seconds < 0.1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s" if seconds < 600 else f"{seconds / 60:,.0f} min"


def sentence(text: str) -> str:
    """*text*, as an error says it, as a sentence of its own.

    >>> sentence("the token cannot be made:")
    'The token cannot be made.'
    """
    said = text.rstrip().rstrip(":")
    return f"{said[:1].upper()}{said[1:]}{'' if said.endswith(('.', '!', '?')) else '.'}"


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


def likest(given: str, known: Iterable[str], count: int) -> list[str]:
    """Up to *count* of *known* that are like *given*, or have a word of it, the likest first.

    >>> likest("sold_shares", ["shares", "owned_after", "shares_owned", "value"], 2)
    ['shares', 'shares_owned']
    """
    names = list(known)
    words = {*_folded(given).split("-")}
    folded = {_folded(name): name for name in names}
    like = [folded[one] for one in difflib.get_close_matches(_folded(given), folded, n=count, cutoff=_LIKE)]
    return list(dict.fromkeys((*like, *(name for name in names if words & {*_folded(name).split("-")}))))[:count]


_LIKE = 0.6


def _folded(name: str) -> str:
    return name.casefold().replace("_", "-").replace(" ", "-")
