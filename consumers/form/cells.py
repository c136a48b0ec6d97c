"""What stands in a box of a row: the value as it was filed, and the footnotes that the box cites."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from msgspec import Struct

from service.model.ownership import (
    Box,
    DerivativeHolding,
    DerivativeTransaction,
    FootnoteId,
    NonDerivativeHolding,
    NonDerivativeTransaction,
    Timeliness,
)

Row = NonDerivativeTransaction | NonDerivativeHolding | DerivativeTransaction | DerivativeHolding

MONEY = frozenset(
    {
        "conversion_or_exercise_price",
        "transaction_price_per_share",
        "transaction_total_value",
        "underlying_security_value",
        "value_owned_following_transaction",
    }
)
"""Boxes that state US dollars."""

_TOLD_WITH_THE_CODE = frozenset({"equity_swap_involved", "transaction_timeliness", "transaction_form_type"})


class Entry(Struct, frozen=True, kw_only=True):
    """What one box holds."""

    box: str  # the field's name
    text: str = ""  # empty: it states only footnotes, or what could not be read
    notes: tuple[FootnoteId, ...] = ()
    filed: str | None = None  # the document's own text, where reading it failed or lost something

    @property
    def readable(self) -> bool:
        """Whether what was filed could be read."""
        return bool(self.text) or self.filed is None


Cell = tuple[Entry, ...]
"""The entries of a column's boxes, one after the other: of boxes that exclude each other, one was filed."""


def cell(row: Row, boxes: Sequence[str]) -> Cell:
    """What *boxes* of *row* hold."""
    return tuple(_entries(row, boxes))


def _entries(row: Row, boxes: Sequence[str]) -> Iterator[Entry]:
    for box in boxes:
        text = _text(row, box)
        notes, filed = row.footnotes.get(Box(box), ()), row.raw.get(Box(box))
        if text or notes or filed:
            yield Entry(box=box, text=text, notes=notes, filed=filed)


def _text(row: Row, box: str) -> str:
    if box == "transaction_code":
        return _coding(row)
    if box in _TOLD_WITH_THE_CODE:
        return ""
    match getattr(row, box, None):
        case None:
            return ""
        case Decimal() as number:
            return as_filed(number, money=box in MONEY)
        case other:  # a text, a code or a date, which shows as 2025-03-03
            return str(other)


def as_filed(number: Decimal, *, money: bool = False) -> str:
    """*number* with thousands and every place that was filed: ``$10.0000``; US dollars have both places of their cents.

    >>> as_filed(Decimal("1234.5")), as_filed(Decimal("1234.5"), money=True)
    ('1,234.5', '$1,234.50')
    """
    text = f"{number:,f}"
    if not money:
        return text
    cents = text.partition(".")[2]
    return f"${text}0" if len(cents) == 1 else f"${text}"


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
