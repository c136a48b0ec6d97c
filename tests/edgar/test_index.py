"""The SEC's indexes: real ones, malformed ones, and ones that must not be believed."""

from datetime import date

import pytest

from service.edgar.index import read_index
from service.lookalike.archive import form_index
from tests.kit.archives import listings
from tests.kit.corpus import corpus

FORMS = ("4", "4/A")
HEAD = b"""Description:           Daily Index of EDGAR Dissemination Feed by Form Type
Last Data Received:    Mar 04, 2025
Comments:              webmaster@sec.gov


Form Type   Company Name                                                  CIK         Date Filed  File Name
---------------------------------------------------------------------------------------------------------------
"""
BEFORE = b"3           DOE JANE          9800001     20250304    edgar/data/9800001/0009990900-25-000901.txt  \n"
BEHIND = b"8-K         ELSEWHERE INC     9700001     20250304    edgar/data/9700001/0009990900-25-000902.txt  \n"


def a_row(accession: str, *, form: str = "4", name: str = "DOE JANE", cik: str = "9800001") -> bytes:
    return f"{form:<12}{name:<50}{cik:<12}20250304    edgar/data/{cik}/{accession}.txt         \n".encode()


def test_a_real_index_names_every_filing_once() -> None:
    """A multi-party filing has a row a party; counted here without the project's own reader."""
    data = (corpus() / "index" / "form.20200318.idx").read_bytes()
    lines = [line.split() for line in data.decode("latin-1").splitlines()]
    expected = {line[-1][-24:-4] for line in lines if line and line[0] in FORMS}

    index = read_index(data, FORMS)

    assert expected == {entry.accession for entry in index.entries}
    assert len(expected) == len(index.entries) == 991
    assert (date(2020, 3, 18), ()) == (index.through, index.doubts)
    assert {date(2020, 3, 18)} == {entry.filed_on for entry in index.entries}


def test_a_header_wrapped_over_two_lines_is_read() -> None:
    """The columns' own names can be broken, and the columns be wider."""
    data = (corpus() / "index" / "SYNTHETIC_form_index_2026_wrapped_header.idx").read_bytes()

    index = read_index(data, FORMS)

    assert [("0000320193-26-000045", "4"), ("0001555001-26-000007", "4/A")] == [
        (entry.accession, entry.form) for entry in index.entries
    ]
    assert () == index.doubts


@pytest.mark.parametrize("name", ["empty-form.idx", "master.20181231.idx"])
def test_an_index_without_rows_or_of_another_kind_is_doubted(name: str) -> None:
    """It would prove that nothing was filed."""
    assert read_index((corpus() / "index" / name).read_bytes(), FORMS).doubts


def test_a_quarter_s_index_has_dates_with_dashes() -> None:
    """The quarterly index writes them so; these rows have no form 4 among them."""
    data = (corpus() / "index" / "badform.idx.txt").read_bytes()

    index = read_index(data, ("1-A", "1-A POS"))

    assert date(2021, 2, 5) == index.entries[0].filed_on
    assert () == read_index(data, FORMS).entries


def test_a_real_index_cut_off_anywhere_before_its_wanted_forms_are_through_is_doubted() -> None:
    """Under a matching Content-Length, nothing but the content tells."""
    data = (corpus() / "index" / "form.20200318.idx").read_bytes()
    through = data.rindex(b"\n4/A ") + 1
    whole = len(read_index(data, FORMS).entries)
    for end in range(2000, through, 997):
        index = read_index(data[:end], FORMS)
        assert index.doubts or len(index.entries) == whole, end


def test_a_cut_between_two_rows_is_doubted() -> None:
    """Rows are sorted by form: an index that ends with a wanted form, after others before it, has no end."""
    rows = BEFORE + a_row("0009990900-25-000001")

    assert read_index(HEAD + rows, FORMS).doubts
    assert () == read_index(HEAD + rows + BEHIND, FORMS).doubts


def test_parties_are_gathered() -> None:
    """One filing, whatever the number of its rows; names hold anything."""
    rows = a_row("0009990900-25-000001", name="SMITH 4 JOHN  (TRUST)", cik="9800001")
    rows += a_row("0009990900-25-000001", name="EXAMPLE CORP /NEW/", cik="9900001")

    (entry,) = read_index(HEAD + rows + BEHIND, FORMS).entries

    assert ("0009800001", "0009900001") == entry.ciks


def test_malformed_rows_of_other_forms_are_passed_over_and_of_wanted_ones_doubted() -> None:
    """What may be a filing must not be lost."""
    wanted = a_row("0009990900-25-000001")
    garbage = b"10-K   EDGAR CORP  garbled\n"

    assert () == read_index(HEAD + garbage + wanted + BEHIND, FORMS).doubts
    assert read_index(HEAD + wanted + b"4           DOE JANE  garbled\n" + BEHIND, FORMS).doubts


def test_rows_of_blanks_and_odd_bytes_do_no_harm() -> None:
    """Whatever stands there, it is an answer."""
    wanted = a_row("0009990900-25-000001")
    for odd in (b" " * 200 + b"x\n", b"\x00\xff\n", b"\n\n", b"4\n"):
        assert 1 == len(read_index(HEAD + odd + wanted + BEHIND, FORMS).entries)
        assert 1 == len(read_index(HEAD + wanted + odd, FORMS).entries)


def test_line_ends_do_not_matter() -> None:
    """CR LF and CR occur in EDGAR's files."""
    rows = HEAD + a_row("0009990900-25-000001") + BEHIND
    for end in (b"\r\n", b"\r"):
        index = read_index(rows.replace(b"\n", end), FORMS)
        assert (1, ()) == (len(index.entries), index.doubts)


def test_the_look_alike_writes_an_index_that_is_read_back() -> None:
    """What the other tests rest on."""
    made = listings(5)

    index = read_index(form_index(date(2025, 3, 4), made), FORMS)

    assert [one.accession for one in made] == sorted(entry.accession for entry in index.entries)
    assert date(2025, 3, 4) == index.through
