"""What is known of a filing before its document is read."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NewType, Self

from msgspec import Struct

Accession = NewType("Accession", str)
"""EDGAR's identity of a submission: ``0001234567-25-000001``."""

Cik = NewType("Cik", str)
"""EDGAR's identity of a company or person: ten digits with leading zeros."""

_ACCESSION = re.compile(r"\d{10}-\d{2}-\d{6}", re.ASCII)
_SPELLINGS = re.compile(r"(?<![\d-])(?:\d{10}-\d{2}-\d{6}|\d{18})(?![\d])", re.ASCII)
_CIK = re.compile(r"\d{1,10}", re.ASCII)


def accession_number(text: str) -> Accession:
    """*text* as an accession number; raises ValueError where it is not one."""
    if not _ACCESSION.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not an accession number (such as 0001234567-25-000001)")
    return Accession(text)


def accession_of(text: str) -> Accession:
    """The accession number in *text*, as people have it at hand; raises ValueError where there is none, or two.

    With dashes, without (as EDGAR names its folders), or within a link to EDGAR.
    """
    text = text.strip()
    looked = _SPELLINGS.finditer(text) if "/" in text else filter(None, [_SPELLINGS.fullmatch(text)])
    found = {re.sub(r"(\d{10})-?(\d{2})-?(\d{6})", r"\1-\2-\3", match[0]) for match in looked}
    if len(found) != 1:
        raise ValueError(
            f"{text[:80]!r} is not an accession number: write it as 0001234567-25-000001 or 000123456725000001, "
            "or give EDGAR's link to the filing"
        )
    return Accession(found.pop())


def central_index_key(text: str) -> Cik:
    """*text* as a CIK with its leading zeros; raises ValueError where it is not one."""
    if not _CIK.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not a CIK (one to ten digits)")
    return Cik(text.zfill(10))


class Links(Struct, frozen=True, kw_only=True):
    """Where a person reads the filing on EDGAR."""

    index: str  # the filing's own page: its documents, parties and times
    submission: str  # the full submission text file


class Times(Struct, frozen=True, kw_only=True):
    """When a filing passed each station, in UTC; None: not stated, or not there yet."""

    accepted: datetime | None = None  # ACCEPTANCE-DATETIME of the submission's header
    updated: datetime | None = None  # the feed entry's own time, whole seconds
    seen: datetime | None = None  # the feed page that showed the entry was here
    fetched: datetime | None = None  # the whole submission was here
    published: datetime | None = None  # on form4.filings
    parsed: datetime | None = None  # on form4.parsed
    matched: datetime | None = None  # on form4.alerts


LEGS: Mapping[str, tuple[str, str]] = {
    "listed": ("accepted", "updated"),  # at EDGAR: accepted until the feed's own time for it
    "seen": ("updated", "seen"),
    "fetched": ("seen", "fetched"),
    "published": ("fetched", "published"),
    "parsed": ("published", "parsed"),
    "matched": ("parsed", "matched"),
}
"""The stretches of a filing's way, each from one of its ``Times`` to the next."""


def leg(times: Times, name: str) -> timedelta | None:
    """How long the stretch *name* took; None: one of its ends is not known."""
    start, end = (getattr(times, station) for station in LEGS[name])
    return None if start is None or end is None else end - start


class Source(StrEnum):
    """Who found a filing first."""

    FEED = "feed"
    INDEX = "index"  # the feed missed it; comparing with the day's index brought it
    BACKFILL = "backfill"


class Provenance(Struct, frozen=True, kw_only=True):
    """How a filing came here, and what follows from that for its alerts."""

    source: Source = Source.FEED
    history: bool = False  # published for the record: accepted before this service first ran, or asked for later
    digest: str | None = None  # its alerts are told together under this name; None: one by one, or not at all

    @property
    def silent(self) -> bool:
        """Whether it alerts nobody: no rule is held against it."""
        return self.history and self.digest is None


class Filing(Struct, frozen=True, kw_only=True):
    """One submission, whatever the number of its parties."""

    accession: Accession
    form: str  # "4", "4/A", ...: the feed's category, else the submission's header
    issuer_cik: Cik | None  # None: neither the feed nor the header named an issuer
    issuer_name: str | None  # None: as above
    filed_on: date | None  # FILED AS OF DATE; None: no header
    links: Links
    times: Times
    provenance: Provenance = Provenance()


class Original(Struct, frozen=True, kw_only=True):
    """Bytes kept to the letter in JSON, and still readable: ``data()`` gives back the very same ones."""

    text: str
    encoding: str  # "utf-8", or "iso-8859-1" where the bytes are no UTF-8

    @classmethod
    def of(cls, data: bytes) -> Self:
        """*data* as text; every byte string has one."""
        try:
            return cls(text=data.decode("utf-8"), encoding="utf-8")
        except UnicodeDecodeError:
            return cls(text=data.decode("iso-8859-1"), encoding="iso-8859-1")

    def data(self) -> bytes:
        """The bytes."""
        return self.text.encode(self.encoding)


class FilingEvent(Struct, frozen=True, kw_only=True):
    """The value of ``form4.filings``: a filing with its document as filed."""

    filing: Filing
    document: Original  # the ownership XML; the whole submission where no ownership XML stands in it
