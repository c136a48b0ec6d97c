"""Who reports together, whether rows go on elsewhere, and whether somebody is new."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.matcher.facts.filing import NUMBERED, OF_SEVERAL
from consumers.matcher.facts.people import NEW, OF_NEW
from consumers.matcher.facts.registry import value
from service.model.ownership import FootnoteId
from tests.kit.documents import a_row, a_subject, an_owner


def test_several_owners_report_jointly() -> None:
    """One alone does not."""
    assert value("joint", a_subject(a_row())) is False
    assert value("joint", a_subject(a_row(), reporting_owners=(an_owner(), an_owner(cik="0009800002")))) is True


@pytest.mark.parametrize(
    "text",
    [
        "Form 4 Filing 1 of 2 (continuation report): related transactions are reported on additional Form 4s.",
        "Form 1 of 3",
        "Form 2 of 2.",
        "This is the first of two parts of a Form 4 filing for the Reporting Person.",
        "Two of two Form 4s filed on September 3, 2024; holdings did not fit.",
        "This Form 4 is the second of six Forms 4. There are more than 10 reporting persons and 30 rows in total.",
        "Due to the limit of 30 transaction lines a second Form 4 is being filed.",
        "Related transactions effected on April 13, 2022 are reported on additional Form 4.",
        "This Form 4 is a continuation of the Form 4 filed today.",
        "Continued on an additional Form 4",
        "This filing has been split into three filings.",
        "Because of the 30-row limit the rest follows.",
        "Due to the limitation on the number of transactions, this Form 4 is the first of two being filed.",
    ],
)
def test_a_filing_that_goes_on_elsewhere_says_so(text: str) -> None:
    """In the remarks or in a footnote."""
    assert value("continuation", a_subject(a_row(), remarks=text)) is True
    assert value("continuation", a_subject(a_row(), footnotes={FootnoteId("F1"): text})) is True


@pytest.mark.parametrize(
    "text",
    [
        "One of three trustees.",
        "This Form 4 is the first of three Forms 4, since there are more than 10 reporting persons in total.",
        "This Form 4 is one of three Form 4s in respect of these transactions.",
        "This report is filed as form 2 of 2 to report related transactions for the following filers: A, B.",
        "Form 1 of 2 of the same transactions; see the other for additional reporting entities.",
        "The reporting person will continue to serve as a director.",
        "25% of the options vest on each of the first four anniversaries.",
    ],
)
def test_the_same_rows_for_more_owners_are_no_continuation(text: str) -> None:
    """Nor is anything else that is one of several."""
    assert value("continuation", a_subject(a_row(), remarks=text)) is False


def test_a_full_table_that_says_nothing_leaves_it_unknown() -> None:
    """EDGAR takes 30 rows: the rest may stand elsewhere."""
    rows = [a_row(transaction_date=date(2025, 3, 3)) for _ in range(30)]

    assert value("continuation", a_subject(*rows)) is None
    assert value("continuation", a_subject(*rows[:29])) is False
    assert value("continuation", a_subject(*rows, remarks="Form 1 of 2")) is True


@pytest.mark.parametrize(
    "text",
    [
        "Granted in connection with the Reporting Person's appointment to the Board.",
        "Represents an inducement grant under Nasdaq Rule 5635(c)(4).",
        "Initial equity award to a newly elected director.",
        "The reporting person was appointed as Chief Financial Officer effective March 3, 2025.",
        "New hire award.",
        "Granted upon his election as a director.",
    ],
)
def test_a_new_relationship_is_what_the_filing_says(text: str) -> None:
    """That there is none, it never says."""
    assert value("relationship_new", a_subject(a_row(), footnotes={FootnoteId("F1"): text})) is True


@pytest.mark.parametrize(
    "text",
    [
        "He was elected to the board of directors as a representative of the fund.",
        "The options vest upon a change of control.",
        "At the election of the holder.",
        "Annual director grant.",
    ],
)
def test_without_such_words_it_cannot_be_told_whether_somebody_is_new(text: str) -> None:
    """Unknown, and never false."""
    assert value("relationship_new", a_subject(a_row(), footnotes={FootnoteId("F1"): text})) is None


@pytest.mark.parametrize("box", [True, False, None])
def test_the_exit_box_says_that_a_relationship_ended(box: Any) -> None:
    """Where it is not there, nothing is known."""
    assert value("relationship_ended", a_subject(a_row(), not_subject_to_section16=box)) is box


@given(st.from_regex(NUMBERED))
def test_whatever_numbers_parts_is_found_by_what_is_looked_for_first(text: str) -> None:
    """Else a filing that goes on elsewhere would not say so."""
    assert OF_SEVERAL.search(text) is not None


@given(st.from_regex(NEW))
def test_whatever_says_that_somebody_is_new_is_found_by_what_is_looked_for_first(text: str) -> None:
    """Else nobody would be told of it."""
    assert any(part in text for part in OF_NEW)
