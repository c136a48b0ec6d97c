"""What a row reports: the swap's box, grants taken back, and both sides of an exercise."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from consumers.matcher.explain import explain
from service.model.fact import Kind, SecurityClass
from service.model.flag import FlagCode
from service.model.ownership import TransactionCode
from tests.kit.documents import DISPOSED, GONE, ONE_OF_EACH, Met, a_row, a_rule, a_subject, an_option, met

K = Kind
YES, NO = Met(1, "true"), Met(None, "false")
RSU: dict[str, Any] = {"security_title": "Restricted Stock Units", "strike": None, "expiration_date": None}
CLASS_B: dict[str, Any] = RSU | {
    "security_title": "Class B Common Stock",
    "underlying_security_title": "Class A Common Stock",
}


def kinds(*rows: Any) -> list[Kind]:
    """The main kind of each of *rows*, Table I first."""
    return [fact.kind for fact in a_subject(*rows).facts]


@pytest.mark.parametrize(
    ("security", "kind"),
    [
        (SecurityClass.OPTION, K.OPTION_GRANT),
        (SecurityClass.SAR, K.OPTION_GRANT),
        (SecurityClass.WARRANT, K.OPTION_GRANT),
        (SecurityClass.RSU, K.AWARD),
        (SecurityClass.DEFERRAL, K.DEFERRAL),
        (SecurityClass.DIVIDEND_EQUIVALENT, K.DIVIDEND_EQUIVALENT),
        (SecurityClass.CONVERTIBLE, K.CONVERTIBLE),
        (SecurityClass.PARTNERSHIP_UNIT, K.PARTNERSHIP_UNIT),
        (SecurityClass.OTHER, K.OTHER),
    ],
)
def test_a_grant_is_of_what_it_is_about(security: SecurityClass, kind: Kind) -> None:
    """And only a grant: what is bought, sold or given back stays that, whatever it is about."""
    title = ONE_OF_EACH[security]

    assert [kind] == kinds(an_option("A", security_title=title))
    assert [K.PURCHASE] == kinds(an_option("P", security_title=title))
    assert [K.DISPOSITION_TO_ISSUER] == kinds(an_option("D", security_title=title, **DISPOSED))


@pytest.mark.parametrize("security", [SecurityClass.RSU, SecurityClass.CONVERTIBLE, SecurityClass.DEFERRAL])
def test_what_is_no_option_never_rings_a_rule_on_option_grants(security: SecurityClass) -> None:
    """Units, notes and preferred stock, whatever number stands in box 2: 60 of 2,503 rows of a quarter."""
    rule = a_rule(kinds="option-grant", exercise_value=">= $500k")
    row = an_option("A", "120000", "13.80", security_title=ONE_OF_EACH[security])

    assert NO == met(rule, a_subject(row))
    assert YES == met(rule, a_subject(an_option("A", "120000", "13.80")))


@pytest.mark.parametrize("row", [a_row, an_option])
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("P", (K.PURCHASE, K.EQUITY_SWAP)),
        ("S", (K.SALE, K.EQUITY_SWAP)),
        ("J", (K.EQUITY_SWAP, K.OTHER)),
        (None, (K.EQUITY_SWAP, K.OTHER)),
        ("K", (K.EQUITY_SWAP,)),
    ],
)
def test_the_swap_is_a_box_beside_what_the_code_says(row: Any, code: str | None, expected: tuple[Kind, ...]) -> None:
    """K is no code that EDGAR accepts (specification 3.6.9); rules on either kind are met, once."""
    swap = row(transaction_code=code and TransactionCode(code), equity_swap_involved=True)
    (fact,) = a_subject(swap).facts

    assert expected == fact.kinds
    assert expected[0] is fact.kind
    for kind in Kind:
        assert (YES if kind in expected else NO) == met(a_rule(kinds=kind.value), a_subject(swap))
    assert YES == met(a_rule(kinds=[kind.value for kind in expected]), a_subject(swap))


@pytest.mark.parametrize("filed", [False, None])
def test_without_the_box_there_is_no_swap(filed: bool | None) -> None:
    """Neither ticked nor left out."""
    (fact,) = a_subject(a_row("P", equity_swap_involved=filed)).facts

    assert (K.PURCHASE,) == fact.kinds


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"shares_owned_following_transaction": Decimal(0)}, K.GRANT_REVERSAL),
        ({"shares_owned_following_transaction": Decimal(200000)}, K.OPTION_GRANT),  # and ten years to expiry
        ({"shares_owned_following_transaction": Decimal(200000), "expiration_date": date(2025, 9, 1)}, K.OTHER),
        ({"shares_owned_following_transaction": Decimal(200000), "expiration_date": None}, K.OTHER),
        ({"shares_owned_following_transaction": Decimal(150000)}, K.OTHER),
        ({"shares_owned_following_transaction": None}, K.OTHER),
    ],
)
@pytest.mark.parametrize("title", ["Stock Option (right to buy)", "Options"])
def test_a_grant_that_was_disposed_of_is_told_by_what_is_owned_after_it(
    title: str, fields: dict[str, Any], kind: Kind
) -> None:
    """Taken back, filed with the wrong box, or unknown; flagged in every case. Only a grant rings as one."""
    subject = a_subject(an_option("A", security_title=title, **DISPOSED | fields))
    (fact,) = subject.facts

    assert kind is fact.kind
    assert FlagCode.DIRECTION in {flag.code for flag in fact.flags}
    assert "the title says an option; the box says disposed" in fact.reason
    assert (YES if kind is K.OPTION_GRANT else NO) == met(a_rule(kinds="option-grant"), subject)


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (a_row("A", **GONE), K.GRANT_REVERSAL),
        (an_option("A", **RSU | GONE), K.GRANT_REVERSAL),
        (a_row("A", "500", **DISPOSED, shares_owned_following_transaction=Decimal(500)), K.OTHER),
        (an_option("A", "500", **RSU | DISPOSED, shares_owned_following_transaction=Decimal(500)), K.OTHER),
    ],
)
def test_shares_and_units_can_be_taken_back_too(row: Any, kind: Kind) -> None:
    """They do not expire: where something is owned after, nothing tells what was meant."""
    (fact,) = a_subject(row).facts

    assert kind is fact.kind
    assert FlagCode.DIRECTION in {flag.code for flag in fact.flags}


@pytest.mark.parametrize("code", ["M", "X", "O", "C"])
def test_both_sides_in_one_table_are_one_exercise(code: str) -> None:
    """What was disposed of is the exercise; the acquired row is what it brought. In Table I likewise."""
    main = K.CONVERSION if code == "C" else K.EXERCISE
    in_two = (an_option(code, **RSU | DISPOSED), an_option(code, **CLASS_B))
    in_one = (a_row(code, security_title="Restricted Stock Units", **DISPOSED), a_row(code))

    assert [main, K.EXERCISE_SHARES] == kinds(*in_two) == kinds(*in_one)
    assert [K.EXERCISE_SHARES, main] == kinds(*reversed(in_two)) == kinds(*reversed(in_one))
    assert YES == met(a_rule(kinds=main.value, shares=">= 200k", per="filing"), a_subject(*in_two))
    assert Met(None, "false") == met(a_rule(kinds=main.value, shares="> 200k", per="filing"), a_subject(*in_two))


def test_a_chain_of_exercise_and_conversion_counts_each_once() -> None:
    """Units into class B, class B into class A: one exercise, one conversion, and what each brought."""
    chain = (
        a_row("C", "100000", "0", security_title="Class A Common Stock"),
        an_option("M", "100000", **RSU | DISPOSED),
        an_option("M", "100000", **CLASS_B),
        an_option("C", "100000", **CLASS_B | DISPOSED),
    )
    subject = a_subject(*chain)

    assert [K.EXERCISE_SHARES, K.EXERCISE, K.EXERCISE_SHARES, K.CONVERSION] == [fact.kind for fact in subject.facts]
    for kind in ("exercise", "conversion"):
        assert YES == met(a_rule(kinds=kind, shares=">= 100k", per="filing"), subject)
        assert NO == met(a_rule(kinds=kind, shares="> 100k", per="filing"), subject)


@pytest.mark.parametrize("code", ["M", "X", "O", "C"])
def test_a_side_alone_is_the_exercise(code: str) -> None:
    """Shares without their option, or an option whose box says acquired: something was exercised."""
    main = K.CONVERSION if code == "C" else K.EXERCISE

    assert [main] == kinds(a_row(code))
    assert [main] == kinds(an_option(code))
    assert [K.EXERCISE_SHARES, main] == kinds(a_row(code), an_option(code))


def test_sides_of_one_code_say_nothing_of_another() -> None:
    """An exercise in Table II, and a conversion that only Table I tells of."""
    assert [K.CONVERSION, K.EXERCISE] == kinds(a_row("C"), an_option("M", **DISPOSED))


def test_a_row_of_no_shares_and_a_holding_are_what_they_are() -> None:
    """A zero is a number that was filed; a holding is no transaction."""
    (fact,) = a_subject(a_row("J", "0", None, **GONE)).facts

    assert K.OTHER is fact.kind
    assert () == fact.flags
    assert YES == met(a_rule(kinds="other", shares="<= 0"), a_subject(a_row("J", "0", None, **GONE)))


def test_the_reason_says_what_the_code_does_not() -> None:
    """Beside what tells the class; explanations show it."""
    swap, exercise = a_subject(a_row("P", equity_swap_involved=True)), a_subject(a_row("M"), an_option("M", **DISPOSED))
    told = explain(a_rule(kinds="equity-swap"), swap).rows[0].evidence[0].stated
    brought = explain(a_rule(kinds="exercise"), exercise).rows[0].evidence[0].stated

    assert told.startswith("purchase and equity-swap (code P): ")
    assert told.endswith("; the box for a swap is ticked")
    assert brought.startswith("exercise-shares (code M): ")
    assert brought.endswith("; another row has what was given up for it")
