"""The columns of Table I and Table II, numbered and named as on the SEC's forms."""

from dataclasses import dataclass

from service.cli.form.cells import Row, cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
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


_HELD = ("shares_owned_following_transaction", "value_owned_following_transaction")

TABLE_I = (
    Column(number="1", name="Title of Security", boxes=("security_title",)),
    Column(number="2", name="Transaction Date", boxes=("transaction_date",), on_form_3=False),
    Column(number="2A", name="Deemed Execution", boxes=("deemed_execution_date",), on_form_3=False, optional=True),
    Column(number="3", name="Code", boxes=("transaction_code", "transaction_coding"), on_form_3=False),
    Column(
        number="4",
        name="Amount",
        boxes=("transaction_shares", "transaction_total_value"),
        on_form_3=False,
        right=True,
    ),
    Column(name="(A) or (D)", boxes=("transaction_acquired_disposed_code",), on_form_3=False),
    Column(name="Price", boxes=("transaction_price_per_share",), on_form_3=False, right=True),
    Column(number="5", number_on_form_3="2", name="Amount Owned", boxes=_HELD, right=True),
    Column(number="6", number_on_form_3="3", name="(D) or (I)", boxes=("direct_or_indirect_ownership",)),
    Column(
        number="7",
        number_on_form_3="4",
        name="Nature of Indirect Ownership",
        boxes=("nature_of_ownership",),
        optional=True,
    ),
)

TABLE_II = (
    Column(number="1", name="Title of Derivative Security", boxes=("security_title",)),
    Column(
        number="2",
        number_on_form_3="4",
        name="Conversion or Exercise Price",
        boxes=("conversion_or_exercise_price",),
        right=True,
    ),
    Column(number="3", name="Transaction Date", boxes=("transaction_date",), on_form_3=False),
    Column(number="3A", name="Deemed Execution", boxes=("deemed_execution_date",), on_form_3=False, optional=True),
    Column(number="4", name="Code", boxes=("transaction_code", "transaction_coding"), on_form_3=False),
    Column(
        number="5",
        name="Number",
        boxes=("transaction_shares", "transaction_total_value"),
        on_form_3=False,
        right=True,
    ),
    Column(name="(A) or (D)", boxes=("transaction_acquired_disposed_code",), on_form_3=False),
    Column(number="6", number_on_form_3="2", name="Date Exercisable", boxes=("exercise_date",)),
    Column(name="Expiration Date", boxes=("expiration_date",)),
    Column(number="7", number_on_form_3="3", name="Underlying Security", boxes=("underlying_security_title",)),
    Column(name="Its Amount", boxes=("underlying_security_shares", "underlying_security_value"), right=True),
    Column(
        number="8",
        name="Price of Derivative",
        boxes=("transaction_price_per_share",),
        on_form_3=False,
        right=True,
    ),
    Column(number="9", name="Number Owned", boxes=_HELD, right=True, on_form_3=False),
    Column(number="10", number_on_form_3="5", name="(D) or (I)", boxes=("direct_or_indirect_ownership",)),
    Column(
        number="11",
        number_on_form_3="6",
        name="Nature of Indirect Ownership",
        boxes=("nature_of_ownership",),
        optional=True,
    ),
)


def columns(table: tuple[Column, ...], form: str, rows: tuple[Row, ...]) -> list[tuple[Column, list[str]]]:
    """The columns of *table* as *form* has them, each with its text for every one of *rows*."""
    initial = form.startswith("3")
    found = [(column, [cell(row, column.boxes) for row in rows]) for column in table if column.on_form_3 or not initial]
    for index, row in enumerate(rows):
        shown = {box for column, _ in found for box in column.boxes}
        elsewhere = dict.fromkeys(note for box, notes in row.footnotes.items() if box not in shown for note in notes)
        if elsewhere:
            found[0][1][index] += f" ({', '.join(elsewhere)})"
    return [(column, texts) for column, texts in found if any(texts) or not column.optional]
