"""No filing makes a fact fail, whatever stands in its boxes; and what it gives is of its type, and can be sent."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.matcher.facts.fact import Level
from consumers.matcher.facts.registry import FACTS
from consumers.matcher.facts.told import facts_told, with_facts
from consumers.matcher.subject import Subject
from service.model.fact import FilingFacts
from service.model.known import RowFacts
from service.model.ownership import (
    AcquiredDisposed,
    Box,
    DerivativeHolding,
    DerivativeTransaction,
    FootnoteId,
    NonDerivativeHolding,
    NonDerivativeTransaction,
    OwnershipForm,
    TransactionCode,
)
from service.wire import decode, encode
from tests.kit.documents import a_document, a_filing, an_owner

NUMBERS = (
    st.none()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        [
            Decimal(0),
            Decimal(-1),
            Decimal(100),
            Decimal("0.0001"),
            Decimal("9" * 40),
            Decimal("1e-40"),
            Decimal("9" * 5000),
        ]
    )
)
DATES = st.none() | st.just(date.max) | st.dates() | st.dates(date(2024, 1, 1), date(2026, 1, 1))
WORDS = st.sampled_from(
    [
        "Sold",
        "under",
        "a",
        "Rule",
        "10b5-1",
        "plan",
        "adopted",
        "on",
        "December",
        "2,",
        "2024,",
        "not",
        "made",
        "pursuant",
        "to,",
        "vests",
        "in",
        "four",
        "equal",
        "annual",
        "installments",
        "beginning",
        "on",
        "the",
        "first",
        "anniversary",
        "of",
        "the",
        "grant",
        "date",
        "25%",
        "1/0",
        "0/0",
        "on",
        "99/99/9999",
        "each",
        "Form",
        "4",
        "1",
        "of",
        "2",
        "continuation",
        "President",
        "and",
        "CEO",
        "See",
        "Remarks",
        "former",
        "in",
        "connection",
        "with",
        "the",
        "appointment",
    ]
)
TEXTS = st.none() | st.text(max_size=40) | st.lists(WORDS, max_size=25).map(" ".join)
NOTES = st.dictionaries(
    st.sampled_from(["exercise_date", "transaction_code", "expiration_date", "transaction_price_per_share"]).map(Box),
    st.lists(st.sampled_from(["F1", "F2", "F9"]).map(FootnoteId), max_size=2).map(tuple),
    max_size=3,
)
SHARED: dict[str, Any] = {
    "security_title": st.sampled_from(["Common Stock", "Stock Option", "RSU", None]) | TEXTS,
    "shares_owned_following_transaction": NUMBERS,
    "direct_or_indirect_ownership": st.sampled_from([*OwnershipForm, None]),
    "nature_of_ownership": TEXTS,
    "footnotes": NOTES,
}
DEALT: dict[str, Any] = {
    "transaction_date": DATES,
    "deemed_execution_date": DATES,
    "transaction_form_type": st.sampled_from(["4", "5", None]),
    "transaction_code": st.sampled_from([*TransactionCode, None]),
    "equity_swap_involved": st.sampled_from([True, False, None]),
    "transaction_shares": NUMBERS,
    "transaction_total_value": NUMBERS,
    "transaction_price_per_share": NUMBERS,
    "transaction_acquired_disposed_code": st.sampled_from([*AcquiredDisposed, None]),
}
TERMS: dict[str, Any] = {
    "conversion_or_exercise_price": NUMBERS,
    "exercise_date": DATES,
    "expiration_date": DATES,
    "underlying_security_title": st.sampled_from(["Common Stock", None]),
    "underlying_security_shares": NUMBERS,
}
TABLE_1 = st.builds(NonDerivativeTransaction, **SHARED, **DEALT) | st.builds(NonDerivativeHolding, **SHARED)
TABLE_2 = st.builds(DerivativeTransaction, **SHARED, **DEALT, **TERMS) | st.builds(DerivativeHolding, **SHARED, **TERMS)
OWNERS = st.builds(
    lambda title, other: an_owner(is_officer=True, officer_title=title, is_other=True, other_text=other), TEXTS, TEXTS
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(TABLE_1, max_size=4),
    st.lists(TABLE_2, max_size=4),
    st.lists(OWNERS, min_size=1, max_size=2),
    st.dictionaries(st.sampled_from(["F1", "F2"]).map(FootnoteId), TEXTS.filter(bool), max_size=2),
    TEXTS,
    st.sampled_from([True, False, None]),
    st.none() | st.dates(date(2003, 6, 30), date(2030, 1, 1)),
)
def test_no_filing_makes_a_fact_fail(
    first: list[Any], second: list[Any], owners: list[Any], notes: Any, remarks: Any, box: Any, filed_on: Any
) -> None:
    """Each fact of each row and of the filing, and all of them as they are sent."""
    document = a_document(
        non_derivative_table=tuple(first),
        derivative_table=tuple(second),
        reporting_owners=tuple(owners),
        footnotes=notes,
        remarks=remarks,
        aff10b5_one=box,
    )
    subject = Subject.of(a_filing(filed_on=filed_on), document)

    for fact in FACTS.values():
        for row in subject.facts if fact.level is Level.ROW else [None]:
            value = fact.of(subject, row)
            assert not isinstance(value, Decimal) or value >= 0 or fact.signed, fact.name

    for row in with_facts(subject, subject.facts):
        assert row.facts == decode(encode(row.facts), RowFacts)
    assert facts_told(subject) == decode(encode(facts_told(subject)), FilingFacts)
