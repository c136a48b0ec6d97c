"""Counts of days drawn together, so that years fit on a screen."""

from collections.abc import Mapping
from datetime import date, timedelta

from msgspec import Struct

_DAYS, _WEEKS = 45, 300  # days that are shown one by one, and in weeks; longer stretches in months


class Bar(Struct, frozen=True, kw_only=True):
    """A day, a week or a month."""

    first: date
    last: date
    label: str  # 2024-03-05 of a day or a week, 2024-03 of a month
    count: int


def bars(by_day: Mapping[date, int], first: date, last: date) -> list[Bar]:
    """The days from *first* to *last*, in days, weeks (from Monday on) or months; those without a count too."""
    length = (last - first).days + 1
    found, start = list[Bar](), first
    while start <= last:
        end = min(_end(start, length), last)
        label = f"{start:%Y-%m}" if length > _WEEKS else f"{start}"
        count = sum(by_day.get(start + timedelta(days=ahead), 0) for ahead in range((end - start).days + 1))
        found.append(Bar(first=start, last=end, label=label, count=count))
        start = end + timedelta(days=1)
    return found


def stretch(first: date, last: date) -> str:
    """What a bar stands for."""
    length = (last - first).days + 1
    return "month" if length > _WEEKS else "week" if length > _DAYS else "day"


def _end(start: date, length: int) -> date:
    if length > _WEEKS:
        return (start.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return start + timedelta(days=6 - start.weekday()) if length > _DAYS else start
