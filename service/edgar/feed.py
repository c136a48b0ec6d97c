"""The current-filings feed (Atom), page by page. Pure; nothing is fetched."""

import hashlib
import io
import re
from collections import OrderedDict
from datetime import datetime
from itertools import pairwise
from xml.sax import SAXException

import feedparser
from msgspec import Struct

from service.edgar.entry import FeedEntry, Unreadable, entry_of, instant, salvaged
from service.model.errors import Unreachable

_ENTRY = re.compile(rb"<entry\b")
_CLOSES = re.compile(rb"</entry\s{0,99}>")
_GENERATED = re.compile(rb"<updated>([0-9T:+.Z-]{1,40})</updated>")
_REMEMBERED = 10_000  # entries; the feed reaches back about 5,000
_MOST = 500  # entries of a page; EDGAR gives 100
_LACKING = "it does not say what an entry must say"


class FeedPage(Struct, frozen=True, kw_only=True):
    """What a page shows, in its order (newest first); nothing: the end of the feed."""

    entries: tuple[FeedEntry, ...]
    unreadable: tuple[Unreadable, ...] = ()
    generated: datetime | None = None  # when EDGAR made the page; None: it does not say

    def shows_the_same(self, other: "FeedPage") -> bool:
        """Whether *other* has the same entries, whenever it was made."""
        return (self.entries, self.unreadable) == (other.entries, other.unreadable)


class FeedReader:
    """Reads pages, and remembers the entries it has read.

    feedparser takes 30 ms for a page of 100 entries, but most entries of a page stood on the page before: only
    those that are new go through it. One that it refuses costs no other: it is read as far as it says anything.
    """

    def __init__(self) -> None:
        self._remembered: OrderedDict[bytes, FeedEntry | Unreadable] = OrderedDict()

    def read(self, data: bytes) -> FeedPage:
        """The page in *data*; raises Unreachable where it is not a complete feed page (HTML, cut off, malformed)."""
        if b"<feed" not in data[:2048] or not data.rstrip().endswith(b"</feed>"):
            raise Unreachable("the answer is not a complete feed page (an error page, or cut off)")
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            raise Unreachable("the feed page declares a document type, which EDGAR's never does")
        if data.count(b"<entry") > _MOST:
            raise Unreachable(f"the feed page is malformed: it has more than {_MOST} entries")
        head, chunks = _split(data)
        marks = [_mark(chunk) for chunk in chunks]
        fresh = {mark: chunk for mark, chunk in zip(marks, chunks, strict=True) if mark not in self._remembered}
        if fresh or not chunks:  # an empty page would end the feed, so it must be a feed
            self._learn(fresh, _read(head, list(fresh.values())), marks)
        shown = [self._remembered[mark] for mark in marks]
        while len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
        return FeedPage(
            entries=tuple(one for one in shown if isinstance(one, FeedEntry)),
            unreadable=tuple(one for one in shown if isinstance(one, Unreadable)),
            generated=_generated(head) if chunks else None,
        )

    def _learn(self, fresh: dict[bytes, bytes], read: dict[bytes, FeedEntry | str], marks: list[bytes]) -> None:
        """Remember what was *read* of *fresh* ones; malformed ones have the time of their neighbours, if need be.

        *fresh*: those that are new, by their mark; *marks*: of all, in order.
        """
        made = {mark: read[chunk] for mark, chunk in fresh.items()}
        shown = [made.get(mark) or self._remembered[mark] for mark in marks]
        times = [one.updated if isinstance(one, FeedEntry) else None for one in shown]
        for mark, one in made.items():
            if isinstance(one, str):
                at = marks.index(mark)
                near = next(filter(None, [*times[at:], *reversed(times[:at])]), None)
                self._remembered[mark] = salvaged(fresh[mark], one, near)
            else:
                self._remembered[mark] = one


def _mark(chunk: bytes) -> bytes:
    """By which an entry is remembered: ten thousand of them, whole, would take 6 MB."""
    return hashlib.blake2b(chunk, digest_size=16).digest()


def _split(data: bytes) -> tuple[bytes, list[bytes]]:
    """What stands before the first entry, and the entries: each from its beginning to its end, or to the next one."""
    end = data.rfind(b"</feed>")
    begins = [match.start() for match in _ENTRY.finditer(data, 0, end)]
    chunks: list[bytes] = []
    for begin, until in pairwise([*begins, end]):
        closes = _CLOSES.search(data, begin, until)
        middle = closes.end() if closes else until
        chunks += filter(None, (data[begin:middle], data[middle:until].strip()))  # the second: one without a beginning
    return data[: begins[0] if begins else end], chunks


class _Parsed(Struct, frozen=True):
    """What feedparser makes of a page."""

    entries: list[feedparser.FeedParserDict]
    fault: str | None = None  # why it is no well-formed feed
    encoding: str | None = None  # why it could not be read in the encoding that it declares


def _read(head: bytes, chunks: list[bytes]) -> dict[bytes, FeedEntry | str]:
    """Each of *chunks*, which stand behind *head* on a page, or what is wrong with it.

    Raises Unreachable where *head* is no beginning of a feed.
    """
    page = _parsed(head + b"\n".join(chunks) + b"</feed>")
    if page.fault is None and page.encoding is None and len(page.entries) == len(chunks):
        return {chunk: entry_of(one) or _LACKING for chunk, one in zip(chunks, page.entries, strict=True)}
    fault = _parsed(head + b"</feed>").fault
    if fault is not None:
        raise Unreachable(f"the feed page is malformed: {fault}")
    return {chunk: _alone(head, chunk) for chunk in chunks}


def _alone(head: bytes, chunk: bytes) -> FeedEntry | str:
    """The one entry in *chunk*, whatever its neighbours are; or what is wrong with it."""
    page = _parsed(head + chunk + b"</feed>")
    if page.fault is None and page.encoding is None and len(page.entries) == 1:
        return entry_of(page.entries[0]) or _LACKING
    return page.fault or page.encoding or "it is not one entry"


def _parsed(page: bytes) -> _Parsed:
    # A stream, never the bytes themselves: feedparser would open what looks like a file name or an address.
    try:
        feed = feedparser.parse(io.BytesIO(page), sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # whatever it trips over, what it reads is malformed
        return _Parsed([], fault=f"{type(error).__name__}: {error}")
    trouble = feed.get("bozo_exception")
    if isinstance(trouble, feedparser.CharacterEncodingOverride):
        return _Parsed(feed.entries, encoding=str(trouble))
    if isinstance(trouble, SAXException):
        return _Parsed([], fault=trouble.getMessage())  # without the place, which is not one on EDGAR's page
    if trouble is not None:
        return _Parsed([], fault=str(trouble))
    return _Parsed(feed.entries, fault=None if feed.version.startswith("atom") else "it is no Atom feed")


def _generated(head: bytes) -> datetime | None:
    match = _GENERATED.search(head)
    return instant(match[1].decode()) if match else None
