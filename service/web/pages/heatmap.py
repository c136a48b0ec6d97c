"""A year of days as a calendar: how each stands, with the weeks as columns and Monday to Friday as rows. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct

from service.control.completeness import DayStanding, standing
from service.model import calendar
from service.store.day_records import DayRecord
from service.words import counted

SIZE, STEP, HEAD = 13, 16, 16  # pixels: a day, from one to the next, and above the first for the months
_HALF = 27  # weeks beside each other; the other half stands beside it, or below where there is no room
_WEEK = timedelta(days=7)
_NO_RECORD, _LATE = "none", "late"


class Cell(Struct, frozen=True, kw_only=True):
    """A day."""

    x: int
    y: int
    kind: str  # a Standing with - for spaces; "late": it should have been compared; "none": nobody was to look at it
    level: int  # of what was filed, from 0 to 4: beside a usual day
    mark: str  # what says the kind without colour; empty: nothing is wrong
    words: str


class Half(Struct, frozen=True, kw_only=True):
    """Weeks beside each other."""

    width: int
    cells: tuple[Cell, ...]
    months: tuple[tuple[int, str], ...]  # where each begins

    @property
    def height(self) -> int:
        """Of five days and the months above them."""
        return HEAD + 5 * STEP


class Month(Struct, frozen=True, kw_only=True):
    """What the calendar shows, added up."""

    first: date
    proven: int  # days compared, of which nothing is missing; with holidays
    open: tuple[date, ...]  # days that are not
    indexed: int
    recovered: int
    dead: int
    missing: int


def first_of(last: date) -> date:
    """The Monday on which the year begins that ends with the week of *last*."""
    return last - timedelta(days=last.weekday()) - (2 * _HALF - 1) * _WEEK


def halves(records: Sequence[DayRecord], late: Collection[date], last: date) -> tuple[Half, Half]:
    """The year until *last*."""
    known = {record.day: record for record in records}
    usual = _usual(records)
    start = first_of(last)
    middle = start + _HALF * _WEEK
    return (
        _half(start, middle - timedelta(days=1), known, late, usual),
        _half(middle, last, known, late, usual),
    )


def months(records: Sequence[DayRecord], late: Collection[date]) -> list[Month]:
    """The same as numbers, the latest first."""
    by_month: dict[date, list[DayRecord]] = {}
    for record in records:
        by_month.setdefault(record.day.replace(day=1), []).append(record)
    unknown = set(late) - {record.day for record in records}
    for day in unknown:
        by_month.setdefault(day.replace(day=1), [])
    return [
        Month(
            first=first,
            proven=sum(record.is_complete for record in those),
            open=tuple(
                sorted(
                    [record.day for record in those if not record.is_complete]
                    + [day for day in unknown if day.replace(day=1) == first]
                )
            ),
            indexed=sum(record.indexed for record in those),
            recovered=sum(record.recovered for record in those),
            dead=sum(record.dead for record in those),
            missing=sum(record.missing for record in those),
        )
        for first, those in sorted(by_month.items(), reverse=True)
    ]


def _usual(records: Sequence[DayRecord]) -> int:
    """What is filed on a busy day, but for the busiest: these would make all others look empty."""
    filed = sorted(record.indexed for record in records if record.indexed)
    return filed[len(filed) * 9 // 10] if filed else 0


def _half(first: date, last: date, known: Mapping[date, DayRecord], late: Collection[date], usual: int) -> Half:
    days = calendar.weekdays(first, last)
    return Half(
        width=_HALF * STEP,
        cells=tuple(_cell(day, first, known.get(day), day in late, usual) for day in days),
        months=tuple(_months(days, first)),
    )


def _months(days: Sequence[date], first: date) -> Iterator[tuple[int, str]]:
    """The first week that is wholly of a month has its name above."""
    for day in days:
        if day.weekday() == 0 and day.day <= 7:
            yield _column(day, first) * STEP, f"{day:%b}" if day.month > 1 else f"{day:%b %Y}"


def _column(day: date, first: date) -> int:
    return (day - first).days // 7


def _cell(day: date, first: date, record: DayRecord | None, is_late: bool, usual: int) -> Cell:
    kind = _kind(record, is_late=is_late)
    filed = record.indexed if record else 0
    return Cell(
        x=_column(day, first) * STEP,
        y=HEAD + day.weekday() * STEP,
        kind=kind,
        level=min(4, 1 + 4 * filed // max(usual, 1)) if filed else 0,
        mark=_MARKS.get(kind, ""),
        words=f"{day:%a} {day}: {_words(record, is_late=is_late)}",
    )


_MARKS = {"missing": "!", "not-proven": "?", _LATE: "?"}


def _kind(record: DayRecord | None, *, is_late: bool) -> str:
    if record is None:
        return _LATE if is_late else _NO_RECORD
    return standing(record).replace(" ", "-")


def _words(record: DayRecord | None, *, is_late: bool) -> str:
    if record is None:
        return "not compared yet, and overdue" if is_late else "not compared"
    filed = counted(record.indexed, "filing")
    match standing(record):
        case DayStanding.CLOSED:
            return "EDGAR was closed"
        case DayStanding.WAITING:
            return "not compared yet"
        case DayStanding.NOT_PROVEN:
            return f"not proven: {record.note}" if record.note else "not proven"
        case DayStanding.MISSING:
            return f"{record.missing:,} of {filed} missing"
        case DayStanding.COMPLETE:
            recovered = f", {record.recovered:,} of them recovered" if record.recovered else ""
            dead = f", {record.dead:,} without a usable document" if record.dead else ""
            return f"complete, {filed}{recovered}{dead}"
