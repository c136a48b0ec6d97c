"""Text is text: whatever is in it, it is one line that can be seen."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.text import legible, one_line
from tests.kit.documents import a_document, a_row, an_owner

HOSTILE = {
    "an escape sequence": ("\x1b[31mred\x1b]0;title\x07", "\ufffd[31mred\ufffd]0;title\ufffd"),
    "a C1 control": ("\x9b31mred\x9d0;title\x9c", "\ufffd31mred\ufffd0;title\ufffd"),
    "a bidi override": ("ACME \u202egnp.exe\u202c", "ACME gnp.exe"),
    "bidi isolates and marks": ("\u2066a\u2069\u200e\u200f\u061cb", "ab"),
    "line ends": ("ACME\r\nWho: FAKE\nLINE\rX", "ACME Who: FAKE LINE X"),
    "line and paragraph separators": ("A\u2028B\u2029C\x85D\vE\fF\tG", "A B C D E F G"),
    "what takes no room": ("T\u200bE\u200dS\u2060T\ufeff\u00ad\U000e0041\u3164\U000e0100", "TEST"),
    "a lone surrogate": ("a\ud800b", "a\ufffdb"),
    "accents heaped on a letter": ("Z\u0300\u0301\u0302\u0303\u0304\u0305\u0306algo", "Z\u0300\u0301\u0302\u0303algo"),
    "NUL": ("a\0b", "a\ufffdb"),
}


@pytest.mark.parametrize(("text", "shown"), HOSTILE.values(), ids=HOSTILE)
def test_nothing_in_a_name_acts(text: str, shown: str) -> None:
    """It neither steers a terminal, nor begins a line, nor hides."""
    assert shown == one_line(text)


@pytest.mark.parametrize("text", ["José Ñandú & Söhne", "東京電力", "5 % — “quoted” 🙂", "a  b", ""])
def test_what_can_be_seen_stays(text: str) -> None:
    """Names have accents, and companies sit anywhere."""
    assert text == one_line(text)


@settings(deadline=None)  # the machine may be busy
@given(st.text(alphabet=st.characters(), max_size=200))
def test_any_text_becomes_one_line_of_what_can_be_seen(text: str) -> None:
    """No control, no format character, no separator but spaces is left; twice changes nothing."""
    shown = one_line(text)

    assert not {"Cc", "Cf", "Cs", "Zl", "Zp"}.intersection(map(unicodedata.category, shown))
    assert len(shown.splitlines()) <= 1
    assert shown == one_line(shown)


def test_a_document_is_made_legible_as_a_whole() -> None:
    """Every text in it; numbers, dates, codes and boxes stay."""
    row = a_row(security_title="Common\nStock", footnotes={"transaction_date": ("F\x1b1",)})
    document = a_document(row, reporting_owners=(an_owner("DOE\u2028JANE"),), footnotes={"F1": "a\rb"})
    shown = legible(document)

    assert "DOE JANE" == shown.reporting_owners[0].rpt_owner_name
    assert {"F1": "a b"} == shown.footnotes
    (told,) = shown.non_derivative_table
    assert ("Common Stock", {"transaction_date": ("F\ufffd1",)}) == (told.security_title, told.footnotes)
    assert (row.transaction_shares, row.transaction_code) == (told.transaction_shares, told.transaction_code)
    assert legible(a_document(a_row())) == a_document(a_row())
