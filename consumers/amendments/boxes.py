"""The boxes of rows that are compared: what they are called on the form, and what they say."""

from collections.abc import Iterator
from decimal import Decimal

from consumers.form.columns import TABLE_I, TABLE_II
from consumers.titles import folded
from service.model.amendment import BoxChange
from service.model.ownership import Box, DerivativeHolding, NonDerivativeHolding
from service.model.past import Row

_TABLES = {"I": TABLE_I, "II": TABLE_II}
_USUAL = {"transaction_form_type": "4", "equity_swap_involved": False}  # what goes without saying
_HALF_A_CENT = Decimal("0.005")


def _names(table: str) -> dict[str, str]:
    found, number = dict[str, str](), ""
    for column in _TABLES[table]:
        number = column.number or number
        found |= dict.fromkeys(column.boxes, f"{number}. {column.name}")
    return found


NAMES = {table: _names(table) for table in _TABLES}
"""Of each table: its boxes in their order, each with its name on the form; a part of a box has that box's number."""


def says_the_same(old: Row, new: Row, box: str, *, rounded: bool) -> bool:
    """Whether *box* means the same in both: 10 is 10.0000; *rounded*: one has two decimals of what was filed."""
    return is_same(meant(old, box), meant(new, box), rounded=rounded)


def is_same(before: object, after: object, *, rounded: bool) -> bool:
    """Likewise of what is `meant` in both."""
    if rounded and isinstance(before, Decimal) and isinstance(after, Decimal):
        return abs(before - after) <= _HALF_A_CENT
    return before == after


def differing(table: str, old: Row, new: Row, *, rounded: bool) -> Iterator[BoxChange]:
    """The boxes in which *new* says something else than *old*."""
    for box, name in NAMES[table].items():
        if not says_the_same(old, new, box, rounded=rounded):
            before, after = getattr(old, box, None), getattr(new, box, None)
            yield BoxChange(box=Box(box), name=name, old=exact(before), new=exact(after))


def exact(value: object) -> str | None:
    """*value* to the last digit, as programs read it.

    >>> exact(Decimal("1E+3")), exact(True), exact(None)
    ('1000', 'yes', None)
    """
    match value:
        case None:
            return None
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return f"{value:f}"
        case other:
            return str(other)  # a day is written as 2025-03-03


def is_holding(row: Row) -> bool:
    """Whether *row* only says what is held."""
    return isinstance(row, NonDerivativeHolding | DerivativeHolding)


def meant(row: Row, box: str) -> object:
    """What *box* of *row* means, however it is written."""
    value = getattr(row, box, None)
    if value is None:
        return _USUAL.get(box)
    return folded(value) if type(value) is str else value
