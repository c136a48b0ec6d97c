"""A year of days as a calendar, and percentiles as strips."""

from datetime import UTC, date, datetime, timedelta

import pytest

from service.control.latency import Took
from service.model import calendar
from service.store.day_records import DayRecord
from service.store.days import DayState
from service.web.pages import heatmap, strips

_LAST = date(2025, 11, 26)  # a Wednesday
_AT = datetime(2025, 11, 26, 17, tzinfo=UTC)


def a_record(
    day: date, state: DayState = DayState.READ, indexed: int = 0, missing: int = 0, looks: int = 1
) -> DayRecord:
    return DayRecord(
        day=day,
        state=state,
        note="the index cannot be read" if state is DayState.DUE else None,
        due=_AT,
        looks=looks,
        read=None,
        indexed=indexed,
        seen=indexed - missing,
        recovered=0,
        dead=0,
        missing=missing,
        untried=0,
    )


def cells(*records: DayRecord, late: tuple[date, ...] = ()) -> dict[str, heatmap.Cell]:
    shown = [cell for half in heatmap.halves(records, late, _LAST) for cell in half.cells]
    return {cell.words.split(":")[0].split()[1]: cell for cell in shown}


def test_a_year_has_each_weekday_once_at_a_place_of_its_own() -> None:
    """Until today, from the Monday 53 weeks before this one's."""
    days = calendar.weekdays(heatmap.first_of(_LAST), _LAST)
    halves = heatmap.halves([], [], _LAST)

    assert [str(day) for day in days] == list(cells())
    for half in halves:
        places = {(cell.x, cell.y) for cell in half.cells}
        assert len(places) == len(half.cells)
        assert all(x + heatmap.SIZE <= half.width and y + heatmap.SIZE <= half.height for x, y in places)
    assert 12 <= len({name for half in halves for _, name in half.months}) <= 13


@pytest.mark.parametrize(
    ("record", "kind", "words"),
    [
        (a_record(_LAST, indexed=1200), "complete", "complete, 1,200 filings"),
        (a_record(_LAST, DayState.CLOSED), "closed", "EDGAR was closed"),
        (a_record(_LAST, indexed=12, missing=2), "missing", "2 of 12 filings missing"),
        (a_record(_LAST, DayState.DUE), "not-proven", "not proven: the index cannot be read"),
        (a_record(_LAST, DayState.DUE, looks=0), "waiting", "not compared yet"),
    ],
)
def test_a_day_says_in_words_how_it_stands(record: DayRecord, kind: str, words: str) -> None:
    """Colour never stands alone: what is wrong has a mark as well."""
    cell = cells(record)[str(_LAST)]

    assert (kind, f"Wed {_LAST}: {words}") == (cell.kind, cell.words)
    assert bool(cell.mark) == (kind in ("missing", "not-proven"))


def test_a_day_without_a_record_is_overdue_or_nobody_was_to_compare_it() -> None:
    """Before the first start there is nothing to prove."""
    before, overdue = _LAST - timedelta(days=2), _LAST - timedelta(days=1)
    found = cells(late=(overdue,))

    assert ("none", "late") == (found[str(before)].kind, found[str(overdue)].kind)
    assert "not compared yet, and overdue" in found[str(overdue)].words


def test_a_day_is_as_full_as_others() -> None:
    """One that is far busier than all others does not make these look empty."""
    days = calendar.weekdays(date(2025, 9, 1), date(2025, 10, 31))
    usual = {day: a_record(day, indexed=100) for day in days}
    found = cells(
        *(usual | {days[3]: a_record(days[3], indexed=5000), days[4]: a_record(days[4], indexed=10)}).values()
    )

    assert (4, 4, 1) == tuple(found[str(day)].level for day in (days[2], days[3], days[4]))


def test_months_add_up_what_the_calendar_shows() -> None:
    """With the days that are not proven by name, those that nobody has looked at among them."""
    overdue = date(2025, 10, 31)
    found = heatmap.months([a_record(_LAST, indexed=12, missing=2), a_record(date(2025, 11, 25), indexed=5)], [overdue])

    assert [(date(2025, 11, 1), 17, 2, 1, (_LAST,)), (date(2025, 10, 1), 0, 0, 0, (overdue,))] == [
        (one.first, one.indexed, one.missing, one.proven, one.open) for one in found
    ]


def test_strips_are_on_a_logarithmic_scale() -> None:
    """What is off it stands at its end; clocks that differ can make a stretch negative."""
    took = Took(count=3, p50=0.001, p90=1.0, p99=5000.0, longest=5000.0)
    (one,) = strips.strips({"whole": took})

    assert (0.0, 50.0, 100.0) == (one.p50, one.p90, one.p99)
    assert 0.0 == strips.place(-2.0)
    assert one.is_total
    assert sorted(strips.ticks()) == strips.ticks()
