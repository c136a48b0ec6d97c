"""Why a rule is met, or is not: the box, the footnote, the number, and how it fared."""

import pytest

from consumers.dispatcher.render import rendering
from consumers.matcher.explain import explain
from service.model.fact import Verdict
from tests.kit.documents import DISPOSED, a_row, a_rule, a_subject, an_alert, an_option


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"schema_version": "X0306"}, "form version X0306 has no such box"),
        ({"schema_version": "X0508"}, "the box is left out"),
        ({"schema_version": "X0407"}, "the box is left out"),
        ({"schema_version": None}, "the filing has no such box, and does not say of which form version it is"),
        (
            {"schema_version": "X0508", "raw": {"aff10b5_one": "Y"}},
            "the box holds 'Y', which is neither yes nor no",
        ),
    ],
)
def test_a_plan_box_that_says_nothing_is_unknown_and_why(fields: dict, why: str) -> None:
    """Left out, unreadable, or of a form version that had none: three reasons, told apart."""
    subject = a_subject(a_row(), aff10b5_one=None, **fields)
    (evidence,) = explain(a_rule(plan_10b5_1=False), subject).filing

    assert (Verdict.UNKNOWN, f"unknown: {why}") == (evidence.verdict, evidence.stated)


def test_each_part_of_an_expression_is_told_with_its_box_and_number() -> None:
    """What decided, and what did not."""
    subject = a_subject(an_option())
    explanation = explain(a_rule(when="strike > 2 && (shares > 500000 || exercise_value > 500000)"), subject)
    (evidence,) = explanation.rows[0].evidence
    first, second = evidence.parts

    assert Verdict.TRUE is explanation.verdict
    assert ("strike > 2", Verdict.TRUE, ["box 2"]) == (
        first.predicate,
        first.verdict,
        [source.number for source in first.sources],
    )
    assert [Verdict.FALSE, Verdict.TRUE] == [part.verdict for part in second.parts]
    assert "200,000" in second.parts[0].stated


def test_an_alert_tells_the_parts_that_decided() -> None:
    """Of two that are joined by "or", the one that holds."""
    words = rendering(an_alert(an_option(), settings={"when": "shares > 500000 || exercise_value > 500000"}))

    assert any("exercise_value > 500000" in line and "||" not in line for line in words.why)
    assert not any(": shares > 500000:" in line for line in words.why)
    assert words.why[0].endswith(": when (shares > 500000 || exercise_value > 500000)")


def test_the_footnotes_of_a_box_stand_beside_it() -> None:
    """Who reads why an alert came looks there next."""
    notes = {"conversion_or_exercise_price": ("F1",)}
    alert = an_alert(an_option(footnotes=notes), settings={"kinds": "option-grant", "strike": "> 1"})

    assert any("Table II row 1, box 2 (footnote F1): strike > $1: $2.91" in line for line in rendering(alert).why)


def test_what_exercising_costs_is_no_part_of_a_purchase() -> None:
    """The row shows the strike as it was filed; money that was paid is price and value."""
    bought = rendering(an_alert(an_option("P"), settings={"kinds": "purchase"})).rows[0]
    exercised = rendering(an_alert(an_option("M", **DISPOSED), settings={"kinds": "exercise"})).rows[0]

    assert "Exercise value" not in dict(bought.lines)
    assert "$2.91" == dict(bought.lines)["Strike"]
    assert "$582,000" == dict(exercised.lines)["Exercise value"]


def test_the_footnotes_of_the_code_stand_beside_it() -> None:
    """The schema cites them at the element around it."""
    alert = an_alert(a_row(footnotes={"transaction_coding": ("F2",)}), settings={"kinds": "purchase"})

    assert any("box 3 (footnote F2)" in line for line in rendering(alert).why)
