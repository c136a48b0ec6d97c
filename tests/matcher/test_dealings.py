"""What was bought and sold, each trade once and as amendments have it, and what was held after it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from consumers.matcher.dealings import Deal, deals, holdings
from service.model.fact import Kind
from service.model.filing import Accession, Times
from service.model.ownership import OwnershipForm
from service.model.parsed import ParsedFiling
from service.model.recalled import Recalled
from service.store import history
from tests.kit.documents import DISPOSED, a_document, a_filing, a_row, an_owner

FUND, PARTNER = (
    an_owner("SPONSOR FUND IV, L.P.", "0009800010", is_ten_percent_owner=True),
    an_owner("PARTNER PAT", "0009800011", is_director=True),
)
INDIRECT = {"direct_or_indirect_ownership": OwnershipForm.INDIRECT, "nature_of_ownership": "By Fund"}


def filed(number: int, *rows: Any, owners: Sequence[Any] = (an_owner(),), **fields: Any) -> Recalled:
    """A filing of the day *number* days after the 4th of March."""
    known = datetime(2025, 3, 4, 15, tzinfo=UTC) + timedelta(days=number)
    filing = a_filing(
        accession=Accession(f"0009990900-25-{number:06d}"),
        form=fields.get("document_type", "4"),
        filed_on=known.date(),
        times=Times(accepted=known),
    )
    parsed = ParsedFiling(filing=filing, document=a_document(*rows, reporting_owners=tuple(owners), **fields))
    return Recalled(past=history.past_of(parsed, known), parsed=parsed)


def owned(after: int, **fields: Any) -> Any:
    return {"shares_owned_following_transaction": Decimal(after)} | fields


def told(found: Sequence[Deal]) -> list[tuple[str, date, Decimal | None, Decimal | None, int]]:
    return [(one.kind, one.day, one.shares, one.value, len(one.accessions)) for one in found]


def test_rows_of_a_day_are_one_deal_at_their_average() -> None:
    """A purchase in two lots is one mark, and a sale of that day another; a grant is no deal."""
    rows = [a_row(shares="1000", price="10"), a_row(shares="3000", price="12"), a_row("A", "500", "0")]
    found = deals([filed(0, *rows, a_row("S", "100", "11", **DISPOSED))])

    day = date(2025, 3, 3)
    assert [("purchase", day, 4000, 46_000, 1), ("sale", day, 100, 1100, 1)] == sorted(told(found))
    assert Decimal("11.5") == next(one.price for one in found if one.kind is Kind.PURCHASE)


def test_what_several_report_is_told_once_and_names_them_all() -> None:
    """A fund and its partner report one sale, each in a filing of theirs."""
    sale = a_row("S", "5000", "10", **(DISPOSED | INDIRECT | owned(54_000)))
    (deal,) = deals([filed(0, sale, owners=[FUND]), filed(1, sale, owners=[PARTNER])])

    assert (5000, 50_000, 2) == (deal.shares, deal.value, len(deal.accessions))
    assert ("0009800010", "0009800011") == deal.people


def test_equal_purchases_of_two_people_are_two() -> None:
    """Directors who buy alike, and hold something else after it."""
    one, two = (an_owner(name, f"000980002{number}", is_director=True) for number, name in enumerate("AB"))
    found = deals([filed(0, a_row(**owned(1000)), owners=[one]), filed(1, a_row(**owned(7000)), owners=[two])])

    assert 2 == len(found)


def test_a_correction_stands_in_place_of_what_it_corrects() -> None:
    """It had said ten times as many; the sum has the right number alone, and both filings."""
    wrong = filed(0, a_row(shares="10000", **owned(11_000)))
    right = filed(
        9,
        a_row(shares="1000", **owned(2000)),
        document_type="4/A",
        date_of_original_submission=date(2025, 3, 4),
    )

    assert [1000] == [one.shares for one in deals([wrong, right])]
    assert [10_000] == [one.shares for one in deals([wrong])]


def test_an_amendment_that_adds_a_row_takes_nothing_away() -> None:
    """What it says again counts once, and the row that was left out besides."""
    first = a_row(shares="1000", **owned(1000))
    added = a_row(shares="500", price="11", **owned(1500))
    found = deals(
        [
            filed(0, first),
            filed(9, first, added, document_type="4/A", date_of_original_submission=date(2025, 3, 4)),
        ]
    )

    assert [(1500, 15_500)] == [(one.shares, one.value) for one in found]


def test_a_price_that_is_not_stated_is_no_sum() -> None:
    """Neither 0 nor the price of the other rows."""
    (deal,) = deals([filed(0, a_row(price=None), a_row(shares="2000", price="10"))])

    assert (3000, None, None) == (deal.shares, deal.value, deal.price)


def test_a_day_after_the_filing_is_a_slip_of_the_pen() -> None:
    """What is drawn would reach into years that are yet to come."""
    (deal,) = deals([filed(0, a_row(), a_row(transaction_date=date(2052, 3, 3)))])

    assert (date(2025, 3, 3), 1000) == (deal.day, deal.shares)


def test_a_holding_is_a_line_of_points() -> None:
    """By security and by how it is held, spelt alike or not; an amendment's number stands for its day."""
    trust = {"direct_or_indirect_ownership": OwnershipForm.INDIRECT, "nature_of_ownership": "By Trust"}
    found = holdings(
        [
            filed(0, a_row(**owned(1000)), a_row(**(owned(70) | trust))),
            filed(1, a_row(transaction_date=date(2025, 3, 5), security_title="COMMON  stock", **owned(3000))),
            filed(2, a_row(**owned(900)), document_type="4/A", date_of_original_submission=date(2025, 3, 4)),
        ]
    )

    assert ["directly", "By Trust"] == [line.how for line in found]
    assert [(3, 900), (5, 3000)] == [(point.day.day, point.shares) for point in found[0].points]
