"""The differences between two filings in lines, for messages and the command line."""

from collections.abc import Iterator
from decimal import Decimal

from consumers.form.cells import MONEY, as_filed
from service.model.amendment import Amends, Became, BoxChange, Effect, NoteChange, RowChange
from service.model.ownership import Box
from service.words import counted, shortened

NUMBERS = MONEY | {
    "transaction_shares",
    "underlying_security_shares",
    "shares_owned_following_transaction",
}
_LONG = 160  # characters of a text
_DOES = {
    Effect.ADDS: "Adds to",
    Effect.CORRECTS: "Corrects",
    Effect.RESTATES: "Restates",
    Effect.WITHDRAWS: "Withdraws",
    Effect.UNCLEAR: "Amends",
}


def headed(amends: Amends) -> str:
    """``Corrects the filing of 2025-03-05 (0009990900-25-000001)``."""
    which = f" ({amends.accession})" if amends.accession else ""
    day = f"the filing of {amends.filed}" if amends.filed else "an earlier filing"
    return f"{'Takes rows out of' if in_part(amends) else _DOES[amends.effect]} {day}{which}"


def in_part(amends: Amends) -> bool:
    """Whether rows are taken back, and others stand."""
    missing = any(row.change is Became.MISSING for row in amends.rows)
    return amends.effect is Effect.WITHDRAWS and missing and amends.same > 0


def differences(amends: Amends) -> Iterator[tuple[str, str]]:
    """Places and what differs there: ``Table I row 1, 4. Amount``, ``1,000 -> 10,000``."""
    for box in amends.head:
        yield box.name, change(box)
    for row in amends.rows:
        if row.change is Became.CHANGED:
            yield from ((f"{place(row)}, {box.name}", change(box)) for box in row.boxes)
        else:
            yield place(row), f"{'new' if row.change is Became.ADDED else 'not repeated'}: {row.text}"
    for note in amends.notes:
        yield note.number or "Remarks", noted(note)
    if amends.same:
        yield "Unchanged", counted(amends.same, "row")


def place(row: RowChange) -> str:
    """``Table I row 1``, with its place in what is amended where that is another."""
    if row.row is None:
        return f"Table {row.table} row {row.was} before"
    moved = f" (row {row.was} before)" if row.was not in (None, row.row) else ""
    return f"Table {row.table} row {row.row}{moved}"


def change(box: BoxChange) -> str:
    """``1,000 -> 10,000``."""
    return f"{shown(box.box, box.old)} -> {shown(box.box, box.new)}"


def shown(box: Box, value: str | None) -> str:
    """*value* of *box* as the form shows it."""
    if value is None:
        return "nothing stated"
    return as_filed(Decimal(value), money=box in MONEY) if box in NUMBERS else shortened(value, _LONG)


def noted(note: NoteChange) -> str:
    """``new: ...``, ``gone: ...``, or both texts."""
    old, new = (text and shortened(" ".join(text.split()), _LONG) for text in (note.old, note.new))
    if old is None:
        return f"new: {new}"
    return f"gone: {old}" if new is None else f"{old} -> {new}"
