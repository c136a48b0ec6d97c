"""What alerts say beyond the boxes: share of the holding, vesting, late, plan, and what became of an exercise."""

from datetime import date
from decimal import Decimal

import pytest

from consumers.dispatcher.known import lines_of, notes_of
from consumers.dispatcher.render import rendering
from service.model.fact import FilingFacts
from service.model.known import Direction, Plan, RowFacts, Tranche
from service.model.ownership import AcquiredDisposed, Box, FootnoteId
from tests.kit.documents import a_row, an_alert, an_option


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        (
            RowFacts(direction=Direction.SELL, holding_change=Decimal("8.1600")),
            ("Holding", "-8.16%, of what was held before"),
        ),
        (
            RowFacts(direction=Direction.BUY, holding_change=Decimal("777.2021")),
            ("Holding", "+777.2%, of what was held before"),
        ),
        (RowFacts(discount=Decimal("94.1485")), ("Strike", "94.15% below the price of that day")),
        (RowFacts(discount=Decimal(-20)), ("Strike", "20% above the price of that day")),
        (RowFacts(days_late=Decimal(1)), ("Late", "1 business day")),
        (RowFacts(days_late=Decimal(1131)), ("Late", "1,131 business days")),
        (RowFacts(plan=Plan.PLAN, plan_adopted=date(2024, 12, 13)), ("10b5-1 plan", "yes, adopted on 2024-12-13")),
        (RowFacts(plan=Plan.PLAN), ("10b5-1 plan", "yes")),
        (RowFacts(plan=Plan.CONTRADICTORY), ("10b5-1 plan", "the box and the footnotes contradict each other")),
        (
            RowFacts(vesting=(Tranche(on=(date(2026, 3, 3), date(2027, 3, 3)), percent=Decimal(100)),)),
            ("Vests", "100% in equal parts on 2026-03-03, 2027-03-03"),
        ),
    ],
)  # fmt: skip
def test_what_is_known_of_a_row_is_a_line(facts: RowFacts, line: tuple[str, str]) -> None:
    """As a reader would look for it."""
    assert [line] == list(lines_of(facts))


def test_what_is_unknown_and_what_goes_without_saying_is_no_line() -> None:
    """In time, and without a plan."""
    assert [] == list(lines_of(RowFacts()))
    assert [] == list(lines_of(RowFacts(days_late=Decimal(0), plan=Plan.NONE, direction=Direction.ACQUIRE)))
    assert [] == list(notes_of(FilingFacts(joint=False, continuation=False, net_value=Decimal(1))))


def test_what_is_known_of_the_filing_is_a_sentence() -> None:
    """Beside amendment and plan."""
    facts = FilingFacts(
        net_shares=Decimal(600),
        sold_share=Decimal("40.0000"),
        continuation=True,
        relationship_new=True,
        relationship_ended=True,
    )

    assert list(notes_of(facts)) == [
        "Of the shares that were exercised 40% were sold, and 600 were kept.",
        "More rows of this stand in another filing.",
        "The filing speaks of a new appointment, election or hire.",
        "An owner is no longer subject to section 16 (the exit box).",
    ]


def test_more_sold_than_exercised_is_no_share_of_it() -> None:
    """Nobody sells 150% of something."""
    facts = FilingFacts(net_shares=Decimal(-10_000), sold_share=Decimal(150))

    assert ["More shares were sold than were exercised: 150% of them."] == list(notes_of(facts))


def test_an_alert_says_them() -> None:
    """Behind the boxes of the row."""
    note = "The option vests as to 25% on March 3, 2026, and in 36 equal monthly installments thereafter."
    option = an_option(footnotes={Box("exercise_date"): (FootnoteId("F1"),)}, transaction_date=date(2025, 2, 28))
    words = rendering(an_alert(option, footnotes={FootnoteId("F1"): note}))
    sold = {"transaction_acquired_disposed_code": AcquiredDisposed.DISPOSED}
    exercised = rendering(an_alert(a_row("M", "1000", "2"), a_row("S", "400", "10", **sold)))

    assert ("Vests", "25% on 2026-03-03; 75% in 36 equal parts from 2026-04-03 to 2029-03-03") in words.rows[0].lines
    assert ("Late", "1 business day") in words.rows[0].lines
    assert "Of the shares that were exercised 40% were sold, and 600 were kept." in exercised.notes
