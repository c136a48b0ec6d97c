"""Full submissions: the SGML container that EDGAR disseminates, taken apart. Pure; nothing is fetched.

Three dialects occur: the archive's ``.txt`` (``ACCESSION NUMBER:<tab>...``), the dissemination feed's ``.nc``
(``<ACCESSION-NUMBER>...``, line ends may be CR alone), and 2006-era ``.txt`` in a PEM wrapper with its lines
wrapped at 1,023 characters.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TypeVar

from msgspec import Struct

from service.model.calendar import EASTERN, is_of_edgar
from service.model.filing import Accession, Cik, accession_number, central_index_key

T = TypeVar("T")

OWNERSHIP_FORMS = frozenset({"3", "3/A", "4", "4/A", "5", "5/A"})

_HEADER_BYTES = 256 * 1024  # a header with 10 parties stays under 20 KiB
_WRAP = 1023
_BARE = (b"<?xml", b"<ownershipDocument", b"\xef\xbb\xbf<?xml")


class SubmissionDocument(Struct, frozen=True, kw_only=True):
    """One ``<DOCUMENT>`` of a submission."""

    type: str  # the form, or an exhibit such as EX-24
    filename: str | None
    content: bytes  # between <TEXT> and </TEXT>


class Header(Struct, frozen=True, kw_only=True):
    """What the SGML header states; None: it does not."""

    accession: Accession | None
    form: str | None
    accepted: datetime | None  # UTC
    filed_on: date | None
    issuer_cik: Cik | None
    issuer_name: str | None


def is_submission(data: bytes) -> bool:
    """Whether *data* looks like a full submission rather than bare XML."""
    return not data[:64].lstrip().startswith(_BARE) and (b"<DOCUMENT>" in data or b"<SEC-HEADER>" in data)


def is_whole(data: bytes) -> bool:
    """Whether the container is closed: a submission that was cut off on its way is not."""
    tail = data[-256:]
    return b"</SEC-DOCUMENT>" in tail or b"</SUBMISSION>" in tail or b"</IMS-DOCUMENT>" in tail


def ownership_xml(data: bytes) -> bytes | None:
    """The ownership XML that stands in the submission *data*, line wraps undone; None: there is none.

    The part whose ``<TYPE>`` is an ownership form wins over others that hold such XML.
    """
    found: bytes | None = None
    for part in parts(data):
        start = part.content.find(b"<XML>")
        if start < 0:
            continue
        end = part.content.find(b"</XML>", start)
        xml = part.content[start + len(b"<XML>") : end if end >= 0 else None].strip()
        if part.type in OWNERSHIP_FORMS:
            return _unwrapped(xml)
        if found is None and b"<ownershipDocument" in xml:
            found = _unwrapped(xml)
    return found


def parts(data: bytes) -> list[SubmissionDocument]:
    """The documents of the submission *data*, in their order; a last one that is cut off is included."""
    data = _with_newlines(data)
    found = []
    start = data.find(b"<DOCUMENT>")
    while start >= 0:
        following = data.find(b"<DOCUMENT>", start + 10)
        end = data.find(b"</DOCUMENT>", start)
        if end < 0 or 0 <= following < end:
            end = following if following >= 0 else len(data)
        found.append(_part(data[start:end]))
        start = following
    return found


def header(data: bytes) -> Header:
    """What the SGML header of the submission *data* states, in any of the dialects."""
    end = data.find(b"<DOCUMENT>")
    text = _with_newlines(data[: end if end >= 0 else _HEADER_BYTES][:_HEADER_BYTES]).decode("latin-1")
    issuer = _section(text)
    return Header(
        accession=_checked(accession_number, _field(text, "ACCESSION NUMBER", "ACCESSION-NUMBER")),
        form=_field(text, "CONFORMED SUBMISSION TYPE", "TYPE"),
        accepted=_instant(_field(text, "<ACCEPTANCE-DATETIME>", "ACCEPTANCE-DATETIME")),
        filed_on=_day(_field(text, "FILED AS OF DATE", "FILING-DATE")),
        issuer_cik=_checked(central_index_key, _field(issuer, "CENTRAL INDEX KEY", "CIK")),
        issuer_name=_field(issuer, "COMPANY CONFORMED NAME", "CONFORMED-NAME"),
    )


def _part(block: bytes) -> SubmissionDocument:
    text = block.find(b"<TEXT>")
    head = block[: text if text >= 0 else 2048].decode("latin-1")
    content = block[text + len(b"<TEXT>") :] if text >= 0 else b""
    end = content.rfind(b"</TEXT>")
    return SubmissionDocument(
        type=_field(head, "<TYPE>", "TYPE") or "",
        filename=_field(head, "<FILENAME>", "FILENAME"),
        content=content[:end] if end >= 0 else content,
    )


def _with_newlines(data: bytes) -> bytes:
    if b"\r" not in data:
        return data
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def unwrapped(xml: bytes) -> bytes:
    """*xml* with the newlines taken out that follow a line as long as its longest one."""
    lines = xml.replace(b"\r\n", b"\n").split(b"\n")
    return _joined(lines, max(map(len, lines)))


def _unwrapped(xml: bytes) -> bytes:
    """*xml* with its lines as they were, where they are certainly wrapped.

    That is at 1,023 characters, as EDGAR did, or where all lines but the last have one length.
    """
    lines = xml.split(b"\n")
    longest = max(map(len, lines))
    if len(lines) > 1 and {longest}.issuperset(map(len, lines[:-1])):
        return _joined(lines, longest) if len(lines) > 2 or not lines[0].endswith(b">") else xml
    return _joined(lines, _WRAP) if longest >= _WRAP else xml


def _joined(lines: list[bytes], width: int) -> bytes:
    return b"".join(line if len(line) == width else line + b"\n" for line in lines).removesuffix(b"\n")


def _section(text: str) -> str:
    """The ISSUER section of a header; in older filings it is called SUBJECT COMPANY."""
    for opening, closing in (
        ("\nISSUER:", "\nREPORTING-OWNER:"),
        ("<ISSUER>", "</ISSUER>"),
        ("\nSUBJECT COMPANY:", "\nREPORTING-OWNER:"),
        ("<SUBJECT-COMPANY>", "</SUBJECT-COMPANY>"),
    ):
        start = text.find(opening)
        if start >= 0:
            end = text.find(closing, start)
            return text[start : end if end >= 0 else None]
    return ""


def _field(text: str, label: str, tag: str) -> str | None:
    """The first value that stands behind *label*, or in the other dialect behind ``<tag>``."""
    for mark in (label if label.startswith("<") else label + ":", f"<{tag}>"):
        start = text.find(mark)
        if start >= 0:
            line = text[start + len(mark) :].split("\n", 1)[0].strip()
            if line:
                return line
    return None


def _checked(convert: Callable[[str], T], text: str | None) -> T | None:
    try:
        return convert(text or "")
    except ValueError:
        return None


def _instant(text: str | None) -> datetime | None:
    """EDGAR writes acceptance as local Eastern digits without a zone."""
    try:
        stated = datetime.strptime(text or "", "%Y%m%d%H%M%S").replace(tzinfo=EASTERN)
    except ValueError:
        return None
    return stated.astimezone(UTC) if is_of_edgar(stated.date()) else None


def _day(text: str | None) -> date | None:
    try:
        stated = datetime.strptime(text or "", "%Y%m%d").replace(tzinfo=EASTERN).date()
    except ValueError:
        return None
    return stated if is_of_edgar(stated) else None
