"""The usual document: its texts gathered in one walk, its values made of them in one conversion.

Nearly all documents are as the SEC's schema has them, and their values read plainly. Where anything is said twice, is
unknown or is not plain, the careful reading takes over, which can tell what is odd and where. Both give the same
document: tests hold each to the other.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, get_args

import msgspec
from msgspec import Struct

from consumers.parser.columns import BOOLEANS, columns, field_name
from consumers.parser.symbols import normalised
from service.edgar.submission import OWNERSHIP_FORMS
from service.model.ownership import (
    DerivativeHolding,
    DerivativeTransaction,
    Issuer,
    NonDerivativeHolding,
    NonDerivativeTransaction,
    OwnerAddress,
    OwnerRelationship,
    OwnershipDocument,
    OwnerSignature,
    ReportingOwner,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

_DIGITS = 30  # of a number; the schema has 16


class _Sort(Enum):
    """A text that is looked at here, for the conversion would take what is odd, or nothing at all."""

    NUMBER = auto()  # it takes NaN, 1e5 and Arabic digits
    BOOLEAN = auto()  # it takes no text


_Columns = Mapping[str, tuple[str, _Sort | None]]
"""By element: its field's name, and what to look at."""


class _OddError(LookupError):
    """Something stands there that only the careful reading can tell of."""


def usual(root: "_Element", most_rows: int) -> OwnershipDocument | None:
    """The document under *root*, but for its flags; None: it is no usual one, or a table has over *most_rows* rows."""
    numbers: list[str] = []
    try:
        document = msgspec.convert(_document(root, most_rows, numbers), OwnershipDocument)
    except (LookupError, msgspec.ValidationError):  # LookupError: an element or boolean that no table here has
        return None
    plain = document.reporting_owners and document.document_type in OWNERSHIP_FORMS and _plain(numbers)
    return document if plain else None


def _plain(numbers: list[str]) -> bool:
    """Whether all *numbers* are digits, with a point perhaps: looked at together, which is quicker than one by one."""
    digits = "".join(numbers).replace(".", "")
    return not numbers or (digits.isdigit() and digits.isascii() and max(map(len, numbers)) <= _DIGITS)


def _document(root: "_Element", most_rows: int, numbers: list[str]) -> dict[str, Any]:
    """What stands under *root*, by the names of fields; values are texts still. Adds to *numbers* those that it met."""
    owners: list[dict[str, Any]] = []
    signatures: list[dict[str, Any]] = []
    fields: dict[str, Any] = {"reporting_owners": owners, "owner_signatures": signatures}
    rest = []
    for child in root:
        tag = child.tag
        if tag == "reportingOwner":
            owners.append(_owner(child))
        elif tag in _ROWS:
            kinds = _ROWS[tag]
            if len(child) > most_rows:
                raise _OddError
            _once(fields, field_name(tag), [_row(row, kinds[row.tag], numbers) for row in child])
        elif tag == "ownerSignature":
            signatures.append(_leaves(child, _SIGNATURE))
        elif tag == "issuer":
            issuer = _leaves(child, _ISSUER)
            _look_at_cik(issuer["issuer_cik"])
            issuer["symbols"] = normalised(issuer.get("issuer_trading_symbol", ""))
            _once(fields, tag, issuer)
        elif tag == "footnotes":
            _once(fields, tag, _footnotes(child))
        else:
            rest.append(child)
    fields.update(_leaves(rest, _DOCUMENT))
    return fields


def _row(row: "_Element", columns_: _Columns, numbers: list[str]) -> dict[str, Any]:
    """One row in one pass over its elements: the hot loop of the parser."""
    box, box_tag = row, row.tag
    fields: dict[str, Any] = {"row": box_tag}
    cited: dict[str, list[str]] = {}
    for element in row.iter():
        tag, text = element.tag, element.text
        if tag == "value":
            if element.getparent() is not box:
                raise _OddError
            tag = box_tag
        elif tag == "footnoteId":
            parent = element.getparent()
            name = field_name(box_tag if parent is box else parent.tag)  # type: ignore[union-attr]  # it is in the row
            cited.setdefault(name, []).append(element.get("id", ""))
        else:
            box, box_tag = element, tag
        if text and (text := text.strip()):
            name, sort = columns_[tag]
            if name in fields:
                raise _OddError
            if sort is None:
                fields[name] = text
            elif sort is _NUMBER:
                fields[name] = text
                numbers.append(text)
            else:
                fields[name] = BOOLEANS[text]
    if cited:
        fields["footnotes"] = cited
    return fields


def _owner(owner: "_Element") -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for group in owner:
        tag = group.tag
        if tag == "reportingOwnerId" and not fields:
            fields = _leaves(group, _OWNER_ID)
        else:
            name, columns_ = _OWNER_GROUPS[tag]
            _once(fields, name, _leaves(group, columns_))
    _look_at_cik(fields["rpt_owner_cik"])
    return fields


def _footnotes(footnotes: "_Element") -> dict[str, str]:
    texts: dict[str, str] = {}
    for footnote in footnotes:
        if len(footnote):
            raise _OddError
        _once(texts, footnote.get("id", ""), (footnote.text or "").strip())
    return texts


def _leaves(leaves: "_Element | list[_Element]", columns_: _Columns) -> dict[str, Any]:
    """What *leaves* say, outside the tables."""
    fields: dict[str, Any] = {}
    for leaf in leaves:
        text = leaf.text
        if len(leaf):
            raise _OddError
        if text and (text := text.strip()):
            name, sort = columns_[leaf.tag]
            if name in fields:
                raise _OddError
            fields[name] = text if sort is None else BOOLEANS[text]
    return fields


def _look_at_cik(text: str) -> None:
    if not (len(text) == 10 and text.isdigit() and text.isascii()):
        raise _OddError


def _once(fields: dict[str, Any], name: str, value: object) -> None:
    if name in fields:
        raise _OddError
    fields[name] = value


def _columns(kind: type[Struct]) -> _Columns:
    """The scalar fields of *kind* by their element's name."""
    types = {field.name: get_args(field.type) or (field.type,) for field in msgspec.structs.fields(kind)}
    sorts = {Decimal: _Sort.NUMBER, bool: _Sort.BOOLEAN}
    return {element: (name, sorts.get(types[name][0])) for element, (name, _) in columns(kind).items()}


_NUMBER = _Sort.NUMBER  # a name of this module is quicker to reach in a loop
_DOCUMENT = _columns(OwnershipDocument)
_ISSUER = _columns(Issuer)
_OWNER_ID = _columns(ReportingOwner)
_OWNER_GROUPS: Mapping[str, tuple[str, _Columns]] = {
    "reportingOwnerAddress": ("address", _columns(OwnerAddress)),
    "reportingOwnerRelationship": ("relationship", _columns(OwnerRelationship)),
}
_SIGNATURE = _columns(OwnerSignature)
_ROWS: Mapping[str, Mapping[str, _Columns]] = {
    "nonDerivativeTable": {
        "nonDerivativeTransaction": _columns(NonDerivativeTransaction),
        "nonDerivativeHolding": _columns(NonDerivativeHolding),
    },
    "derivativeTable": {
        "derivativeTransaction": _columns(DerivativeTransaction),
        "derivativeHolding": _columns(DerivativeHolding),
    },
}
