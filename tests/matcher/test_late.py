"""Late: due by 22:00 on the second business day after the trade, by EDGAR's own calendar."""

import csv
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from consumers.matcher.facts.dates import due_on
from consumers.matcher.facts.registry import value
from consumers.matcher.subject import Subject
from service.model.calendar import CLOSED_BY_ORDER, business_days
from service.model.ownership import AcquiredDisposed
from tests.kit.datasets import datasets
from tests.kit.documents import a_document, a_filing, a_row, an_option


def days_late(traded_on: str, filed_on: str, code: str = "P", *, form: str = "4", **fields: Any) -> Decimal | None:
    row = a_row(code, transaction_date=date.fromisoformat(traded_on), **fields)
    document = a_document(row, document_type=form)
    subject = Subject.of(a_filing(filed_on=date.fromisoformat(filed_on)), document)
    late = value("days_late", subject, subject.facts[0])
    assert late is None or isinstance(late, Decimal)
    return late


@pytest.mark.parametrize(
    ("traded_on", "filed_on", "late"),
    [
        ("2025-03-03", "2025-03-05", 0),
        ("2025-03-03", "2025-03-06", 1),
        ("2025-03-07", "2025-03-11", 0),  # over a weekend
        ("2025-03-08", "2025-03-11", 0),  # traded on a Saturday
        ("2025-03-08", "2025-03-12", 1),
        ("2025-10-10", "2025-10-15", 0),  # Columbus Day: exchanges trade, EDGAR does not
        ("2025-01-07", "2025-01-10", 0),  # closed by order on the 9th
        ("2020-12-23", "2020-12-29", 0),  # closed by order on the 24th
        ("2018-12-04", "2018-12-07", 0),  # closed by order on the 5th
        ("2024-06-18", "2024-07-05", 9),  # over Juneteenth and Independence Day
        ("2025-03-05", "2025-03-05", 0),
    ],
)
def test_days_late_are_business_days_after_the_day_it_was_due(traded_on: str, filed_on: str, late: int) -> None:
    """Weekends, holidays and days on which EDGAR was closed by order do not count."""
    assert late == days_late(traded_on, filed_on)


@pytest.mark.parametrize(
    ("deemed", "late"),
    [
        ("2025-03-04", 1),
        ("2025-03-06", 0),
        ("2025-03-03", 2),  # the trade itself
        ("2025-02-03", 2),  # before the trade: it is not used
        ("2025-06-02", 0),  # no later than three business days after the trade, which is the 6th
    ],
)
def test_a_deemed_execution_gives_the_day(deemed: str, late: int) -> None:
    """Where a broker chose the day, the owner has until the second day after hearing of it (Rule 16a-3(g))."""
    assert late == days_late("2025-03-03", "2025-03-07", deemed_execution_date=date.fromisoformat(deemed))


def test_a_deemed_execution_saves_three_business_days_at_most() -> None:
    """However late the owner is said to have heard of it."""
    deemed = date(2025, 6, 2)

    assert days_late("2025-03-03", "2025-03-10", deemed_execution_date=deemed) == 0
    assert days_late("2025-03-03", "2025-03-11", deemed_execution_date=deemed) == 1


ACQUIRED, DISPOSED = AcquiredDisposed.ACQUIRED, AcquiredDisposed.DISPOSED


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("P", {"form": "4/A"}),  # the first filing counts
        ("P", {"form": "5"}),
        ("A", {"transaction_form_type": "5"}),
        ("L", {}),
        ("W", {}),
        ("G", {"transaction_acquired_disposed_code": ACQUIRED}),
        ("P", {"traded_on": "2025-06-01"}),  # after the filing
    ],
)
def test_what_was_due_by_another_form_or_cannot_be_told_is_unknown(code: str, fields: dict[str, Any]) -> None:
    """Never late, and never in time."""
    assert days_late(fields.pop("traded_on", "2025-01-02"), "2025-03-05", code, **fields) is None


def test_before_the_rule_of_two_days_nothing_is_late() -> None:
    """Until 29 August 2002 a form 4 was due in the next month."""
    assert days_late("2002-08-28", "2003-07-01") is None
    assert days_late("2002-08-29", "2002-09-04") == 1  # over Labor Day


def test_gifts_are_due_in_two_days_since_27_february_2023() -> None:
    """Before, those who gave could wait for the form 5, as those who receive still can."""
    given = {"transaction_acquired_disposed_code": DISPOSED}

    assert days_late("2023-02-27", "2023-03-02", "G", **given) == 1
    assert days_late("2023-02-24", "2023-03-02", "G", **given) is None


def labelled() -> list[dict[str, str]]:
    with (datasets() / "2024q3_half/labels/late.tsv").open(newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _subject(label: dict[str, str]) -> Subject:
    row = an_option(
        label["trans_code"],
        transaction_date=date.fromisoformat(label["trans_date"]),
        deemed_execution_date=date.fromisoformat(label["deemed_date"]) if label["deemed_date"] else None,
        transaction_form_type=label["form_type"],
        transaction_acquired_disposed_code=AcquiredDisposed(label["acquired_disposed"]),
    )
    filed_on = date.fromisoformat(label["filing_date"])
    return Subject.of(a_filing(filed_on=filed_on), a_document(row, document_type=label["document_type"]))


def test_labelled_rows_are_as_late_as_their_label_says(figures: list[str]) -> None:
    """The labels know federal holidays, and name the orders that closed EDGAR; these count as one day less each.

    Where a label says that the row was not due by a form 4 (an amendment, a row of a form 5), the fact is unknown; the
    days are counted all the same, and are those of the label.
    """
    found, hard = Counter[str](), Counter[str]()
    for label in labelled():
        subject = _subject(label)
        late = value("days_late", subject, subject.facts[0])
        applies = label["applies"] == "yes" and label["business_days_late"] != ""
        orders = sum(day.isoformat() in label["note"] for day in CLOSED_BY_ORDER)
        counted = int(label["business_days_late"]) - orders if label["business_days_late"] else None
        assert late == (counted if applies else None), label
        if counted is not None:
            row, filed_on = subject.facts[0].transaction, date.fromisoformat(label["filing_date"])
            due = due_on(row, date.fromisoformat(label["trans_date"]))
            assert due.isoformat() == label["due"], label
            assert business_days(due, filed_on) == counted, label
        found["unknown" if late is None else "late" if late else "in time"] += 1
        hard.update(label["hard_case"].split() if applies else ())

    figures.append(f"late: {found.total()} labelled rows, {dict(found)}, all as labelled; hard cases: {dict(hard)}")
    assert found.total() == 9361
