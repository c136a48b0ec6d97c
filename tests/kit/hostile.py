"""Filings that somebody made to harm whoever reads them, and what must hold of every page and message that has them."""

import unicodedata
from collections.abc import Mapping
from xml.sax.saxutils import escape

from lxml import html

from tests.kit.builders import a_purchase, an_option, an_owner, an_ownership_xml, value

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'></td></table>{{ 7*7 }}&amp;&lt;b&gt;"
DIRECTION = "ACME\u202egnp.exe\u2066\u200f\u061c\u202c\u2069\u200b\ufeff TURNED"
CONTROL = "ACME\x9b31m\x85FORGED\u2028FORGED\x7f\xad\U000e0041 CONTROLLED"
ENDLESS = "W" * 10_000
WORDY = "word " * 2_000

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def _everywhere(text: str, rows: int = 1, notes: int = 1) -> bytes:
    """A filing that says *text* in every box that takes words."""
    said = escape(text)
    cited = [f"F{number}" for number in range(1, notes + 1)]
    owner = an_owner(
        roles=f"<isOfficer>1</isOfficer><isOther>1</isOther><officerTitle>{said}</officerTitle><otherText>{said}</otherText>"
    )
    title = value(said, *cited)
    xml = an_ownership_xml(
        issuer_name="ISSUER",
        symbol=said,
        owners=[owner.replace("DOE JANE", said).replace("1 MAIN ST", said)],
        table_1=[a_purchase(securityTitle=title, transactionPricePerShare=value("10", *cited))] * rows,
        table_2=[an_option(conversionOrExercisePrice=value("10", *cited))] * rows,
        footnotes=dict.fromkeys(cited, said),
        tail=f"<remarks>{said}</remarks><unknownElement>{said}</unknownElement>",
    )
    return xml.replace(b"ISSUER", said.encode()).replace(b"Jane Doe", said.encode())


HOSTILE: Mapping[str, bytes] = {
    "markup": _everywhere(MARKUP),
    "direction": _everywhere(DIRECTION),
    "control": _everywhere(CONTROL),
    "endless": _everywhere(ENDLESS),
    "wordy": _everywhere(WORDY),
    "notes": _everywhere(MARKUP, notes=99),
    "rows": _everywhere("Common Stock", rows=500, notes=3),
}
"""By what is wrong with each."""


def assert_inert(page: str) -> None:
    """That *page* runs, loads and shows nothing that a filing brought."""
    root = html.document_fromstring(page)
    assert not [one for one in root.iter("img", "iframe", "object", "embed", "base") if isinstance(one.tag, str)]
    assert all(one.get("src", "").startswith("/static/") and not one.text for one in root.iter("script"))
    for element in root.iter():
        for name, said in ((str(name), str(said)) for name, said in element.items()):
            assert not name.startswith("on"), name
            assert not (
                name in ("href", "src", "action") and said.lower().lstrip().startswith(("javascript:", "data:"))
            )
    assert_seen(page)


def assert_seen(text: str) -> None:
    """That all of *text* can be seen: nothing steers a terminal, turns the line around, or takes no room."""
    hidden = {
        one for one in text if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp") and one not in "\n\r\t"
    }
    assert not hidden
