"""What the parser makes of documents, whole and broken."""

import re
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from consumers.parser.document import parse
from consumers.parser.limits import Limits
from service.model.errors import Reason, UnusableDocument
from service.model.flag import FlagCode
from service.model.ownership import Box, OwnershipDocument
from service.wire import decode, encode
from tests.kit.builders import (
    a_part,
    a_purchase,
    a_signature,
    a_submission,
    an_option,
    an_owner,
    an_ownership_xml,
    value,
    wrapped_lines,
)
from tests.kit.corpus import each_file

NO_NUMBERS = (
    "NaN",
    "Infinity",
    "-Infinity",
    "1e5",
    "1_000",
    "1,000",
    "$5",
    "1.2.3",
    "--1",
    "0x10",
    "1 000",
    "n/a",
    "٣",
    ".",
)


# Values


def test_a_document_without_oddities_has_no_flags() -> None:
    """What is reported as odd is odd."""
    document = parse(an_ownership_xml())

    assert () == document.flags
    assert {} == document.raw
    assert {} == document.unrecognised


def test_a_value_with_only_a_footnote_is_unknown_not_zero() -> None:
    """The box says "see F1": that is no price of 0."""
    price = value(None, "F1", "F2")
    notes = {"F1": "a range of prices", "F2": "and more"}
    row = only_row(an_ownership_xml(table_1=[a_purchase(transactionPricePerShare=price)], footnotes=notes))

    assert row.transaction_price_per_share is None
    assert {"transaction_price_per_share": ("F1", "F2")} == row.footnotes


def test_a_value_of_zero_is_zero() -> None:
    """A price of 0 was filed, and is known."""
    row = only_row(an_ownership_xml(table_1=[a_purchase(transactionPricePerShare=value("0", "F1"))]))

    assert Decimal(0) == row.transaction_price_per_share


@pytest.mark.parametrize("digits", ["10.0000", "0.1", "123456789012.1234", "0.00000000000000000001", "1" * 30, "-5"])
def test_a_decimal_reaches_the_json_as_a_number_with_every_digit(digits: str) -> None:
    """No binary floating point on the way, no quotation marks around it."""
    data = an_ownership_xml(table_1=[a_purchase(transactionShares=value(digits))])
    encoded = encode(parse(data))

    assert f'"transaction_shares":{Decimal(digits)},'.encode() in encoded
    assert str(Decimal(digits)) == str(decode(encoded, OwnershipDocument).non_derivative_table[0].transaction_shares)


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_decimal_number_is_unknown_kept_raw_and_flagged(text: str) -> None:
    """A number is never guessed at."""
    row = only_row(an_ownership_xml(table_1=[a_purchase(transactionShares=value(text))]))

    assert row.transaction_shares is None
    assert {"transaction_shares": text} == row.raw
    assert ["unreadable-value"] == flags(an_ownership_xml(table_1=[a_purchase(transactionShares=value(text))]))


@pytest.mark.parametrize("text", ["2025-03-01-05:00", "2025-03-01Z", "2025-03-01+14:00"])
def test_the_zone_of_a_date_is_cut_off_and_kept_raw(text: str) -> None:
    """A trading day has no zone; what was filed is still there."""
    document = parse(an_ownership_xml(period=text, table_1=[a_purchase(transactionDate=value(text))]))
    row = document.non_derivative_table[0]

    assert (date(2025, 3, 1), date(2025, 3, 1)) == (row.transaction_date, document.period_of_report)
    assert {"transaction_date": text} == row.raw
    assert {"period_of_report": text} == document.raw


@pytest.mark.parametrize(
    "text", ["03/01/2025", "2025-02-30", "2025-3-1", "20250301", "2025-W09-6", "2025-03-01T00:00:00"]
)
def test_what_is_no_date_is_unknown_kept_raw_and_flagged(text: str) -> None:
    """A date is never guessed at."""
    data = an_ownership_xml(table_1=[a_purchase(transactionDate=value(text))])

    assert only_row(data).transaction_date is None
    assert {"transaction_date": text} == only_row(data).raw
    assert ["unreadable-value"] == flags(data)


def test_booleans_of_all_four_spellings_mean_what_they_say() -> None:
    """One file mixes 0, 1, true and false."""
    roles = "<isDirector>1</isDirector><isOfficer>true</isOfficer><isTenPercentOwner>0</isTenPercentOwner>"
    owner = an_owner(roles=roles + "<isOther>false</isOther>")
    relationship = parse(an_ownership_xml(owners=[owner])).reporting_owners[0].relationship

    assert (True, True, False, False) == (
        relationship.is_director,
        relationship.is_officer,
        relationship.is_ten_percent_owner,
        relationship.is_other,
    )


@pytest.mark.parametrize(
    ("plan", "expected"), [("1", True), ("true", True), ("0", False), ("false", False), ("", None), (None, None)]
)
def test_the_10b5_1_box_is_checked_unchecked_or_not_there(plan: str | None, expected: bool | None) -> None:
    """Older versions have no such box: that is not "unchecked"."""
    assert expected is parse(an_ownership_xml(plan=plan)).aff10b5_one


def test_a_cik_gets_its_leading_zeros_and_keeps_what_was_filed() -> None:
    """One identity, however it was written."""
    document = parse(an_ownership_xml(issuer_cik="320193"))

    assert "0000320193" == document.issuer.issuer_cik
    assert {"issuer.issuer_cik": "320193"} == document.raw


def test_what_was_filed_is_kept_for_every_owner() -> None:
    """Two owners with short CIKs: the raw text of neither replaces the other's."""
    document = parse(an_ownership_xml(owners=[an_owner("11"), an_owner("22")], signatures=[a_signature()] * 2))

    assert ["0000000011", "0000000022"] == [owner.rpt_owner_cik for owner in document.reporting_owners]
    assert {"11", "22"} == set(document.raw.values())


def test_what_was_filed_is_kept_for_every_signature() -> None:
    """Two signatures dated with zones: the raw text of neither replaces the other's."""
    signatures = [a_signature("2025-03-03-05:00"), a_signature("2025-03-04-05:00")]
    document = parse(an_ownership_xml(owners=[an_owner(), an_owner("0009800002")], signatures=signatures))

    assert {"2025-03-03-05:00", "2025-03-04-05:00"} == set(document.raw.values())


def test_an_amendment_names_the_date_of_the_original() -> None:
    """A 4/A says when the original was filed, never its accession."""
    head = "<dateOfOriginalSubmission>2025-02-20</dateOfOriginalSubmission>"
    document = parse(an_ownership_xml(form="4/A", head=head))

    assert ("4/A", True, date(2025, 2, 20)) == (
        document.document_type,
        document.is_amendment,
        document.date_of_original_submission,
    )
    assert not parse(an_ownership_xml(form="4")).is_amendment


def test_a_document_without_rows_is_read() -> None:
    """An exit filing reports no transaction, only the box that says goodbye."""
    head = "<notSubjectToSection16>1</notSubjectToSection16>"
    document = parse(an_ownership_xml(head=head, table_1=[]))

    assert (True, (), ()) == (
        document.not_subject_to_section16,
        document.non_derivative_table,
        document.derivative_table,
    )


def test_rows_and_footnote_references_keep_their_order() -> None:
    """Row 2 of Table II is the second one filed."""
    strikes = ["30", "10", "20"]
    rows = [an_option(conversionOrExercisePrice=value(strike, "F2", "F1")) for strike in strikes]
    document = parse(an_ownership_xml(table_2=rows, footnotes={"F1": "one", "F2": "two"}))

    assert [Decimal(s) for s in strikes] == [row.conversion_or_exercise_price for row in document.derivative_table]
    assert [("F2", "F1")] * 3 == [row.footnotes["conversion_or_exercise_price"] for row in document.derivative_table]
    assert {"F1": "one", "F2": "two"} == document.footnotes


def test_comments_and_character_data_sections_do_not_tear_a_value_apart() -> None:
    """10<!-- -->00 is 1000, as for every reader of XML."""
    boxes = {"transactionShares": value("10<!-- x -->00"), "securityTitle": value("<![CDATA[A & B]]>")}
    row = only_row(an_ownership_xml(table_1=[a_purchase(**boxes)]))

    assert (Decimal(1000), "A & B") == (row.transaction_shares, row.security_title)


# What is odd is flagged, what is unknown is kept

ODD: dict[FlagCode, Callable[[], bytes]] = {
    FlagCode.DIRECTION: lambda: an_ownership_xml(table_1=[a_purchase(transactionAcquiredDisposedCode=value("D"))]),
    FlagCode.IMPOSSIBLE_DATE: lambda: an_ownership_xml(table_1=[a_purchase(transactionDate=value("2035-03-01"))]),
    FlagCode.PHANTOM_VALUE: lambda: an_ownership_xml(table_1=[a_purchase(transactionPricePerShare=value("9" * 12))]),
    FlagCode.NEGATIVE: lambda: an_ownership_xml(table_1=[a_purchase(transactionShares=value("-5"))]),
    FlagCode.NO_SYMBOL: lambda: an_ownership_xml(symbol="n/a"),
    FlagCode.ROW_CAP: lambda: an_ownership_xml(table_1=[a_purchase()] * 30),
    FlagCode.SIGNATURES: lambda: an_ownership_xml(signatures=[]),
    FlagCode.UNREADABLE_VALUE: lambda: an_ownership_xml(table_1=[a_purchase(transactionCode="Q")]),
    FlagCode.UNRECOGNISED: lambda: an_ownership_xml(tail="<newBox>x</newBox>"),
    FlagCode.DANGLING_FOOTNOTE: lambda: an_ownership_xml(table_1=[a_purchase(transactionShares=value("1", "F7"))]),
    FlagCode.ENCODING: lambda: an_ownership_xml(tail="<remarks>café</remarks>", encoding="cp1252"),
    FlagCode.MALFORMED: lambda: an_ownership_xml(tail="<remarks>this & that</remarks>"),
    FlagCode.CREDENTIAL: lambda: an_ownership_xml(owners=[an_owner(more_id="<rptOwnerCcc>s3cret$x</rptOwnerCcc>")]),
}
WHERE = {
    FlagCode.DIRECTION: "Table I row 1",
    FlagCode.IMPOSSIBLE_DATE: "Table I row 1",
    FlagCode.PHANTOM_VALUE: "Table I row 1",
    FlagCode.NEGATIVE: "Table I row 1",
    FlagCode.ROW_CAP: "Table I",
    FlagCode.UNREADABLE_VALUE: "Table I row 1",
    FlagCode.DANGLING_FOOTNOTE: "Table I row 1",
}


@pytest.mark.parametrize("code", ODD)
def test_each_oddity_is_flagged_alone_and_where_it_stands(code: FlagCode) -> None:
    """One oddity, one flag: a message for a person, and the place where it has one."""
    (flag,) = parse(ODD[code]()).flags

    assert code is flag.code
    assert flag.message
    assert flag.where == WHERE[code] if code in WHERE else flag.where in (None, "owner")


@pytest.mark.parametrize("day", ["0022-05-01", "1933-01-01", "2035-01-01"])
def test_a_date_before_section_16_or_after_the_signature_is_flagged_not_repaired(day: str) -> None:
    """Filers mistype years; the date stays as filed."""
    data = an_ownership_xml(table_1=[a_purchase(transactionDate=value(day))])

    assert ["impossible-date"] == flags(data)
    assert date.fromisoformat(day) == only_row(data).transaction_date


def test_flags_come_in_the_order_of_the_document() -> None:
    """The same bytes give the same event, on every machine and in every run."""
    cited = [f"F{number}" for number in range(1, 10)]
    document = parse(an_ownership_xml(table_1=[a_purchase(transactionShares=value("1", *cited))]))

    assert cited == [flag.message.split()[1] for flag in document.flags]


def test_an_unknown_element_is_kept_by_its_path() -> None:
    """A newer version's boxes are not lost on an older parser."""
    row = a_purchase(more="<newBox><value>5</value></newBox>")
    owner = an_owner(more_id="<newId>x</newId>")
    document = parse(an_ownership_xml(owners=[owner], table_1=[row], tail="<newLeaf>y</newLeaf>"))

    assert {"owner 1/newId": "x", "Table I row 1/newBox": "5", "newLeaf": "y"} == document.unrecognised


def test_a_box_that_says_two_things_says_nothing() -> None:
    """Which of them counts, nobody can tell: rules take it as unknown, and both are kept."""
    row = a_purchase(more="<transactionShares><value>7</value></transactionShares>")
    document = parse(an_ownership_xml(table_1=[row], tail="<aff10b5One>1</aff10b5One>"))
    (read,) = document.non_derivative_table

    assert (None, None) == (read.transaction_shares, document.aff10b5_one)
    assert ("1000", "0") == (read.raw[Box("transaction_shares")], document.raw[Box("aff10b5_one")])
    assert {"Table I row 1/transactionShares": "7", "aff10b5One": "1"} == document.unrecognised
    assert FlagCode.UNREADABLE_VALUE in {flag.code for flag in document.flags if flag.where == "Table I row 1"}


def test_a_box_that_says_one_thing_twice_says_it() -> None:
    """And of a text that stands there twice the first one counts."""
    row = a_purchase(more="<transactionShares><value>1000</value></transactionShares>")
    document = parse(an_ownership_xml(table_1=[row], tail="<remarks>one</remarks><remarks>two</remarks>"))

    assert (Decimal(1000), "one") == (document.non_derivative_table[0].transaction_shares, document.remarks)
    assert {"Table I row 1/transactionShares": "1000", "remarks": "two"} == document.unrecognised


KEPT = {
    "an-unknown-leaf": {"tail": "<newBox>KEEP</newBox>"},
    "an-unknown-group": {"tail": "<newGroup>\n <a>KEEP</a>\n</newGroup>"},
    "an-unknown-group-with-spaces": {"tail": '<newGroup xml:space="preserve"> <a>KEEP</a></newGroup>'},
    "in-remarks": {"tail": "<remarks>See <b>KEEP</b> below</remarks>"},
    "in-footnotes": {"tail": "<footnotes><newNote>KEEP</newNote></footnotes>"},
    "in-a-table": {"tail": "<nonDerivativeTable><newRow><value>KEEP</value></newRow></nonDerivativeTable>"},
    "in-a-row": {"table_1": [a_purchase(more="<newBox>KEEP</newBox>")]},
    "deep-in-a-row": {"table_1": [a_purchase(more="<newBox><deep><value>KEEP</value></deep></newBox>")]},
    "a-leaf-in-an-owner": {"owners": [an_owner(more="<newBox>KEEP</newBox>")]},
    "a-group-in-an-owner": {"owners": [an_owner(more="<newGroup><newBox>KEEP</newBox></newGroup>")]},
    "an-owner's-second-id": {
        "owners": [
            an_owner(more="<reportingOwnerId><rptOwnerName>KEEP</rptOwnerName></reportingOwnerId>").replace(
                "DOE JANE", "KEEP"
            )
        ]
    },
    "an-owner's-second-address": {
        "owners": [
            an_owner(
                more="<reportingOwnerAddress><rptOwnerStreet1>KEEP</rptOwnerStreet1></reportingOwnerAddress>"
            ).replace("1 MAIN ST", "KEEP")
        ]
    },
    "a-second-issuer": {"head": "<issuer><issuerCik>0009900009</issuerCik><issuerName>KEEP</issuerName></issuer>"},
}


@pytest.mark.parametrize("given", KEPT.values(), ids=KEPT)
def test_no_element_is_lost(given: dict) -> None:
    """What has no field, or stands twice, is still in the JSON."""
    data = an_ownership_xml(**given)
    document = msgspec.structs.replace(parse(data), flags=())  # a message may cite a value, but keeps none

    assert data.count(b"KEEP") <= encode(document).count(b"KEEP")


@pytest.mark.parametrize(
    "row",
    [
        an_option(),
        a_purchase().replace("nonDerivativeTransaction", "nonDerivativeHolding"),
        a_purchase().replace("</nonDerivativeTransaction>", f"{a_purchase()}</nonDerivativeTransaction>"),
        a_purchase().replace("nonDerivativeTransaction", "newTransaction"),
    ],
    ids=["of-the-other-table", "as-a-holding", "within-another", "as-something-new"],
)
def test_a_transaction_that_has_no_place_in_its_table_makes_the_document_unusable(row: str) -> None:
    """As where its table is unknown: an alert can hang on it, and a dead letter is told to operations."""
    with pytest.raises(UnusableDocument) as refused:
        parse(an_ownership_xml(table_1=[a_purchase(), row]))

    assert Reason.UNKNOWN_ROWS is refused.value.reason


def test_an_unknown_element_in_a_box_does_not_hide_its_value() -> None:
    """A newer version may put something before the value; the value is still the box's."""
    row = only_row(an_ownership_xml(table_1=[a_purchase(transactionShares="<newMark>x</newMark>" + value("1000"))]))

    assert Decimal(1000) == row.transaction_shares


@pytest.mark.parametrize(
    "given",
    [
        {"owners": [an_owner(more_id="<rptOwnerCcc>s3cret$x</rptOwnerCcc>")]},
        {"owners": [an_owner(more="<rptOwnerCcc>s3cret$x</rptOwnerCcc>")]},
        {"tail": "<rptOwnerCcc>s3cret$x</rptOwnerCcc>"},
        {"tail": "<filerCredentials><rptOwnerCcc>s3cret$x</rptOwnerCcc></filerCredentials>"},
        {"table_1": [a_purchase(more="<rptOwnerCcc>s3cret$x</rptOwnerCcc>")]},
        {
            "root": 'ownershipDocument xmlns="urn:x"',
            "owners": [an_owner(more_id="<rptOwnerCcc>s3cret$x</rptOwnerCcc>")],
        },
        {"tail": '<x:rptOwnerCcc xmlns:x="urn:x">s3cret$x</x:rptOwnerCcc>'},
    ],
    ids=["in-the-owner's-id", "in-the-owner", "in-the-document", "in-a-group", "in-a-row", "namespaced", "alone-so"],
)
def test_a_credential_is_left_out_and_flagged_wherever_it_stands(given: dict) -> None:
    """A filer's EDGAR access code is never passed on."""
    document = parse(an_ownership_xml(**given))

    assert b"s3cret" not in encode(document)
    assert FlagCode.CREDENTIAL in [flag.code for flag in document.flags]


# Dialects


@pytest.mark.parametrize("dialect", ["txt", "nc", "pem"])
def test_every_dialect_of_a_submission_gives_the_document_that_bare_xml_gives(dialect: str) -> None:
    """The container adds nothing and takes nothing away."""
    xml = an_ownership_xml(table_2=[an_option()], tail="<remarks>line one\nline two</remarks>")

    assert parse(xml) == parse(a_submission(xml, dialect=dialect))


@pytest.mark.parametrize("shift", range(0, 1023, 93))
def test_lines_wrapped_at_1023_characters_are_joined_even_inside_a_tag(shift: int) -> None:
    """2006-era submissions break lines wherever the 1,023rd character falls."""
    prolog = f"<!--{'x' * shift}-->"
    xml = an_ownership_xml(prolog=prolog, table_1=[a_purchase()] * 20).replace(b"\n", b"")
    torn = wrapped_lines(xml)

    assert torn.count(b"\n") > 5
    assert parse(xml) == parse(a_submission(torn, dialect="pem"))


def test_a_wrap_in_the_middle_of_a_tag_is_mended() -> None:
    """The case in point: <tr|ansactionShares>."""
    xml = an_ownership_xml(tail="<a/>").replace(b"\n", b"")
    padding = b" " * ((1023 - xml.index(b"ansactionShares>")) % 1023)
    xml = xml.replace(b"<nonDerivativeTable>", padding + b"<nonDerivativeTable>")
    torn = wrapped_lines(xml)

    assert b"<tr\nansactionShares>" in torn
    assert parse(xml) == parse(a_submission(torn, dialect="pem"))


@pytest.mark.parametrize(
    ("encoding", "prolog"),
    [
        ("utf-8", '<?xml version="1.0" encoding="UTF-8"?>'),
        ("utf-8-sig", '<?xml version="1.0"?>'),
        ("iso-8859-1", '<?xml version="1.0" encoding="ISO-8859-1"?>'),
        ("cp1252", '<?xml version="1.0" encoding="windows-1252"?>'),
        ("utf-16", '<?xml version="1.0" encoding="UTF-16"?>'),
        ("utf-16", ""),
    ],
)
def test_a_document_is_read_in_the_encoding_it_declares(encoding: str, prolog: str) -> None:
    """An é is an é."""
    document = parse(an_ownership_xml(prolog=prolog, encoding=encoding, tail="<remarks>café</remarks>"))

    assert ("café", ()) == (document.remarks, document.flags)


def test_windows_1252_under_a_utf_8_declaration_is_read_and_flagged() -> None:
    """Filer software writes curly quotes in Windows-1252 and declares UTF-8."""
    prolog = '<?xml version="1.0" encoding="UTF-8"?>'
    document = parse(an_ownership_xml(prolog=prolog, encoding="cp1252", tail="<remarks>the “plan” – café</remarks>"))

    assert "the “plan” – café" == document.remarks
    assert ["encoding"] == [flag.code for flag in document.flags]


@pytest.mark.parametrize("prefix", ["", "o:"])
def test_a_namespace_makes_no_difference(prefix: str) -> None:
    """Some validators add one; the elements are the same."""
    plain = an_ownership_xml(table_2=[an_option()])
    declared = plain.replace(b"<ownershipDocument>", b'<ownershipDocument xmlns="urn:x" xmlns:o="urn:x">')
    data = re.sub(rb"<(/?)(\w)", rb"<\1" + prefix.encode() + rb"\2", declared)

    assert parse(plain) == parse(data)


def test_a_second_document_of_a_submission_does_not_get_in_the_way() -> None:
    """A power of attorney comes before or after the form."""
    exhibit = a_part(b"<PDF>\nbegin 644 poa.pdf\n</PDF>", kind="EX-24", name="poa.pdf")
    xml = an_ownership_xml()

    assert parse(xml) == parse(a_submission(xml, before=exhibit)) == parse(a_submission(xml, after=exhibit))


# What cannot be used


def unusable(data: bytes, limits: Limits | None = None) -> tuple[Reason, str]:
    """Why *data* is refused."""
    with pytest.raises(UnusableDocument) as caught:
        parse(data, limits or Limits())
    return caught.value.reason, str(caught.value)


@pytest.mark.parametrize("data", [b"", b" \r\n\t "], ids=["nothing", "blank"])
def test_nothing_is_refused_as_empty(data: bytes) -> None:
    """An empty answer is named as such."""
    assert (Reason.EMPTY, "there is nothing in it") == unusable(data)


HTML = b"<html><head><title>SEC</title></head><body><p>Undeclared Automated Tool</p></body></html>"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"x", Reason.MALFORMED_XML),
        (b"<", Reason.MALFORMED_XML),
        (b"\x00\x01\x02\xff", Reason.MALFORMED_XML),
        (b"\xef\xbb\xbf", Reason.MALFORMED_XML),
        (b'{"json": true}', Reason.MALFORMED_XML),
        (an_ownership_xml()[:-40], Reason.MALFORMED_XML),
        (an_ownership_xml().replace(b"</issuer>", b""), Reason.MALFORMED_XML),
        (an_ownership_xml() + b"<more/>", Reason.MALFORMED_XML),
        (an_ownership_xml(prolog='<?xml version="1.0" encoding="klingon"?>'), Reason.MALFORMED_XML),
        (an_ownership_xml(tail="<remarks>@</remarks>").replace(b"@", b"\x81"), Reason.MALFORMED_XML),
        (HTML, Reason.NOT_OWNERSHIP),
        (HTML.replace(b"</p>", b"<br>"), Reason.MALFORMED_XML),
        (b"<!DOCTYPE html>" + HTML, Reason.DOCTYPE),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"/>', Reason.NOT_OWNERSHIP),
        (b"<edgarSubmission/>", Reason.NOT_OWNERSHIP),
        (b"<ownershipDocument/>", Reason.MISSING_FIELD),
        (an_ownership_xml(issuer_cik=""), Reason.MISSING_FIELD),
        (an_ownership_xml(issuer_cik="12345678901"), Reason.MISSING_FIELD),
        (an_ownership_xml(form=" "), Reason.MISSING_FIELD),
        (an_ownership_xml(owners=[]), Reason.MISSING_FIELD),
        (an_ownership_xml(owners=[an_owner("")]), Reason.MISSING_FIELD),
        (an_ownership_xml(owners=[an_owner("Jane")]), Reason.MISSING_FIELD),
        (a_submission(b""), Reason.MALFORMED_XML),
        (a_submission(b"<ownershipDocument>"), Reason.MALFORMED_XML),
        (a_submission()[:-900], Reason.MALFORMED_XML),
        (a_submission().partition(b"<DOCUMENT>")[0], Reason.NO_OWNERSHIP_XML),
        (a_submission().replace(b"<XML>", b"<PDF>"), Reason.NO_OWNERSHIP_XML),
    ],
)
def test_what_is_no_ownership_document_is_refused_with_its_reason(data: bytes, reason: Reason) -> None:
    """Whoever reads the dead letter learns what it was."""
    found, message = unusable(data)

    assert reason is found
    assert len(message) > 15
    assert "None" not in message


@each_file("http")
def test_the_pages_with_which_edgar_refuses_are_refused(path: Path) -> None:
    """EDGAR's own error pages, taken for a document."""
    reason, message = unusable(path.read_bytes())

    assert reason in {Reason.MALFORMED_XML, Reason.DOCTYPE, Reason.NOT_OWNERSHIP}
    assert message


def laughs(levels: int, use: str) -> bytes:
    """A document whose entities multiply by ten, *levels* times."""
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(levels))
    return an_ownership_xml(
        prolog=f'<?xml version="1.0"?><!DOCTYPE o [<!ENTITY e0 "ha">{entities}]>', tail=use.replace("@", f"&e{levels};")
    )


@pytest.mark.parametrize("levels", [1, 9])
@pytest.mark.parametrize("use", ["<remarks>@</remarks>", '<remarks a="@"/>', "@", "<remarks/>"])
def test_entities_that_multiply_are_refused_before_they_do(levels: int, use: str) -> None:
    """A billion laughs takes neither the memory nor the time."""
    began = time.process_time()
    reason, _ = unusable(laughs(levels, use))

    assert reason in {Reason.DOCTYPE, Reason.MALFORMED_XML}
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("doctype", "use"),
    [
        ("<!DOCTYPE o>", ""),
        ('<!DOCTYPE o [<!ENTITY x "y">]>', "<remarks>&x;</remarks>"),
        ('<!DOCTYPE o SYSTEM "{url}">', ""),
        ('<!DOCTYPE o PUBLIC "-//X//Y" "{url}">', ""),
        ('<!DOCTYPE o [<!ENTITY % p SYSTEM "{url}"> %p;]>', ""),
        ('<!DOCTYPE o [<!ENTITY x SYSTEM "{url}">]>', ""),
        ('<!DOCTYPE o [<!ENTITY x SYSTEM "{url}">]>', "<remarks>&x;</remarks>"),
    ],
)
def test_a_file_that_a_document_names_is_not_opened(doctype: str, use: str, tmp_path: Path) -> None:
    """Whether the file is there, and what it says, makes no difference: nobody looked."""
    secret = tmp_path / "secret"
    secret.write_text("root:x:0:0\n")  # no document type looks like this: whoever reads it, stumbles
    urls = (secret.as_uri(), str(secret), secret.with_name("absent").as_uri(), "file:///etc/passwd")
    refused = {unusable(an_ownership_xml(prolog=doctype.replace("{url}", url), tail=use)) for url in urls}

    assert {Reason.DOCTYPE} == {reason for reason, _ in refused}
    assert 1 == len(refused)


UTF_7 = b"<?xml version='1.0'%s encoding='UTF-7'?>"


@pytest.mark.parametrize(
    "disguise",
    [
        lambda text: (UTF_7 % b"") + text.replace("<!", "+ADwAIQ-").encode(),
        lambda text: (UTF_7 % (b" " * 5000)) + text.replace("<!", "+ADwAIQ-").encode(),
        lambda text: (UTF_7 % b"").replace(b"=", b"\n=\t") + text.replace("<!", "+ADwAIQ-").encode(),
        lambda text: b"\xef\xbb\xbf" + (UTF_7 % (b"\n" * 5000)) + text.replace("<!", "+ADwAIQ-").encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.encode("utf-32"),
        lambda text: text.encode("cp037"),
        lambda text: ("<!--" + "x" * 100_000 + "-->" + text).encode(),
    ],
    ids=["utf-7", "utf-7-far-out", "utf-7-spaced", "utf-7-bom", "utf-16", "utf-16-be", "utf-32", "ebcdic", "late"],
)
def test_a_file_named_by_a_document_type_in_disguise_is_not_opened(
    disguise: Callable[[str], bytes], tmp_path: Path
) -> None:
    """An encoding in which a document type does not look like one makes no difference."""
    secret = tmp_path / "secret"
    secret.write_text("root:x:0:0\n")
    bare = an_ownership_xml(prolog="").decode()
    urls = (secret.as_uri(), secret.with_name("absent").as_uri())
    refused = {unusable(disguise(f'<!DOCTYPE o SYSTEM "{url}">{bare}')) for url in urls}

    assert {Reason.DOCTYPE, Reason.MALFORMED_XML} >= {reason for reason, _ in refused}
    assert 1 == len(refused)


def test_an_inclusion_is_not_followed(tmp_path: Path) -> None:
    """XInclude and style sheets are text like any other, or nothing."""
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    prolog = f'<?xml version="1.0"?><?xml-stylesheet href="{secret.as_uri()}"?>'
    tail = (
        '<remarks><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" parse="text" '
        f'href="{secret.as_uri()}"/></remarks>'
    )

    assert b"s3cret" not in encode(parse(an_ownership_xml(prolog=prolog, tail=tail)))


@pytest.mark.parametrize("levels", [300, 100_000])
@pytest.mark.parametrize("wrap", ["{}", "<remarks>{}</remarks>", "<footnotes>{}</footnotes>"])
def test_deep_nesting_is_refused(levels: int, wrap: str) -> None:
    """No stack is deep enough for everybody."""
    reason, message = unusable(an_ownership_xml(tail=wrap.format("<a>" * levels + "</a>" * levels)))

    assert reason is Reason.MALFORMED_XML
    assert message


def test_a_document_over_the_limit_is_refused_and_one_under_it_is_read() -> None:
    """The limits are in bytes, and are kept."""
    xml = an_ownership_xml()
    data = a_submission(xml)

    assert parse(xml, Limits(xml_bytes=len(xml))) == parse(data, Limits(xml_bytes=len(xml)))
    assert parse(xml) == parse(data, Limits(submission_bytes=len(data)))
    for given, limits in (
        (xml, Limits(xml_bytes=len(xml) - 1)),
        (data, Limits(xml_bytes=len(xml) - 1)),
        (data, Limits(submission_bytes=len(data) - 1)),
    ):
        reason, message = unusable(given, limits)
        assert Reason.TOO_LARGE is reason
        assert f"{limits.xml_bytes if limits.xml_bytes < len(xml) else limits.submission_bytes:,}" in message


def test_nine_megabytes_of_xml_are_refused_by_default() -> None:
    """No ownership document was ever near that."""
    assert Reason.TOO_LARGE is unusable(an_ownership_xml(tail=f"<remarks>{'x' * 9_000_000}</remarks>"))[0]


def test_a_large_exhibit_does_not_make_the_form_too_large() -> None:
    """Exhibits count against the submission's limit alone."""
    xml = an_ownership_xml()
    exhibit = a_part(b"x" * 9_000_000, kind="EX-99", name="letter.pdf")

    assert parse(xml) == parse(a_submission(xml, after=exhibit))


def test_too_many_rows_are_refused() -> None:
    """EDGAR accepts 30 rows a table; the limit is a table's, however it is cut up."""
    rows = [an_option()] * 20
    limits = Limits(rows=20)

    assert 20 == len(parse(an_ownership_xml(table_1=[a_purchase()] * 20, table_2=rows), limits).derivative_table)
    for given in (
        {"table_2": [*rows, an_option()]},
        {"table_2": rows, "tail": f"<derivativeTable>{an_option()}</derivativeTable>"},
    ):
        reason, message = unusable(an_ownership_xml(**given), limits)
        assert (Reason.TOO_MANY, "a table has more than 20 rows") == (reason, message)


def test_too_many_unknown_elements_are_refused() -> None:
    """A form of another kind is not carried along box by box."""
    limits = Limits(unrecognised=20)
    kept = parse(an_ownership_xml(tail="<newBox>x</newBox>" * 20), limits).unrecognised
    reason, message = unusable(an_ownership_xml(tail="<newBox>x</newBox>" * 21), limits)

    assert 20 == len(kept)
    assert (Reason.TOO_MANY, "it has more than 20 elements that are unknown here") == (reason, message)


@pytest.mark.parametrize(
    "given",
    [
        {"tail": "<a>1</a>" * 4000},
        {"table_1": [a_purchase(more="<newBox>1</newBox>" * 4000)]},
        {"table_1": [a_purchase(transactionShares=value("1", *["F1"] * 40_000))], "footnotes": {"F1": "x"}},
        {"tail": "<footnotes>" + '<footnote id="F1">xxxxxxxxx</footnote>' * 160_000 + "</footnotes>"},
        {"table_2": [an_option()] * 1000},
    ],
    ids=["unknown-elements", "unknown-boxes", "footnote-references", "footnotes", "rows"],
)
def test_time_grows_with_size_not_faster(given: dict) -> None:
    """What stays under the size limit must not stop the stage."""
    data = an_ownership_xml(**given)
    began = time.process_time()
    parse(data, Limits(unrecognised=10_000))

    assert time.process_time() - began < 1


def only_row(data: bytes):
    """The one row of the document in *data*."""
    (row,) = (*(document := parse(data)).non_derivative_table, *document.derivative_table)
    return row


def flags(data: bytes) -> list[str]:
    """What is odd in the document in *data*."""
    return [str(flag.code) for flag in parse(data).flags]
