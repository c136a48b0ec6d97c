"""Every fact of every real and bundled filing, by the product and by a calculation that shares nothing with it."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from consumers.matcher.facts.fact import Level
from consumers.matcher.facts.registry import FACTS
from consumers.matcher.subject import Subject
from consumers.parser.document import parse
from tests.kit.corpus import each_file
from tests.kit.documents import a_filing
from tests.kit.places import SAMPLES
from tests.matcher.plainly import facts_of_xml

USABLE = [path for path in sorted(SAMPLES.glob("*.txt")) if b"</ownershipDocument>" in path.read_bytes()]

READ = {"flags", "vesting", "vests_from", "vests_until", "relationship_new"}
"""What was read by a person, below."""

FLAGS = {  # of rows, beyond those of the whole document
    ("arec_20240719_golden_tzsuffix", "Table I row 1"): {"direction"},
    ("0001209191-06-055343", "Table II row 1"): {"unit-strike"},
}

VESTING = {
    ("aapl_0001140361-26-025620", "Table II row 1"): "100% in 8 equal parts from 2026-06-15 to 2029-12-15",
    ("aosl_20250317_li", "Table I row 1"): "100% in equal parts on 2026-03-17, 2027-03-17, 2028-03-17, 2029-03-17",
    ("snow_20221213_scarpelli", "Table II row 1"): "100% in 48 equal parts from 2019-08-19 to 2023-07-19",
    ("0001179110-14-008411", "Table II row 1"): "100% in equal parts on 2015-05-12, 2016-05-12",
    ("0001246360-14-002157", "Table II row 1"): "100% on 2012-02-01",  # box 6
    ("amzn_20240412_ng", "Table II row 1"): "100% in equal parts on 2025-05-15, 2026-05-15, 2027-05-15",
    ("tsvt_0001562180-25-000280", "Table I row 1"): "100% in equal parts on 2026-01-02, 2027-01-02, 2028-01-02, "
    "2029-01-02",
    ("tsvt_0001562180-25-000280", "Table II row 1"): "25% on 2026-01-02; 75% in 36 equal parts from 2026-02-02 to "
    "2029-01-02",
}


def the_xml(path: Path) -> bytes:
    """The ownership document in *path*, be it one itself or within a submission."""
    data = re.sub(rb"\r\n?", b"\n", path.read_bytes())
    data = re.sub(rb"([^\n]{1023})\n", rb"\1", data)  # EDGAR wraps what is longer
    found = re.search(rb"<ownershipDocument.*</ownershipDocument>", data, re.DOTALL)
    if found is None:
        pytest.skip(f"{path.name} holds no ownership document in XML")
    return found[0]


def the_day(path: Path, data: bytes) -> date:
    """The day of the filing: by the submission's header, or by the signature of a bare document."""
    header = re.search(rb"FILED AS OF DATE:\s*(\d{8})|<FILING-DATE>(\d{8})", path.read_bytes())
    if header:
        return date.fromisoformat((header[1] or header[2]).decode())
    return date.fromisoformat(re.findall(rb"<signatureDate>\s*(\d{4}-\d\d-\d\d)", data)[0].decode())


def known(subject: Subject, level: Level, row: Any = None) -> dict[str, Any]:
    """The facts of *subject*, or of *row*, that are known, as plain values."""
    values = {name: fact.of(subject, row) for name, fact in FACTS.items() if fact.level is level and name not in READ}
    return {
        name: set(map(str, value)) if isinstance(value, frozenset) else str(value) if isinstance(value, str) else value
        for name, value in values.items()
        if value is not None
    }


@each_file("form3", "form4", "form5", "submission")
def test_facts_are_those_of_an_independent_calculation(path: Path) -> None:
    """Straight from the XML, with no helper shared; but for the SEC's own sample, whose boxes contradict each other."""
    agree(path)


@pytest.mark.parametrize("path", USABLE, ids=lambda path: path.stem)
def test_facts_of_the_bundled_filings_are_those_of_an_independent_calculation(path: Path) -> None:
    """They have every code and both tables, and need no corpus."""
    agree(path)


def agree(path: Path) -> None:
    """Hold the facts of the document in *path* to the independent calculation."""
    data = the_xml(path)
    filed_on = the_day(path, data)
    of_filing, of_rows = facts_of_xml(data, filed_on)
    subject = Subject.of(a_filing(filed_on=filed_on), parse(path.read_bytes()))

    assert known(subject, Level.FILING) == of_filing
    assert [row.place for row in subject.facts] == list(of_rows)
    for row in subject.facts:
        expected = {name: value for name, value in of_rows[row.place].items() if value is not None}
        assert known(subject, Level.ROW, row) == expected, row.place


@each_file("form3", "form4", "form5", "submission")
def test_facts_that_only_a_reader_can_tell_are_those_that_were_read(path: Path) -> None:
    """What is odd in a row, and when it vests; where that is in words alone, no day is known."""
    document = parse(path.read_bytes())
    subject = Subject.of(a_filing(filed_on=the_day(path, path.read_bytes())), document)
    whole = {flag.code for flag in document.flags if flag.where is None}

    assert FACTS["relationship_new"].of(subject) is None
    for row in subject.facts:
        vesting, first, last = (FACTS[name].of(subject, row) for name in ("vesting", "vests_from", "vests_until"))
        read = VESTING.get((path.stem, row.place))
        days = [date.fromisoformat(day) for day in re.findall(r"\d{4}-\d\d-\d\d", read or "")]
        assert FACTS["flags"].of(subject, row) == whole | FLAGS.get((path.stem, row.place), set())
        assert [first, last] == ([days[0], days[-1]] if days else [None, None])
        assert vesting == read if read else vesting is None or str(vesting) in {
            " ".join(text.split()) for text in document.footnotes.values()
        }  # fmt: skip
