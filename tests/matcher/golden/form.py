"""A filing as it is written in the golden set, to XML.

A row stands as on the form, its boxes from the left, with ``|`` between them:

- Table I: title | date | code | shares | price | A or D | owned after | D or I
- Table II: title | strike | date | code | shares | A or D | exercisable | expires | underlying | its shares | price |
  owned after | D or I

A box holds what was filed and the footnotes that it cites: ``2.91``, ``2.91 F1``, ``F1`` alone, or nothing. ``$1155``
in a box that counts shares is a value instead. ``swap`` behind the code ticks the box for equity swaps; how it is owned
can stand behind D or I: ``I By Trust``. A row that begins with ``holding`` is one of Table I: title | owned | D or I.
"""

import re
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from tests.kit.builders import a_signature, an_owner, an_ownership_xml, value

USUAL = {"owners": [{"director": True}], "filed": "2025-03-05", "form": "4", "plan": "no"}
NAMES = ("DOE JANE", "ROE RICHARD", "POE PAT")

_NOTE = re.compile(r"\bF\d{1,2}\b")
_TICKS = {"director": "isDirector", "officer": "isOfficer", "ten percent": "isTenPercentOwner", "other": "isOther"}


def xml_of(filing: dict[str, Any]) -> bytes:
    """What EDGAR would serve for *filing*."""
    owners = filing.get("owners", USUAL["owners"])
    plan = {"yes": "1", "no": "0", "null": None}[filing.get("plan", USUAL["plan"])]
    return an_ownership_xml(
        form=filing.get("form", USUAL["form"]),
        period=filing.get("period", "2025-03-03"),
        head=f"<notSubjectToSection16>{1 if filing.get('exit') else 0}</notSubjectToSection16>",
        symbol=filing.get("symbol", "EXMP"),
        owners=[_owner(number, owner) for number, owner in enumerate(owners)],
        plan=plan,
        table_1=[_row_of_table_1(row) for row in filing.get("I", ())],
        table_2=[_row_of_table_2(row) for row in filing.get("II", ())],
        footnotes={number: escape(text) for number, text in filing.get("footnotes", {}).items()},
        tail=f"<remarks>{escape(filing['remarks'])}</remarks>" if "remarks" in filing else "",
        signatures=[a_signature(filing.get("signed", filing.get("filed", USUAL["filed"]))) for _ in owners],
    )


def cells_of(row: str) -> list[tuple[str | None, tuple[str, ...]]]:
    """The boxes of *row*: what was filed, and the footnotes."""
    return [_cell(cell) for cell in row.split("|")]


def _cell(cell: str) -> tuple[str | None, tuple[str, ...]]:
    return _NOTE.sub("", cell).strip() or None, tuple(_NOTE.findall(cell))


def _owner(number: int, owner: dict[str, Any]) -> str:
    title = owner.get("title")
    roles = "".join(f"<{tag}>{1 if owner.get(name) else 0}</{tag}>" for name, tag in _TICKS.items())
    roles += f"<officerTitle>{escape(title)}</officerTitle>" if title else ""
    made = an_owner(f"000980000{number + 1}", roles=roles)
    return made.replace("DOE JANE", NAMES[number])


def _row_of_table_1(row: str) -> str:
    if row.startswith("holding "):
        of, after, how = map(_cell, row.removeprefix("holding ").split("|"))
        inside = f"{_box('securityTitle', of)}{_owned(after)}{_nature(how)}"
        return f"<nonDerivativeHolding>{inside}</nonDerivativeHolding>"
    title, day, code, shares, price, way, owned, nature = cells_of(row)
    return (
        f"<nonDerivativeTransaction>{_box('securityTitle', title)}{_box('transactionDate', day)}{_coding(code)}"
        f"<transactionAmounts>{_amount(shares)}{_box('transactionPricePerShare', price)}"
        f"{_box('transactionAcquiredDisposedCode', way)}</transactionAmounts>{_owned(owned)}{_nature(nature)}"
        "</nonDerivativeTransaction>"
    )


def _row_of_table_2(row: str) -> str:
    (title, strike, day, code, shares, way, exercisable, expires, underlying, number, price, owned, nature) = cells_of(
        row
    )
    return (
        f"<derivativeTransaction>{_box('securityTitle', title)}{_box('conversionOrExercisePrice', strike)}"
        f"{_box('transactionDate', day)}{_coding(code)}<transactionAmounts>{_amount(shares)}"
        f"{_box('transactionPricePerShare', price)}{_box('transactionAcquiredDisposedCode', way)}</transactionAmounts>"
        f"{_box('exerciseDate', exercisable)}{_box('expirationDate', expires)}<underlyingSecurity>"
        f"{_box('underlyingSecurityTitle', underlying)}{_box('underlyingSecurityShares', number)}</underlyingSecurity>"
        f"{_owned(owned)}{_nature(nature)}</derivativeTransaction>"
    )


def _box(element: str, cell: tuple[str | None, tuple[str, ...]]) -> str:
    text, notes = cell
    return f"<{element}>{value(None if text is None else escape(text), *notes)}</{element}>" if text or notes else ""


def _coding(cell: tuple[str | None, tuple[str, ...]]) -> str:
    text, notes = cell
    code, _, swap = (text or "").partition(" ")
    return (
        f"<transactionCoding><transactionFormType>4</transactionFormType><transactionCode>{code}</transactionCode>"
        f"<equitySwapInvolved>{1 if swap else 0}</equitySwapInvolved>{value(None, *notes)}</transactionCoding>"
    )


def _amount(cell: tuple[str | None, tuple[str, ...]]) -> str:
    text, notes = cell
    if text is not None and text.startswith("$"):
        return _box("transactionTotalValue", (text[1:], notes))
    return _box("transactionShares", cell)


def _owned(cell: tuple[str | None, tuple[str, ...]]) -> str:
    text, notes = cell
    if text is not None and text.startswith("$"):
        inside = _box("valueOwnedFollowingTransaction", (text[1:], notes))
    else:
        inside = _box("sharesOwnedFollowingTransaction", cell)
    return f"<postTransactionAmounts>{inside}</postTransactionAmounts>"


def _nature(cell: tuple[str | None, tuple[str, ...]]) -> str:
    text, notes = cell
    form, _, nature = (text or "").partition(" ")
    boxes = _box("directOrIndirectOwnership", (form or None, notes)) + _box("natureOfOwnership", (nature or None, ()))
    return f"<ownershipNature>{boxes}</ownershipNature>"


def filed_in(row: str, table: str) -> Iterator[tuple[str, str | None]]:
    """What *row* states, by the names of facts: what is expected of it as it stands."""
    cells = [text for text, _ in cells_of(row)]
    places = (
        {"shares": 3, "price": 4, "owned_after": 6}
        if table == "I"
        else {"strike": 1, "shares": 4, "expiration_date": 7, "underlying_shares": 9, "price": 10, "owned_after": 11}
    )
    for name, place in places.items():
        text = cells[place]
        yield name, None if text is None or text.startswith("$") else text
