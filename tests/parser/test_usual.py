"""The quick reading of usual documents, held to the careful one."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from consumers.parser.careful import careful
from consumers.parser.columns import BOOLEANS
from consumers.parser.limits import Limits
from consumers.parser.usual import usual
from consumers.parser.xml import root_of
from service.edgar.submission import is_submission, ownership_xml
from service.model.errors import UnusableDocument
from service.model.flag import Flag
from service.wire import encode
from tests.kit.builders import a_purchase, a_signature, an_option, an_owner, an_ownership_xml, value
from tests.kit.corpus import DOCUMENTS, each_file
from tests.kit.places import SAMPLES
from tests.parser.test_fuzz import ELEMENTS, ODD_TEXTS, WITHIN_REASON, XML, operations, rearranged

LIMITS = Limits()


def quickly(xml: bytes) -> bytes | None:
    """What the quick reading makes of *xml*, as it would be sent; None: it leaves it to the careful one."""
    document = usual(root_of(xml)[0], LIMITS.rows)
    return None if document is None else encode(document)


def carefully(xml: bytes) -> tuple[bytes, list[Flag]]:
    """What the careful reading makes of *xml*, as it would be sent, and what is odd in how it is written."""
    flags: list[Flag] = []
    return encode(careful(root_of(xml)[0], LIMITS, flags)), flags


def agree(xml: bytes) -> bool:
    """Whether the quick reading takes *xml*; if so, the careful one makes the same of it, and finds nothing odd."""
    found = quickly(xml)
    if found is not None:
        assert (found, []) == carefully(xml)
    return found is not None


def inside(path: Path) -> bytes:
    """The ownership XML in a file."""
    data = path.read_bytes()
    return (ownership_xml(data) or b"") if is_submission(data) else data


@each_file(*DOCUMENTS)
def test_both_readings_of_a_real_document_agree(path: Path) -> None:
    """To the byte."""
    try:
        agree(inside(path))
    except UnusableDocument:
        pytest.skip("the document cannot be used at all")


def test_the_bundled_documents_are_usual() -> None:
    """The quick reading pays only while it takes nearly all."""
    whole = [xml for path in sorted(SAMPLES.glob("*.txt")) if (xml := inside(path)).endswith(b"</ownershipDocument>")]

    assert 0.8 * len(whole) < sum(map(agree, whole))


@settings(WITHIN_REASON, max_examples=800)
@given(operations(ELEMENTS, 3))
def test_both_readings_agree_on_elements_in_any_order_number_and_place(orders: list) -> None:
    """Whatever the quick reading takes is what the careful one reads."""
    try:
        agree(rearranged(XML, orders))
    except (UnusableDocument, etree.LxmlError):
        assert True  # neither reading comes to it


@settings(WITHIN_REASON, max_examples=400)
@given(st.sampled_from(sorted({*ELEMENTS} - {"ownershipDocument"})), st.sampled_from(ODD_TEXTS) | st.text(max_size=12))
def test_both_readings_agree_on_odd_texts(tag: str, text: str) -> None:
    """In every element, one after the other."""
    root = ET.fromstring(XML)
    for element in root.iter(tag):
        element.text = text
    try:
        agree(ET.tostring(root, encoding="utf-8"))
    except UnusableDocument:
        assert True  # likewise


@pytest.mark.parametrize("text", ["NaN", "1e5", "1_000", "٣", "null", "Infinity", "-5", "+5", "1" * 31, "1.2.3", "."])
def test_a_number_that_is_not_plain_is_left_to_the_careful_reading(text: str) -> None:
    """The conversion would take most of these."""
    assert not agree(an_ownership_xml(table_1=[a_purchase(transactionShares=value(text))]))


@pytest.mark.parametrize("text", ["null", "2025-03-01Z", "20250301", "2025-02-30"])
def test_a_date_that_is_not_plain_is_left_to_the_careful_reading(text: str) -> None:
    """A zone is kept as it was filed; what is no date is flagged."""
    assert not agree(an_ownership_xml(table_1=[a_purchase(transactionDate=value(text))]))


@pytest.mark.parametrize("text", [*BOOLEANS, "tRUE", "null", "yes", "2"])
def test_booleans_are_taken_in_the_spellings_that_occur(text: str) -> None:
    """And in no other."""
    xml = an_ownership_xml(table_1=[a_purchase(equitySwapInvolved=text)])

    assert (text in BOOLEANS) is agree(xml)


@pytest.mark.parametrize("cik", ["320193", "00000320193", "000032019٣"])
def test_a_cik_that_is_not_whole_is_left_to_the_careful_reading(cik: str) -> None:
    """What was filed is kept beside the identity."""
    assert not agree(an_ownership_xml(owners=[an_owner("11")]))
    try:
        assert not agree(an_ownership_xml(issuer_cik=cik))
    except UnusableDocument:
        assert quickly(an_ownership_xml(issuer_cik=cik)) is None


@pytest.mark.parametrize(
    "inside",
    [
        "<transactionShares><value>1</value><value>2</value></transactionShares>",
        "<transactionAmounts><transactionShares/><value>5</value></transactionAmounts>",
        "<transactionShares><footnoteId>x</footnoteId></transactionShares>",
        "<newBox><value>1</value></newBox>",
        "<ownershipNature>stray</ownershipNature>",
    ],
)
def test_a_row_with_anything_out_of_place_is_left_to_the_careful_reading(inside: str) -> None:
    """Which value is meant, or what for, is not the quick reading's to say."""
    assert not agree(an_ownership_xml(table_1=[], table_2=[an_option(), an_option().replace("</d", inside + "</d")]))
    assert agree(an_ownership_xml(table_2=[an_option(), an_option()], signatures=[a_signature()]))
