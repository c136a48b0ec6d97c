"""A purchase or sale beside what the owner buys or sells on other days."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from consumers.matcher.explain import explain
from consumers.matcher.facts.registry import value
from service.model.fact import Verdict
from service.model.parsed import ParsedFiling
from service.store import Database
from tests.kit.documents import a_rule
from tests.matcher.kept import BEGUN, OWNERS, asked, bought, filed, keep, sold, subject

DAY = date(2025, 3, 3)
NOW = filed(90, date(2025, 3, 5), bought(DAY, transaction_shares=Decimal(900)))  # for $10 each


def years_of(*shares: int, day: date = date(2023, 5, 2), **fields: Any) -> list[ParsedFiling]:
    """A purchase in each month, of so many shares at $10."""
    months = [date(day.year + (day.month + number) // 12, (day.month + number) % 12 + 1, 2) for number in range(99)]
    return [
        filed(number, month, bought(month, transaction_shares=Decimal(count), **fields))
        for number, (count, month) in enumerate(zip(shares, months, strict=False), start=10)
    ]


async def test_the_size_is_told_beside_the_median_of_earlier_days(either: Database) -> None:
    """Of an even number of days, beside the mean of the two in the middle; rows and filings of one day are one."""
    await keep(either, BEGUN, *years_of(100, 5000, 300))
    odd = await asked(either, "size_to_usual", NOW)
    await keep(either, *[filed(20, date(2024, 8, 5), bought(date(2024, 8, 1)), bought(date(2024, 8, 1)))])
    even = await asked(either, "size_to_usual", NOW)

    assert [Decimal(3), Decimal("0.782609")] == [odd, even]  # 900 beside 300, and beside the mean of 300 and 2,000


async def test_an_explanation_names_the_day_in_the_middle(either: Database) -> None:
    """With its filing and its worth."""
    past = years_of(100, 5000, 300)
    await keep(either, BEGUN, *past)
    told = explain(a_rule(size_to_usual=">= 3 times"), await subject(either, NOW))

    assert Verdict.TRUE is told.verdict
    assert (
        f"3 times (usual is $3,000, the middle of 3 days from 2022-03-03 to 2025-03-02: {past[2].filing.accession} on "
        "2023-08-02)"
    ) == told.rows[0].evidence[0].stated


@pytest.mark.parametrize(
    ("past", "why"),
    [
        (years_of(100, 300), "2 earlier days from 2022-03-03 to 2025-03-02 are too few, it takes 3"),
        (years_of(100, 300, 400, transaction_price_per_share=None), "has no stated worth"),
        (years_of(100, 300, 400, transaction_price_per_share=Decimal(0)), "is worth $0"),
        (years_of(100, 300, 400, transaction_acquired_disposed_code=None), "may report a purchase"),
        (years_of(100, 300, 400, 500, day=date(2021, 8, 2)), "0 earlier days"),  # longer ago than three years
    ],
)
async def test_it_is_unknown_where_days_are_too_few_or_do_not_say(
    database: Database, past: list[ParsedFiling], why: str
) -> None:
    """Never on the strength of what is missing."""
    await keep(database, BEGUN, *past)
    told = explain(a_rule(size_to_usual=">= 3 times"), await subject(database, NOW))

    assert Verdict.UNKNOWN is told.verdict
    assert why in told.rows[0].evidence[0].stated


async def test_it_is_unknown_where_the_past_is_too_short(database: Database) -> None:
    """And says of which trades on it would be known."""
    await keep(database, filed(1, date(2023, 1, 4), bought(date(2023, 1, 3)), reporting_owners=OWNERS[3:]))
    await keep(database, *years_of(100, 300, 400))
    told = explain(a_rule(size_to_usual=">= 3 times"), await subject(database, NOW))

    assert "the past is complete from 2023-01-05 on only; known for trades from 2026-01-05 on" in (
        told.rows[0].evidence[0].stated
    )


async def test_a_trade_that_two_filings_report_counts_once(database: Database) -> None:
    """A fund and its adviser file the same purchase; two lots alike in one filing are two."""
    first, second = OWNERS[:2]
    both = {"reporting_owners": (first, second)}
    past = years_of(100, 300, 500)
    twice = [
        filed(30 + number, one.document.non_derivative_table[0].transaction_date, *one.document.non_derivative_table)  # type: ignore[union-attr,arg-type]
        for number, one in enumerate(past)
    ]
    lots = filed(40, date(2024, 2, 2), *[bought(date(2024, 2, 2), transaction_shares=Decimal(500))] * 2)
    await keep(database, BEGUN, *past, *twice, lots)
    one = await subject(database, filed(90, date(2025, 3, 5), bought(DAY, transaction_shares=Decimal(800)), **both))

    assert Decimal(2) == value("size_to_usual", one, one.facts[0])  # beside the mean of 300 and 500


async def test_sales_are_told_beside_sales(database: Database) -> None:
    """Several rows of the day together; what is neither bought nor sold has no size."""
    await keep(database, BEGUN, *years_of(9, 9, 9))
    for number in range(3):
        day = date(2024, 2 + number, 5)
        await keep(database, filed(50 + number, day, sold(day, transaction_shares=Decimal(100))))
    now = filed(90, date(2025, 3, 5), sold(DAY), sold(DAY), bought(DAY), sold(date(2025, 3, 4)))
    one = await subject(database, now)

    assert [Decimal(20), Decimal(20), Decimal("111.111111"), Decimal(10)] == [
        value("size_to_usual", one, row) for row in one.facts
    ]
