"""A folder of filings as EDGAR would show it: which have appeared by now, and what the feed says of them."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol
from xml.sax.saxutils import escape, quoteattr

from lxml import etree
from msgspec import Struct

from service.edgar.submission import header, is_submission
from service.lookalike import tickers
from service.model.calendar import EASTERN
from service.model.errors import ConfigError

DAILY_INDEX = re.compile(r"/Archives/edgar/daily-index/\d{4}/QTR\d/form\.(\d{8})\.idx", re.ASCII)

_ACCESSION = re.compile(r"\d{10}-\d{2}-\d{6}", re.ASCII)
_ACCEPTED = re.compile(rb"<ACCEPTANCE-DATETIME>\d{14}", re.ASCII)
_PARTY = re.compile(
    r"(?:COMPANY CONFORMED NAME:|<CONFORMED-NAME>)[ \t]*(?P<name>[^\n]*)\n(?:.*\n){0,3}?"
    r".*(?:CENTRAL INDEX KEY:|<CIK>)[ \t]*(?P<cik>\d+)"
)
_SECTION = re.compile(r"(?m)^<?(ISSUER|REPORTING-OWNER|SUBJECT COMPANY|FILER|FILED BY)[:>]")


class Party(Struct, frozen=True, kw_only=True):
    """Someone the feed lists a filing under."""

    name: str
    cik: str
    role: str  # as the feed writes it: "Issuer", "Reporting", "Filer"


class Listing(Struct, frozen=True, kw_only=True):
    """A filing that the look-alike plays."""

    accession: str
    form: str
    parties: tuple[Party, ...]
    data: bytes  # the full submission
    accepted: datetime  # as its header states; when it is played depends on the clock
    file: str = ""  # the name of the file that it stood in


class Archive(Protocol):
    """What the look-alike serves."""

    def feed(self, prefix: str, start: int, count: int) -> bytes | None:
        """The Atom page for forms that begin with *prefix*; None: that deep EDGAR answers 503."""
        ...

    def submission(self, accession: str) -> bytes | None:
        """The full submission; None: 404."""
        ...

    def file(self, path: str) -> bytes | None:
        """An index, or a file about companies; None: 404."""
        ...


class FolderArchive:
    """Plays *listings* by the time of day at which they were accepted, *speed* times as fast, whatever their dates.

    A listing appears in the feed, and says that it was accepted, at the time at which it appears. Its document answers
    404 for *lag* after that.
    """

    def __init__(
        self, listings: Iterable[Listing], started: datetime, speed: float, lag: timedelta = timedelta(0)
    ) -> None:
        ordered = sorted(listings, key=lambda listing: _time_of_day(listing.accepted))
        first = _time_of_day(ordered[0].accepted) if ordered else timedelta(0)
        self._lag = lag
        self._played = [(started + (_time_of_day(listing.accepted) - first) / speed, listing) for listing in ordered]
        self._by_accession = {listing.accession: (at, listing) for at, listing in self._played}

    @property
    def ends(self) -> datetime:
        """When the last listing appears."""
        return self._played[-1][0]

    def appears(self, accession: str) -> datetime:
        """When the listing appears in the feed."""
        return self._by_accession[accession][0]

    def feed(self, prefix: str, start: int, count: int) -> bytes | None:
        """The page as of now, newest first, an entry a party."""
        now = datetime.now(UTC)
        entries = [
            (at, listing, party)
            for at, listing in reversed(self._played)
            if at <= now and listing.form.startswith(prefix)
            for party in listing.parties
        ]
        return atom_page(entries[start : start + count], now)

    def submission(self, accession: str) -> bytes | None:
        """The submission, once it has appeared and its lag is over."""
        at, listing = self._by_accession.get(accession, (None, None))
        if at is None or listing is None or datetime.now(UTC) < at + self._lag:
            return None
        return _ACCEPTED.sub(f"<ACCEPTANCE-DATETIME>{at.astimezone(EASTERN):%Y%m%d%H%M%S}".encode(), listing.data, 1)

    def file(self, path: str) -> bytes | None:
        """The daily index of what has appeared by now; the list of tickers of everything that is played."""
        if path == tickers.PATH:
            return tickers.ticker_list(listing.data for _, listing in self._played)
        match = DAILY_INDEX.fullmatch(path)
        if match is None:
            return None
        day = datetime.strptime(match[1], "%Y%m%d").replace(tzinfo=EASTERN).date()
        now = datetime.now(UTC)
        shown = [one for at, one in self._played if at <= now and at.astimezone(EASTERN).date() == day]
        return form_index(day, shown) if shown else None


def load(folder: Path) -> list[Listing]:
    """Every submission or bare ownership XML in *folder*; raises ConfigError if there is none."""
    if not folder.is_dir():
        raise ConfigError(f"{folder} is not a folder")
    files = sorted(p for p in folder.iterdir() if p.is_file() and p.suffix in (".txt", ".nc", ".xml"))
    listings = [listing_of(path.name, path.read_bytes(), number) for number, path in enumerate(files, 1)]
    if not listings:
        raise ConfigError(f"{folder} holds no .txt, .nc or .xml file: full submissions or bare ownership XML")
    return listings


def listing_of(name: str, data: bytes, number: int) -> Listing:
    """The listing that a file called *name* makes; what bare XML does not say of its submission is made up."""
    if not is_submission(data):
        data = wrapped(name, data, number)
    head = header(data)
    text = data.split(b"<DOCUMENT>", 1)[0].replace(b"\r\n", b"\n").replace(b"\r", b"\n").decode("latin-1")
    accession = head.accession or _accession(name, number)
    accepted = head.accepted or _made_up_time(number)
    parties = tuple(_parties(text)) or (Party(name="UNNAMED", cik="9999999999", role="Filer"),)
    return Listing(accession=accession, form=head.form or "4", parties=parties, data=data, accepted=accepted, file=name)


def wrapped(name: str, xml: bytes, number: int) -> bytes:
    """Bare ownership *xml* as a full submission."""
    try:
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True, recover=True))
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        root = etree.Element("ownershipDocument")

    def text(path: str) -> str:
        return (root.findtext(path) or "").strip()

    accession = _accession(name, number)
    form = text("documentType") or "4"
    day = (text("ownerSignature/signatureDate") or text("periodOfReport"))[:10].replace("-", "") or "20250102"
    accepted = _made_up_time(number).astimezone(EASTERN).strftime("%H%M%S")
    sections = [_section("ISSUER", text("issuer/issuerName"), text("issuer/issuerCik"))]
    sections += [
        _section(
            "REPORTING-OWNER",
            owner.findtext("reportingOwnerId/rptOwnerName") or "",
            owner.findtext("reportingOwnerId/rptOwnerCik") or "",
        )
        for owner in root.findall("reportingOwner")
    ]
    head = (
        f"<SEC-DOCUMENT>{accession}.txt : {day}\n<SEC-HEADER>{accession}.hdr.sgml : {day}\n"
        f"<ACCEPTANCE-DATETIME>{day}{accepted}\nACCESSION NUMBER:\t\t{accession}\n"
        f"CONFORMED SUBMISSION TYPE:\t{form}\nPUBLIC DOCUMENT COUNT:\t\t1\nFILED AS OF DATE:\t\t{day}\n\n"
        f"{''.join(sections)}</SEC-HEADER>\n<DOCUMENT>\n<TYPE>{form}\n<SEQUENCE>1\n<FILENAME>form4.xml\n<TEXT>\n<XML>\n"
    )
    return head.encode() + xml.strip() + b"\n</XML>\n</TEXT>\n</DOCUMENT>\n</SEC-DOCUMENT>\n"


def atom_page(entries: Iterable[tuple[datetime, Listing, Party]], now: datetime) -> bytes:
    """The feed page that shows *entries*, as EDGAR writes it."""
    local = now.astimezone(EASTERN).isoformat(timespec="seconds")
    body = "".join(_entry(at, listing, party) for at, listing, party in entries)
    return (
        '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<title>Latest Filings - look-alike</title>\n<id>look-alike</id>\n<updated>{local}</updated>\n{body}</feed>\n"
    ).encode("iso-8859-1", "xmlcharrefreplace")


def form_index(day: date, listings: Iterable[Listing]) -> bytes:
    """The daily index by form type, as EDGAR writes it: sorted, a row a party."""
    rows = sorted(
        (listing.form, party.name, int(party.cik), listing.accession)
        for listing in listings
        for party in listing.parties
    )
    head = (
        "Description:           Daily Index of EDGAR Dissemination Feed by Form Type\n"
        f"Last Data Received:    {day:%b %d, %Y}\nComments:              webmaster@sec.gov\n"
        "Anonymous FTP:         ftp://ftp.sec.gov/edgar/\n \n \n \n \n"
        f"{'Form Type':<12}{'Company Name':<62}{'CIK':<12}{'Date Filed':<12}File Name\n{'-' * 141}\n"
    )
    body = "".join(
        f"{form:<12}{name:<62}{cik:<12}{day:%Y%m%d}    edgar/data/{cik}/{accession}.txt         \n"
        for form, name, cik, accession in rows
    )
    return (head + body).encode("latin-1", "replace")


def _entry(at: datetime, listing: Listing, party: Party) -> str:
    local = at.astimezone(EASTERN)
    folder = f"/Archives/edgar/data/{int(party.cik)}/{listing.accession.replace('-', '')}"
    link = quoteattr(f"https://www.sec.gov{folder}/{listing.accession}-index.htm")
    summary = (
        f"<b>Filed:</b> {local:%Y-%m-%d} <b>AccNo:</b> {listing.accession} <b>Size:</b> {len(listing.data) // 1024} KB"
    )
    return (
        f"<entry>\n<title>{escape(f'{listing.form} - {party.name} ({party.cik.zfill(10)}) ({party.role})')}</title>\n"
        f'<link rel="alternate" type="text/html" href={link}/>\n'
        f'<summary type="html">{escape(summary)}</summary>\n'
        f"<updated>{local.isoformat(timespec='seconds')}</updated>\n"
        f'<category scheme="https://www.sec.gov/" label="form type" term={quoteattr(listing.form)}/>\n'
        f"<id>urn:tag:sec.gov,2008:accession-number={listing.accession}</id>\n</entry>\n"
    )


def _parties(text: str) -> Iterator[Party]:
    """The parties of an SGML header; reporting owners come first, as they often do in the feed."""
    marks = list(_SECTION.finditer(text))
    found = []
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        match = _PARTY.search(text, mark.end(), following.start() if following else len(text))
        if match:
            roles = {"ISSUER": "Issuer", "REPORTING-OWNER": "Reporting"}
            role = roles.get(mark[1], "Filer")
            found.append(Party(name=match["name"].strip(), cik=match["cik"], role=role))
    yield from sorted(found, key=lambda party: party.role == "Issuer")


def _section(title: str, name: str, cik: str) -> str:
    return f"{title}:\n\n\tCOMPANY DATA:\n\t\tCOMPANY CONFORMED NAME:\t{name}\n\t\tCENTRAL INDEX KEY:\t{cik}\n\n"


def _accession(name: str, number: int) -> str:
    match = _ACCESSION.search(name)
    return match[0] if match else f"0009999999-00-{number:06d}"


def _made_up_time(number: int) -> datetime:
    """Half a minute apart, from 9:00 Eastern on."""
    return datetime(2025, 1, 2, 9, tzinfo=EASTERN) + timedelta(seconds=30 * number)


def _time_of_day(at: datetime) -> timedelta:
    local = at.astimezone(EASTERN)
    return timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
