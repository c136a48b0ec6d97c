"""Full submissions taken apart: header, parts, ownership XML, in every dialect."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from service.edgar.submission import Header, header, is_submission, is_whole, ownership_xml, parts
from tests.kit.builders import ACCESSION, a_part, a_submission, an_ownership_xml, in_xml_tags, wrapped_lines
from tests.kit.corpus import each_file

DIALECTS = ("txt", "nc", "pem")
NOTHING = Header(accession=None, form=None, accepted=None, filed_on=None, issuer_cik=None, issuer_name=None)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("form", ["4", "4/A"])
def test_the_header_of_every_dialect_says_the_same(dialect: str, form: str) -> None:
    """Labels with tabs, tags without ends, CR alone: one meaning. Acceptance is Eastern time."""
    expected = Header(
        accession=ACCESSION,
        form=form,
        accepted=datetime(2025, 3, 3, 21, 15, 2, tzinfo=UTC),
        filed_on=date(2025, 3, 3),
        issuer_cik="0009900001",
        issuer_name="EXAMPLE CORP",
    )

    assert expected == header(a_submission(dialect=dialect, form=form))


def test_acceptance_in_summer_is_daylight_time() -> None:
    """The digits are local: four hours from UTC in July."""
    data = a_submission().replace(b"20250303161502", b"20250703161502")

    assert datetime(2025, 7, 3, 20, 15, 2, tzinfo=UTC) == header(data).accepted


def test_the_issuer_of_an_older_filing_is_its_subject_company() -> None:
    """Headers before 2004 call the section SUBJECT COMPANY."""
    data = a_submission().replace(b"ISSUER:", b"SUBJECT COMPANY:")

    assert ("0009900001", "EXAMPLE CORP") == (header(data).issuer_cik, header(data).issuer_name)


def test_the_issuer_is_not_taken_from_the_owner_that_follows() -> None:
    """A section ends where the next one begins."""
    data = (
        b"<SEC-HEADER>\nISSUER:\n\n\tCOMPANY DATA:\n\nREPORTING-OWNER:\n\n\tOWNER DATA:\n"
        b"\t\tCOMPANY CONFORMED NAME:\tDOE JANE\n\t\tCENTRAL INDEX KEY:\t0009800001\n</SEC-HEADER>\n<DOCUMENT>"
    )

    assert (None, None) == (header(data).issuer_cik, header(data).issuer_name)


def test_what_stands_in_a_document_is_not_the_header_s() -> None:
    """An exhibit can quote a header; the submission's own is before the first document."""
    assert header(b"<SEC-HEADER>\n</SEC-HEADER>\n" + a_part(a_submission())) == NOTHING


@pytest.mark.parametrize(
    "data", [b"", b"\x00\xff" * 100, b"<html>", b"<SEC-HEADER>\n", b"<DOCUMENT>", b"ISSUER:\n" * 9]
)
def test_a_header_that_says_nothing_is_read_as_such(data: bytes) -> None:
    """What is not stated is None, whatever the bytes."""
    assert NOTHING == header(data)


@pytest.mark.parametrize(
    "digits", ["00000000000000", "20250230120000", "20250303256161", "2025", "n/a", "00010101000000", "99991231235959"]
)
def test_an_impossible_acceptance_time_is_none(digits: str) -> None:
    """A header with nonsense in it is still a header."""
    data = a_submission().replace(b"20250303161502", digits.encode())
    read = header(data)

    assert ACCESSION == read.accession
    assert read.accepted is None


@pytest.mark.parametrize("digits", ["00010101", "19340606", "99991231", "00000000"])
def test_an_impossible_day_of_filing_is_none(digits: str) -> None:
    """EDGAR began in 1993; what is later than any calendar would be so for ever."""
    assert header(a_submission().replace(b"20250303\n", digits.encode() + b"\n")).filed_on is None


@pytest.mark.parametrize(
    "number", ["0009990900-25-1", "000999090025000001", "../../etc/passwd", "0009990900-25-00000１"]
)
def test_an_accession_number_that_is_none_is_not_taken(number: str) -> None:
    """It becomes part of addresses and keys: nothing else passes."""
    assert header(a_submission().replace(ACCESSION.encode(), number.encode())).accession is None


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_parts_come_in_their_order_with_type_name_and_content(dialect: str) -> None:
    """Each <DOCUMENT> says what it is."""
    letter = a_part(b"Dear all", kind="EX-99", name="letter.txt")
    found = parts(a_submission(dialect=dialect, form="4/A", before=letter, after=letter))

    assert [("EX-99", "letter.txt"), ("4/A", "form4.xml"), ("EX-99", "letter.txt")] == [
        (part.type, part.filename) for part in found
    ]
    assert b"Dear all" == found[0].content.strip()
    assert in_xml_tags(an_ownership_xml(form="4/A")) == found[1].content.strip()


def test_a_part_that_is_cut_off_is_included() -> None:
    """What came over is there."""
    whole = a_submission(after=a_part(b"Dear all", kind="EX-99", name="letter.txt"))
    found = parts(whole[: whole.index(b" all")])

    assert ["4", "EX-99"] == [part.type for part in found]
    assert b"Dear" == found[-1].content.strip()


def test_a_part_whose_end_is_missing_ends_where_the_next_one_begins() -> None:
    """A lost </DOCUMENT> does not swallow the next one."""
    letter = a_part(b"Dear all", kind="EX-99", name="letter.txt").replace(b"</DOCUMENT>\n", b"")
    found = parts(a_submission(before=letter))

    assert ["EX-99", "4"] == [part.type for part in found]
    assert b"ownershipDocument" not in found[0].content


@pytest.mark.parametrize("data", [b"", b"<html>", an_ownership_xml(), b"<SEC-HEADER>\n</SEC-HEADER>"])
def test_without_documents_there_are_no_parts_and_no_ownership_xml(data: bytes) -> None:
    """Nothing is made up."""
    assert ([], None) == (parts(data), ownership_xml(data))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_ownership_xml_is_the_very_document_that_was_filed(dialect: str) -> None:
    """To the byte, but for the dialect's line ends."""
    xml = an_ownership_xml(tail="<remarks>one\ntwo</remarks>")

    assert xml == ownership_xml(a_submission(xml, dialect=dialect))


def test_wrapped_lines_are_joined() -> None:
    """The line end after 1,023 characters was EDGAR's, not the filer's."""
    xml = an_ownership_xml().replace(b"\n", b"")
    torn = wrapped_lines(xml)
    found = ownership_xml(a_submission(torn, dialect="pem"))

    assert torn != xml
    assert xml == (found and found.strip())


def test_a_line_of_1022_characters_is_not_joined_with_the_next() -> None:
    """A line end that the filer wrote stays."""
    xml = b"<ownershipDocument>\n" + b"x" * 1022 + b"\ny\n</ownershipDocument>"

    assert xml == ownership_xml(a_submission(xml))


def test_the_part_that_is_an_ownership_form_wins() -> None:
    """An exhibit can quote another form's XML."""
    quoted = a_part(in_xml_tags(b"<ownershipDocument>quoted</ownershipDocument>"), kind="EX-99", name="quote.xml")
    xml = an_ownership_xml()

    assert xml == ownership_xml(a_submission(xml, before=quoted))


def test_ownership_xml_under_an_unknown_type_is_found() -> None:
    """The type can be misspelt; the XML says what it is."""
    xml = an_ownership_xml()

    assert xml == ownership_xml(a_submission(xml, form="FORM4"))


def test_an_exhibit_alone_is_no_ownership_xml() -> None:
    """A paper filing has a scan."""
    assert ownership_xml(a_part(b"<PDF>\nbegin 644 scan.pdf\n</PDF>")) is None
    assert ownership_xml(a_part(in_xml_tags(b"<edgarSubmission/>"), kind="EX-99")) is None


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_submission_is_whole_until_its_end_is_cut_off(dialect: str) -> None:
    """A connection that breaks leaves the container open, wherever it breaks."""
    data = a_submission(dialect=dialect)
    end = data.rindex(b"</")

    assert is_whole(data)
    assert not any(is_whole(data[:at]) for at in range(0, end, 97))
    assert not is_whole(data[: end + 10])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (a_submission(), True),
        (a_submission(dialect="nc"), True),
        (a_submission(dialect="pem"), True),
        (an_ownership_xml(), False),
        (an_ownership_xml(prolog="\n"), False),
        (an_ownership_xml(encoding="utf-8-sig"), False),
        (an_ownership_xml(encoding="utf-16"), False),
        (an_ownership_xml(tail="<remarks><![CDATA[<DOCUMENT>]]></remarks>"), False),
        (b"<html></html>", False),
        (b"", False),
    ],
)
def test_a_submission_is_told_from_bare_xml(data: bytes, expected: bool) -> None:
    """Both come as bytes without a name."""
    assert expected is is_submission(data)


@each_file("submission")
def test_a_real_submission_is_whole_and_says_who_and_what(path: Path) -> None:
    """Every recorded one, against a reading by regular expressions."""
    data = path.read_bytes()
    text = data.decode("latin-1").replace("\r", "\n")
    read = header(data)

    assert is_submission(data)
    assert is_whole(data)
    assert first(r"ACCESSION[ -]NUMBER[:>]\s*(\S+)", text) == read.accession
    assert first(r"(?:SUBMISSION TYPE:|<TYPE>)\s*(\S+)", text) == read.form
    assert first(r"(?:FILED AS OF DATE:|<FILING-DATE>)\s*(\d{8})", text) == f"{read.filed_on:%Y%m%d}"
    assert first(r"<issuerCik>(\d+)", text.replace("\n", "")).zfill(10) == read.issuer_cik
    assert int(first(r"DOCUMENT[ -]COUNT[:>]\s*(\d+)", text)) == len(parts(data))
    assert re.findall(r"<FILENAME>(\S+)", text) == [part.filename for part in parts(data)]


@each_file("submission")
def test_a_real_submission_that_is_cut_off_is_not_whole(path: Path) -> None:
    """Wherever it breaks before its end."""
    data = path.read_bytes()
    end = max(data.rfind(mark) for mark in (b"</SEC-DOCUMENT>", b"</SUBMISSION>"))

    assert not any(is_whole(data[:at]) for at in range(0, end, 499))


def first(pattern: str, text: str) -> str:
    """What *pattern* finds first."""
    found = re.search(pattern, text)
    assert found, pattern
    return found[1]
