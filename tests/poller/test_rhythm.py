"""When EDGAR is open, and how often it is looked at: Eastern time, daylight saving, holidays."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.model import calendar
from service.poller.rhythm import Rhythm

RHYTHM = Rhythm(busy=2.0, quiet=10.0, closed=60.0)


def eastern(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=calendar.EASTERN).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2025-03-04T05:59:59", False),
        ("2025-03-04T06:00:00", True),
        ("2025-03-04T21:59:59", True),
        ("2025-03-04T22:20:00", False),
        ("2025-03-08T12:00:00", False),  # Saturday
        ("2025-11-27T12:00:00", False),  # Thanksgiving
        ("2025-11-28T12:00:00", True),
        ("2026-07-03T12:00:00", False),  # Independence Day falls on a Saturday
        ("2021-12-31T12:00:00", False),  # New Year's Day of 2022, too
    ],
)
def test_filings_are_expected_on_business_days_from_6_to_22(at: str, is_open: bool) -> None:
    """By the clock in New York."""
    assert is_open == calendar.is_open(eastern(at))


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2025-03-07T23:00:00", "2025-03-10T06:00:00"),  # clocks go forward on the 9th
        ("2025-10-31T22:30:00", "2025-11-03T06:00:00"),  # and back on the 2nd
        ("2025-11-26T23:00:00", "2025-11-28T06:00:00"),
        ("2025-12-23T23:00:00", "2025-12-29T06:00:00"),  # closed by order before and after Christmas
        ("2025-03-04T01:00:00", "2025-03-04T06:00:00"),
    ],
)
def test_the_next_opening_is_found_across_weekends_holidays_and_daylight_saving(now: str, opens: str) -> None:
    """6:00 in New York is 11:00 UTC in winter and 10:00 in summer."""
    assert eastern(opens) == calendar.opens_after(eastern(now))


def closed_in(year: int) -> str:
    every = [date(year, 1, 1) + timedelta(days=number) for number in range(365)]
    return " ".join(f"{day:%m-%d}" for day in every if calendar.is_weekday(day) and not calendar.is_business_day(day))


def test_2023_has_the_eleven_federal_holidays() -> None:
    """As the Office of Personnel Management lists them."""
    assert closed_in(2023) == "01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25"


def test_2025_has_the_days_on_which_edgar_was_closed_by_order_as_well() -> None:
    """The mourning for a President in January, and two days around Christmas."""
    expected = "01-01 01-09 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-24 12-25 12-26"
    assert expected == closed_in(2025)


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.integers(-400, 4000))
def test_business_days_are_counted_as_one_by_one(after: date, number: int) -> None:
    """Years at a time, for filings that are very late."""
    until = after + timedelta(days=number)
    each = (after + timedelta(days=ahead) for ahead in range(1, number + 1))

    assert sum(map(calendar.is_business_day, each)) == calendar.business_days(after, until)


@pytest.mark.parametrize(
    ("accepted", "day"),
    [
        ("2025-03-04T22:00:00", "2025-03-04"),
        ("2025-03-04T22:00:01", "2025-03-05"),
        ("2025-03-07T22:30:00", "2025-03-10"),  # a Friday evening
        ("2025-01-08T22:30:00", "2025-01-10"),  # closed by order on the 9th
    ],
)
def test_an_ownership_form_has_the_date_of_its_day_until_22(accepted: str, day: str) -> None:
    """Regulation S-T 13(a)(4): two hours and a half after other forms."""
    assert date.fromisoformat(day) == calendar.dated(eastern(accepted))


def test_looks_are_frequent_while_filings_come_and_rarer_when_it_is_quiet() -> None:
    """Politeness costs nothing when nothing comes."""
    noon = eastern("2025-03-04T12:00:00")

    assert [2.0, 2.0, 6.0, 10.0, 10.0] == [RHYTHM.pause(noon, quiet) for quiet in (0, 60, 300, 540, 7200)]


def test_while_edgar_is_closed_looks_are_rare_and_the_opening_is_not_slept_through() -> None:
    """The first filing of the day waits no longer than the last."""
    night = eastern("2025-03-04T03:00:00")

    assert 60.0 == RHYTHM.pause(night, 3600)
    assert 20.0 == RHYTHM.pause(eastern("2025-03-04T05:59:40"), 3600)


def test_a_feed_that_shows_filings_is_open_whatever_the_hour() -> None:
    """Hours are an expectation; filings are a fact."""
    assert 2.0 == RHYTHM.pause(eastern("2025-03-08T12:00:00"), 30)
