"""Plans: the box held against the footnotes, and the day on which a plan was adopted."""

from datetime import date
from typing import Any

import pytest

from consumers.matcher.facts.registry import value
from consumers.matcher.subject import Subject
from service.model.ownership import Box, FootnoteId
from tests.kit.documents import a_document, a_filing, a_row

USED = (
    "The sale was effected pursuant to a Rule 10b5-1 trading plan adopted by the reporting person on December 13, 2024."
)
NOT_USED = "This sale was not made pursuant to a Rule 10b5-1 trading plan."
SILENT = "The price is a weighted average."


def sold(*notes: str, box: bool | None, others: tuple[str, ...] = (), remarks: str | None = None) -> Subject:
    """A sale that cites *notes*, beside one that cites *others*."""
    texts = {FootnoteId(f"F{number}"): text for number, text in enumerate((*notes, *others), 1)}
    ids = tuple(texts)

    def a_sale(cited: tuple[FootnoteId, ...]) -> Any:
        return a_row("S", transaction_date=date(2025, 3, 3), footnotes={Box("transaction_code"): cited})

    rows = [a_sale(ids[: len(notes)])] + ([a_sale(ids[len(notes) :])] if others else [])
    return Subject.of(a_filing(), a_document(*rows, aff10b5_one=box, footnotes=texts, remarks=remarks))


@pytest.mark.parametrize(
    ("subject", "plan"),
    [
        (sold(USED, box=True), "plan"),
        (sold(USED, box=None), "plan"),
        (sold(USED, box=False), "contradictory"),
        (sold(NOT_USED, box=False), "none"),
        (sold(NOT_USED, box=None), "none"),
        (sold(NOT_USED, box=True), "contradictory"),
        (sold(NOT_USED, box=True, others=(USED,)), "none"),  # the box is ticked for the other sale
        (sold(SILENT, box=True), "plan"),
        (sold(SILENT, box=True, others=(SILENT,)), "plan"),
        (sold(SILENT, box=True, others=(USED,)), None),  # which rows the box covers stands in the footnotes
        (sold(SILENT, box=False), "none"),
        (sold(SILENT, box=None), None),
        (sold(SILENT, box=None, others=(USED,)), None),
        (sold(box=True, remarks=USED), "plan"),
        (sold(box=None, remarks=USED), "plan"),
        (sold(box=False, remarks=USED), "contradictory"),
        (sold(USED, NOT_USED, box=True), "plan"),  # the footnotes contradict each other: the box is left
    ],
)
def test_the_box_and_the_footnotes_are_read_together(subject: Subject, plan: str | None) -> None:
    """A row's own footnotes go before what is said of the whole filing."""
    assert plan == value("plan", subject, subject.facts[0])


@pytest.mark.parametrize(
    "text",
    [
        "Sold under a 10b5-1 plan.",
        "These sales were made in accordance with a Rule 10b5-1 Trading Plan.",
        "Transaction executed pursuant to the Reporting Person's 10b5-1(c) plan.",
        "pursuant to a pre-arranged program adopted on December 13, 2024 pursuant to Rule 10b5-1 under the Act",
        "Shares sold automatically per Rule 10b-5-1 instructions",
        "does not represent a discretionary sale, and was made pursuant to a Rule 10b5\u20131 plan",
        "intended to satisfy the affirmative defense conditions of Rule 10b5-1(c)",
        "made pursuant to a Rule 10b5\u20111 plan",  # a hyphen that does not break, as Word sets it
        "The owner had no discretion over the sales, which were made pursuant to a Rule 10b5-1 plan.",
        "No commission was paid for the sales made under a 10b5-1 plan.",
    ],
)
def test_footnotes_say_in_many_words_that_a_plan_was_used(text: str) -> None:
    """However the rule is spelt."""
    subject = sold(text, box=None)

    assert value("plan", subject, subject.facts[0]) == "plan"


@pytest.mark.parametrize(
    "text",
    [
        "The sale was not effected under a Rule 10b5-1 plan.",
        "Not pursuant to a 10b5-1 plan.",
        "Sold outside of the reporting person's Rule 10b5-1 plan.",
        "These shares were sold other than pursuant to a 10b5-1 plan.",
        "This purchase has not been made pursuant to any 10b5-1 trading arrangement.",
        "No shares were sold pursuant to a Rule 10b5-1 trading plan.",
        "None of the reported transactions was effected under a Rule 10b5-1 plan.",
        "No Rule 10b5-1 plan was used.",
        "A non-Rule 10b5-1 sale.",
    ],
)
def test_footnotes_say_in_many_words_that_none_was(text: str) -> None:
    """A denial is no mention."""
    subject = sold(text, box=None)

    assert value("plan", subject, subject.facts[0]) == "none"


def test_a_plan_that_is_only_spoken_of_was_not_used() -> None:
    """Ended, or to be adopted."""
    subject = sold("On March 1, 2025 the reporting person terminated a Rule 10b5-1 plan.", box=None)

    assert value("plan", subject, subject.facts[0]) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        (USED, "2024-12-13"),
        ("made pursuant to a program adopted on December 13, 2024 pursuant to Rule 10b5-1", "2024-12-13"),
        ("Executed in accordance with a Rule 10b5-1 trading plan established on February 2, 2025.", "2025-02-02"),
        ("under a 10b5-1 plan, dated 11/15/2024", "2024-11-15"),
        ("under a 10b5-1 plan entered into by the Reporting Person on 15 Nov. 2024", "2024-11-15"),
        ("pursuant to a Rule 10b5-1 plan (plan adoption date: Nov 15, 2024).", "2024-11-15"),
        ("under a 10b5-1 plan adopted 2024-11-15", "2024-11-15"),
        ("under the reporting person's September 3rd, 2024 Rule 10b5-1 plan", "2024-09-03"),
        ("Sold on March 3, 2025 under a 10b5-1 plan adopted on November 15, 2024", "2024-11-15"),
        ("under a 10b5-1 plan adopted in November 2024", None),  # no day
        ("under a 10b5-1 plan adopted on February 30, 2024", None),  # no such day
        ("under 10b5-1 plans adopted on May 1, 2024 and a 10b5-1 plan adopted on June 3, 2024", None),  # which?
        ("under 10b5-1 plans adopted on May 1, 2024 and June 3, 2024", None),
        ("under 10b5-1 plans adopted May 1, 2024, May 2, 2024, and on June 3, 2024", None),
        ("under a 10b5\u20111 plan adopted May 1, 2024, amended June 3, 2024", "2024-05-01"),
        ("under a 10b5-1 plan adopted by Jane Doe. Related sales on March 3, 2025 are reported elsewhere.", None),
        ("under a 10b5-1 plan adopted on May 1, 2026", None),  # after the trade
        ("under an agreement dated May 1, 2024", None),  # no such plan
        ("under a 10b5-1 plan", None),
    ],
)  # fmt: skip
def test_the_day_on_which_a_plan_was_adopted_is_stated_in_words(text: str, day: str | None) -> None:
    """One whole day, or none."""
    subject = sold(text, box=True)

    assert (day and date.fromisoformat(day)) == value("plan_adopted", subject, subject.facts[0])


def test_the_remarks_tell_the_day_where_no_footnote_does() -> None:
    """They are said of the whole filing."""
    subject = sold(SILENT, box=True, remarks=USED)

    assert date(2024, 12, 13) == value("plan_adopted", subject, subject.facts[0])
