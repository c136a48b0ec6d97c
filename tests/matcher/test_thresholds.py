"""Thresholds: what is read is what is shown, and what could be read otherwise is refused with what was meant."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.language.limit import threshold, words
from consumers.language.possible import doubts
from consumers.matcher.facts.registry import FACTS
from consumers.matcher.meaning.kinds import CODES
from consumers.matcher.meaning.security import UNITS
from consumers.matcher.rows import facts_of, measures_of
from service.model.errors import ConfigError
from service.model.fact import Kind, Measure
from service.model.ownership import TransactionCode
from service.model.rule import Comparison, Threshold
from tests.kit.documents import DISPOSED, ONE_OF_EACH, a_document, a_filing, a_row, a_rule, an_option


@pytest.mark.parametrize(
    ("measure", "text", "read"),
    [
        ("shares", ">= 100k", "shares >= 100,000"),
        ("shares", "100", "shares >= 100"),
        ("shares", "<5_000", "shares < 5,000"),
        ("value", ">= $1.5m", "value >= $1,500,000"),
        ("value", "> 1,234,567.5", "value > $1,234,567.50"),
        ("value", ">= $1bn", "value >= $1,000,000,000"),
        ("value", ">= 2B", "value >= $2,000,000,000"),
        ("value", ">= $1,500K", "value >= $1,500,000"),
        ("value", "1.5e6", "value >= $1,500,000"),
        ("value", ">= 100.0", "value >= $100"),
        ("price", "<= $0.125", "price <= $0.125"),
        ("price", "< $2.50", "price < $2.50"),
        ("price", ">= 1000.125", "price >= $1,000.125"),
        ("filing_lag", "> 2", "filing_lag > 2 days"),
        ("filing_lag", "<= 1 day", "filing_lag <= 1 day"),
    ],
)
def test_the_number_that_was_read_is_shown(measure: str, text: str, read: str) -> None:
    """Not the text: 100k is 100,000."""
    assert read == words(threshold(FACTS[measure], text))


@given(
    st.sampled_from([measure for measure in Measure if measure is not Measure.FILING_LAG]),
    st.sampled_from([Comparison.AT_LEAST, Comparison.MORE_THAN]),
    st.integers(0, 10**12),
    st.sampled_from(["1", "0.1", "0.01", "0.0001"]),
)
def test_what_is_shown_can_be_written(measure: Measure, comparison: Comparison, number: int, step: str) -> None:
    """And is read as the same again."""
    one = Threshold(fact=measure, comparison=comparison, limit=number * Decimal(step))
    if one.limit.normalize().as_tuple().exponent != -3:  # whose point could part thousands
        assert one == threshold(FACTS[measure], words(one).removeprefix(f"{measure} "))


@pytest.mark.parametrize(
    ("measure", "text", "told"),
    [
        ("value", ">= $1,5m", "write '>= $1,500,000'"),
        ("price", ">= $2,50", "write '>= $2.50'"),
        ("shares", ">= 1_0_0k", "write '>= 100,000'"),
        ("shares", ">= 10,0000", "write '>= 100,000'"),
        ("value", "1,00,0", "write '>= $1,000'"),
        ("value", "10,00,000", "write '>= $1,000,000'"),
        ("value", "1.000.000", "write '>= $1,000,000'"),
        ("value", "1.000,50", "write '>= $1,000.50'"),
        ("value", "> 1 000 000", "write '> $1,000,000'"),
        ("value", "1'000'000", "write '>= $1,000,000'"),
        ("value", "0,500", "write '>= $0.50'"),
        ("value", ">= 100.000", "write 100,000 or 100000 for thousands, 100.0 for a decimal"),
        ("price", "2.125", "write 2,125 or 2125 for thousands, 2.1250 for a decimal"),
        ("shares", "1.500m", "write 1,500m or 1500m for thousands, 1.50m for a decimal"),
    ],
)
def test_a_number_that_can_be_read_otherwise_is_refused(measure: str, text: str, told: str) -> None:
    """What half the world writes is not silently a thousandth or tenfold."""
    with pytest.raises(ValueError) as caught:
        threshold(FACTS[measure], text)

    assert told in str(caught.value)


def facts_by_kind() -> dict[Kind, set[Measure]]:
    """What rows of each kind can state, by the code that reads rows; all boxes are filled in."""
    found: dict[Kind, set[Measure]] = {kind: set() for kind in Kind}
    full = {"shares_owned_following_transaction": Decimal(5), "transaction_price_per_share": Decimal(3)}
    for code in TransactionCode:
        alone = (a_row(code, **full), an_option(code, **full), an_option(code, strike="0", **full))
        unit = an_option(code, strike=None, security_title="Restricted Stock Unit", **full)
        others = [
            (an_option(code, security_title=title, strike=strike, **full),)
            for security, title in ONE_OF_EACH.items()
            for strike in (("0",) if security in UNITS else ("2.91",))
        ]
        taken = an_option(code, **full | DISPOSED | {"shares_owned_following_transaction": Decimal(0)})
        pair = (a_row(code, **full), an_option(code, **full | DISPOSED))
        for rows in (*((row,) for row in alone), (unit,), *others, (taken,), pair):
            for fact in facts_of(a_document(*rows), a_filing().filed_on):
                found[fact.kind] |= {measure for measure, number in fact.measures.items() if number}
    return found


def test_what_a_rule_can_ask_of_a_kind_is_what_its_rows_state() -> None:
    """The table follows the code: nothing that rows never state is accepted, nothing that they state refused."""
    of_derivatives = {Measure.STRIKE, Measure.UNDERLYING_SHARES, Measure.EXERCISE_VALUE}
    for kind, stated in facts_by_kind().items():
        # A purchase or sale of derivatives states them; refused all the same: who asks it means price, value or shares.
        refused = of_derivatives if kind in (Kind.PURCHASE, Kind.SALE) else set()
        if kind is Kind.GRANT_REVERSAL:
            stated |= {Measure.OWNED_AFTER}  # 0, always
        assert refused <= stated, kind
        assert measures_of(kind) == stated - refused, kind


def test_every_code_but_those_without_a_meaning_has_a_kind() -> None:
    """Those are J, explained in a footnote, and V, which says when it was reported."""
    assert {TransactionCode.OTHER, TransactionCode.VOLUNTARY} == set(TransactionCode) - CODES.keys()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"kinds": "purchase", "strike": ">= 1"}, "purchases have no strike: it is of options (Table II); use price"),
        ({"kinds": ["purchase", "sale"], "exercise_value": "> 1"}, "purchases and sales have no exercise_value"),
        (
            {"kinds": "award", "exercise_value": "> 1"},
            "awards have no exercise_value: it is of options (Table II); use shares",
        ),
        ({"kinds": "exercise-shares", "underlying_shares": "1"}, "exercise shares have no underlying_shares"),
        ({"shares": "< 0"}, "shares < 0 can never be met: shares is never less than 0"),
        ({"filing_lag": "< 0"}, "filing_lag < 0 days can never be met: filing_lag is never less than 0"),
        ({"shares": ">= 99999999999999999999"}, "no filing states shares of more than 1,000,000,000,000,000"),
        (
            {"shares": "<= 100", "price": "< $10", "value": ">= $1,000"},
            "value >= $1,000 can never be met beside shares <= 100 and price < $10",
        ),
        (
            {"strike": ">= 10", "underlying_shares": "> 1k", "exercise_value": "< 5k", "per": "filing"},
            "exercise_value < $5,000 can never be met beside underlying_shares > 1,000 and strike >= $10",
        ),
    ],
)
def test_what_can_never_be_met_is_refused(settings: dict[str, object], told: str) -> None:
    """With why."""
    with pytest.raises(ConfigError) as caught:
        a_rule(**settings)

    assert told in " ".join(fault.message for fault in caught.value.faults)


@pytest.mark.parametrize(
    "settings",
    [
        {"kinds": ["purchase", "option-grant"], "strike": ">= 1"},
        {"shares": "<= 0"},
        {"shares": "<= 100", "price": "<= $10", "value": ">= $1,000"},
        {"shares": ">= 100", "price": "<= $10", "value": ">= $1m"},
        {"shares": "< 10", "value": ">= $1m"},
        {"exercise_value": ">= $1m"},
    ],
)
def test_what_can_be_met_is_not_refused(settings: dict[str, object]) -> None:
    """However seldom."""
    assert list(a_rule(**settings).rule.condition.claims)


def test_what_is_met_more_rarely_than_it_seems_is_doubted() -> None:
    """Grants by value, and a kind that cannot meet what another one can."""
    grants = " ".join(doubts(a_rule(kinds=["award", "option-grant"], value=">= $1m").rule))
    mixed = " ".join(doubts(a_rule(kinds=["purchase", "option-grant"], strike=">= 1").rule))

    assert "value leaves most out: use exercise_value for option-grant, shares for award" in grants
    assert "purchases have no strike, so they never meet this rule" == mixed
    assert [] == list(doubts(a_rule(kinds="purchase", value=">= $1m").rule))
    assert [] == list(doubts(a_rule(kinds="award", value="< $1m").rule))
