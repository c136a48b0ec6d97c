"""The feed's pages: what is no page of it, what a reader remembers, and those that were recorded."""

import contextlib
import re
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest

from service.edgar import feed
from service.edgar.feed import FeedReader
from service.model.errors import Unreachable
from tests.edgar.pages import PROLOG, a_page, an_entry
from tests.kit.corpus import FEEDS, corpus, each_file


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\xff",
        b"<html><body>The feed is down</body></html>",
        b"<html><feed></html>",
        a_page(an_entry()).replace(b"</title>", b"", 1),
        a_page() + b"<!-- and then",
        b"Sorry, no <feed> today; see </feed>",
        a_page().replace(b"<title>", b""),
    ],
    ids=[
        "nothing",
        "no-text",
        "html",
        "html-that-mentions-a-feed",
        "a-title-that-does-not-end",
        "more-behind-it",
        "a-sentence",
        "malformed-without-entries",
    ],
)
def test_what_is_no_whole_page_is_an_outage(data: bytes) -> None:
    """It must never pass for the end of the feed."""
    with pytest.raises(Unreachable, match=r"feed page"):
        FeedReader().read(data)


@each_file("http")
def test_the_pages_with_which_edgar_refuses_are_an_outage(path: Path) -> None:
    """403 and 503 pages, should they ever come with a 200."""
    with pytest.raises(Unreachable):
        FeedReader().read(path.read_bytes())


def test_a_page_that_is_cut_off_anywhere_is_an_outage() -> None:
    """A connection that breaks must not look like a short page."""
    page = a_page(an_entry(), an_entry(accession="0009990900-25-000002")).rstrip()
    reader = FeedReader()
    reader.read(page)

    for at in range(len(page)):
        with pytest.raises(Unreachable):
            reader.read(page[:at])


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE feed SYSTEM "{}">',
        '<!DOCTYPE feed [<!ENTITY x SYSTEM "{}">]>',
        '<!DOCTYPE feed [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!doctype feed SYSTEM "{}">',
    ],
)
def test_a_document_type_is_refused(doctype: str, tmp_path: Path) -> None:
    """EDGAR's feed has none, attacks do."""
    with pytest.raises(Unreachable):
        FeedReader().read(a_page(an_entry(title="&x;"), prolog=PROLOG + doctype.format(tmp_path.as_uri())))


def test_a_page_that_names_a_local_file_is_not_opened(tmp_path: Path) -> None:
    """The library opens what looks like a file name: here is one that passes every other check."""
    folder = tmp_path / "<feed><entry><" / "entry><"
    folder.mkdir(parents=True)
    (folder / "feed>").write_bytes(a_page(an_entry()))
    name = f"{tmp_path}/<feed><entry></entry></feed>"
    assert Path(name).is_file()

    for data in (name, Path(name).as_uri(), f"{tmp_path}/<feed></feed>"):
        with pytest.raises(Unreachable):
            FeedReader().read(data.encode())


@pytest.mark.parametrize(
    "data",
    [
        a_page().replace(b"</feed>", b"<entry " * 10_000 + b"</feed>"),
        a_page(an_entry(title="4" + " - (1)" * 10_000)),
        a_page(*[an_entry(accession=f"0009990900-25-{number:06d}") for number in range(100)]),
    ],
    ids=["openings", "a-long-title", "entries"],
)
def test_a_page_is_read_or_refused_at_once(data: bytes) -> None:
    """A page of 100 KB, however it is made, must not hold up the poller: 4 MB of it are let in."""
    began = time.process_time()
    with contextlib.suppress(Unreachable):
        FeedReader().read(data)

    assert time.process_time() - began < 1


def test_an_entry_that_was_read_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is new on a page goes through the slow reader."""
    seen: list[int] = []
    slow = feedparser.parse

    def counted(page: object, **options: object) -> feedparser.FeedParserDict:
        found = slow(page, **options)
        seen.append(len(found.entries))
        return found

    monkeypatch.setattr(feedparser, "parse", counted)
    first, second, third = (an_entry(accession=f"0009990900-25-00000{number}") for number in range(3))
    reader = FeedReader()
    reader.read(a_page(first, second, first))
    reader.read(a_page(first, second))
    last = reader.read(a_page(third, second, first))

    assert [2, 1] == seen
    assert ["0009990900-25-000002", "0009990900-25-000001", "0009990900-25-000000"] == [
        entry.accession for entry in last.entries
    ]


def test_a_page_with_more_entries_than_are_remembered_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded; what a page shows is not."""
    monkeypatch.setattr(feed, "_REMEMBERED", 3)
    entries = [an_entry(accession=f"0009990900-25-00000{number}") for number in range(8)]
    reader = FeedReader()

    for page in (a_page(*entries), a_page(*entries[::-1]), a_page(*entries[2:6])):
        assert FeedReader().read(page) == reader.read(page)


def test_a_page_that_was_refused_leaves_nothing_behind() -> None:
    """After an outage the reader reads as a new one does."""
    reader = FeedReader()
    whole = a_page(an_entry())
    with pytest.raises(Unreachable):
        reader.read(whole.replace(b"</title>", b"", 1))

    assert FeedReader().read(whole) == reader.read(whole)


@pytest.mark.parametrize("folder", FEEDS)
def test_every_entry_of_the_recorded_pages_is_read(folder: str) -> None:
    """Entry by entry, against a reading by regular expressions."""
    reader = FeedReader()
    for path in recorded(folder):
        page = reader.read(path.read_bytes())

        assert by_hand(path) == [
            (e.accession, e.form, e.party_cik, e.is_issuer, int(e.archive_cik), e.updated, str(e.filed_on))
            for e in page.entries
        ]
        assert () == page.unreadable
        assert {None} == {entry.fault for entry in page.entries}


@pytest.mark.parametrize("folder", FEEDS)
def test_a_reader_that_remembers_reads_recorded_pages_as_a_new_one_does(folder: str) -> None:
    """Forth, and back again."""
    reader = FeedReader()
    pages = [path.read_bytes() for path in recorded(folder)]
    fresh = [FeedReader().read(page) for page in pages]

    assert fresh == [reader.read(page) for page in pages]
    assert fresh[::-1] == [reader.read(page) for page in pages[::-1]]


@pytest.mark.parametrize("folder", FEEDS)
def test_the_form_4_filings_of_the_recorded_pages_are_those_that_are_there(folder: str) -> None:
    """Filings and entries, counted by hand; every one has an issuer."""
    reader = FeedReader()
    entries = [entry for path in recorded(folder) for entry in reader.read(path.read_bytes()).entries]
    expected = Counter(
        accession for path in recorded(folder) for accession, form, *_ in by_hand(path) if form in ("4", "4/A")
    )

    assert expected
    assert expected == Counter(entry.accession for entry in entries if entry.form in ("4", "4/A"))


def test_every_recorded_form_4_has_an_issuer_s_entry() -> None:
    """The fact that the poller rests on, measured where the pages are consecutive."""
    reader = FeedReader()
    entries = [
        e for path in recorded(FEEDS[0]) for e in reader.read(path.read_bytes()).entries if e.form in ("4", "4/A")
    ]
    oldest = entries[-1].accession  # its other entries may stand on the page that was not recorded

    assert {e.accession for e in entries} - {oldest} == {e.accession for e in entries if e.is_issuer} - {oldest}


def recorded(folder: str) -> list[Path]:
    """The pages of *folder*, newest first."""
    found = sorted((corpus() / folder).glob("*.atom"))
    assert found
    return found


def by_hand(path: Path) -> list[tuple]:
    """What the entries of a page say, in this module's own reading."""
    return [
        (
            re.search(r"<id>urn:tag:sec\.gov,2008:accession-number=(\S+?)</id>", entry)[1],
            re.search(r'<category [^>]*term="([^"]*)"', entry)[1],
            re.search(r"\((\d{10})\) \([^()]*\)</title>", entry)[1],
            "(Issuer)</title>" in entry,
            int(re.search(r'href="https://www\.sec\.gov/Archives/edgar/data/(\d+)/', entry)[1]),
            datetime.fromisoformat(re.search(r"<updated>(.*?)</updated>", entry)[1]).astimezone(UTC),
            re.search(r"Filed:&lt;/b&gt; (\S+)", entry)[1],
        )
        for entry in path.read_text("iso-8859-1").split("<entry>")[1:]
    ]
