"""Claims joined: three-valued, row by row, and over rows together."""

from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.kleene import all_of, any_of, opposite
from consumers.matcher.condition import node_of
from consumers.matcher.explain import explain
from consumers.matcher.index.ruleset import RuleSet
from consumers.matcher.necessary import needs
from service.model.fact import Verdict
from service.model.rule import All, AnyOf, Claim, Not, Tree
from tests.kit.documents import Met, a_row, a_rule, a_subject, an_option, an_owner, met

T, F, U = Verdict.TRUE, Verdict.FALSE, Verdict.UNKNOWN
YES, NO, UNKNOWN = Met(1, "true"), Met(None, "false"), Met(None, "unknown")


def test_joining_is_kleenes() -> None:
    """Unknown stays so where it decides, and nowhere else."""
    order = [F, U, T]
    for left, right in product(order, order):
        assert min(left, right, key=order.index) is all_of([left, right])
        assert max(left, right, key=order.index) is any_of([left, right])
    assert [T, U, F] == [opposite(one) for one in order]
    assert (T, F) == (all_of([]), any_of([]))


_claims = st.sampled_from(
    [
        Claim("shares", a_rule(shares=">= 100").key.rows.of[0].asked),
        Claim("roles", ("director",)),
        Claim("kinds", ("purchase",)),
        Claim("plan_10b5_1", asked=True),
    ]
)
_trees = st.recursive(
    _claims,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(All, st.lists(inner, max_size=3).map(tuple))
        | st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple))
    ),
    max_leaves=6,
)


def value(tree: Tree, of: Any) -> Verdict:
    """*tree*, the long way, by what *of* says of claims."""
    order = [F, U, T]
    match tree:
        case Claim():
            return of(tree)
        case Not(of=part):
            return {T: F, F: T, U: U}[value(part, of)]
        case All(of=parts):
            return min((value(part, of) for part in parts), key=order.index, default=T)
        case AnyOf(of=parts):
            return max((value(part, of) for part in parts), key=order.index)


@given(_trees, st.sampled_from([None, "50", "100"]), st.sampled_from("PS"), st.sampled_from([None, True, False]))
def test_a_tree_is_the_value_of_its_claims(tree: Tree, shares: str | None, code: str, plan: bool | None) -> None:
    """Whatever its shape; evidence says the same, and each part's own verdict."""
    subject = a_subject(a_row(code, shares), aff10b5_one=plan)
    (row,) = subject.facts
    expected = value(tree, lambda claim: node_of(claim).test(subject, subject, row))
    node = node_of(tree)

    assert expected is node.test(subject, subject, row)
    assert expected is node.evidence(subject, subject, row).verdict


@given(_trees, st.sampled_from([None, "50", "100"]), st.sampled_from("PS"), st.sampled_from([None, True, False]))
def test_what_is_met_has_what_is_needed(tree: Tree, shares: str | None, code: str, plan: bool | None) -> None:
    """An index that looks at clauses alone misses nothing."""
    subject = a_subject(a_row(code, shares), aff10b5_one=plan)
    (row,) = subject.facts
    if node_of(tree).test(subject, subject, row) is T:
        condition = type(a_rule().key)(rows=tree)
        for clause in needs(condition):
            assert any(node_of(claim).test(subject, subject, row) is T for claim in clause)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"any_of": [{"kinds": "sale"}, {"shares": ">= 1000"}]}, YES),
        ({"any_of": [{"kinds": "sale"}, {"shares": "> 1000"}]}, NO),
        ({"any_of": [{"kinds": "purchase"}, {"strike": "> 1"}]}, YES),
        ({"not": {"kinds": "sale"}}, YES),
        ({"not": {"kinds": "purchase", "shares": "> 1000"}}, YES),
        ({"not": [{"kinds": "sale"}, {"shares": ">= 1000"}]}, NO),
        ({"not": {"any_of": [{"kinds": "sale"}, {"roles": "officer"}]}}, YES),
        ({"not": {"owned_after": "> 1"}}, UNKNOWN),
        ({"not": {"owned_after": "> 1"}, "kinds": "sale"}, NO),
        ({"any_of": [{"owned_after": "> 1"}, {"kinds": "sale"}]}, UNKNOWN),
        ({"any_of": [{"owned_after": "> 1"}, {"roles": "director"}]}, YES),
        ({"exclude": "theirs"}, YES),
        ({"exclude": "ours"}, NO),
        ({"watchlist": "ours", "exclude": "theirs"}, YES),
    ],
)
def test_groups_join_claims(settings: dict[str, Any], expected: Met) -> None:
    """One is enough, none may be, and what is unknown stays so."""
    lists = {"ours": {"tickers": ["EXMP"]}, "theirs": {"ciks": [1]}}

    assert expected == met(a_rule(lists, **settings), a_subject(a_row()))


def test_a_filing_without_rows_meets_what_does_not_ask_for_them() -> None:
    """What is claimed of rows is unknown there, which decides nothing where a claim on the filing does."""
    either = a_rule(any_of=[{"kinds": "purchase"}, {"roles": "director"}])
    neither = a_rule(any_of=[{"kinds": "purchase"}, {"roles": "officer"}])

    assert Met(0, "true") == met(either, a_subject())
    assert NO == met(neither, a_subject()) == met(a_rule(**{"not": {"kinds": "sale"}}), a_subject())


def test_a_day_sums_its_own_rows() -> None:
    """Two purchases of one day count together, with those of another day they do not."""
    day, next_day = date(2025, 3, 3), date(2025, 3, 4)
    rows = [a_row(shares=n, transaction_date=d) for n, d in (("600", day), ("600", next_day), ("500", next_day))]
    rule = a_rule(shares=">= 1,100", per="day")
    found = explain(rule, a_subject(*rows))

    assert Met(2, "true") == met(rule, a_subject(*rows))
    assert [("600 in 1 row", F), ("1,100 in 2 rows", T)] == [(one.stated, one.verdict) for one in found.total]
    assert NO == met(a_rule(shares=">= 1,101", per="day"), a_subject(*rows))
    assert Met(3, "true") == met(a_rule(shares=">= 1,700", per="filing"), a_subject(*rows))
    assert ["sum of shares >= 1,100 of one day"] == rule.claims


def test_a_row_that_may_count_leaves_a_sum_open() -> None:
    """It cannot be told whether it meets all the rest: a floor can be reached without it, a cap not be kept."""
    whole = an_option(shares="600", strike="5", **OWNED)
    doubtful = an_option(shares="500", strike="5")
    other = a_row(shares="9000", **OWNED)
    asks = {"owned_after": ">= 1", "strike": ">= 1", "per": "filing"}
    subject = a_subject(whole, doubtful, other)

    assert Met(1, "true") == met(a_rule(shares=">= 600", **asks), subject)
    assert UNKNOWN == met(a_rule(shares=">= 700", **asks), subject)
    assert UNKNOWN == met(a_rule(shares="<= 700", **asks), subject)
    assert NO == met(a_rule(shares="<= 500", **asks), subject)
    (evidence,) = explain(a_rule(shares=">= 700", **asks), subject).total
    assert "600 in 1 row; 1 more row may count, which cannot be told" == evidence.stated
    later = an_option(shares="500", strike="5", transaction_date=date(2025, 3, 4))
    assert Met(1, "true") == met(a_rule(shares="<= 700", **asks | {"per": "day"}), a_subject(whole, later))


OWNED = {"shares_owned_following_transaction": Decimal(5)}


def test_the_evidence_of_a_group_has_that_of_its_parts() -> None:
    """Each with its verdict; the group states what decided."""
    rule = a_rule(any_of=[{"strike": ">= 1", "kinds": "option-grant"}, {"kinds": "sale"}])
    (evidence,) = explain(rule, a_subject(an_option())).rows[0].evidence

    assert "(kind is option-grant and strike >= $1) or kind is sale" == evidence.predicate
    assert [T, F] == [part.verdict for part in evidence.parts]
    assert ["kind is option-grant", "strike >= $1"] == [part.predicate for part in evidence.parts[0].parts]
    assert "option-grant (code A): the title says an option; $2.91" == evidence.stated


LISTS = {
    "ours": {"tickers": ["EXMP"], "except": {"owners": ["Jane Doe"]}},
    "theirs": {"ciks": [9900001], "except": {"tickers": ["EXMP"]}},
    "all": {"ciks": [9900001]},
}


@pytest.mark.parametrize(
    ("settings", "jane", "richard"),
    [
        ({"watchlist": "ours"}, NO, YES),
        ({"watchlist": "theirs"}, NO, NO),
        ({"watchlist": ["ours", "theirs"]}, NO, YES),
        ({"watchlist": ["ours", "all"]}, YES, YES),
        ({"exclude": "ours"}, YES, NO),
        ({"exclude": "theirs"}, YES, YES),
        ({"exclude": ["ours", "all"]}, NO, NO),
        ({"watchlist": "all", "exclude": "ours"}, YES, NO),
        ({"any_of": [{"watchlist": "ours"}, {"kinds": "sale"}]}, NO, YES),
        ({"not": {"watchlist": "ours"}}, YES, NO),
    ],
)
def test_a_watchlist_does_not_mean_whom_it_leaves_out(settings: dict[str, Any], jane: Met, richard: Met) -> None:
    """Though an entry names them; alone, beside others, in groups, and where the list is what a rule leaves out."""
    rule = a_rule(LISTS, **settings)
    for name, expected in (("DOE JANE", jane), ("ROE RICHARD", richard)):
        filing = a_subject(a_row(), reporting_owners=(an_owner(name),))
        assert expected == met(rule, filing)
        assert bool(expected.rows) == any(one.matches(filing) for one in RuleSet([rule.rule]).candidates(filing))


def test_equal_rules_have_equal_keys() -> None:
    """In whatever order they are written."""
    one = a_rule(kinds=["sale", "purchase"], value=">= 1m", description="a")
    other = a_rule(value=">= $1,000,000", kinds=["purchase", "sale", "sale"], description="b")

    assert one.key == other.key
    assert hash(one.key) == hash(other.key)
    assert one.key != a_rule(value=">= $1,000,001", kinds=["purchase", "sale"]).key
