"""Facts, rules and explanations."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from consumers.language.rules import rules
from consumers.matcher.alerts import alert_of
from consumers.matcher.explain import explain
from consumers.matcher.index.ruleset import RuleSet
from consumers.matcher.rulebook import Rulebook
from consumers.matcher.step import MatcherStep
from service.model.alert import Alert, alert_id
from service.model.errors import ConfigError
from service.model.fact import Kind, Measure, Verdict
from service.model.filing import Provenance
from service.model.identity import DEFAULT, Prefix, RuleId, derived_id
from service.model.ownership import Issuer, OwnershipForm, TransactionCode
from service.model.parsed import ParsedFiling
from service.vitals import Unwatched
from service.wire import decode, encode
from service.wire.topics import Record, Topic
from tests.kit.documents import (
    ACCESSION,
    NOW,
    Met,
    a_document,
    a_filing,
    a_row,
    a_rule,
    a_subject,
    an_option,
    an_owner,
    met,
)

YES, NO = Met(1, "true"), Met(None, "false")
UNKNOWN = Met(None, "unknown")


@pytest.mark.parametrize("code", TransactionCode)
def test_every_code_is_a_kind(code: TransactionCode) -> None:
    """No row falls out of the rules' words."""
    (fact,) = a_subject(a_row(code)).facts

    assert fact.kind is not Kind.OTHER or code in (TransactionCode.OTHER, TransactionCode.VOLUNTARY)


@pytest.mark.parametrize(
    ("title", "strike", "kind"),
    [
        ("Stock Option (right to buy)", "2.91", Kind.OPTION_GRANT),
        ("Stock Option", None, Kind.OPTION_GRANT),
        ("Stock Appreciation Right", None, Kind.OPTION_GRANT),
        ("Incentive Units", "20", Kind.PARTNERSHIP_UNIT),
        ("Restricted Stock Units", None, Kind.AWARD),
        ("Restricted Stock Units", "0", Kind.AWARD),
        ("Restricted Stock Units", "13.80", Kind.AWARD),
        ("Common Stock", "2.91", Kind.OPTION_GRANT),
    ],
)
def test_a_grant_in_table_two_is_what_its_title_says(title: str, strike: str | None, kind: Kind) -> None:
    """Units are awards, whatever stands in box 2; only a title that says nothing leaves it to numbers."""
    (fact,) = a_subject(an_option(strike=strike, security_title=title)).facts

    assert kind is fact.kind


def test_an_exercise_counts_once() -> None:
    """Table II has the option, Table I the shares it brought; alone, the shares are the exercise."""
    both = a_subject(a_row("M", "500", "2"), an_option("M", "500"))
    alone = a_subject(a_row("M", "500", "2"))

    assert [Kind.EXERCISE_SHARES, Kind.EXERCISE] == [fact.kind for fact in both.facts]
    assert [Kind.EXERCISE] == [fact.kind for fact in alone.facts]


def test_measures_are_exact_and_what_is_not_stated_is_unknown() -> None:
    """Exercise value is strike x underlying shares; a missing factor leaves it unknown."""
    (whole,) = a_subject(an_option()).facts
    (partly,) = a_subject(an_option(strike=None)).facts

    assert Decimal("582000.00") == whole.measures[Measure.EXERCISE_VALUE]
    assert Decimal(2) == whole.measures[Measure.FILING_LAG]
    assert {Measure.STRIKE, Measure.EXERCISE_VALUE}.isdisjoint(partly.measures)


def test_a_footnote_only_value_never_satisfies_and_the_explanation_names_it() -> None:
    """Unknown is not 0, and it is said which box and which footnote leave it open."""
    row = an_option(strike=None, footnotes={"conversion_or_exercise_price": ("F1",)})
    rule = a_rule(kinds="option-grant", exercise_value=">= $500k")
    subject = a_subject(row)
    evidence = explain(rule, subject).rows[0].evidence[1]

    assert UNKNOWN == met(rule, subject)
    assert Verdict.UNKNOWN is evidence.verdict
    assert "box 2 (conversion_or_exercise_price) states none (footnote F1)" in evidence.stated
    assert ("F1",) == evidence.sources[0].footnotes
    assert UNKNOWN == met(a_rule(exercise_value="<= $500k"), subject)


@pytest.mark.parametrize(
    ("text", "expected"), [(">= 1000", YES), ("> 1000", NO), ("<= 1k", YES), ("< 1000", NO), ("1,000", YES)]
)
def test_thresholds_compare_as_they_are_written(text: str, expected: Met) -> None:
    """A bare number is a floor."""
    assert expected == met(a_rule(shares=text), a_subject(a_row(shares="1000")))


def test_what_is_less_than_0_meets_nothing_and_is_summed_as_unknown() -> None:
    """-5 shares at $-1 are no purchase of $5, and take nothing from the other rows."""
    wrong = a_row("P", "-5", "-1")
    subject = a_subject(wrong)

    assert UNKNOWN == met(a_rule(value=">= 1"), subject)
    assert UNKNOWN == met(a_rule(shares="<= 5"), subject)
    assert UNKNOWN == met(a_rule(shares=">= 100", per="filing"), a_subject(wrong, a_row(shares="99")))
    stated = explain(a_rule(shares=">= 1"), subject).rows[0].evidence[0].stated
    assert "unknown: box 4 (transaction_shares) is in doubt: -5 is less than 0" == stated


def test_a_trade_after_its_filing_has_no_lag() -> None:
    """It is impossible, and not early."""
    subject = a_subject(a_row(transaction_date=date(2035, 3, 3)))
    rule = a_rule(filing_lag="<= 2")

    assert UNKNOWN == met(rule, subject)
    stated = explain(rule, subject).rows[0].evidence[0].stated
    assert "unknown: box 2 (transaction_date) is in doubt: traded on 2035-03-03, filed on 2025-03-05" == stated


@pytest.mark.parametrize(("price", "verdict"), [("0", NO), (None, UNKNOWN)])
@pytest.mark.parametrize("row", [a_row, an_option])
def test_the_worth_of_a_grant_at_no_price_is_not_stated(
    row: Callable[..., object], price: str | None, verdict: Met
) -> None:
    """Its value is $0, or unknown, and the explanation says why."""
    grant = row("A", transaction_price_per_share=price and Decimal(price))
    (evidence,) = explain(a_rule(value=">= $1m"), a_subject(grant)).rows[0].evidence

    assert verdict == met(a_rule(value=">= $1m"), a_subject(grant))
    assert "a grant is filed with price $0 (or none), so its worth is not stated" in evidence.stated
    assert YES == met(a_rule(value=">= $1m"), a_subject(row("A", transaction_price_per_share=Decimal(9_000))))


def test_what_table_one_has_no_box_for_is_not_met() -> None:
    """It is no box left empty: shares have no strike, whatever was filed."""
    subject = a_subject(a_row())
    rule = a_rule(exercise_value=">= $1m")
    (evidence,) = explain(rule, subject).rows[0].evidence

    assert NO == met(rule, subject) == met(a_rule(exercise_value="<= $1m", per="filing"), subject)
    assert "exercise_value applies to options and other derivatives (Table II) only" == evidence.stated


def test_per_filing_sums_the_rows_that_meet_everything_else() -> None:
    """Three purchases of $40,000 are one of $120,000; a sale does not count."""
    rows = [a_row("P", "4000", "10")] * 3 + [a_row("S", "9000", "10")]

    assert Met(3, "true") == met(a_rule(kinds="purchase", value=">= $120k", per="filing"), a_subject(*rows))
    assert NO == met(a_rule(kinds="purchase", value="> $120k", per="filing"), a_subject(*rows))
    assert NO == met(a_rule(kinds="purchase", value=">= $120k"), a_subject(*rows))


def test_a_sum_with_unknown_rows_is_a_lower_bound() -> None:
    """It can reach a floor, but it cannot keep under a cap."""
    rows = [a_row(shares="600"), a_row(shares=None)]

    assert Met(2, "true") == met(a_rule(shares=">= 500", per="filing"), a_subject(*rows))
    assert UNKNOWN == met(a_rule(shares=">= 700", per="filing"), a_subject(*rows))
    assert UNKNOWN == met(a_rule(shares="<= 700", per="filing"), a_subject(*rows))
    assert NO == met(a_rule(shares="<= 500", per="filing"), a_subject(*rows))


def test_roles_are_those_of_any_owner() -> None:
    """Rows do not say whose they are."""
    subject = a_subject(a_row(), reporting_owners=(an_owner(is_ten_percent_owner=True), an_owner(is_officer=True)))

    assert YES == met(a_rule(roles="officer"), subject)
    assert YES == met(a_rule(roles=["director", "ten-percent-owner"]), subject)
    assert NO == met(a_rule(roles=["director", "other"]), subject)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ({"tickers": ["exmp"]}, YES),
        ({"ciks": [9900001]}, YES),
        ({"owners": ["9800001"]}, YES),
        ({"owners": ["Jane Doe"]}, YES),
        ({"owners": ["Doe, Jane"]}, YES),
        ({"owners": ["Jane Roe"]}, NO),
        ({"tickers": ["EXM"], "ciks": ["9900002"]}, NO),
    ],
)
def test_a_watchlist_is_met_by_any_of_its_entries(entries: dict[str, list[object]], expected: Met) -> None:
    """By ticker, by the issuer's CIK, by an owner's CIK or name."""
    assert expected == met(a_rule({"ours": entries}, watchlist="ours"), a_subject(a_row()))


def test_class_shares_are_found_however_they_are_written() -> None:
    """BRK/B, BRK-B and BRK.B are one symbol."""
    issuer = Issuer(issuer_cik="0009900001", symbols=("BRK.B",))

    for ticker in ("BRK/B", "brk-b", "BRK.B"):
        rule = a_rule({"ours": {"tickers": [ticker]}}, watchlist=["ours"])
        assert YES == met(rule, a_subject(a_row(), issuer=issuer))


def test_the_plan_box_is_unknown_on_form_versions_without_it() -> None:
    """Neither plan_10b5_1: true nor false is met by an old form."""
    old = a_subject(a_row(), aff10b5_one=None, schema_version="X0306")

    assert UNKNOWN == met(a_rule(plan_10b5_1=True), old)
    assert UNKNOWN == met(a_rule(plan_10b5_1=False), old)
    assert YES == met(a_rule(plan_10b5_1=False), a_subject(a_row()))


def test_amendments_and_ownership_can_be_asked_for() -> None:
    """amendments: false leaves a 4/A out; ownership looks at the row."""
    amended = a_subject(a_row(), document_type="4/A")
    indirect = a_subject(a_row(direct_or_indirect_ownership=OwnershipForm.INDIRECT))

    assert (YES, NO) == (met(a_rule(), amended), met(a_rule(amendments=False), amended))
    assert (NO, YES) == (met(a_rule(ownership="direct"), indirect), met(a_rule(ownership="indirect"), indirect))
    assert UNKNOWN == met(a_rule(ownership="direct"), a_subject(a_row(direct_or_indirect_ownership=None)))


def test_a_rule_on_the_filing_alone_is_met_without_rows() -> None:
    """An exit filing of a watched person has no rows, and still matters."""
    rule = a_rule({"ours": {"owners": ["Jane Doe"]}}, watchlist="ours")

    assert Met(0, "true") == met(rule, a_subject())
    assert NO == met(a_rule(kinds="purchase"), a_subject())


_numbers = st.none() | st.integers(0, 2000).map(str)
_rows = st.lists(
    st.builds(a_row, st.sampled_from(["P", "S", "M", "A"]), _numbers, _numbers)
    | st.builds(an_option, st.sampled_from(["A", "M", "X"]), _numbers, _numbers),
    max_size=4,
)
_settings = st.fixed_dictionaries(
    {},
    optional={
        "kinds": st.lists(st.sampled_from([kind.value for kind in Kind]), min_size=1, max_size=3),
        "shares": st.sampled_from([">= 1000", "<= 500", "> 0"]),
        "value": st.sampled_from([">= $1m", "< $500k"]),
        "strike": st.sampled_from(["> $1000", "<= 100"]),
        "exercise_value": st.sampled_from([">= $1m", "<= $1m"]),
        "roles": st.sampled_from(["director", "officer"]),
        "plan_10b5_1": st.booleans(),
        "per": st.sampled_from(["row", "filing"]),
    },
)


@given(_rows, _settings, st.sampled_from([True, False, None]))
def test_matching_and_explaining_never_disagree(
    rows: list[object], settings: dict[str, object], plan: bool | None
) -> None:
    """An alert is sent exactly when the explanation says that the rule is met."""
    subject = a_subject(*rows, aff10b5_one=plan)
    try:
        rule = a_rule(**settings)
    except ConfigError:  # of these kinds, it could never be met
        reject()

    assert (rule.matches(subject) is not None) == (explain(rule, subject).verdict is Verdict.TRUE)


def test_every_rule_that_is_met_alerts_once_whatever_the_number_of_rows() -> None:
    """One alert a rule and filing, with all the rows that met it."""
    section = {name: {"kinds": "purchase", "channels": "desk"} for name in ("one", "two")}
    found = dict(_alerts(RuleSet(rules(section, {}, {"desk"})), a_subject(a_row(), a_row(), a_row("S"))))

    assert {"one": 2, "two": 2} == {name: len(alert.rows) for name, alert in found.items()}


def test_an_alerts_id_never_changes() -> None:
    """Receivers tell repetitions by it: this very value must hold in every version."""
    rule = derived_id(Prefix.RULE, DEFAULT, "big-sale")

    assert "rule_551xj82hcv9yhte7hxvsp9tgr9" == rule
    assert "6d215dcc-ba87-5384-bc9e-9feab311ad39" == alert_id(RuleId(rule), ACCESSION)
    assert alert_id(RuleId(derived_id(Prefix.RULE, DEFAULT, "other")), ACCESSION) != alert_id(RuleId(rule), ACCESSION)


def test_history_alerts_nobody() -> None:
    """What the first start found is published, and no more."""
    book = Rulebook.of(rules({"all": {"channels": "desk"}}, {}, {"desk"}))
    step = MatcherStep(lambda: book, lambda: NOW, Unwatched())

    assert 1 == len(step.read(_record(history=False)).events)
    assert () == step.read(_record(history=True)).events


def test_an_alert_survives_the_wire_and_tells_its_footnotes() -> None:
    """Only those that the matched rows cite."""
    rows = [a_row(footnotes={"transaction_shares": ("F2",)}), a_row("S", footnotes={"security_title": ("F1",)})]
    subject = a_subject(*rows, footnotes={"F1": "one", "F2": "two"})
    rule = a_rule(kinds="purchase")
    alert = alert_of(rule, subject, rule.matches(subject) or ())

    assert {"F2": "two"} == alert.footnotes
    assert alert == decode(encode(alert), Alert)
    assert (
        "EXAMPLE CORP [EXMP]: DOE JANE (director) bought 1,000 shares of Common Stock at $10 for $10,000"
        == alert.headline
    )


def _alerts(ruleset: RuleSet, subject: object) -> list[tuple[str, Alert]]:
    found = [(rule, rule.matches(subject)) for rule in ruleset.candidates(subject)]
    return [(rule.rule.name, alert_of(rule, subject, rows)) for rule, rows in found if rows is not None]


def _record(*, history: bool) -> Record:
    parsed = ParsedFiling(filing=a_filing(provenance=Provenance(history=history)), document=a_document(a_row()))
    return Record(topic=Topic.PARSED, partition=0, offset=1, key="k", id="i", headers={}, value=encode(parsed))
