"""``parse`` shows a filing as the form: its boxes, tables, footnotes, and what to look at."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from consumers.form.codes import meaning
from consumers.parser.document import parse
from service.cli import form
from service.cli.screen import Screen
from service.model.errors import UnusableDocument
from service.model.ownership import OwnerAddress, OwnershipDocument, TransactionCode
from service.text import legible
from tests.kit.corpus import each_file
from tests.kit.documents import a_document, a_row, an_option, an_owner
from tests.kit.places import SAMPLES

Shown = Callable[..., str]


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shown:
    """What is printed of a document: into a pipe, or within *columns*."""

    def show(document: OwnershipDocument, columns: int | None = None) -> str:
        if columns is None:
            monkeypatch.delenv("COLUMNS", raising=False)
        else:
            monkeypatch.setenv("COLUMNS", str(columns))
        form.show(document, Screen())
        return capsys.readouterr().out

    return show


def line_of(text: str, start: str) -> str:
    """The line that begins with *start*, without it."""
    (found,) = (line for line in text.splitlines() if line.startswith(start))
    return found.removeprefix(start).strip()


def holds_all(filed: OwnershipDocument, text: str) -> None:
    """Every footnote with its citations, and every flag, however the lines are broken."""
    document, told = legible(filed), "".join(text.split())
    for row in (*document.non_derivative_table, *document.derivative_table):
        assert {note for notes in row.footnotes.values() for note in notes} <= set(re.findall(r"F\d+", text))
    for words in (*document.footnotes.values(), *(flag.message for flag in document.flags), document.remarks or ""):
        assert "".join(words.split()) in told


def test_the_boxes_above_the_tables_are_the_forms(shown: Shown) -> None:
    """Who, where, of what company, when, and as what."""
    address = OwnerAddress(rpt_owner_street1="1 MAIN ST", rpt_owner_city="ITHACA", rpt_owner_state="NY")
    owner = an_owner(is_director=True, is_officer=True, officer_title="CEO")
    document = a_document(
        a_row(),
        document_type="4/A",
        reporting_owners=(replace(owner, address=address), an_owner("ROE RICHARD", "0009800002")),
        period_of_report=date(2025, 3, 3),
        date_of_original_submission=date(2025, 3, 4),
        aff10b5_one=True,
    )
    text = shown(document)

    assert text.startswith("Form 4/A: Statement of Changes in Beneficial Ownership  (schema X0508)\n")
    assert "[x] Made under a Rule 10b5-1(c) plan" in text
    assert re.search(r"1\. Reporting Person +DOE JANE, CIK 0009800001 *\n +1 MAIN ST *\n +ITHACA, NY *\n", text)
    assert re.search(r"5\. Relationship +Director, Officer \(CEO\)", text)
    assert "EXAMPLE CORP [EXMP], CIK 0009900001" == line_of(text, "2. Issuer")
    assert "2025-03-03" == line_of(text, "3. Earliest Transaction")
    assert "2025-03-04" == line_of(text, "4. Original Filed")
    assert "filed by 2 reporting persons" == line_of(text, "6. Individual or Joint")


def test_the_tables_have_the_forms_columns(shown: Shown) -> None:
    """A row is a line; the footnotes stand at their box, the code is told in words."""
    notes = {"transaction_price_per_share": ("F1", "F2"), "transaction_coding": ("F3",)}
    row = a_row("P", "1000", "10.5", footnotes=notes, shares_owned_following_transaction=Decimal(5000))
    option = an_option(footnotes={"exercise_date": ("F1",)}, equity_swap_involved=True)
    text = shown(a_document(row, option, footnotes={"F1": "one   and", "F2": "two", "F3": "three"}, remarks="None."))

    assert re.search(r"1 +Common Stock +2025-03-03 +P +\(F3\) +1,000 +A +\$10\.50 \(F1, F2\) +5,000 +D", text)
    assert re.search(
        r"1  Stock Option \(right to buy\) +\$2\.91  2025-03-03 +A/K +200,000 +A +\(F1\) +2035-03-03", text
    )
    for heading in ("1. Title of", "2. Transaction", "6. (D) or (I)", "2. Conversion", "8. Price of", "9. Number"):
        assert heading in text
    assert "Code P: purchase, open market or private" in text
    assert "Code /K: an equity swap" in text
    assert "one and" == line_of(text, "F1")


def test_form_3_has_its_own_columns(shown: Shown) -> None:
    """It reports what is held: no dates, no codes."""
    document = a_document(document_type="3", aff10b5_one=None, no_securities_owned=True)
    text = shown(document)

    assert "Initial Statement of Beneficial Ownership" in text
    assert "[x] No securities are beneficially owned" in text
    assert "not stated" == line_of(text, "2. Date of Event")


def test_where_the_table_does_not_fit_each_row_is_told_box_by_box(shown: Shown) -> None:
    """No number and no word is broken in two."""
    text = shown(a_document(an_option(footnotes={"exercise_date": ("F1",)})), 80)

    assert "Row 1" in text
    assert "$2.91" == line_of(text, "2. Conversion or Exercise Price")
    assert "(F1)" == line_of(text, "6. Date Exercisable")
    assert "Common Stock" == line_of(text, "7. Underlying Security")


def test_a_value_that_could_not_be_read_stands_as_filed(shown: Shown) -> None:
    """With a question mark, and what to look at says why."""
    text = shown(a_document(a_row(transaction_code=None, raw={"transaction_code": "Q"})))

    assert "Q (?)" in text


@pytest.mark.parametrize("columns", [80, 200])
def test_every_sample_is_readable(columns: int, shown: Shown) -> None:
    """Within the screen, and with every footnote and flag."""
    for sample in sorted(SAMPLES.glob("*.txt")):
        with suppress(UnusableDocument):  # one is a dead letter on purpose
            document = parse(sample.read_bytes())
            text = shown(document, columns)

            assert columns >= max(map(len, text.splitlines())), sample
            holds_all(document, text)


@pytest.mark.parametrize("columns", range(100, 190, 10))
def test_no_day_or_word_is_broken_where_a_table_just_fits(columns: int, shown: Shown) -> None:
    """What is short keeps its width, and long titles give way; where that is not enough, rows stand box by box."""
    text = shown(parse((SAMPLES / "0009990001-18-000012.txt").read_bytes()), columns)

    assert {"2028-01-03", "Derivative", "Conversion", "150,000"} <= set(text.split())


@each_file("form3", "form4", "form5")
def test_every_form_of_the_corpus_is_readable(path: Path, shown: Shown) -> None:
    """With every footnote and flag, at 80 columns and in a pipe."""
    document = parse(path.read_bytes())

    for columns in (80, None):
        holds_all(document, shown(document, columns))


def test_nothing_that_was_filed_acts_in_a_terminal(shown: Shown) -> None:
    """Neither an escape sequence nor a line end in a name."""
    text = shown(a_document(a_row(security_title="A\x1b[2J\u202eB"), reporting_owners=(an_owner("X\nFAKE LINE"),)))

    assert not {"\x1b", "\u202e"} & set(text)
    assert "X FAKE LINE, CIK 0009800001" == line_of(text, "1. Reporting Person")


def test_every_code_has_a_meaning() -> None:
    """For whoever does not know the letters."""
    assert all(meaning(code) for code in TransactionCode)
