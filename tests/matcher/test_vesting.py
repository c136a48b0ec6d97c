"""Vesting: days and parts where a footnote states all of them; else its words, and never half of a schedule."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.matcher.facts.registry import value
from consumers.matcher.facts.schedule import schedule
from consumers.matcher.facts.vesting import tranches
from consumers.matcher.subject import Subject
from service.model.known import Tranche
from service.model.ownership import Box, FootnoteId
from tests.kit.documents import a_document, a_filing, a_row, a_rule, an_option, met

GRANTED = date(2025, 3, 3)


def vested(text: str) -> str | None:
    """The schedule in *text*, for 6,000 options granted on 2025-03-03, written short."""
    parts = schedule(text, GRANTED, Decimal(6000))
    if parts is None:
        return None
    return "; ".join(
        f"{part.share} {part.days[0]}" + (f"..{part.days[-1]} x{len(part.days)}" if part.days[1:] else "")
        for part in parts
    )


SCHEDULES = """
25% of the shares underlying this option vests on December 16, 2014. The remaining 75% of the shares underlying
this option will then vest in equal monthly increments for the following 36 months through December 16, 2017.
  => 1/4 2014-12-16; 3/4 2015-01-16..2017-12-16 x36
This stock option vests over a four-year period at the rate of 25% on January 2, 2026, and then in 36 equal
monthly installments thereafter, subject to the Reporting Person's continued service through each date.
  => 1/4 2026-01-02; 3/4 2026-02-02..2029-01-02 x36
This restricted stock unit award vests ratably over a four-year period in annual installments with the first
installment vesting on January 2, 2026, subject to the Reporting Person's continued service.
  => 1 2026-01-02..2029-01-02 x4
The shares subject to the option are immediately exercisable and vest in 48 equal monthly installments beginning
on August 19, 2019.
  => 1 2019-08-19..2023-07-19 x48
The RSU shall vest in equal annual installments over four (4) years from March 17, 2025, provided that the
Reporting Person remains in the Issuer's service through each such vesting date.
  => 1 2026-03-17..2029-03-17 x4
This award was granted December 15, 2025, and vests in equal installments on a semi-annual basis over a four
year period ending December 15, 2029, subject to the terms of the underlying award agreement.
  => 1 2026-06-15..2029-12-15 x8
Subject to continued service as a director, this award will vest and convert into shares at a rate of 2,000
shares on each of May 15, 2025, May 15, 2026, and May 15, 2027.
  => 1 2025-05-15..2027-05-15 x3
One-third on 10/18/2025, one-third on 10/18/2026, and one-third on 10/18/2027 becomes exercisable.
  => 1/3 2025-10-18; 1/3 2026-10-18; 1/3 2027-10-18
Vests in four equal annual installments beginning on the first anniversary of the date of grant.
  => 1 2026-03-03..2029-03-03 x4
The option vests in four equal annual installments beginning March 31, 2026.
  => 1 2026-03-31..2029-03-31 x4
25% of the options vest on each of the first four anniversaries of the grant date.
  => 1 2026-03-03..2029-03-03 x4
The RSUs vest in three equal annual installments on each anniversary of the grant date.
  => 1 2026-03-03..2028-03-03 x3
1/4th of the shares vest on March 1, 2026 and 1/48th of the shares vest monthly thereafter.
  => 1/4 2026-03-01; 3/4 2026-04-01..2029-03-01 x36
Vests as to 25% of the shares on the first anniversary of the grant date and the remaining 75% in 36 equal
monthly installments thereafter.
  => 1/4 2026-03-03; 3/4 2026-04-03..2029-03-03 x36
Twenty-five percent (25%) of the shares vest on March 3, 2026, and the remainder vests in twelve equal quarterly
installments thereafter.
  => 1/4 2026-03-03; 3/4 2026-06-03..2029-03-03 x12
The restricted stock units vest in full on March 3, 2026.
  => 1 2026-03-03
The RSUs vest on the first anniversary of the grant date.
  => 1 2026-03-03
The RSUs vest one year after the grant date.
  => 1 2026-03-03
The shares cliff vest on the third anniversary of the date of grant.
  => 1 2028-03-03
Vests in three equal installments on March 1, 2026, March 1, 2027 and March 1, 2028.
  => 1 2026-03-01..2028-03-01 x3
50% vests on March 1, 2026 and 50% vests on March 1, 2027.
  => 1/2 2026-03-01; 1/2 2027-03-01
33 1/3% vest on March 1, 2026, 33 1/3% on March 1, 2027 and 33 1/3% on March 1, 2028.
  => 1/3 2026-03-01; 1/3 2027-03-01; 1/3 2028-03-01
Options vest in equal monthly installments over four years from the grant date.
  => 1 2025-04-03..2029-03-03 x48
The units vest in four equal installments on each anniversary of March 1, 2025.
  => 1 2026-03-01..2029-03-01 x4
Vests in 3 equal monthly installments beginning on January 31, 2026.
  => 1 2026-01-31..2026-03-31 x3
The options vest as to 1/48th of the shares on each monthly anniversary of January 1, 2025.
  => 1 2025-02-01..2029-01-01 x48
Each unit is a contingent right to receive one share. The units vest in three equal annual installments commencing one
year after the date of grant.
  => 1 2026-03-03..2028-03-03 x3
The RSUs vest quarterly over three years, with the first vesting date being June 15, 2025.
  => 1 2025-06-15..2028-03-15 x12
Vests 34% on February 6, 2026, 33% on February 6, 2027 and 33% on February 6, 2028.
  => 17/50 2026-02-06; 33/100 2027-02-06; 33/100 2028-02-06
25% of the RSUs will vest on February 20, 2025, and the remaining RSUs in twelve equal quarterly installments
thereafter, such that the award is fully vested on February 20, 2028.
  => 1/4 2025-02-20; 3/4 2025-05-20..2028-02-20 x12
25% vests on the first anniversary of the vesting commencement date (March 1, 2025) and 1/48 monthly thereafter.
  => 1/4 2026-03-01; 3/4 2026-04-01..2029-03-01 x36
Options vest ratably each month over 48 months from January 1, 2025.
  => 1 2025-02-01..2029-01-01 x48
25% of the shares vested on March 1, 2022, and the remainder vest in equal monthly installments over the subsequent
three years.
  => 1/4 2022-03-01; 3/4 2022-04-01..2025-03-01 x36
Provides for vesting in equal installments over two years on the anniversary of the grant, March 3, 2025.
  => 1 2026-03-03..2027-03-03 x2
Granted under the plan adopted on May 1, 2020, the option vests on March 1, 2026.
  => 1 2026-03-01
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [re.split(r"\s+=> ", one) for one in re.findall(r"(?s)\S.*?=> [^\n]*", SCHEDULES)],
)
def test_a_schedule_in_days_and_parts_is_read_whole(text: str, expected: str) -> None:
    """As filers write it, service conditions and all."""
    assert expected == vested(text)


@pytest.mark.parametrize(
    "text",
    [
        "Vests as to 33% on each anniversary of the grant date until fully vested on March 3, 2028.",  # 99 %
        "40% vests on March 1, 2026 and 50% vests on March 1, 2027.",
        "25% vests on March 1, 2026 and the remainder at the discretion of the board.",
        "Vests on March 1, 2026 and March 1, 2027.",  # how much on each?
        "Vests on March 1, 2026 or March 1, 2027.",
        "Vests on or about March 1, 2026.",
        "The RSUs vest ratably over three years.",  # from when?
        "The option vests in four equal annual installments.",
        "Vests in three equal installments on March 1, 2026, 2027 and 2028.",
        "Vests in four equal installments on March 1, 2026, March 1, 2027 and March 1, 2028.",
        "Vests upon the achievement of performance goals, 50% on March 1, 2026 and 50% on March 1, 2027.",
        "Vests on the earlier of March 1, 2026 and the next annual meeting.",
        "Vests in full on March 1, 2026, with acceleration upon a change in control.",
        "Vests on March 1, 2026 and is settled in shares on March 1, 2029.",
        "The option vested on March 1, 2026 and expires on March 1, 2035.",
        "25% of the units granted vest on May 15 of each of the calendar years 2027, 2028, 2029 and 2030.",
        "25% vests on the first anniversary of the vesting commencement date and 75% in 36 equal monthly installments.",
        "Vests in 36 equal monthly installments beginning March 1, 2026 through December 1, 2028.",  # they contradict
        "1,000 shares vest on March 1, 2026.",  # of 6,000
        "Vests on February 30, 2026.",
        "Vests in equal installments over two years on the anniversary of the grant, May 12, 2014.",  # it was in 2025
        "Vests in three equal annual installments on the second, third and fourth anniversaries of the grant date.",
        "Vests in two equal installments on the first and second anniversary of the grant date.",
        "Vests in 16 equal quarterly installments beginning on the three month anniversary of the grant date.",
        "1/4 vests on August 15, 2025, and 1/16 quarterly thereafter on each November 15, February 15 and May 15.",
        "Vests on the last day of each quarter beginning March 31, 2026.",
        "Vests in four equal annual installments on March 1 of each year beginning March 1, 2026.",
        "Exercisable on March 1, 2026 (50%) and March 1, 2027 (50%).",
        "Vests on March 15, 2027 (the third anniversary of the grant date) and a day that is not stated.",
        "All shares are exercisable.",
        "The price is a weighted average.",
    ],
)
def test_what_is_not_all_said_is_no_schedule(text: str) -> None:
    """Conditions, days that are not stated, and parts that do not make up the whole."""
    assert vested(text) is None


def test_without_the_day_of_the_grant_its_anniversaries_are_unknown() -> None:
    """Unless the text states a day."""
    text = "Vests in three equal annual installments on each anniversary of the grant date."

    assert schedule(text, None, None) is None
    assert schedule(text.replace("the grant date", "March 3, 2025"), None, None)


@given(
    st.lists(
        st.sampled_from(
            [
                "25%",
                "75%",
                "one-third",
                "36",
                "four",
                "equal",
                "monthly",
                "annual",
                "installments",
                "on",
                "March",
                "1,",
                "2026",
                "March",
                "1,",
                "2027",
                "thereafter",
                "each",
                "of",
                "the",
                "first",
                "anniversary",
                "grant",
                "date",
                "remainder",
                "vests",
                "and",
                "beginning",
                "over",
                "years",
                "from",
            ]
        ),
        max_size=30,
    )
)
def test_whatever_is_read_is_the_whole_in_order(words: list[str]) -> None:
    """Of words in any order."""
    parts = schedule(" ".join(words), GRANTED, Decimal(6000))

    if parts is not None:
        days = [day for part in parts for day in part.days]
        assert sum(part.share for part in parts) == 1
        assert days == sorted(set(days))


def granted(text: str | None = None, box: str = "exercise_date", **fields: Any) -> tuple[Subject, Any]:
    notes = {Box(box): (FootnoteId("F1"),)} if text else {}
    row = an_option(**{"footnotes": notes, **fields})
    document = a_document(row, footnotes={FootnoteId("F1"): text} if text else {})
    subject = Subject.of(a_filing(), document)
    return subject, subject.facts[0]


def test_a_schedule_is_told_in_days_and_parts() -> None:
    """And its ends are facts of their own."""
    asked = granted("The option vests as to 25% on March 3, 2026 and in 36 equal monthly installments thereafter.")

    assert value("vesting", *asked) == "25% on 2026-03-03; 75% in 36 equal parts from 2026-04-03 to 2029-03-03"
    assert date(2026, 3, 3) == value("vests_from", *asked)
    assert date(2029, 3, 3) == value("vests_until", *asked)


def test_what_is_no_schedule_is_told_in_its_own_words() -> None:
    """The whole footnote, in one line."""
    asked = granted("The option vests\n  upon a change of control.")

    assert value("vesting", *asked) == "The option vests upon a change of control."
    assert value("vests_from", *asked) is None


def test_the_box_for_the_exercise_date_is_a_schedule_of_one_day() -> None:
    """Where no footnote says more."""
    asked = granted(exercise_date=date(2026, 3, 3))

    assert (Tranche(on=(date(2026, 3, 3),), percent=Decimal(100)),) == tranches(*asked)


def test_footnotes_of_other_boxes_and_of_other_words_tell_no_vesting() -> None:
    """What is owned after includes unvested units, and funds invest."""
    assert value("vesting", *granted("Includes 500 unvested units.", "shares_owned_following_transaction")) is None
    assert value("vesting", *granted("Held by Harvest Investments LP.", "security_title")) is None


def test_shares_that_are_withheld_when_something_vests_vest_no_more() -> None:
    """In Table I only what is granted vests."""
    notes = {Box("transaction_code"): (FootnoteId("F1"),)}
    rows = (a_row("F", footnotes=notes), a_row("A", footnotes=notes))
    subject = Subject.of(
        a_filing(), a_document(*rows, footnotes={FootnoteId("F1"): "The shares vest on March 3, 2026."})
    )

    withheld, award = subject.facts

    assert value("vesting", subject, withheld) is None
    assert value("vesting", subject, award) == "100% on 2026-03-03"


def test_a_schedule_that_is_not_all_stated_is_unknown_to_rules_in_both_tables() -> None:
    """And not false, as if shares could not vest."""
    rule = a_rule(vests_until=">= 2026-01-01")
    notes = {"footnotes": {Box("transaction_code"): (FootnoteId("F1"),)}}
    text = {FootnoteId("F1"): "The shares vest upon a change of control."}

    for row in (a_row("A", **notes), an_option(**notes)):
        assert "unknown" == met(rule, Subject.of(a_filing(), a_document(row, footnotes=text))).verdict


def test_thirds_are_rounded_to_four_places() -> None:
    """Parts are exact; a percentage need not be."""
    text = "1/3 vests on March 3, 2026 and the remainder in two equal annual installments thereafter."

    assert [Decimal("33.3333"), Decimal("66.6667")] == [one.percent for one in tranches(*granted(text)) or ()]
