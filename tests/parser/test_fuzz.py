"""Whatever the bytes: a document, or a reason; a page, or an outage. Never anything else."""

import copy
from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from consumers.parser.document import parse
from consumers.parser.limits import Limits
from service.edgar.feed import FeedPage, FeedReader
from service.edgar.submission import header, is_submission, is_whole, ownership_xml, parts
from service.lookalike.archive import Listing, Party, atom_page
from service.model.errors import Unreachable, UnusableDocument, UnusableReason
from service.model.ownership import OwnershipDocument
from service.wire import decode, encode
from tests.kit.builders import (
    a_part,
    a_purchase,
    a_submission,
    an_option,
    an_owner,
    an_ownership_xml,
    value,
    wrapped_lines,
)

XML = an_ownership_xml(
    head="<notSubjectToSection16>0</notSubjectToSection16>",
    owners=[an_owner(), an_owner("0009800002", roles="<isOfficer>true</isOfficer><officerTitle>CEO</officerTitle>")],
    table_1=[a_purchase(), a_purchase(transactionPricePerShare=value(None, "F1"))],
    table_2=[an_option(exerciseDate=value(None, "F1", "F2"))],
    footnotes={"F1": "a range of prices", "F2": "vests monthly"},
    tail="<remarks>See Exhibit 24</remarks>",
)
LIMITS = Limits(submission_bytes=256 * 1024, xml_bytes=128 * 1024, rows=20)

ELEMENTS = sorted({element.tag for element in ET.fromstring(XML).iter()} | {"rptOwnerCcc", "newBox"})
ODD_TEXTS = (
    *("NaN", "-Infinity", "1e999", "-0", "9" * 400, "1." + "0" * 400, ".", "+", "1_0", "1,000", "٣", "¼"),
    *(
        "0000-00-00",
        "0001-01-01",
        "9999-12-31",
        "2025-02-30",
        "2025-03-01+99:99",
        "2025-W09-6",
        "TRUE",
        "on",
        "P",
        "4/A",
    ),
    *(
        "",
        " ",
        "\u202e",
        "\x85",
        "\ufffd",
        "😀",
        "e\u0301",
        "\u2028",
        "F1",
        "n/a",
        "NYSE: A, B",
        "&",
        "]]>",
        "\x00",
        "\uffff",
    ),
)
TOKENS = (
    *(b"<", b">", b"</", b"/>", b"&", b"&#0;", b"&#xD800;", b"&lt;", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?x ?>"),
    *(b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\xe2\x80\x9c", b"\x93", b"\r", b"\r\n", b"\n" * 3, b" " * 1023),
    *(
        b"<!DOCTYPE o>",
        b'<!DOCTYPE o [<!ENTITY x "y">]>',
        b"&x;",
        b'<?xml version="1.1" encoding="utf-16"?>',
        b"x" * 1023,
    ),
    *(b"<value>", b"</value>", b'<footnoteId id="F1"/>', b"<footnoteId/>", b"<footnote>", b' xmlns="urn:x"', b"<a:b>"),
    *(
        b"<DOCUMENT>",
        b"</DOCUMENT>",
        b"<TEXT>",
        b"</TEXT>",
        b"<XML>",
        b"</XML>",
        b"<TYPE>4",
        b"<SEC-HEADER>",
        b"<SUBMISSION>",
    ),
)
PAGE_TOKENS = (
    *(
        b"<feed",
        b"</feed>",
        b"<entry>",
        b"</entry>",
        b"<entry/>",
        b"<title>",
        b"</title>",
        b"<id>",
        b"<updated>",
        b"</updated>",
    ),
    *(
        b" - ",
        b"(",
        b")",
        b"(0000000001) (Issuer)",
        b"accession-number=",
        b"/Archives/edgar/data/1/",
        b"Filed: 2025-99-99",
    ),
    *(
        b"<updated>9999-12-31T23:59:59-23:00</updated>",
        b"0000-00-00",
        b"99",
        b"-",
        b"T",
        b'term=""',
        b"<category/>",
        b"<link/>",
    ),
    *(b'encoding="klingon"', b'encoding="utf-16"', b'xml:base="file:///etc/"', b'type="xhtml"', b"<rss>", b"<html>"),
    *TOKENS[:23],
)

WITHIN_REASON = settings(
    deadline=None,
    print_blob=True,
    phases=[phase for phase in Phase if phase is not Phase.explain],  # a failure must not take minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)

PLACE = st.integers(0, 2**16)
TEXT = st.sampled_from(ODD_TEXTS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def edits(tokens: Sequence[bytes]) -> st.SearchStrategy[list[tuple[int, int, bytes]]]:
    """Where to cut how much out, and what to put there."""
    harmless = st.sampled_from([b"", b"0", b"9", b"-", b".", b"x", b"Z", b" ", b"&amp;", b"&#8220;"])
    piece = harmless | harmless | harmless | st.sampled_from(tokens) | st.binary(max_size=6)
    cut = st.just(0) | st.just(0) | st.integers(0, 3) | PLACE
    return st.lists(st.tuples(PLACE, cut, piece), max_size=4)


def edited(data: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    """*data* after *changes*: bytes flipped, cut out, put in; most cuts are small."""
    for place, cut, piece in changes:
        at = place % (len(data) + 1)
        data = data[:at] + piece + data[at + (cut if cut <= 3 else cut % 400) :]
    return data


def operations(tags: Sequence[str], most: int) -> st.SearchStrategy[list[tuple[str, int, int, str, str]]]:
    """What to do to which elements, and with what."""
    names = ["drop", "double", "move", "nest", "rename", "say", "cite", "reverse", "many", "wrap"]
    return st.lists(st.tuples(st.sampled_from(names), PLACE, PLACE, st.sampled_from(tags), TEXT), max_size=most)


def rearranged(xml: bytes, orders: list[tuple[str, int, int, str, str]]) -> bytes:
    """*xml* after *orders* on its elements: well-formed still, but for the characters in it."""
    root = ET.fromstring(xml)
    for operation, first, second, tag, text in orders:
        elements = [(parent, child) for parent in root.iter() for child in parent]
        if not elements or len(elements) > 2000:
            break
        parent, child = elements[first % len(elements)]
        _, other = elements[second % len(elements)]
        if operation in ("say", "cite", "rename", "reverse", "wrap"):
            changed(operation, child, tag, text)
        else:
            moved(operation, parent, child, other, second)
    return ET.tostring(root, encoding="utf-8")


def changed(operation: str, child: ET.Element, tag: str, text: str) -> None:
    """Change *child* where it stands."""
    if operation == "say":
        child.text = text
    elif operation == "cite":
        ET.SubElement(child, "footnoteId", {"id": text})
    elif operation == "rename":
        child.tag = tag
    elif operation == "reverse":
        child[:] = child[::-1]
    else:
        inner = copy.deepcopy(child)
        child.clear()
        child.tag = tag
        child.append(inner)


def moved(operation: str, parent: ET.Element, child: ET.Element, other: ET.Element, number: int) -> None:
    """Have *child* there no longer, more than once, or elsewhere."""
    if operation == "many":
        parent.extend([copy.deepcopy(child) for _ in range(number % 25)])
    if operation in ("drop", "move"):
        parent.remove(child)
    if operation in ("double", "move", "nest"):
        (parent if operation == "double" else other).insert(number % 5, copy.deepcopy(child))


def outcome(data: bytes) -> OwnershipDocument | UnusableDocument:
    """The document in *data*, or why there is none."""
    try:
        return parse(data, LIMITS)
    except UnusableDocument as refused:
        return refused


def is_read_or_refused(data: bytes) -> None:
    """*data* gives a document that the wire gives back, or a reason that a person can read."""
    found = outcome(data)

    if isinstance(found, UnusableDocument):
        assert found.reason in UnusableReason
        assert str(found).strip()
    else:
        assert found == decode(encode(found), OwnershipDocument)


@WITHIN_REASON
@given(st.binary(max_size=2000))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Noise is no document, and says why."""
    is_read_or_refused(data)


@settings(WITHIN_REASON, max_examples=300)
@given(operations(ELEMENTS, 8))
def test_elements_in_any_order_number_and_place_are_read_or_refused(orders: list) -> None:
    """Well-formed, but nothing that EDGAR would accept."""
    is_read_or_refused(rearranged(XML, orders))


@settings(WITHIN_REASON, max_examples=300)
@given(edits(TOKENS), st.sampled_from(["utf-8", "utf-16", "cp1252"]))
@example([(0, 0, b"\xff\xfe")], "utf-8")
def test_xml_with_broken_bytes_is_read_or_refused(changes: list, encoding: str) -> None:
    """Flipped, cut out, put in; in three encodings."""
    is_read_or_refused(edited(XML.decode().encode(encoding), changes))


@settings(WITHIN_REASON, max_examples=300)
@given(edits(TOKENS), operations(ELEMENTS, 3), st.sampled_from(["txt", "nc", "pem"]), st.booleans())
def test_submissions_with_broken_bytes_are_read_or_refused(
    changes: list, orders: list, dialect: str, wrap: bool
) -> None:
    """The container breaks as easily as what it holds; whoever takes it apart gives something or nothing."""
    xml = rearranged(XML, orders)
    whole = a_submission(wrapped_lines(xml) if wrap else xml, dialect=dialect, after=a_part(b"x", kind="EX-99"))
    data = edited(whole, changes)

    is_read_or_refused(data)
    takes_apart(data)


@WITHIN_REASON
@given(st.binary(max_size=2000), edits(TOKENS))
def test_any_bytes_are_taken_apart(data: bytes, changes: list) -> None:
    """Header and parts of noise: nothing, but never an error."""
    takes_apart(edited(data, changes))


@settings(WITHIN_REASON, max_examples=300)
@given(st.text("0123456789", min_size=14, max_size=14))
@example("99991231235959")
def test_any_acceptance_time_is_read_or_none(digits: str) -> None:
    """Fourteen digits are a time, or not."""
    accepted = header(f"<ACCEPTANCE-DATETIME>{digits}\n<DOCUMENT>".encode()).accepted

    assert accepted is None or accepted.utcoffset() is not None


def takes_apart(data: bytes) -> None:
    """Every reader of the container copes with *data*."""
    xml = ownership_xml(data)

    assert xml is None or parts(data)
    assert isinstance(is_whole(data), bool)
    assert isinstance(is_submission(data), bool)
    head = header(data)
    assert head.accepted is None or head.accepted.utcoffset() is not None


def a_recorded_page() -> bytes:
    """A page of the look-alike: three filings with two parties each."""
    at = datetime(2025, 3, 3, 21, 15, 2, tzinfo=UTC)
    parties = (
        Party(name="DOE, JANE (TRUST) - B", cik="0009800001", role="Reporting"),
        Party(name="EXAMPLE & CO", cik="0009900001", role="Issuer"),
    )
    numbers = [f"0009990900-25-00000{number}" for number in range(3)]
    made = [Listing(accession=number, form="4", parties=parties, data=b"", accepted=at) for number in numbers]
    return atom_page([(at, listing, party) for listing in made for party in parties], at)


PAGE = a_recorded_page()


def shown(reader: FeedReader, data: bytes) -> FeedPage | Unreachable:
    """The page in *data*, or the outage."""
    try:
        return reader.read(data)
    except Unreachable as outage:
        return outage


def is_a_page_or_an_outage(data: bytes, reader: FeedReader) -> None:
    """*reader* makes of *data* what a new one makes: a page whose entries say all they must, or an outage."""
    found, fresh = shown(reader, data), shown(FeedReader(), data)

    assert str(found) == str(fresh)
    if isinstance(found, FeedPage):
        assert all(entry.accession and entry.form and entry.updated.utcoffset() is not None for entry in found.entries)


@WITHIN_REASON
@given(st.binary(max_size=1000))
def test_any_bytes_are_a_feed_page_or_an_outage(data: bytes) -> None:
    """Bare, and where a page would have its inside."""
    reader = FeedReader()

    is_a_page_or_an_outage(data, reader)
    is_a_page_or_an_outage(b"<feed>" + data + b"</feed>", reader)
    is_a_page_or_an_outage(b"<feed><entry>" + data + b"</entry></feed>", reader)


@settings(WITHIN_REASON, max_examples=150)
@given(edits(PAGE_TOKENS), st.booleans())
@example([(len(PAGE), 0, b"")], False)
def test_broken_pages_are_feed_pages_or_outages(changes: list, whole: bool) -> None:
    """A reader that remembers makes of them what a new one makes, and is none the worse for it."""
    reader = FeedReader()
    is_a_page_or_an_outage(edited(PAGE, changes) + (b"</feed>" if whole else b""), reader)

    assert 6 == len(reader.read(PAGE).entries)


@settings(WITHIN_REASON, max_examples=150)
@given(operations(("entry", "title", "link", "summary", "updated", "published", "category", "id", "content"), 4))
def test_pages_with_elements_in_any_order_number_and_place_are_feed_pages_or_outages(orders: list) -> None:
    """Well-formed, but no page that EDGAR ever wrote."""
    namespace = b' xmlns="http://www.w3.org/2005/Atom"'
    data = rearranged(PAGE.replace(namespace, b""), orders).replace(b"<feed>", b"<feed" + namespace + b">", 1)

    is_a_page_or_an_outage(data, FeedReader())


@settings(WITHIN_REASON, max_examples=100)
@given(TEXT, TEXT, TEXT)
def test_odd_texts_in_an_entry_make_it_an_entry_an_unreadable_one_or_an_outage(name: str, time: str, form: str) -> None:
    """Names, times and forms that nobody has seen yet."""
    page = (
        PAGE.decode("iso-8859-1")
        .replace("DOE, JANE (TRUST) - B", name)
        .replace("2025-03-03T16:15:02-05:00", time)
        .replace('term="4"', f'term="{form}"')
    )
    is_a_page_or_an_outage(page.encode("iso-8859-1", "xmlcharrefreplace"), FeedReader())
