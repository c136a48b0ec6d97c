"""The boxes of the form by their numbers, and which of them a measure rests on."""

from collections.abc import Mapping
from typing import Any

from service.model.fact import Fact, Measure, MeasureSource
from service.model.ownership import Box

BOXES: Mapping[str, Mapping[str, str]] = {
    "I": {
        "security_title": "box 1",
        "transaction_date": "box 2",
        "deemed_execution_date": "box 2A",
        "transaction_code": "box 3",
        "equity_swap_involved": "box 3",
        "transaction_shares": "box 4",
        "transaction_total_value": "box 4",
        "transaction_price_per_share": "box 4",
        "transaction_acquired_disposed_code": "box 4",
        "shares_owned_following_transaction": "box 5",
        "direct_or_indirect_ownership": "box 6",
        "nature_of_ownership": "box 7",
    },
    "II": {
        "security_title": "box 1",
        "conversion_or_exercise_price": "box 2",
        "transaction_date": "box 3",
        "deemed_execution_date": "box 3A",
        "transaction_code": "box 4",
        "equity_swap_involved": "box 4",
        "transaction_shares": "box 5",
        "transaction_total_value": "box 5",
        "transaction_acquired_disposed_code": "box 5",
        "exercise_date": "box 6",
        "expiration_date": "box 6",
        "underlying_security_title": "box 7",
        "underlying_security_shares": "box 7",
        "transaction_price_per_share": "box 8",
        "shares_owned_following_transaction": "box 9",
        "direct_or_indirect_ownership": "box 10",
        "nature_of_ownership": "box 11",
    },
}

OF_FILING: Mapping[str, str] = {
    "every_box": "any box",
    "document_type": "the heading",
    "rpt_owner_name": "box 1",
    "issuer_trading_symbol": "box 2",
    "relationship": "box 5",
    "date_of_original_submission": "box 4",
    "aff10b5_one": "10b5-1 box",
    "not_subject_to_section16": "exit box",
    "remarks": "the remarks",
    "non_derivative_table": "Table I",
    "footnotes": "the footnotes",
    "filed_on": "the submission's header",
}
"""What belongs to the filing rather than to a row."""

RESTS_ON: Mapping[Measure, tuple[str, ...]] = {
    Measure.SHARES: ("transaction_shares",),
    Measure.PRICE: ("transaction_price_per_share",),
    Measure.VALUE: ("transaction_shares", "transaction_price_per_share"),
    Measure.STRIKE: ("conversion_or_exercise_price",),
    Measure.UNDERLYING_SHARES: ("underlying_security_shares",),
    Measure.EXERCISE_VALUE: ("conversion_or_exercise_price", "underlying_security_shares"),
    Measure.OWNED_AFTER: ("shares_owned_following_transaction",),
    Measure.FILING_LAG: ("transaction_date",),
}


def tables_of(measure: Measure) -> frozenset[str]:
    """The tables that have a box for *measure*."""
    return frozenset(table for table, boxes in BOXES.items() if any(box in boxes for box in RESTS_ON[measure]))


_CODING = Box("transaction_coding")
_AROUND: Mapping[Box, Box] = {Box("transaction_code"): _CODING, Box("equity_swap_involved"): _CODING}
"""Boxes whose footnotes the schema cites at the element around them."""


def sources(fact: Fact, measure: Measure) -> tuple[MeasureSource, ...]:
    """The boxes that *measure* rests on in this row."""
    boxes = RESTS_ON[measure]
    if measure is Measure.VALUE and fact.transaction.transaction_total_value is not None:
        boxes = ("transaction_total_value",)
    return tuple(source(fact, box) for box in boxes if box in BOXES[fact.table])


def source(fact: Fact, box: str) -> MeasureSource:
    """The *box* of this row, by its number on the form and with the footnotes it cites."""
    name, cited = Box(box), fact.transaction.footnotes
    return MeasureSource(
        box=name, number=BOXES[fact.table][box], footnotes=cited.get(name) or cited.get(_AROUND.get(name, name), ())
    )


def filed(row: Fact, box: str) -> Any:
    """What stands in *box* of this row; None: nothing, or something that is in doubt (a flag names the box)."""
    doubted = row.flags and any(flag.box == box for flag in row.flags)
    return None if doubted else getattr(row.transaction, box, None)
