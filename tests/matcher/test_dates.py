"""How long until it expires, and dates that rules cannot rely on."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.matcher.facts.dates import years
from consumers.matcher.facts.registry import value
from service.model.ownership import Box, FootnoteId
from tests.kit.documents import a_row, a_subject, an_option


def years_to_expiry(**fields: Any) -> Any:
    subject = a_subject(an_option(**fields))
    return value("years_to_expiry", subject, subject.facts[0])


@pytest.mark.parametrize(
    ("expires", "expected"),
    [
        ("2035-03-03", "10"),
        ("2035-03-02", "9.99"),  # most options expire on the day before: they are no ten years
        ("2025-03-04", "0"),
        ("2025-09-03", "0.50"),
        ("2026-03-03", "1"),
        ("2028-03-03", "3"),
    ],
)
def test_years_are_whole_by_the_calendar_and_cut_to_hundredths(expires: str, expected: str) -> None:
    """A floor of ten years is met by ten years."""
    assert Decimal(expected) == years_to_expiry(expiration_date=date.fromisoformat(expires))


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 12_000))
def test_more_days_are_never_fewer_years(first: date, days: int) -> None:
    """Leap days and all."""
    last = date.fromordinal(first.toordinal() + days)

    assert abs(years(first, last) - Decimal(days) / Decimal("365.25")) < Decimal("0.02")
    assert years(first, last) <= years(first, date.fromordinal(last.toordinal() + 1))


def test_the_last_day_that_there_is_can_be_reached() -> None:
    """Filers write 9999 for never."""
    assert Decimal("7974.99") == years(date(2025, 1, 1), date.max)


def test_an_expiry_that_is_none_is_unknown() -> None:
    """A placeholder, one before the trade, and none at all."""
    placeholder = {"expiration_date": date(1988, 8, 8), "footnotes": {Box("expiration_date"): (FootnoteId("F1"),)}}

    assert years_to_expiry(**placeholder) is None
    assert years_to_expiry(expiration_date=date(2025, 3, 3)) is None
    assert years_to_expiry(expiration_date=None) is None
    assert years_to_expiry(transaction_date=None) is None
    assert years_to_expiry(security_title="Restricted Stock Units", expiration_date=date(2025, 3, 3)) is None
    shares = a_subject(a_row())
    assert value("years_to_expiry", shares, shares.facts[0]) is None


def test_a_date_in_doubt_is_no_date_for_rules() -> None:
    """It is shown as filed, with its flag."""
    late = a_subject(a_row(transaction_date=date(2035, 3, 3)))
    placeholder = a_subject(
        an_option(expiration_date=date(1988, 8, 8), footnotes={Box("expiration_date"): (FootnoteId("F1"),)})
    )

    assert value("transaction_date", late, late.facts[0]) is None
    assert value("expiration_date", placeholder, placeholder.facts[0]) is None
    assert date(2035, 3, 3) == late.facts[0].transaction.transaction_date
