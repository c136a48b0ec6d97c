"""Whatever is filed has a meaning."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.matcher.facts.boxes import BOXES
from consumers.matcher.meaning.words import WORDS
from consumers.matcher.rows import facts_of
from service.model.fact import Measure
from service.model.flag import FlagCode
from service.model.ownership import (
    AcquiredDisposed,
    DerivativeTransaction,
    NonDerivativeTransaction,
    Transaction,
    TransactionCode,
)
from tests.kit.documents import a_document, an_option

_numbers = st.none() | st.decimals(allow_nan=False, allow_infinity=False) | st.integers(-5, 10**60).map(Decimal)
_dates = st.none() | st.dates()
_titles = st.none() | st.text() | st.sampled_from([title for word in WORDS for title in word.titles])
_notes = st.sampled_from(["", "In pesos.", "Price per ADS.", "Converted from EUR.", "Dividend equivalents."])
_BOXES = sorted({*BOXES["I"], *BOXES["II"]})


def _rows(kind: type[Transaction], **more: Any) -> st.SearchStrategy[Transaction]:
    return st.builds(
        kind,
        security_title=_titles,
        transaction_date=_dates,
        transaction_code=st.none() | st.sampled_from(TransactionCode),
        equity_swap_involved=st.none() | st.booleans(),
        transaction_shares=_numbers,
        transaction_total_value=_numbers,
        transaction_price_per_share=_numbers,
        transaction_acquired_disposed_code=st.none() | st.sampled_from(AcquiredDisposed),
        shares_owned_following_transaction=_numbers,
        value_owned_following_transaction=_numbers,
        footnotes=st.dictionaries(st.sampled_from(_BOXES), st.just(("F1", "F2", "F9"))),
        **more,
    )


_any_rows = st.lists(
    _rows(NonDerivativeTransaction)
    | _rows(
        DerivativeTransaction,
        conversion_or_exercise_price=_numbers,
        exercise_date=_dates,
        expiration_date=_dates,
        underlying_security_title=_titles,
        underlying_security_shares=_numbers,
    ),
    max_size=4,
)


@pytest.mark.parametrize("title", ["Stock Option", "Stock Units"])
def test_numbers_of_any_length_are_read(title: str) -> None:
    """Filers write 30 digits and more; none is beyond what can be compared."""
    long = Decimal("1" * 40 + ".5")
    row = an_option(security_title=title, transaction_shares=long, underlying_security_shares=Decimal(3))
    (fact,) = facts_of(a_document(row), None)

    assert long == fact.measures[Measure.SHARES]


@settings(deadline=None)  # the machine may be busy
@given(_any_rows, _dates, _notes, st.none() | _notes)
def test_no_document_is_too_odd(rows: list[Transaction], filed_on: date | None, text: str, remarks: str | None) -> None:
    """Each row has one main kind, a class with its reason, and no measure of a box that is in doubt."""
    document = a_document(*rows, footnotes={"F1": text, "F2": "They vest."}, remarks=remarks)
    facts = facts_of(document, filed_on)

    assert len(rows) == len(facts)
    for fact in facts:
        assert fact.kind is fact.kinds[0]
        assert len(set(fact.kinds)) == len(fact.kinds) <= 2
        assert fact.reason
        assert all(number >= 0 for number in fact.measures.values())
        for flag in fact.flags:
            assert flag.code in FlagCode
            assert flag.where == fact.place
            assert flag.box is None or flag.box in BOXES[fact.table]
