"""What people write and read: accession numbers in any spelling, times in Eastern."""

from datetime import UTC, datetime

import pytest

from service.model.filing import accession_of
from service.words import eastern, eastern_span

ACCESSION = "0001234567-26-000022"
FOLDER = "https://www.sec.gov/Archives/edgar/data/320193/000123456726000022"


@pytest.mark.parametrize(
    "text",
    [
        ACCESSION,
        f" {ACCESSION}\n",
        "000123456726000022",
        FOLDER,
        f"{FOLDER}/",
        f"{FOLDER}/{ACCESSION}-index.htm",
        f"{FOLDER}/{ACCESSION}-index.html?x=1",
        f"{FOLDER}/xslF345X05/form4.xml",
        f"https://www.sec.gov/Archives/edgar/data/320193/{ACCESSION}.txt",
        "https://www.sec.gov/ix?doc=/Archives/edgar/data/320193/000123456726000022/doc.htm",
        f"edgar/data/320193/{ACCESSION}.txt",
    ],
)
def test_an_accession_number_is_read_in_any_spelling(text: str) -> None:
    """As a person has it at hand."""
    assert ACCESSION == accession_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "form4.xml",
        "1234567-26-000022",
        "0001234567-26-0000221",
        "0001234567-26000022",
        "00012345672600002",
        "0001234567260000222",
        "\u0660001234567-26-000022",
        f"{ACCESSION} {ACCESSION}",
        f"{FOLDER}/0001234567-26-000023.txt",
        "https://www.sec.gov/cgi-bin/browse-edgar?CIK=0000320193",
    ],
)
def test_what_names_no_filing_or_two_is_refused(text: str) -> None:
    """And what to write is told."""
    with pytest.raises(ValueError, match="write it as 0001234567-25-000001"):
        accession_of(text)


def test_times_are_new_yorks_with_their_zone() -> None:
    """Winter and summer, over midnight, and over the night on which the clocks change."""
    evening, later = datetime(2026, 11, 25, 23, 3, tzinfo=UTC), datetime(2026, 11, 25, 23, 16, tzinfo=UTC)

    assert "2026-11-25 18:03 EST" == eastern(evening)
    assert "2026-07-01 19:03 EDT" == eastern(datetime(2026, 7, 1, 23, 3, tzinfo=UTC))
    assert "2026-11-25 18:03 to 18:16 EST" == eastern_span(evening, later)
    assert "2026-11-25 18:03 to 2026-11-26 01:00 EST" == eastern_span(evening, datetime(2026, 11, 26, 6, tzinfo=UTC))
    assert "2026-11-01 01:30 EDT to 01:30 EST" == eastern_span(
        datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    )
