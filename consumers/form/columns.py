"""The columns of Table I and Table II, numbered and named as on the SEC's forms."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from msgspec import Struct

from consumers.form.cells import Cell, Entry, Row, cell
from service.model.ownership import DerivativeHolding, NonDerivativeHolding


@dataclass(frozen=True, slots=True, kw_only=True)
class FormColumn:
    """One column: a box of the form, or a part of one."""

    name: str
    boxes: tuple[str, ...]
    number: str | None = None  # None: a further part of the box before
    number_on_form_3: str | None = None
    on_form_3: bool = True  # whose rows are all holdings
    right: bool = False  # numbers
    optional: bool = False  # left out where no row has anything there

    def heading(self, form: str) -> str:
        """``2. Transaction Date``."""
        number = (self.number_on_form_3 or self.number) if form.startswith("3") else self.number
        return f"{number}. {self.name}" if number else self.name


_CODE = (
    "transaction_code",
    "transaction_coding",
    "equity_swap_involved",
    "transaction_timeliness",
    "transaction_form_type",
)


def _traded(first: int, count: str) -> tuple[FormColumn, ...]:
    """The columns on the transaction, from box *first* on, with what the table calls its *count*; not on Form 3."""
    only_traded = partial(FormColumn, on_form_3=False)
    return (
        only_traded(number=f"{first}", name="Transaction Date", boxes=("transaction_date",)),
        only_traded(number=f"{first}A", name="Deemed Execution", boxes=("deemed_execution_date",), optional=True),
        only_traded(number=f"{first + 1}", name="Code", boxes=_CODE),
        only_traded(
            number=f"{first + 2}",
            name=count,
            boxes=("transaction_shares", "transaction_total_value"),
            right=True,
        ),
        only_traded(name="(A) or (D)", boxes=("transaction_acquired_disposed_code",)),
    )


def _owned(number: int, on_form_3: int) -> tuple[FormColumn, ...]:
    """The columns on how the security is owned, which end both tables."""
    return (
        FormColumn(
            number=f"{number}",
            number_on_form_3=f"{on_form_3}",
            name="(D) or (I)",
            boxes=("direct_or_indirect_ownership",),
        ),
        FormColumn(
            number=f"{number + 1}",
            number_on_form_3=f"{on_form_3 + 1}",
            name="Nature of Indirect Ownership",
            boxes=("nature_of_ownership",),
            optional=True,
        ),
    )


_held = partial(
    FormColumn, boxes=("shares_owned_following_transaction", "value_owned_following_transaction"), right=True
)
_price = partial(FormColumn, boxes=("transaction_price_per_share",), on_form_3=False, right=True)

TABLE_I = (
    FormColumn(number="1", name="Title of Security", boxes=("security_title",)),
    *_traded(2, "Amount"),
    _price(name="Price"),
    _held(number="5", number_on_form_3="2", name="Amount Owned"),
    *_owned(6, on_form_3=3),
)

TABLE_II = (
    FormColumn(number="1", name="Title of Derivative Security", boxes=("security_title",)),
    FormColumn(
        number="2",
        number_on_form_3="4",
        name="Conversion or Exercise Price",
        boxes=("conversion_or_exercise_price",),
        right=True,
    ),
    *_traded(3, "Number"),
    FormColumn(number="6", number_on_form_3="2", name="Date Exercisable", boxes=("exercise_date",)),
    FormColumn(name="Expiration Date", boxes=("expiration_date",)),
    FormColumn(number="7", number_on_form_3="3", name="Underlying Security", boxes=("underlying_security_title",)),
    FormColumn(name="Its Amount", boxes=("underlying_security_shares", "underlying_security_value"), right=True),
    _price(number="8", name="Price of Derivative"),
    _held(number="9", name="Number Owned", on_form_3=False),
    *_owned(10, on_form_3=5),
)


class FormTable(Struct, frozen=True, kw_only=True):
    """Table I or II of a form."""

    number: str  # "I" or "II"
    title: str
    columns: tuple[FormColumn, ...]  # as this form has them, without those that nobody filled in and may be left out
    rows: tuple[tuple[Cell, ...], ...]  # a cell for each column
    holdings: frozenset[int] = frozenset()  # the rows (from 0) that only state what is held


def table(number: str, form: str, rows: Sequence[Row]) -> FormTable:
    """Table *number* as *form* has it."""
    title, every = _TABLES[number]
    initial = form.startswith("3")
    columns = [column for column in every if column.on_form_3 or not initial]
    shown = {box for column in columns for box in column.boxes}
    cells = [[cell(row, column.boxes) for column in columns] for row in rows]
    for row, found in zip(rows, cells, strict=True):
        elsewhere = dict.fromkeys(note for box, notes in row.footnotes.items() if box not in shown for note in notes)
        if elsewhere:  # cited where the form has no column
            found[0] += (Entry(box="", notes=tuple(elsewhere)),)
    kept = [at for at, column in enumerate(columns) if not column.optional or any(found[at] for found in cells)]
    return FormTable(
        number=number,
        title=title,
        columns=tuple(columns[at] for at in kept),
        rows=tuple(tuple(found[at] for at in kept) for found in cells),
        holdings=frozenset(
            at for at, row in enumerate(rows) if isinstance(row, NonDerivativeHolding | DerivativeHolding)
        ),
    )


_TABLES = {
    "I": ("Table I: Non-Derivative Securities", TABLE_I),
    "II": ("Table II: Derivative Securities", TABLE_II),
}
