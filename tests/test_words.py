"""Numbers as people read them."""

from decimal import Decimal

import pytest

from consumers.words import rounded
from service.model.fact import Measure
from tests.kit.documents import a_row, an_alert


@pytest.mark.parametrize(
    ("measure", "number", "expected"),
    [
        (Measure.VALUE, "1839506.1561", "$1,839,506.16"),
        (Measure.EXERCISE_VALUE, "582000", "$582,000"),
        (Measure.VALUE, "12.5", "$12.50"),
        (Measure.VALUE, "0.0001", "$0.0001"),
        (Measure.VALUE, "0", "$0"),
        (Measure.PRICE, "0.3621", "$0.3621"),
        (Measure.PRICE, "10.25000", "$10.25"),
        (Measure.STRIKE, "3.141592653", "$3.1416"),
        (Measure.PRICE, "9" * 30 + ".123456789", f"${int('9' * 30):,}.1235"),
        (Measure.SHARES, "4444.4440", "4,444.444"),
    ],
)
def test_totals_have_cents_and_prices_four_decimals(measure: Measure, number: str, expected: str) -> None:
    """What is not nothing does not become nothing."""
    assert expected == rounded(measure, Decimal(number))


def test_a_headline_rounds_and_the_explanation_is_exact() -> None:
    """A threshold can lie within a cent."""
    alert = an_alert(a_row(shares="34821.9", price="52.8261"), settings={"value": ">= $1m"})

    assert alert.headline.endswith("bought 34,821.9 shares of Common Stock at $52.8261 for $1,839,505")
    assert "$1,839,505.17159 ($52.8261 x 34,821.9 shares)" == alert.explanation.rows[0].evidence[0].stated
