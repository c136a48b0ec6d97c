"""The current-filings feed (Atom), page by page. Pure; nothing is fetched."""

import calendar
import io
import re
from collections import OrderedDict
from datetime import UTC, date, datetime

import feedparser
from msgspec import Struct

from service.model.errors import Unreachable
from service.model.filing import Accession, Cik, accession_number, central_index_key

_ENTRY = re.compile(rb"<entry\b.*?</entry\s*>", re.DOTALL)
_GENERATED = re.compile(rb"<updated>([0-9T:+.Z-]{1,40})</updated>")
_ID = re.compile(r"accession-number=([\d-]+)\s*$", re.ASCII)
_TITLE = re.compile(r"^.*? - (?P<name>.*) \((?P<cik>\d{1,10})\) \((?P<role>[^()]*)\)\s*$", re.DOTALL)
_FOLDER = re.compile(r"/Archives/edgar/data/(\d{1,10})/", re.ASCII)
_FILED = re.compile(r"Filed:\D{0,20}(\d{4}-\d{2}-\d{2})", re.ASCII)
_TITLE_LENGTH = 1000  # names have up to 150 characters
_REMEMBERED = 10_000  # entries; the feed reaches back about 5,000


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


class FeedPage(Struct, frozen=True, kw_only=True):
    """What a page shows, in its order (newest first); no entries: the end of the feed."""

    entries: tuple[FeedEntry, ...]
    unreadable: int = 0  # entries that name no accession, form or time
    generated: datetime | None = None  # when EDGAR made the page; None: it does not say


class FeedReader:
    """Reads pages, and remembers the entries it has read.

    feedparser takes 30 ms for a page of 100 entries, but most entries of a page stood on the page before: only
    those that are new go through it.
    """

    def __init__(self) -> None:
        self._remembered: OrderedDict[bytes, FeedEntry | None] = OrderedDict()

    def read(self, data: bytes) -> FeedPage:
        """The page in *data*; raises Unreachable where it is no whole feed page (HTML, cut off, malformed)."""
        if b"<feed" not in data[:2048] or not data.rstrip().endswith(b"</feed>"):
            raise Unreachable("the answer is no whole feed page (an error page, or cut off)")
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            raise Unreachable("the feed page declares a document type, which EDGAR's never does")
        if data.count(b"<entry") != data.count(b"</entry"):  # looked at first: the search would take for ever
            raise Unreachable("the feed page is malformed: an entry does not end")
        chunks = _ENTRY.findall(data)
        if data.count(b"<entry") != len(chunks):
            raise Unreachable("the feed page is malformed: an entry stands in another")
        fresh = list(dict.fromkeys(chunk for chunk in chunks if chunk not in self._remembered))
        if fresh or not chunks:  # an empty page would end the feed, so it must be a feed
            first = data.find(b"<entry") if chunks else data.rfind(b"</feed>")
            read = _entries(data[:first] + b"\n".join(fresh) + b"</feed>")
            if len(read) != len(fresh):
                raise Unreachable(f"the feed page is malformed ({len(fresh)} entries, {len(read)} readable)")
            self._remembered.update(zip(fresh, read, strict=True))
        entries = [self._remembered[chunk] for chunk in chunks]
        while len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
        readable = tuple(entry for entry in entries if entry is not None)
        first = data.find(b"<entry") if chunks else len(data)
        return FeedPage(entries=readable, unreadable=len(entries) - len(readable), generated=_generated(data[:first]))


def _generated(head: bytes) -> datetime | None:
    match = _GENERATED.search(head)
    try:
        made = datetime.fromisoformat(match[1].decode()) if match else None
    except ValueError:
        return None
    return made.astimezone(UTC) if made and made.tzinfo else None


def _entries(page: bytes) -> list[FeedEntry | None]:
    # A stream, never the bytes themselves: feedparser would open what looks like a file name or an address.
    try:
        feed = feedparser.parse(io.BytesIO(page), sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # whatever it trips over, the page is to be asked for again
        raise Unreachable(f"the feed page is malformed: {type(error).__name__}: {error}") from error
    fault = feed.get("bozo_exception")
    if fault is not None and not isinstance(fault, feedparser.CharacterEncodingOverride):
        raise Unreachable(f"the feed page is malformed: {fault}")
    if not feed.version.startswith("atom"):
        raise Unreachable("the answer is no feed page")
    return [_entry(entry) for entry in feed.entries]


def _entry(entry: feedparser.FeedParserDict) -> FeedEntry | None:
    """The entry, or None where it does not say what it must."""
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
    except (ValueError, OverflowError):
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


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
