"""What the XML of a filing says, value by value, read without the parser: what its readers are held against."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple
from xml.etree import ElementTree as ET

TABLES = {"nonDerivativeTable": "non_derivative_table", "derivativeTable": "derivative_table"}
LISTS = {"reportingOwner": ("reporting_owners", "owner"), "ownerSignature": ("owner_signatures", "signature")}
ROLES = ("is_director", "is_officer", "is_ten_percent_owner", "is_other")
CREDENTIAL = "rptOwnerCcc"
NUMBERS = {
    "conversion_or_exercise_price",
    "shares_owned_following_transaction",
    "transaction_price_per_share",
    "transaction_shares",
    "transaction_total_value",
    "underlying_security_shares",
    "underlying_security_value",
    "value_owned_following_transaction",
}
DATES = {
    "date_of_original_submission",
    "deemed_execution_date",
    "exercise_date",
    "expiration_date",
    "period_of_report",
    "signature_date",
    "transaction_date",
}
BOOLEANS = {
    *ROLES,
    "aff10b5_one",
    "equity_swap_involved",
    "form3_holdings_reported",
    "form4_transactions_reported",
    "no_securities_owned",
    "not_subject_to_section16",
    "rpt_owner_good_address",
    "rpt_owner_non_us_address_flag",
}
CIKS = {"issuer_cik", "rpt_owner_cik"}
MEANING = {"1": True, "true": True, "0": False, "false": False}


class Said(NamedTuple):
    """One thing a document says: where, in which field, and what."""

    place: str  # "derivative_table[2]"; "": the document itself
    field: str
    kind: str  # "number", "boolean", "text", "row", "footnotes", "raw"
    value: object
    filed: str | None = None  # the very text in the XML; None: it rests on no text


def xml_root(data: bytes) -> ET.Element:
    """The root of the ownership XML in *data*, taken out of its submission by hand."""
    text = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    inside = re.search(rb"<XML>\s*(.*?)\s*</XML>", text, re.DOTALL)
    if inside is None:
        return ET.fromstring(data)
    return ET.fromstring(re.sub(rb"(?m)^([^\n]{1023})\n", rb"\1", inside[1]))


def snake(element: str) -> str:
    """The field that an element is: rptOwnerNonUSAddressFlag is rpt_owner_non_us_address_flag."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", element.replace("US", "Us")).lower()


def said_in_xml(root: ET.Element) -> Iterator[Said]:
    """What the XML says, element by element, in the terms of the JSON."""
    parents = {child: parent for parent in root.iter() for child in parent}
    seen: Counter[str] = Counter()
    for child in root:
        if child.tag in TABLES:
            for row in child:
                place = f"{TABLES[child.tag]}[{seen[child.tag]}]"
                seen[child.tag] += 1
                yield Said(place, "row", "row", row.tag)
                yield from leaves(row, parents, place, None)
        elif child.tag in LISTS:
            name, group = LISTS[child.tag]
            said = list(leaves(child, parents, f"{name}[{seen[name]}]", f"{group} {seen[name] + 1}"))
            yield from said
            if group == "owner":  # a role that is not claimed is not held
                claimed = {s.field for s in said}
                unclaimed = [role for role in ROLES if role not in claimed]
                yield from (Said(f"{name}[{seen[name]}]", role, "boolean", False) for role in unclaimed)
            seen[name] += 1
        elif child.tag == "footnotes":
            texts = [(note.attrib["id"], (note.text or "").strip()) for note in child]
            yield from (Said("footnotes", number, "text", text, text or None) for number, text in texts)
        else:
            place = "issuer" if child.tag == "issuer" else ""
            yield from leaves(child, parents, place, place)


def leaves(
    element: ET.Element, parents: Mapping[ET.Element, ET.Element], place: str, group: str | None
) -> Iterator[Said]:
    """What stands in *element*: its values, and box by box the footnotes that are cited."""
    references: dict[str, tuple[str, ...]] = {}
    for leaf in element.iter():
        box = parents[leaf] if leaf.tag in ("value", "footnoteId") else leaf
        field = snake(box.tag)
        if leaf.tag == "footnoteId":
            references[field] = (*references.get(field, ()), leaf.attrib["id"])
        elif leaf.text and leaf.text.strip() and leaf.tag != CREDENTIAL:
            yield from one(place, field, leaf.text.strip(), group)
    for field, numbers in references.items():
        yield Said(place, field, "footnotes", numbers)


def one(place: str, field: str, text: str, group: str | None) -> Iterator[Said]:
    """What a leaf says; the text as filed too, where reading it changes it. *group* None: in a row."""
    if field in NUMBERS:
        yield Said(place, field, "number", str(Decimal(text)), text)
        return
    if field in BOOLEANS:
        yield Said(place, field, "boolean", MEANING[text], text)
        return
    value = text[:10] if field in DATES else text.zfill(10) if field in CIKS else text
    yield Said(place, field, "text", value, text)
    if value != text:
        yield Said(place if group is None else "", f"{group}.{field}" if group else field, "raw", text)
