"""What cannot be used, and what must cost nothing."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from consumers.parser.document import parse
from consumers.parser.limits import Limits
from service.model.errors import UnusableDocument, UnusableReason
from service.wire import encode
from tests.kit.builders import (
    a_part,
    a_purchase,
    a_submission,
    an_option,
    an_owner,
    an_ownership_xml,
    value,
)
from tests.kit.corpus import each_file


def unusable(data: bytes, limits: Limits | None = None) -> tuple[UnusableReason, str]:
    """Why *data* is refused."""
    with pytest.raises(UnusableDocument) as caught:
        parse(data, limits or Limits())
    return caught.value.reason, str(caught.value)


@pytest.mark.parametrize("data", [b"", b" \r\n\t "], ids=["nothing", "blank"])
def test_nothing_is_refused_as_empty(data: bytes) -> None:
    """An empty answer is named as such."""
    assert (UnusableReason.EMPTY, "there is nothing in it") == unusable(data)


HTML = b"<html><head><title>SEC</title></head><body><p>Undeclared Automated Tool</p></body></html>"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"x", UnusableReason.MALFORMED_XML),
        (b"<", UnusableReason.MALFORMED_XML),
        (b"\x00\x01\x02\xff", UnusableReason.MALFORMED_XML),
        (b"\xef\xbb\xbf", UnusableReason.MALFORMED_XML),
        (b'{"json": true}', UnusableReason.MALFORMED_XML),
        (an_ownership_xml()[:-40], UnusableReason.MALFORMED_XML),
        (an_ownership_xml().replace(b"</issuer>", b""), UnusableReason.MALFORMED_XML),
        (an_ownership_xml() + b"<more/>", UnusableReason.MALFORMED_XML),
        (an_ownership_xml(prolog='<?xml version="1.0" encoding="klingon"?>'), UnusableReason.MALFORMED_XML),
        (an_ownership_xml(tail="<remarks>@</remarks>").replace(b"@", b"\x81"), UnusableReason.MALFORMED_XML),
        (HTML, UnusableReason.NOT_OWNERSHIP),
        (HTML.replace(b"</p>", b"<br>"), UnusableReason.MALFORMED_XML),
        (b"<!DOCTYPE html>" + HTML, UnusableReason.DOCTYPE),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"/>', UnusableReason.NOT_OWNERSHIP),
        (b"<edgarSubmission/>", UnusableReason.NOT_OWNERSHIP),
        (b"<ownershipDocument/>", UnusableReason.MISSING_FIELD),
        (an_ownership_xml(issuer_cik=""), UnusableReason.MISSING_FIELD),
        (an_ownership_xml(issuer_cik="12345678901"), UnusableReason.MISSING_FIELD),
        (an_ownership_xml(form=" "), UnusableReason.MISSING_FIELD),
        (an_ownership_xml(owners=[]), UnusableReason.MISSING_FIELD),
        (an_ownership_xml(owners=[an_owner("")]), UnusableReason.MISSING_FIELD),
        (an_ownership_xml(owners=[an_owner("Jane")]), UnusableReason.MISSING_FIELD),
        (a_submission(b""), UnusableReason.MALFORMED_XML),
        (a_submission(b"<ownershipDocument>"), UnusableReason.MALFORMED_XML),
        (a_submission()[:-900], UnusableReason.MALFORMED_XML),
        (a_submission().partition(b"<DOCUMENT>")[0], UnusableReason.NO_OWNERSHIP_XML),
        (a_submission().replace(b"<XML>", b"<PDF>"), UnusableReason.NO_OWNERSHIP_XML),
    ],
)
def test_what_is_no_ownership_document_is_refused_with_its_reason(data: bytes, reason: UnusableReason) -> None:
    """Whoever reads the dead letter learns what it was."""
    found, message = unusable(data)

    assert reason is found
    assert len(message) > 15
    assert "None" not in message


@each_file("http")
def test_the_pages_with_which_edgar_refuses_are_refused(path: Path) -> None:
    """EDGAR's own error pages, taken for a document."""
    reason, message = unusable(path.read_bytes())

    assert reason in {UnusableReason.MALFORMED_XML, UnusableReason.DOCTYPE, UnusableReason.NOT_OWNERSHIP}
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

    assert reason in {UnusableReason.DOCTYPE, UnusableReason.MALFORMED_XML}
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

    assert {UnusableReason.DOCTYPE} == {reason for reason, _ in refused}
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

    assert {UnusableReason.DOCTYPE, UnusableReason.MALFORMED_XML} >= {reason for reason, _ in refused}
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

    assert reason is UnusableReason.MALFORMED_XML
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
        assert UnusableReason.TOO_LARGE is reason
        assert f"{limits.xml_bytes if limits.xml_bytes < len(xml) else limits.submission_bytes:,}" in message


def test_nine_megabytes_of_xml_are_refused_by_default() -> None:
    """No ownership document was ever near that."""
    assert UnusableReason.TOO_LARGE is unusable(an_ownership_xml(tail=f"<remarks>{'x' * 9_000_000}</remarks>"))[0]


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
        assert (UnusableReason.TOO_MANY, "a table has more than 20 rows") == (reason, message)


def test_too_many_unknown_elements_are_refused() -> None:
    """A form of another kind is not carried along box by box."""
    limits = Limits(unrecognised=20)
    kept = parse(an_ownership_xml(tail="<newBox>x</newBox>" * 20), limits).unrecognised
    reason, message = unusable(an_ownership_xml(tail="<newBox>x</newBox>" * 21), limits)

    assert 20 == len(kept)
    assert (UnusableReason.TOO_MANY, "it has more than 20 elements that are unknown here") == (reason, message)


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
