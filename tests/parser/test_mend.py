"""Documents that are no well-formed XML, and documents of 2003: read where they can be meant in one way only."""

import time
from decimal import Decimal

import pytest

from consumers.parser.document import parse
from service.model.errors import UnusableDocument, UnusableReason
from service.model.flag import FlagCode
from service.model.ownership import NonDerivativeHolding, OwnershipDocument
from service.wire import encode
from tests.kit.builders import a_purchase, a_submission, an_ownership_xml, value

ROW_OF_2003 = (
    a_purchase(transactionPricePerShare=value("3.8"), transactionCode="S")
    .replace("nonDerivativeTransaction", "nonDerivativeSecurity")
    .replace("transactionPricePerShare", "transactionValue")
)
LINE = an_ownership_xml(
    footnotes={"F1": "The price is a weighted average; the shares were bought in several trades."},
    table_1=[a_purchase(transactionPricePerShare=value("10", "F1"))],
).replace(b"\n", b"")


def mended(xml: bytes) -> OwnershipDocument:
    """What is read of *xml*: flagged for its form, and for nothing else."""
    document = parse(xml)

    assert [FlagCode.MALFORMED] == [flag.code for flag in document.flags]
    return document


def wrapped(text: bytes, width: int) -> bytes:
    """*text* with a newline after each *width* characters."""
    return b"\n".join(text[at : at + width] for at in range(0, len(text), width))


@pytest.mark.parametrize("width", [*range(60, 140, 7), 255, 256, 512, 1000, 1022, 1023, 1024, 1500])
@pytest.mark.parametrize("dialect", ["txt", "nc", "pem"])
def test_lines_wrapped_at_any_constant_width_are_undone(width: int, dialect: str) -> None:
    """Where the wrap falls in a tag, in a number or in a word of a footnote."""
    data = a_submission(wrapped(LINE, width), dialect=dialect)

    assert encode(parse(LINE)) == encode(parse(data))


def test_the_lines_of_a_document_that_is_not_wrapped_stay() -> None:
    """A newline in a footnote is the filer's."""
    xml = an_ownership_xml(footnotes={"F1": "one\ntwo"}, table_1=[a_purchase(transactionShares=value("1", "F1"))])

    assert {"F1": "one\ntwo"} == parse(a_submission(xml)).footnotes


def test_overlong_lines_wrapped_in_an_indented_document_are_undone() -> None:
    """Only the longest lines are wrapped, here within a closing tag; the others end where they ended."""
    footnote = "word " * 80 + "w" * (455 - 400 - len('<footnote id="F1"></footnote>'))
    xml = an_ownership_xml(footnotes={"F1": footnote}, table_1=[a_purchase(transactionShares=value("1", "F1"))])
    lines = xml.replace(b"<footnote ", b"\n<footnote ").replace(b"</footnote>", b"</footnote>\n").split(b"\n")
    torn = b"\n".join(wrapped(line, 150) for line in lines)

    assert b"</foot\nnote>" in torn
    assert {"F1": footnote} == parse(torn).footnotes


@pytest.mark.parametrize(
    ("filed", "read"),
    [
        ("Smith & Sons Inc", "Smith & Sons Inc"),
        ("Smith &Sons", "Smith &Sons"),
        ("AT&T", "AT&T"),
        ("A&B; C", "A&B; C"),
        ("Caf&eacute; &amp; Co", "Caf\xe9 & Co"),
        ("R&D &amp; more", "R&D & more"),
        ("a&nbsp;b", "a\xa0b"),
        ("x < 5 & y", "x < 5 & y"),
        ("under <5%", "under <5%"),
        ("a\x0bb", "a\ufffdb"),
        ("a&#x1f;b", "a\ufffdb"),
        ("a&#0;b", "a\ufffdb"),
        ("&#xe9; & \xe8", "\xe9 & \xe8"),
    ],
)
def test_marks_that_can_be_meant_in_one_way_are_read_so(filed: str, read: str) -> None:
    """A bare ampersand can be nothing else, nor a less-than sign before a digit or a space."""
    xml = an_ownership_xml().decode().replace("EXAMPLE CORP", filed)

    assert read == mended(xml.encode()).issuer.issuer_name


@pytest.mark.parametrize(
    "torn",
    ["<nonDerivativeTable ativeTable>", "<nonDerivativeTable nonDerivativeTable>", "<nonDerivativeTable\n  eTable >"],
)
def test_words_within_a_start_tag_are_left_out(torn: str) -> None:
    """No element but the footnotes has attributes, and theirs have a name and a value."""
    xml = an_ownership_xml().decode().replace("<nonDerivativeTable>", torn)

    assert 1 == len(mended(xml.encode()).non_derivative_table)


def test_what_stands_in_comments_and_character_data_is_not_touched() -> None:
    """An ampersand is at home there."""
    xml = an_ownership_xml().decode().replace("EXAMPLE CORP", "<![CDATA[A & B]]> & C<!-- D & E -->")

    assert "A & B & C" == mended(xml.encode()).issuer.issuer_name


@pytest.mark.parametrize(
    "torn",
    [
        "<nonDerivativeTable a=b>",
        "<nonDerivativeTable 'x'>",
        "<nonDerivativeTable><lost>",
        "<nonDerivativeTable",
        "</nonDerivativeTable>",
    ],
)
def test_what_can_be_meant_in_two_ways_is_unusable(torn: str) -> None:
    """Better a dead letter than a guess."""
    with pytest.raises(UnusableDocument) as refused:
        parse(an_ownership_xml().decode().replace("<nonDerivativeTable>", torn).encode())

    assert UnusableReason.MALFORMED_XML is refused.value.reason


def test_no_document_type_comes_out_of_a_wrap() -> None:
    """What is looked for in the bytes is looked for again once they are mended."""
    xml = an_ownership_xml().replace(b'<?xml version="1.0"?>\n', b"").replace(b"\n", b"")
    hidden = b"<!DOC" + b"\nTYPE ownershipDocument [<!ENTITY x 'y'>]>".ljust(5000) + xml
    with pytest.raises(UnusableDocument):
        parse(b"<?xml version='1.0'?>\n" + hidden)
    with pytest.raises(UnusableDocument) as refused:
        parse(b"<?xml version='1.0'?>" + b"\n".join((b"".ljust(9979) + b"<!DOC", hidden[6:])))

    assert refused.value.reason in (UnusableReason.DOCTYPE, UnusableReason.MALFORMED_XML)


@pytest.mark.parametrize("piece", [b"<a ", b"<!--", b"<![CDATA[", b"&a", b"<a b", b"&#", b"<!--<![CDATA[", b"\x01"])
def test_hostile_bytes_are_refused_in_the_time_that_reading_them_takes(piece: bytes) -> None:
    """No pattern goes back over what it has seen."""
    started = time.process_time()
    with pytest.raises(UnusableDocument):
        parse(b"<ownershipDocument>" + piece * (2_000_000 // len(piece)))

    assert time.process_time() - started < 60


# Schema X0101, of 2003


def test_a_row_of_2003_is_a_row_of_table_1() -> None:
    """It stands right under the root, and its price is called a value."""
    (row,) = parse(an_ownership_xml(table_1=[], tail=ROW_OF_2003)).non_derivative_table

    assert ("S", Decimal(1000), Decimal("3.8")) == (
        row.transaction_code,
        row.transaction_shares,
        row.transaction_price_per_share,
    )


def test_a_holding_of_2003_is_a_holding() -> None:
    """A row without a code changed no hands."""
    holding = """<nonDerivativeSecurity><securityTitle><value>Common Stock</value></securityTitle>
      <postTransactionAmounts><sharesOwnedFollowingTransaction><value>5</value></sharesOwnedFollowingTransaction></postTransactionAmounts>
      </nonDerivativeSecurity>"""
    rows = parse(an_ownership_xml(table_1=[], tail=ROW_OF_2003 + holding)).non_derivative_table

    assert [False, True] == [isinstance(row, NonDerivativeHolding) for row in rows]


@pytest.mark.parametrize("where", ["newTable", "nonDerivativeTables", "transactions"])
def test_transactions_where_none_are_known_make_the_document_unusable(where: str) -> None:
    """A document whose trades cannot be read is a dead letter; it must not pass as one without any."""
    with pytest.raises(UnusableDocument) as refused:
        parse(an_ownership_xml(tail=f"<{where}>{a_purchase()}</{where}>"))

    assert UnusableReason.UNKNOWN_ROWS is refused.value.reason
    assert where in str(refused.value)
