"""What Slack gets: within its limits, with what matters, and what was filed is text and nothing else."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.dispatcher.blocks import message, plain_message
from consumers.dispatcher.room import cut, units
from consumers.matcher.alerts import alert_of
from tests.kit.documents import a_row, a_rule, a_subject, an_alert, an_option, an_owner
from tests.kit.slack import HOSTILE, a_notice, assert_taken, assert_text, texts

_texts = st.text(alphabet=st.characters() | st.sampled_from("ab <>&*_~`|!@#\n\u20ac\U0001f600\u202e\x9b"), max_size=400)


def shown(payload: dict[str, Any]) -> str:
    return "\n".join([*texts(payload, "plain_text"), *texts(payload, "mrkdwn")])


@settings(deadline=None)  # the machine may be busy
@given(st.integers(1, 40), st.integers(1, 30), _texts, st.integers(0, 500), st.integers(1, 7))
def test_slack_takes_whatever_was_filed(rows: int, owners: int, text: str, notes: int, rules: int) -> None:
    """Within its limits by its own library, and the whole under 12,000; nothing but text in it."""
    numbers = tuple(f"F{number}" for number in range(1, notes + 1))
    row = an_option(security_title=text, nature_of_ownership=text, footnotes={"exercise_date": numbers})
    alert = an_alert(
        *[row] * rows,
        reporting_owners=(an_owner(name=text or "x", is_officer=True, officer_title=text),) * owners,
        footnotes=dict.fromkeys(numbers, text * 3),
        remarks=text * 5,
    )
    payload = message(*[alert] * rules)

    assert_taken(payload)
    for one in (*texts(payload, "plain_text"), payload["text"], plain_message(alert)["text"]):
        assert_text(one)


@settings(deadline=None)  # the machine may be busy
@given(st.lists(_texts, max_size=60), _texts)
def test_slack_takes_every_notice(lines: list[str], headline: str) -> None:
    """Also a digest of more alerts than there is room for."""
    links = tuple((f"0009990900-25-{number:06}", "https://www.sec.gov/Archives/x" * 4) for number in range(len(lines)))
    notice = a_notice(headline=f"h {headline}", lines=("l", *lines), links=links)

    assert_taken(message(notice))
    assert_text(plain_message(notice)["text"])


def test_what_was_filed_is_never_markup() -> None:
    """It stands in plain text, in which Slack knows none; and cannot begin a line, so it forges no label."""
    alert = an_alert(
        an_option(security_title=HOSTILE, nature_of_ownership=HOSTILE, footnotes={"exercise_date": ("F1",)}),
        reporting_owners=(an_owner(name=HOSTILE, is_officer=True, officer_title=HOSTILE),),
        footnotes={"F1": HOSTILE},
        remarks=HOSTILE,
    )
    payload = message(alert)
    lines = [line for one in texts(payload, "plain_text") for line in one.split("\n")]

    for ours in texts(payload, "mrkdwn"):
        assert not any(bad in ours for bad in ("evil", "gone", "FORGED", "channel"))
    assert not any(line.startswith(("*Company*", ">", "\u2022 item", "FORGED")) for line in lines)
    assert 1 == sum(line.startswith("Company: ") for line in lines)
    assert any("*bold* _it_ ~gone~ `code` :smile: <!channel>" in line for line in lines)
    assert "<" not in payload["text"]
    assert payload["mrkdwn"] is plain_message(alert)["mrkdwn"] is False


def test_who_what_and_why_stand_whatever_else_there_is() -> None:
    """Ten owners with long titles once pushed out company, amendment and plan."""
    title = "Executive Vice President, General Counsel, Chief Compliance Officer and Secretary " * 2
    owners = tuple(
        an_owner(
            f"OWNER {number}", is_director=True, is_officer=True, officer_title=title, is_other=True, other_text=title
        )
        for number in range(10)
    )
    subject = a_subject(
        *[a_row(footnotes={"transaction_date": tuple(f"F{n}" for n in range(1, 501))})] * 30,
        reporting_owners=owners,
        aff10b5_one=True,
        document_type="4/A",
        footnotes={f"F{n}": "The price is a weighted average. " * 9 for n in range(1, 501)},
    )
    rule = a_rule()
    payload = message(alert_of(rule, subject, rule.matches(subject) or ()))
    told = shown(payload)

    assert_taken(payload)
    assert "Company: EXAMPLE CORP [EXMP]" in told
    assert "This amends an earlier filing" in told
    assert "10b5-1 box is ticked" in told
    assert "The rule asks for every filing." in told
    assert "<https://www.sec.gov/i.htm|Filing> | <https://www.sec.gov/s.txt|Full submission>" in told
    assert re.search(r"Who: OWNER 0 .*\nand \d more owners", told, re.DOTALL)
    assert re.search(r"and \d\d more rows: see the filing", told)
    assert re.search(r"and \d+ more footnotes", told)
    assert "Price: $10\n" in told
    assert "(footnotes F1, F2, F3, F4, F5, F6, F7, F8 and 492 more)" in told


def test_several_rules_on_a_filing_are_one_message() -> None:
    """Each says why; a row that meets both is told once."""
    subject = a_subject(a_row(), a_row(shares="5", price="1"))
    alerts = []
    for asked in ({"value": ">= 1"}, {"shares": ">= 1000"}):
        rule = a_rule(**asked)
        alerts.append(alert_of(rule, subject, rule.matches(subject) or ()))
    told = shown(message(*alerts))

    assert 2 == told.count("*Why*")
    assert 1 == told.count("*Table I row 1")
    assert 1 == told.count("*Table I row 2")


def test_the_text_alone_says_what_matters() -> None:
    """For a Slack that does not take the blocks."""
    alone = plain_message(an_alert(document_type="4/A"))

    assert "blocks" not in alone
    assert alone["text"].startswith("EXAMPLE CORP [EXMP]: DOE JANE")
    for said in ("This amends", "Rule rule", "Filing: https://www.sec.gov/i.htm"):
        assert f"\n{said}" in alone["text"]


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("bought 1,000 shares at $50.25", 99, "bought 1,000 shares at $50.25"),
        ("bought 1,000 shares at $50.25", 28, "bought 1,000 shares at…"),
        ("bought 1,000 shares at $50.25", 24, "bought 1,000 shares at…"),
        ("bought 1,000 shares at $50.25", 23, "bought 1,000 shares at…"),
        ("bought 1,000 shares at $50.25", 10, "bought…"),
        ("x" * 20, 10, "x" * 9 + "…"),
        ("x" * 5 + "1" * 20, 10, "x" * 5 + "…"),
        ("\U0001f600" * 20, 10, "\U0001f600" * 4 + "…"),
    ],
)
def test_text_is_cut_between_words(text: str, limit: int, expected: str) -> None:
    """Never in a number: what is left of one is another number."""
    assert expected == cut(text, limit)
    assert units(expected) <= limit


@settings(deadline=None)  # the machine may be busy
@given(st.decimals(0, 10**9, places=2), st.integers(1, 60))
def test_no_number_is_cut(number: Decimal, limit: int) -> None:
    """It stands whole, or not at all."""
    short = cut(f"The owner sold shares at ${number:,} each in several trades", limit)

    assert "$" not in short or f"${number:,}" in short


def test_what_is_in_doubt_stands_as_filed_with_what_is_odd_about_it() -> None:
    """The number of the box, that it is in doubt, and why; no value is made of it."""
    alert = an_alert(
        a_row("P", "400000", "17.25", footnotes={"transaction_price_per_share": ("F1",)}),
        an_option("A", expiration_date=date(1988, 8, 8), footnotes={"expiration_date": ("F1",)}),
        footnotes={"F1": "In pesos."},
    )
    told = shown(message(alert))

    assert "Price: $17.25, in doubt: see what is odd (footnote F1)" in told
    assert "Expires: 1988-08-08, in doubt: see what is odd (footnote F1)" in told
    assert "the box is for US dollars (Table I row 1)" in told
    assert "Value" not in told.partition("Table II")[0]


def test_a_swap_is_shown_beside_what_the_code_says() -> None:
    """Readers see the box, since EDGAR's code does not say it."""
    told = shown(message(an_alert(a_row("P", equity_swap_involved=True))))

    assert "Table I row 1: purchase and equity swap, code P" in told


def test_a_headline_that_the_header_cuts_stands_below_it_whole() -> None:
    """A header holds 150 characters, and the amount stands at the end."""
    rows = [an_option(strike=strike) for strike in ("2.91", "12.345")]
    alert = an_alert(*rows, settings={"kinds": "option-grant"}, reporting_owners=(an_owner("A" * 60),))
    header, about = message(alert)["blocks"][:2]

    assert header["text"]["text"].endswith("…")
    assert about["text"]["text"].startswith(f"{alert.headline}\nCompany: ")
