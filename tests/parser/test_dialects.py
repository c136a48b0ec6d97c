"""One document in every container and encoding."""

import re

import pytest

from consumers.parser.document import parse
from tests.kit.builders import (
    a_part,
    a_purchase,
    a_submission,
    an_option,
    an_ownership_xml,
    wrapped_lines,
)


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
