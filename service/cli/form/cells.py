"""What stands in a box of a row, as text: the value, and the footnotes that the box cites."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum

from consumers.words import money, plain
from service.model.ownership import (
    Box,
    DerivativeHolding,
    DerivativeTransaction,
    NonDerivativeHolding,
    NonDerivativeTransaction,
    Timeliness,
)

Row = NonDerivativeTransaction | NonDerivativeHolding | DerivativeTransaction | DerivativeHolding

_MONEY = frozenset(
    {
        "conversion_or_exercise_price",
        "transaction_price_per_share",
        "transaction_total_value",
        "underlying_security_value",
        "value_owned_following_transaction",
    }
)


def cell(row: Row, boxes: Sequence[str]) -> str:
    """What *boxes* of *row* say, one after the other: of those that exclude each other, one was filed."""
    return " ".join(text for box in boxes if (text := _box(row, box)))


def _box(row: Row, box: str) -> str:
    """``$2.91 (F1)``; a value that could not be read stands as it was filed, with a question mark."""
    value = _coding(row) if box == "transaction_code" else _value(box, getattr(row, box, None))
    filed = row.raw.get(Box(box))
    if not value and filed:
        value = f"{filed} (?)"
    notes = ", ".join(row.footnotes.get(Box(box), ()))
    return f"{value} ({notes})".lstrip() if notes else value


def _value(box: str, value: object) -> str:
    match value:
        case None:
            return ""
        case Decimal():
            return money(value) if box in _MONEY else plain(value)
        case date():
            return value.isoformat()
        case StrEnum():
            return value.value
    return str(value)


def _coding(row: Row) -> str:
    """The code, with K for a swap as EDGAR shows it, and V for what was reported earlier than it had to be."""
    if not isinstance(row, NonDerivativeTransaction | DerivativeTransaction):
        return ""
    code = f"{row.transaction_code or ''}{'/K' if row.equity_swap_involved else ''}"
    when = (
        {Timeliness.EARLY: "V", Timeliness.LATE: "late"}.get(row.transaction_timeliness)
        if row.transaction_timeliness
        else None
    )
    form = "form 5" if row.transaction_form_type == "5" else None
    return " ".join(part for part in (code, when, form) if part)
