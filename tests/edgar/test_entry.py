"""What an entry of the feed says, and how one that is malformed is read."""

import re
from datetime import UTC, date, datetime

import feedparser
import pytest

from service.edgar.entry import FeedEntry
from service.edgar.feed import FeedPage, FeedReader
from tests.edgar.pages import ACCESSION, OPEN, PROLOG, a_page, an_entry, read


def test_an_entry_says_whose_filing_appeared_when() -> None:
    """Times are UTC; the folder is the link's, not the party's."""
    expected = FeedEntry(
        accession=ACCESSION,
        form="4",
        party_cik="0009800001",
        party_name="DOE JANE",
        is_issuer=False,
        archive_cik="0009900001",
        updated=datetime(2025, 3, 3, 21, 15, 2, tzinfo=UTC),
        filed_on=date(2025, 3, 3),
    )

    assert FeedPage(entries=(expected,)) == read(an_entry())


@pytest.mark.parametrize(
    ("title", "name", "cik", "is_issuer"),
    [
        ("4 - DOE JANE (0009800001) (Reporting)", "DOE JANE", "0009800001", False),
        ("4 - EXAMPLE CORP (0009900001) (Issuer)", "EXAMPLE CORP", "0009900001", True),
        ("4/A - A - B (TRUST) (0009800001) (Reporting)", "A - B (TRUST)", "0009800001", False),
        ("4 - FUND (Issuer) (0000000007) (0009800001) (Reporting)", "FUND (Issuer) (0000000007)", "0009800001", False),
        ("4 - X (1) (Reporting) - Y (0009800001) (Issuer)", "X (1) (Reporting) - Y", "0009800001", True),
        ("4 - SMITH &amp; SONS &lt;UK&gt; (0009900001) (Issuer)", "SMITH & SONS <UK>", "0009900001", True),
        ("4 - CAFÉ (0009900001) (Issuer)", "CAFÉ", "0009900001", True),
        ("4 - SHORT (42) (Issuer)", "SHORT", "0000000042", True),
        ("4 - OTHER (0009900001) (Filer)", "OTHER", "0009900001", False),
        ("SC 13D/A - FUND - X (0009900001) (Subject)", "FUND - X", "0009900001", False),
    ],
)
def test_a_title_is_read_from_the_right(title: str, name: str, cik: str, is_issuer: bool) -> None:
    """Names have parentheses and dashes of their own."""
    (entry,) = read(an_entry(title=title)).entries

    assert (name, cik, is_issuer) == (entry.party_name, entry.party_cik, entry.is_issuer)


def test_the_category_decides_what_form_it_is() -> None:
    """A title that begins with 4 is no Form 4: type=4 also gives 424B2."""
    page = read(an_entry(form="424B2"), an_entry(form="4/A", title="424B2 - X (0009900001) (Filer)"))

    assert ["424B2", "4/A"] == [entry.form for entry in page.entries]


def test_every_party_has_its_entry_and_a_duplicate_stays_one_too_many() -> None:
    """The page is shown as it is: whoever counts by accession is right."""
    issuer = an_entry(title="4 - EXAMPLE CORP (0009900001) (Issuer)")
    page = read(an_entry(), issuer, an_entry())

    assert [False, True, False] == [entry.is_issuer for entry in page.entries]
    assert {ACCESSION} == {entry.accession for entry in page.entries}


LATER = "0009990900-25-000002"
NO_LINK = "https://www.sec.gov/"


@pytest.mark.parametrize(
    "entry",
    [
        an_entry(accession="1-2-3"),
        an_entry(accession="../../etc"),
        an_entry(title="4 - DOE JANE"),
        an_entry(title=""),
        an_entry(form=""),
        an_entry(when=""),
        an_entry(when="<updated>yesterday</updated>"),
        an_entry(when="<published>2025-03-03T16:15:02-05:00</published>"),
        an_entry(when="<updated>9999-12-31T23:59:59-23:00</updated>"),
        an_entry(when="<updated>0001-01-01T00:00:00+23:00</updated>"),
        an_entry(when="<updated>0000-00-00</updated>"),
        an_entry(when="<updated>9999-12-31T23:00:00+00:00</updated>"),
        an_entry(when="<updated>0001-01-01T01:00:00+00:00</updated>"),
    ],
    ids=[
        "no-accession",
        "a-path-for-an-accession",
        "no-party",
        "no-title",
        "no-form",
        "no-time",
        "no-such-time",
        "another-time",
        "after-the-end-of-time",
        "before-the-beginning-of-time",
        "zeros",
        "a-time-that-no-wait-can-be-added-to",
        "a-time-that-is-before-time-in-new-york",
    ],
)
def test_an_entry_that_lacks_something_is_read_from_what_else_it_says(entry: str) -> None:
    """The accession stands in three places, the form in two, and the time is about that of its neighbour."""
    neighbour, made_up = read(an_entry(accession=LATER), entry).entries

    assert (LATER, None) == (neighbour.accession, neighbour.fault)
    assert (ACCESSION, "4", neighbour.updated) == (made_up.accession, made_up.form, made_up.updated)
    assert made_up.fault


@pytest.mark.parametrize(
    ("entry", "form", "accession"),
    [
        ("<entry></entry>", None, None),
        ("<entry>", None, None),
        (an_entry(accession="1-2-3", link=NO_LINK), "4", None),
        (
            an_entry(accession="99990900-25-000001", link=NO_LINK, title="4 - SMITH & SONS (0009900001) (Issuer)"),
            "4",
            None,
        ),
        (an_entry(form="", title=""), None, ACCESSION),
        (an_entry(title="4 - DOE JANE", link=NO_LINK), "4", ACCESSION),
    ],
    ids=["empty", "an-opening-tag", "no-accession", "a-short-accession", "no-form", "no-party-and-no-folder"],
)
def test_an_entry_that_does_not_say_which_filing_it_is_costs_itself_alone(
    entry: str, form: str | None, accession: str | None
) -> None:
    """What it does say tells whether it can matter."""
    page = read(an_entry(accession=LATER), entry, an_entry())

    assert [LATER, ACCESSION] == [one.accession for one in page.entries]
    assert [(form, accession)] == [(one.form, one.accession) for one in page.unreadable]


MALFORMED = {
    "a-bare-ampersand": an_entry(title="4 - SMITH & SONS (0009900001) (Issuer)"),
    "an-entity-of-html": an_entry(title="4 - SMITH&nbsp;SONS (0009900001) (Issuer)"),
    "a-control-character": an_entry(title="4 - SMITH \x1b SONS (0009900001) (Issuer)"),
    "a-null": an_entry(title="4 - SMITH\0SONS (0009900001) (Issuer)"),
    "a-cut-entity": an_entry(title="4 - SMITH &am (0009900001) (Issuer)"),
    "a-number-of-no-character": an_entry(title="4 - SMITH &#27; SONS (0009900001) (Issuer)"),
    "an-angle": an_entry(title="4 - SMITH (0009900001) (Issuer)", more="<"),
    "a-mangled-attribute": an_entry(title="4 - SMITH (0009900001) (Issuer)").replace('term="4"', 'term="4" label=form'),
    "an-element-that-does-not-end": an_entry(title="4 - SMITH (0009900001) (Issuer)", more="<open>"),
    "an-element-that-ends-twice": an_entry(title="4 - SMITH (0009900001) (Issuer)", more="</id>"),
    "no-end": an_entry(title="4 - SMITH (0009900001) (Issuer)").replace("</entry>", ""),
    "no-beginning": an_entry(title="4 - SMITH (0009900001) (Issuer)").replace("<entry>", "<ent ry>"),
}


@pytest.mark.parametrize("entry", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_entry_holds_up_no_other_and_is_read_as_far_as_it_says_anything(entry: str) -> None:
    """One control character in a company's name once stopped the whole feed."""
    first, last = an_entry(accession=LATER), an_entry(accession="0009990900-25-000003")
    page = read(first, entry, last)
    malformed = [one for one in page.entries if one.accession == ACCESSION]

    assert [*read(first).entries, *malformed, *read(last).entries] == list(page.entries)
    assert [("4", True, "0009900001", True)] == [
        (one.form, one.is_issuer, one.party_cik, bool(one.fault)) for one in malformed
    ]
    assert malformed[0].party_name.startswith("SMITH")
    assert malformed[0].party_name.isprintable()


@pytest.mark.parametrize("made", ["9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+23:00", "2025-02-30T00:00:00Z"])
def test_a_page_that_states_an_impossible_time_is_read(made: str) -> None:
    """When it was made serves only to compare clocks."""
    page = FeedReader().read(a_page(f"<updated>{made}</updated>\n", an_entry()))

    assert ([ACCESSION], None) == ([one.accession for one in page.entries], page.generated)


def test_an_entry_in_another_is_read() -> None:
    """What is around it is another that says nothing."""
    page = read("<entry>" + an_entry() + "</entry>")

    assert read(an_entry()).entries == page.entries
    assert [None, None] == [one.accession for one in page.unreadable]


def test_bytes_that_are_not_of_the_page_s_encoding_garble_no_other_entry() -> None:
    """Read in another encoding, the whole page would lose its accents."""
    names = ["CAFÉ", "SMITH \udcff"]
    entries = (an_entry(title=f"4 - {name} (0009900001) (Issuer)") for name in names)
    page = (PROLOG.replace("ISO-8859-1", "UTF-8") + OPEN + "".join(entries) + "</feed>").encode(
        errors="surrogateescape"
    )
    fine, odd = FeedReader().read(page).entries

    assert ("CAFÉ", None) == (fine.party_name, fine.fault)
    assert (ACCESSION, True) == (odd.accession, bool(odd.fault))


def test_a_malformed_entry_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as it stands on the page, every look meets it again."""
    looks = []
    slow = feedparser.parse
    monkeypatch.setattr(feedparser, "parse", lambda *args, **options: looks.append(1) or slow(*args, **options))
    page = a_page(an_entry(accession=LATER), *MALFORMED.values(), "<entry></entry>")
    reader = FeedReader()
    first = reader.read(page)
    looks.clear()

    assert first == reader.read(page)
    assert [] == looks


def test_an_entry_that_is_cut_off_anywhere_leaves_its_neighbours() -> None:
    """Whatever is left of it."""
    first, last = an_entry(accession=LATER), an_entry(accession="0009990900-25-000003")
    expected = [*read(first).entries, *read(last).entries]
    cut = an_entry()
    for at in range(0, len(cut), 5):
        page = read(first, cut[:at], last)

        assert expected == [one for one in page.entries if one.accession != ACCESSION]
        assert len(page.entries) + len(page.unreadable) == 2 + bool(cut[:at].strip())


def test_what_an_entry_need_not_say_is_made_up_for() -> None:
    """No link: the party's own folder serves too. No filing date: none."""
    (entry,) = read(an_entry(link="https://example.org/", filed="2025-13-45")).entries

    assert ("0009800001", None) == (entry.archive_cik, entry.filed_on)


def test_an_entry_without_a_link_and_with_one_summary_too_many_is_read() -> None:
    """The library then says None for the link: that is no reason to stop."""
    entry = re.sub(r"<link [^>]*/>", "", an_entry()).replace("<id>", "<id><summary>x</summary></id><id>")

    assert ["0009800001"] == [entry.archive_cik for entry in read(entry).entries]


def test_a_page_without_entries_is_the_end_of_the_feed() -> None:
    """Whole, and empty."""
    assert FeedPage(entries=()) == read()
