"""One entry of the feed: what it says, also where it is not XML. Pure."""

import calendar
import hashlib
import html
import re
from datetime import UTC, date, datetime

import feedparser
from msgspec import Struct

from service.model.calendar import is_of_edgar
from service.model.filing import Accession, Cik, accession_number, central_index_key

_ID = re.compile(r"accession-number=([\d-]+)\s*$", re.ASCII)
_TITLE = re.compile(r"^.*? - (?P<name>.*) \((?P<cik>\d{1,10})\) \((?P<role>[^()]*)\)\s*$", re.DOTALL)
_FOLDER = re.compile(r"/Archives/edgar/data/(\d{1,10})/", re.ASCII)
_FILED = re.compile(r"Filed:\D{0,20}(\d{4}-\d{2}-\d{2})", re.ASCII)
_TITLE_LENGTH = 1000  # names have up to 150 characters

# The same where the entry is no XML: each is looked for by itself, wherever it stands.
_ANY_ID = re.compile(r"accession-number=(\d{10}-\d{2}-\d{6})(?![\d-])", re.ASCII)
_ANY_NUMBER = re.compile(r"(?:AccNo:\D{0,20}|/)(\d{10}-\d{2}-\d{6})(?!\d)", re.ASCII)
_ANY_TITLE = re.compile(r"<title[^<>]{0,100}>([^<]{0,1000})")
_ANY_FORM = re.compile(r"""\bterm\s{0,9}=\s{0,9}["']([A-Za-z0-9/ .-]{1,20})["']""", re.ASCII)
_FORM_OF_TITLE = re.compile(r"\s*([A-Za-z0-9/ .-]{1,20}?) - ", re.ASCII)
_ANY_TIME = re.compile(r"<updated[^<>]{0,100}>\s{0,9}([0-9T:+.Z-]{1,40})", re.ASCII)
_YEARS = range(1993, 2200)  # EDGAR began in 1993
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class FeedEntry(Struct, frozen=True, kw_only=True):
    """One party's entry: a filing has one for each of its parties."""

    accession: Accession
    form: str  # category@term: the only thing that says what form it is
    party_cik: Cik
    party_name: str
    is_issuer: bool
    archive_cik: Cik  # the folder that the entry's link names
    updated: datetime  # UTC, whole seconds
    filed_on: date | None
    fault: str | None = None  # what is wrong with it, though it could be read; None: nothing


class Unreadable(Struct, frozen=True, kw_only=True):
    """An entry that does not say which filing of which form appeared."""

    form: str | None  # None: it does not say
    accession: Accession | None  # None: it does not say
    fault: str
    digest: str  # of its bytes: one that is shown again is the same one


def entry_of(entry: feedparser.FeedParserDict) -> FeedEntry | None:
    """The entry as it was parsed; None where it does not say what it must."""
    title = _TITLE.match((entry.get("title") or "")[:_TITLE_LENGTH])
    number = _ID.search(entry.get("id") or "")
    tags = entry.get("tags") or [{}]
    updated = dict.get(entry, "updated_parsed")  # its own get gives the publishing time instead, and warns
    if not (title and number and updated and tags[0].get("term")):
        return None
    try:
        accession = accession_number(number[1])
        party = central_index_key(title["cik"])
        at = datetime.fromtimestamp(calendar.timegm(updated), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    if not _is_likely(at):
        return None
    folder = _FOLDER.search(entry.get("link") or "")
    filed = _FILED.search(re.sub(r"<[^>]*>", "", entry.get("summary") or ""))
    return FeedEntry(
        accession=accession,
        form=tags[0]["term"],
        party_cik=party,
        party_name=title["name"],
        is_issuer=title["role"] == "Issuer",
        archive_cik=central_index_key(folder[1]) if folder else party,
        updated=at,
        filed_on=_day(filed[1]) if filed else None,
    )


def instant(text: str) -> datetime | None:
    """The UTC instant that *text* states; None where it states none, or one that EDGAR cannot mean."""
    try:
        stated = datetime.fromisoformat(text)
        at = stated.astimezone(UTC) if stated.tzinfo else None
    except (ValueError, OverflowError):
        return None
    return at if at and _is_likely(at) else None


def salvaged(data: bytes, fault: str, near: datetime | None) -> FeedEntry | Unreadable:
    """What the entry in *data* says in spite of its *fault*, each thing wherever it stands.

    *near*: the time of its neighbour on the page, for one that does not tell its own.
    """
    text = _text(data)
    raw = _ANY_TITLE.search(text)
    line = _CONTROL.sub(" ", html.unescape(raw[1])) if raw else ""
    title = _TITLE.match(line)
    number = _ANY_ID.search(text) or _ANY_NUMBER.search(html.unescape(text))
    form = _ANY_FORM.search(text) or _FORM_OF_TITLE.match(line)
    folder = _FOLDER.search(text)
    at = _time(text) or near
    cik = folder[1] if folder else title["cik"] if title else None
    if not (number and form and cik and at):
        accession = Accession(number[1]) if number else None
        digest = hashlib.sha256(data).hexdigest()[:16]
        return Unreadable(form=form[1] if form else None, accession=accession, fault=fault, digest=digest)
    filed = _FILED.search(re.sub(r"<[^>]*>", "", html.unescape(text)))
    return FeedEntry(
        accession=Accession(number[1]),
        form=form[1],
        party_cik=central_index_key(title["cik"] if title else cik),
        party_name=" ".join(title["name"].split()) if title else "",
        is_issuer=title is not None and title["role"] == "Issuer",
        archive_cik=central_index_key(cik),
        updated=at,
        filed_on=_day(filed[1]) if filed else None,
        fault=fault,
    )


def _is_likely(at: datetime) -> bool:
    """Whether EDGAR can mean *at*: near the ends of the calendar, time zones and waits would lead out of it."""
    return at.year in _YEARS


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _time(text: str) -> datetime | None:
    found = _ANY_TIME.search(text)
    at = instant(found[1]) if found else None
    return at.replace(microsecond=0) if at else None


def _day(text: str) -> date | None:
    try:
        stated = date.fromisoformat(text)
    except ValueError:
        return None
    return stated if is_of_edgar(stated) else None
