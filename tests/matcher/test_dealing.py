"""Bought or sold, at what discount, how much of the holding, and what became of an exercise."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from consumers.matcher.explain import explain
from consumers.matcher.facts.registry import value
from consumers.matcher.subject import Subject
from service.model.ownership import AcquiredDisposed, NonDerivativeHolding, OwnershipForm, TransactionCode
from tests.kit.documents import Met, a_document, a_row, a_rule, a_subject, an_option, met

A, D = (
    {"transaction_acquired_disposed_code": AcquiredDisposed.ACQUIRED},
    {"transaction_acquired_disposed_code": AcquiredDisposed.DISPOSED},
)


def of(name: str, subject: Subject, number: int = 0) -> Any:
    return value(name, subject, subject.facts[number])


@pytest.mark.parametrize(
    ("row", "way"),
    [
        (a_row("P", **A), "buy"),
        (a_row("P", **D), None),
        (a_row("S", **D), "sell"),
        (a_row("S", **A), None),
        (a_row("P", equity_swap_involved=True, **A), "acquire"),
        (a_row("A", **A), "acquire"),
        (a_row("M", **A), "acquire"),
        (an_option("M", **D), "dispose"),
        (an_option("M", **A), None),  # what is exercised is given up
        (a_row("F", **D), "dispose"),
        (a_row("F", **A), None),
        (a_row("D", **D), "dispose"),
        (a_row("G", **A), "acquire"),
        (a_row("G", **D), "dispose"),
        (a_row("J", **D), "dispose"),
        (an_option("P", **A), "buy"),
        (an_option("A", shares_owned_following_transaction=Decimal(0), **D), "dispose"),  # a grant taken back
        (an_option("A", shares_owned_following_transaction=Decimal(200000), **D), "acquire"),  # the wrong box
        (an_option("A", shares_owned_following_transaction=Decimal(9), **D), None),  # nothing tells which
        (a_row("P", transaction_acquired_disposed_code=None), None),
    ],
)
def test_the_direction_is_a_traders(row: Any, way: str | None) -> None:
    """Bought and sold are for money; and a code that contradicts its box says neither."""
    assert way == of("direction", a_subject(row))


def test_a_strike_is_held_against_the_days_price_of_the_underlying() -> None:
    """The average by shares of what was bought, sold and withheld on that day."""
    option = an_option("M", strike="8", **D)
    day = [a_row("S", "300", "10", **D), a_row("F", "100", "14", **D)]  # 11 on average
    other = [
        a_row("S", "900", "99", transaction_date=date(2025, 3, 4), **D),
        a_row("S", "900", "99", security_title="Class B Common Stock", **D),
        a_row("M", "900", "8", **A),
    ]

    assert Decimal("27.2727") == of("discount", a_subject(*day, *other, option), 5)


def test_without_a_price_in_the_filing_there_is_no_discount() -> None:
    """A price of 0 is none, and neither is one of another security."""
    assert of("discount", a_subject(a_row("F", "100", "0", **D), an_option()), 1) is None
    assert of("discount", a_subject(a_row("S", security_title="Notes", **D), an_option()), 1) is None
    assert of("discount", a_subject(a_row("S", "100", "10", **D), an_option(strike=None)), 1) is None
    assert of("discount", a_subject(a_row("S", "100", "10", **D))) is None


def test_what_converts_at_nothing_is_no_bargain() -> None:
    """Only options, rights and warrants have a strike to hold against a price."""
    share = an_option("C", strike="0", security_title="Class B Common Stock", **D)

    assert of("discount", a_subject(a_row("S", "100", "10", **D), share), 1) is None


def test_a_strike_above_the_price_is_a_discount_below_0() -> None:
    """Out of the money."""
    assert Decimal(-20) == of("discount", a_subject(a_row("P", "1", "10"), an_option(strike="12")), 1)


def owned(after: str | None, shares: str, way: dict[str, Any], **fields: Any) -> Any:
    code, left = "P" if way is A else "S", after and Decimal(after)
    return a_row(code, shares, **{"shares_owned_following_transaction": left, **way, **fields})


INDIRECT = {"direct_or_indirect_ownership": OwnershipForm.INDIRECT}
TRUST, SON = {"nature_of_ownership": "By Trust"}, {"nature_of_ownership": "By Son"}


@pytest.mark.parametrize(
    ("rows", "changes"),
    [
        ([owned("1250", "250", A)], ["25"]),
        ([owned("750", "250", D)], ["25"]),
        ([owned("0", "250", D)], ["100"]),
        ([owned("250", "250", A)], [None]),  # nothing was held before
        ([owned("100", "250", A)], [None]),  # less than nothing: a box holds something else
        ([owned(None, "250", A)], [None]),
        ([owned("1100", "100", A), owned("1650", "550", A)], ["10", "50"]),  # they count on
        ([owned("900", "100", D), owned("500", "100", D)], [None, None]),
        ([owned("450", "450", D), owned("900", "100", D)], ["50", "10"]),  # the last trade first
        ([owned("1650", "100", A), owned("1650", "550", A)], [None, None]),  # one holding after all of them
        ([owned("1250", "250", A), owned("750", "250", D, security_title="Class B Common Stock")], ["25", "25"]),
        ([owned("1250", "250", A), owned("750", "250", D, **INDIRECT)], ["25", "25"]),
        ([owned("1250", "250", A, **TRUST), owned("750", "250", D, **SON)], ["25", "25"]),
        ([owned("1250", "250", A, **TRUST), owned("750", "250", D, nature_of_ownership="by  trust")], [None, None]),
        ([owned("1250", "250", A, transaction_acquired_disposed_code=None)], [None]),
        ([owned("1250", "250", A, transaction_code=TransactionCode("S"))], [None]),  # sold, but acquired
    ],
)  # fmt: skip
def test_the_change_is_of_what_was_held_before_in_the_same_line(rows: list[Any], changes: list[str | None]) -> None:
    """Security and how it is held make a line; where rows share one, each must begin with what the last one left."""
    subject = a_subject(*rows)

    found = [of("holding_change", subject, number) for number in range(len(rows))]
    assert [change and Decimal(change) for change in changes] == found


def test_a_holding_in_the_same_line_leaves_the_change_unknown() -> None:
    """It is unclear which of the two numbers counts on."""
    row = owned("1250", "250", A)
    holding = NonDerivativeHolding(
        security_title="Common Stock",
        shares_owned_following_transaction=Decimal(9),
        direct_or_indirect_ownership=OwnershipForm.DIRECT,
    )

    assert of("holding_change", a_subject(row, non_derivative_table=(row, holding))) is None


def test_options_of_other_terms_are_another_line() -> None:
    """Each grant is counted down by itself."""
    options = [
        an_option("M", "100", strike, shares_owned_following_transaction=Decimal(300), **D) for strike in ("1", "2")
    ]

    assert Decimal(25) == of("holding_change", a_subject(*options), 1)


def exercised(*more: Any) -> Subject:
    return a_subject(a_row("M", "1000", "2", **A), *more, an_option("M", "1000", "2", **D))


@pytest.mark.parametrize(
    ("more", "kept", "sold"),
    [
        ([], "1000", "0"),
        ([a_row("F", "400", **D)], "600", "0"),
        ([a_row("S", "250", **D)], "750", "25"),
        ([a_row("F", "400", **D), a_row("S", "600", **D)], "0", "60"),
        ([a_row("D", "100", **D)], "900", "0"),
        ([a_row("S", "1500", **D)], "-500", "150"),
        ([a_row("S", "250", transaction_date=date(2025, 3, 4), **D)], "750", "25"),  # sold to cover, a day later
        ([a_row("S", "250", transaction_date=date(2025, 2, 28), **D)], "1000", "0"),  # sold before
        ([a_row("S", "250", security_title="Class B", **D)], "1000", "0"),
        ([a_row("S", "250", direct_or_indirect_ownership=OwnershipForm.INDIRECT, **D)], "1000", "0"),
        ([a_row("F", None, **D)], None, None),
        ([a_row("S", "250", transaction_date=None, **D)], None, None),
    ],
)
def test_of_an_exercise_shares_are_withheld_sold_or_kept(more: list[Any], kept: str | None, sold: str | None) -> None:
    """Of the same security, held the same way, from the day of the exercise on."""
    subject = exercised(*more)

    assert (kept and Decimal(kept)) == value("net_shares", subject)
    assert (sold and Decimal(sold)) == value("sold_share", subject)


def test_what_a_filing_has_none_of_meets_no_claim() -> None:
    """Neither a floor nor a cap: that is not unknown. And what it has, but does not state, is."""
    sale, unstated = a_subject(a_row("S", **D)), exercised(a_row("F", None, **D))

    for claim in ({"sold_share": ">= 40"}, {"sold_share": "<= 40"}, {"net_shares": "<= 0"}):
        assert Met(None, "false") == met(a_rule(**claim), sale)
        assert Met(None, "unknown") == met(a_rule(**claim), unstated)
    assert Met(None, "false") == met(a_rule(net_value="<= 0"), a_subject(a_row("A")))


def test_what_leaves_a_fact_unknown_is_told() -> None:
    """In the evidence of a claim."""
    found = explain(a_rule(holding_change=">= 5%"), a_subject(a_row()))

    assert (
        found.rows[0].evidence[0].stated.startswith("unknown: nothing was held before, several rows state one holding")
    )


def test_without_shares_from_an_exercise_none_are_kept() -> None:
    """A sale alone says nothing, and neither does an option that was settled in cash."""
    assert value("net_shares", a_subject(a_row("S", **D))) is None
    assert value("sold_share", a_subject(an_option("M", **D))) is None


@pytest.mark.parametrize(
    ("rows", "net"),
    [
        ([a_row("P", "100", "10")], "1000"),
        ([a_row("P", "100", "10"), a_row("S", "300", "10", **D)], "-2000"),
        ([a_row("A", "100", "10")], None),
        ([a_row("P", "100", None)], None),
        ([a_row("P", "100", "10"), a_row("S", None, "10", **D)], None),
        ([a_row("P", "100", "10", **D)], None),
        ([a_row("P", "100", "10"), a_row("P", "100", "10", equity_swap_involved=True)], "1000"),
        ([a_row("P", "100", "10"), an_option("P", "100")], "1000"),
    ],
)
def test_bought_less_sold_is_what_is_left(rows: list[Any], net: str | None) -> None:
    """Unknown as soon as one part of it is."""
    assert (net and Decimal(net)) == value("net_value", Subject.of(a_subject().filing, a_document(*rows)))
