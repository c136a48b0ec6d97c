"""`when:`, expressions over facts: three-valued, bounded, exact where doubles are, and every part explained."""

import itertools
import time
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers import configuration as configfile
from consumers.kleene import all_of, any_of, opposite
from consumers.language import expression
from consumers.language.expression import NoExpression, compiled, part_of
from consumers.language.leaf import plain
from consumers.language.tokens import tokens
from consumers.matcher.explain import explain
from consumers.matcher.facts.fact import Partial
from service.model.errors import ConfigError, Faulty
from service.model.fact import Kind, OwnerRole, Verdict
from tests.kit.documents import Met, a_row, a_rule, a_subject, an_option, an_owner, met

T, F, U = Verdict.TRUE, Verdict.FALSE, Verdict.UNKNOWN
VALUES = {T: Decimal(2), F: Decimal(0), U: None}  # of a number that is asked for being above 1
NUMBERS = ("shares", "price", "value")


def said(verdicts: dict[str, Verdict]) -> dict[str, Any]:
    return {name: VALUES[verdict] for name, verdict in verdicts.items()}


_joined = st.recursive(
    st.sampled_from([f"{name} > 1" for name in NUMBERS]),
    lambda inner: (
        st.builds("({} && {})".format, inner, inner)
        | st.builds("({} || {})".format, inner, inner)
        | st.builds("!({})".format, inner)
    ),
    max_leaves=6,
)


def ours(text: str, verdicts: dict[str, Verdict]) -> Verdict:
    """*text* by our own three-valued logic, from its parts."""

    def of(part: expression.Operand) -> Verdict:
        match part.join:
            case "&&":
                return all_of(map(of, part.parts))
            case "||":
                return any_of(map(of, part.parts))
            case "!":
                return opposite(of(part.parts[0]))
        return verdicts[part.text.split()[0]]

    return of(part_of(text))


def test_the_truth_table_is_ours() -> None:
    """For both joins and the negation, on every combination of two, in both orders."""
    for left, right in itertools.product((T, F, U), repeat=2):
        known = said({"shares": left, "price": right})
        assert all_of([left, right]) is compiled("shares > 1 && price > 1").verdict(known)
        assert any_of([left, right]) is compiled("shares > 1 || price > 1").verdict(known)
        assert opposite(left) is compiled("!(shares > 1)").verdict({"shares": known["shares"]})
        assert all_of([left, opposite(right)]) is compiled("!(price > 1) && shares > 1").verdict(known)


@given(_joined)
def test_whatever_is_joined_has_our_value(text: str) -> None:
    """On all 27 combinations of what three facts can be."""
    one = compiled(text)
    for verdicts in itertools.product((T, F, U), repeat=3):
        each = dict(zip(NUMBERS, verdicts, strict=True))
        known = {fact.name: VALUES[each[fact.name]] for fact in one.facts}
        assert ours(text, each) is one.verdict(known) is one.by_cel(known), each


_numbers = st.decimals("-1e15", "1e15", allow_nan=False) | st.integers(-3, 3).map(Decimal)
_literals = _numbers.map(lambda number: f"{abs(number):f}") | st.just("1e3")
_roles = st.frozensets(st.sampled_from(OwnerRole), max_size=3)
_PLAIN = st.one_of(
    st.tuples(
        st.builds("value {} {}".format, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), _literals),
        st.fixed_dictionaries({"value": st.none() | _numbers}),
    ),
    st.tuples(
        st.builds("{!r} in role".format, st.sampled_from([*map(str, OwnerRole)])),
        st.fixed_dictionaries({"role": st.none() | _roles | st.builds(Partial, _roles, _roles)}),
    ),
    st.tuples(
        st.builds('kind {} "{}"'.format, st.sampled_from(["==", "!="]), st.sampled_from([*map(str, Kind)])),
        st.fixed_dictionaries({"kind": st.none() | st.sampled_from(Kind)}),
    ),
    st.tuples(
        st.builds("security_title {} {!r}".format, st.sampled_from(["==", "!="]), st.sampled_from(["a", "A b", ""])),
        st.fixed_dictionaries({"security_title": st.none() | st.sampled_from(["a", "A b", ""])}),
    ),
    st.tuples(st.just("joint"), st.fixed_dictionaries({"joint": st.none() | st.booleans()})),
)


@given(_PLAIN)
def test_what_is_plain_has_the_value_that_cel_gives_it(asked: tuple[str, dict[str, Any]]) -> None:
    """It is held against facts without CEL."""
    text, known = asked

    assert plain(tokens(text)) is not None
    assert compiled(text).by_cel(known) is compiled(text).verdict(known)


@pytest.mark.parametrize(
    "text",
    ["-value > 1", "value > -1", "value > price", "r'\\ceo' in role", "kind == '\\x61'", "kind < 'gift'", "1 < value"],
)
def test_what_is_not_plain_is_left_to_cel(text: str) -> None:
    """Whatever means anything beyond a fact and a literal."""
    assert plain(tokens(text)) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("value > 5000", True),
        ("value >= 10000 && value <= 10000.00", True),
        ("value > 2 * price * 500", False),
        ("value >= 2 * price * 500", True),
        ("value / shares == 10", True),
        ("owned_after > 1", None),
        ("owned_after > 1 || value > 1", True),
        ("owned_after > 1 && value < 1", False),
        ("owned_after > 1 ? true : true", None),
        ("value / (price - 10) > 1", None),
        ("value / (price - 10) > 1 || value > 1", True),
        ("kind == 'purchase'", True),
        ("kind in ['sale', 'gift']", False),
        ("'director' in role", True),
        ("size(role) == 1", True),
        ("role.exists(one, one == 'director')", True),
        ("role.all(one, one in ['director', 'officer'])", True),
        ("!plan_10b5_1", True),
        ("security_title.contains('Common')", True),
        ("security_title.matches('(?i)^common')", True),
        ("transaction_date == date('2025-03-03')", True),
        ("filed_on - transaction_date > duration('24h')", True),
        ("transaction_date.getDayOfWeek() == 1", True),
        ("(filed_on).getDayOfMonth() - transaction_date.getDayOfMonth() == 2", True),
        ("role.filter(one, one != 'officer').size() == 1", True),
        ("shares > 1e3", False),
        ("-shares < -999", True),
    ],
)
def test_facts_are_asked_for_as_they_are_filed(text: str, expected: bool | None) -> None:
    """Numbers compare whether they are written with decimals or without."""
    verdict = {True: Met(1, "true"), False: Met(None, "false"), None: Met(None, "unknown")}[expected]
    assert verdict == met(a_rule(when=text), a_subject(a_row()))


def test_a_claim_on_the_filing_alone_is_met_without_rows() -> None:
    """As by keys."""
    assert Met(0, "true") == met(a_rule(when="'director' in role"), a_subject())
    assert Met(None, "false") == met(a_rule(when="'director' in role && value > 1"), a_subject())


def test_one_and_the_same_owner() -> None:
    """`per: owner` holds for expressions too."""
    owners = (an_owner(is_director=True), an_owner("ROE RICHARD", "0009800002", is_officer=True))
    subject = a_subject(a_row(), reporting_owners=owners)
    both = "'director' in role && 'officer' in role"

    assert Met(1, "true") == met(a_rule(when=both), subject)
    assert Met(None, "false") == met(a_rule(when=both, per="owner"), subject)


@given(st.decimals("0.0001", 10**10, places=4, allow_nan=False))
def test_what_is_compared_as_it_was_filed_is_compared_exactly(number: Decimal) -> None:
    """Up to 15 significant digits: more than any price, count or worth has."""
    step = Decimal("0.0001")
    assert T is compiled(f"value == {number:f}").verdict({"value": number})
    assert F is compiled(f"value >= {number:f}").verdict({"value": number - step})
    assert T is compiled(f"value > {number:f}").verdict({"value": number + step})


def test_the_evidence_names_each_part_that_decided() -> None:
    """With what the filing says of its facts, in which boxes."""
    rule = a_rule(when="(strike < 3 && underlying_shares > 1000000) || security_title.contains('right')")
    (evidence,) = explain(rule, a_subject(an_option())).rows[0].evidence

    assert rule.claims == [evidence.predicate]
    assert [F, T] == [part.verdict for part in evidence.parts]
    assert ["strike < 3", "underlying_shares > 1000000"] == [one.predicate for one in evidence.parts[0].parts]
    assert [T, F] == [one.verdict for one in evidence.parts[0].parts]
    assert "strike: $2.91" == evidence.parts[0].parts[0].stated
    assert ["box 2"] == [source.number for source in evidence.parts[0].parts[0].sources]
    assert "strike: $2.91; underlying_shares: 200,000; security_title: Stock Option (right to buy)" == evidence.stated


def test_the_evidence_says_why_it_cannot_be_told() -> None:
    """A fact that is missing, or a division by 0."""
    missing = explain(a_rule(when="1 < 2 && owned_after > 1"), a_subject(a_row())).rows[0].evidence[0]
    division = explain(a_rule(when="value / (price - 10) > 1"), a_subject(a_row())).rows[0].evidence[0]

    box = "box 5 (shares_owned_following_transaction) states none"
    assert (U, f"owned_after: unknown: {box}") == (missing.verdict, missing.stated)
    assert [T, U] == [part.verdict for part in missing.parts]
    assert (U, "value: $10,000 ($10 x 1,000 shares); price: $10; unknown: division by 0") == (
        division.verdict,
        division.stated,
    )


def test_no_expression_takes_long() -> None:
    """Loops in loops end at CEL's budget; then it is unknown, and nothing is lost but the time."""
    numbers = "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]"
    text = "value > 1"
    for level in range(12):
        text = f"{numbers}.all(x{level}, {text})"
    rule, subject = a_rule(when=text), a_subject(a_row())
    began = time.perf_counter()
    assert Met(None, "unknown") == met(rule, subject)
    assert time.perf_counter() - began < 2  # it takes 0.02 s; without a bound it would take years


@pytest.mark.parametrize("text", ["value > 1" + " || value > 1" * 200, "(" * 100 + "value > 1" + ")" * 100])
def test_an_expression_is_bounded_in_size(text: str) -> None:
    """In length and in depth."""
    with pytest.raises(NoExpression, match=r"at most 2,000 characters|nested too deeply"):
        compiled(text)


FILE = """\
channels: {desk: {type: slack, url: "https://hooks.slack.com/services/T/B/X"}}
rules:
  big:
    channels: desk
    %s
"""


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("when: valeu > 5", "5:11"),
        ("when: value > 5 && valeu > 6", "5:24"),
        ("when: 'value > 5 && valeu > 6'", "5:25"),
        ("when: 'kind == ''sale'' && valeu > 6'", "5:32"),
        ('when: "kind == \\"sale\\" && valeu > 6"', "5:32"),
        ("when: >\n      value > 5 &&\n      valeu > 6", "7:7"),
        ("when: |-\n      value > 5 &&\n\n        valeu > 6", "8:9"),
        ("when: value > 5 &&\n      shares > 2 && valeu > 6", "6:21"),
        ("any_of: [{kinds: sale}, {when: valeu > 5}]", "5:36"),
        ("not: {when: valeu > 5}", "5:17"),
    ],
)
def test_a_fault_is_told_at_its_place(text: str, place: str) -> None:
    """The line and the column of the file, however the text is written there."""
    with pytest.raises(ConfigError) as caught:
        configfile.parse(FILE % text, "x.yaml", {})

    assert f"x.yaml:{place}: there is no fact 'valeu'; did you mean 'value'?" in str(caught.value)


def test_without_a_file_the_character_is_told() -> None:
    """As to who sets a rule by a call."""
    with pytest.raises(ConfigError) as caught:
        a_rule(when="value > 5 && valeu > 6")

    assert "rules.rule.when, character 14: there is no fact" in str(Faulty("x", caught.value.faults))


def test_without_the_package_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """And only rules with an expression need it."""

    def missing() -> None:
        raise expression.CelNotInstalled("expressions need the package cel-expr-python: make cel")

    monkeypatch.setattr(expression, "_environment", missing)
    assert a_rule(kinds="purchase").claims
    with pytest.raises(ConfigError) as caught:
        a_rule(when="value > 5 && filing_lag > 98765")

    assert "make cel" in caught.value.faults[0].message


def test_a_date_is_a_day() -> None:
    """At midnight, wherever it was filed."""
    assert T is compiled("filed_on >= date('2025-03-05')").verdict({"filed_on": date(2025, 3, 5)})
    assert F is compiled("filed_on > date('2025-03-05')").verdict({"filed_on": date(2025, 3, 5)})


_SOUP = """value kind role plan_10b5_1 transaction_date size( .size() .exists(x, date('2025-03-03') 'sale' " ' 5 1.5
1e6 5k $ % && || ! == = > <= in and ? : ( ) [ ] { } , . + - * / ; \u201c matches(' null true //"""
_words = st.sampled_from([*_SOUP.split(), "\n"])


@given(st.lists(_words, max_size=12).map(" ".join) | st.lists(_words, max_size=8).map("".join) | st.text(max_size=20))
def test_whatever_is_written_it_is_used_or_refused_clearly(text: str) -> None:
    """Never a traceback, and each place lies in the text."""
    try:
        one = compiled(text)
    except NoExpression as error:
        wrong = error.wrong
    else:
        wrong = ()
        assert part_of(text).text
        one.verdict(dict.fromkeys((fact.name for fact in one.facts), None))
    assert all(0 <= one.at <= len(text) and one.message for one in wrong)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'director' in role", T),
        ("'ceo' in role", U),
        ("'cfo' in role", F),
        ("'director' in role || 'ceo' in role", T),
        ("'director' in role && 'ceo' in role", U),
        ("!('ceo' in role)", U),
        ("size(role) >= 1", T),
        ("size(role) == 1", U),
        ("size(role) > 2", F),
    ],
)
def test_words_that_may_be_there_too_are_unknown(text: str, expected: Verdict) -> None:
    """A director whose title leaves open whether they are the chief executive."""
    known = Partial(frozenset({OwnerRole.DIRECTOR}), frozenset({OwnerRole.CEO}))
    assert expected is compiled(text).verdict({"role": known})


def test_what_a_row_has_no_box_for_is_unknown_to_expressions() -> None:
    """A key is not met there; an expression cannot tell the two apart. Either meets no rule."""
    subject = a_subject(a_row())

    assert Met(None, "unknown") == met(a_rule(when="strike > 1"), subject)
    assert Met(None, "false") == met(a_rule(strike="> 1"), subject)
