"""What was held before, by the filing before, where a filing alone cannot tell how much of it changed hands."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from consumers.matcher.explain import explain
from consumers.matcher.facts.registry import value
from service.model.fact import Verdict
from service.model.ownership import NonDerivativeHolding, OwnershipForm
from service.store import Database
from tests.kit.documents import a_rule
from tests.matcher.kept import BEGUN, OWNERS, bought, filed, keep, sold, subject

DAY = date(2025, 3, 3)
BEFORE = date(2024, 6, 4)


def owned(after: str | None, shares: str, day: date = DAY, **fields: Any) -> Any:
    """A sale, and what the box says is owned after it."""
    return sold(
        day,
        transaction_shares=Decimal(shares),
        shares_owned_following_transaction=after and Decimal(after),
        **fields,
    )


LAST = filed(2, date(2024, 6, 5), owned("1000", "50", BEFORE))
TOTAL = owned("700", "100"), owned("700", "200")  # each states what is owned after both


async def changes(database: Database, *rows: Any, **fields: Any) -> list[Any]:
    """What of the holding changed hands in each row."""
    one = await subject(database, filed(9, date(2025, 3, 5), *rows, **fields))
    return [value("holding_change", one, row) for row in one.facts]


async def test_one_total_in_every_row_is_told_apart_by_the_filing_before(either: Database) -> None:
    """1,000 were held; 100 and 200 leave the 700 that both rows state."""
    alone = await changes(either, *TOTAL)
    await keep(either, BEGUN, LAST)

    assert [None, None] == alone
    assert [Decimal(10), Decimal("22.2222")] == await changes(either, *TOTAL)


async def test_rows_are_counted_in_the_order_of_their_days(database: Database) -> None:
    """Not in that of the form."""
    await keep(database, BEGUN, LAST)
    rows = owned("700", "200", date(2025, 3, 4)), owned("700", "100")

    assert [Decimal("22.2222"), Decimal(10)] == await changes(database, *rows)


async def test_an_explanation_names_the_filing_before(database: Database) -> None:
    """Where the filing alone tells, it names none."""
    await keep(database, BEGUN, LAST)
    one = await subject(database, filed(9, date(2025, 3, 5), *TOTAL, owned("90", "10", security_title="Class B")))
    told = explain(a_rule(holding_change=">= 10%"), one)

    assert Verdict.TRUE is told.verdict
    assert [
        f"10% (of 1,000 held by {LAST.filing.accession}, filed 2024-06-05)",
        f"22.2222% (of 1,000 held by {LAST.filing.accession}, filed 2024-06-05)",
        "10%",
    ] == [row.evidence[0].stated for row in told.rows]


OTHERS = {
    "its number does not agree": [filed(2, date(2024, 6, 5), owned("900", "50", BEFORE))],
    "another way of holding": [
        filed(2, date(2024, 6, 5), owned("1000", "50", BEFORE, direct_or_indirect_ownership=OwnershipForm.INDIRECT))
    ],
    "another security": [filed(2, date(2024, 6, 5), owned("1000", "50", BEFORE, security_title="Class B"))],
    "with somebody else": [
        filed(2, date(2024, 6, 5), owned("1000", "50", BEFORE), reporting_owners=(OWNERS[1], OWNERS[2]))
    ],
    "it states no number": [filed(2, date(2024, 6, 5), owned(None, "50", BEFORE))],
    "its rows do not count on": [
        filed(2, date(2024, 6, 5), owned("1100", "50", BEFORE), owned("1000", "70", BEFORE)),
    ],
    "an amendment alone": [
        filed(
            2,
            date(2024, 6, 5),
            owned("1000", "50", BEFORE),
            document_type="4/A",
            date_of_original_submission=date(2024, 6, 1),
        )
    ],
}


@pytest.mark.parametrize("past", OTHERS.values(), ids=list(OTHERS))
async def test_it_stays_unknown_where_the_filing_before_does_not_tell(database: Database, past: list[Any]) -> None:
    """Of the same owners, the same security, held the same way."""
    await keep(database, BEGUN, *past)

    assert [None, None] == await changes(database, *TOTAL)


async def test_the_latest_filing_with_that_line_tells(database: Database) -> None:
    """Its rows count on, up or down the form, or it only says what is held."""
    old = filed(2, date(2024, 6, 5), owned("5000", "50", BEFORE))
    counting = filed(3, date(2024, 7, 5), owned("1000", "30", BEFORE), owned("1030", "20", BEFORE))
    await keep(database, BEGUN, old, counting)
    down = await changes(database, *TOTAL)
    held = NonDerivativeHolding(
        security_title="Common  stock",
        shares_owned_following_transaction=Decimal(1300),
        direct_or_indirect_ownership=OwnershipForm.DIRECT,
    )
    other = bought(BEFORE, security_title="Class B")
    await keep(database, filed(4, date(2024, 8, 5), other, non_derivative_table=(other, held)))
    said = await changes(database, owned("1000", "100"), owned("1000", "200"))

    assert [Decimal(10), Decimal("22.2222")] == down
    assert [Decimal("7.6923"), Decimal("16.6667")] == said


async def test_an_empty_box_is_told_by_a_complete_past_alone(database: Database) -> None:
    """Nothing confirms what the filing before says; what may be missing in between, or was amended, could change it."""
    await keep(database, LAST, filed(3, date(2024, 6, 12), bought(BEFORE, security_title="Class B")))
    missing = await changes(database, owned(None, "250"))
    current = filed(4, date(2024, 8, 5), owned("500", "50", BEFORE))
    await keep(database, current)
    known = await changes(database, owned(None, "250"))
    amending = {"document_type": "4/A", "date_of_original_submission": date(2024, 8, 5)}
    await keep(database, filed(5, date(2024, 9, 5), owned("600", "50", BEFORE), **amending))

    assert [[None], [Decimal(50)]] == [missing, known]
    assert [None] == await changes(database, owned(None, "250"))
