"""Every real document, held against a second reading of its XML that shares no code with the parser."""

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import msgspec

from consumers.parser.document import parse
from service.model.flag import FlagCode
from service.model.ownership import OwnershipDocument
from service.wire import decode, encode
from tests.kit.corpus import DOCUMENTS, corpus, each_file
from tests.kit.said import CREDENTIAL, TABLES, Said, said_in_xml, xml_root


@each_file(*DOCUMENTS)
def test_every_row_value_and_footnote_reference_of_the_xml_is_in_the_json_and_nothing_else(path: Path) -> None:
    """The JSON says what the XML says, all of it, and only that."""
    expected = [said._replace(filed=None) for said in said_in_xml(xml_root(path.read_bytes()))]

    assert sorted(expected, key=repr) == sorted(said_in_json(as_json(path)), key=repr)


@each_file(*DOCUMENTS)
def test_the_second_reading_overlooks_nothing(path: Path) -> None:
    """The proof above is worth what its own reading of the XML is worth: every text and reference is in it."""
    root = xml_root(path.read_bytes())
    texts = Counter(
        text.strip()
        for element in root.iter()
        if element.tag != CREDENTIAL
        for text in (element.text, element.tail)
        if text and text.strip()
    )
    references = Counter(element.attrib["id"] for element in root.iter("footnoteId"))
    said = list(said_in_xml(root))

    assert texts == Counter(s.filed for s in said if s.filed is not None)
    assert references == Counter(number for s in said if s.kind == "footnotes" for number in s.value)


@each_file(*DOCUMENTS)
def test_the_wire_gives_back_the_same_document_to_the_digit(path: Path) -> None:
    """Encoded and decoded, it is equal, and 10.0000 is still 10.0000."""
    document = parse(path.read_bytes())
    returned = decode(encode(document), OwnershipDocument)

    assert document == returned
    assert list(digits(document)) == list(digits(returned))
    assert encode(document) == encode(returned)


@each_file(*DOCUMENTS)
def test_a_credential_is_flagged_and_left_out(path: Path) -> None:
    """A filer's EDGAR access code goes nowhere."""
    codes = [element.text for element in xml_root(path.read_bytes()).iter(CREDENTIAL) if element.text]
    document = parse(path.read_bytes())

    assert [FlagCode.CREDENTIAL] * len(codes) == [f.code for f in document.flags if f.code is FlagCode.CREDENTIAL]
    assert not any(code.encode() in encode(document) for code in codes)


@each_file(*DOCUMENTS)
def test_nothing_in_a_real_document_is_unrecognised(path: Path) -> None:
    """The model knows every element of every version that the corpus has."""
    assert parse(path.read_bytes()).unrecognised == {}


def test_the_corpus_has_every_kind_of_document() -> None:
    """All forms, versions, rows and dialects were among those tested."""
    documents = [parse(path.read_bytes()) for folder in DOCUMENTS for path in sorted((corpus() / folder).iterdir())]
    rows = {type(row).__name__ for d in documents for row in (*d.non_derivative_table, *d.derivative_table)}

    assert {"3", "4", "4/A", "5"} <= {d.document_type for d in documents}
    assert {None, "X0202", "X0306", "X0508", "X0609"} <= {d.schema_version for d in documents}
    assert {
        "NonDerivativeTransaction",
        "NonDerivativeHolding",
        "DerivativeTransaction",
        "DerivativeHolding",
    } == rows
    assert len(documents) >= 35


def as_json(path: Path) -> dict:
    """The wire JSON of what the parser makes of *path*, its numbers exact."""
    return json.loads(encode(parse(path.read_bytes())), parse_float=Decimal, parse_int=Decimal)


def said_in_json(form: dict) -> Iterator[Said]:
    """What the JSON says, but for what is concluded from it: symbols and flags."""
    del form["flags"], form["issuer"]["symbols"]
    yield from fields("issuer", form.pop("issuer"))
    yield from (Said("footnotes", number, "text", text) for number, text in form.pop("footnotes").items())
    for owner in form["reporting_owners"]:
        owner.update((owner.pop("address") or {}) | owner.pop("relationship"))
    for name in (*TABLES.values(), "reporting_owners", "owner_signatures"):
        for index, held in enumerate(form.pop(name)):
            yield from fields(f"{name}[{index}]", held)
    yield from fields("", form)


def fields(place: str, held: dict) -> Iterator[Said]:
    """What the fields of one JSON object say."""
    for name, value in held.items():
        if name == "row":
            yield Said(place, "row", "row", value)
        elif name == "footnotes":
            yield from (Said(place, box, "footnotes", tuple(numbers)) for box, numbers in value.items())
        elif isinstance(value, dict):  # raw; unrecognised, which then has no counterpart
            yield from (Said(place, box, name, text) for box, text in value.items())
        elif isinstance(value, bool):
            yield Said(place, name, "boolean", value)
        elif isinstance(value, Decimal):
            yield Said(place, name, "number", str(value))
        elif value is not None:
            yield Said(place, name, "text", value)


def digits(held: object) -> Iterator[str]:
    """Every Decimal in *held* with the digits it has."""
    if isinstance(held, Decimal):
        yield str(held)
    elif isinstance(held, msgspec.Struct):
        for name in held.__struct_fields__:
            yield from digits(getattr(held, name))
    elif isinstance(held, tuple):
        for item in held:
            yield from digits(item)
