"""How near a filing came: the one claim that fails, where, and by how much."""

from typing import Any

import pytest

from consumers.matcher.near import miss
from tests.kit.documents import DISPOSED, a_row, a_rule, a_subject, an_option, an_owner

ROWS = (a_row(), a_row("S", "500", "20", **DISPOSED))  # $10,000 each


@pytest.mark.parametrize(
    ("settings", "failed", "place", "short"),
    [
        ({"kinds": "sale", "value": ">= $12,500"}, "value >= $12,500", "Table I row 2", "$2,500 too little"),
        ({"kinds": "purchase", "value": "< $8k"}, "value < $8,000", "Table I row 1", "$2,000 too much"),
        ({"shares": "> 1000"}, "shares > 1,000", "Table I row 1", "0 too little"),
        (
            {"transaction_date": ">= 2025-03-05"},
            "transaction_date >= 2025-03-05",
            "Table I row 1",
            "2 days too early",
        ),
        ({"value": ">= $25k", "per": "filing"}, "sum of value >= $25,000", None, "$5,000 too little"),
        ({"value": ">= $25k", "per": "day", "kinds": "sale"}, "sum of value >= $25,000", None, "$15,000 too little"),
        ({"kinds": "gift"}, "kind is gift", "Table I row 1", ""),
        ({"kinds": "sale", "roles": "ceo"}, "an owner is ceo", None, ""),
        ({"kinds": "sale", "roles": "ceo", "per": "owner"}, "an owner is ceo", None, ""),
        ({"net_value": ">= $1k"}, "net_value >= $1,000", None, "$1,000 too little"),
        (
            {"any_of": [{"kinds": "gift"}, {"value": ">= $1m"}]},
            "kind is gift or value >= $1,000,000",
            "Table I row 1",
            "",
        ),
    ],
)
def test_one_claim_that_fails_is_told(settings: dict[str, Any], failed: str, place: str | None, short: str) -> None:
    """With the number that lacks, where there is one."""
    subject = a_subject(*ROWS, reporting_owners=(an_owner(is_director=True),))
    found = miss(a_rule(**settings), subject)

    assert found is not None
    assert (failed, place, short) == (found.evidence.predicate, found.place, found.short)
    assert (found.apart is None) is (not short)


@pytest.mark.parametrize(
    "settings",
    [
        {"kinds": "sale"},  # it is met
        {"kinds": "gift", "value": ">= $1m"},  # two fail
        {"kinds": "gift", "roles": "ceo"},
        {"kinds": "gift", "value": ">= $1m", "per": "filing"},  # no row is summed
        {"exercise_value": ">= $1m", "kinds": "exercise"},
    ],
)
def test_what_is_met_or_fails_more_is_not_near(settings: dict[str, Any]) -> None:
    """Else everything would be."""
    assert miss(a_rule(**settings), a_subject(*ROWS)) is None


def test_what_is_unknown_is_told_as_such() -> None:
    """The box says nothing: nobody knows by how much it fails."""
    found = miss(a_rule(kinds="option-grant", exercise_value=">= $1"), a_subject(an_option(strike=None)))

    assert found is not None
    assert ("exercise_value >= $1", "") == (found.evidence.predicate, found.short)
    assert found.evidence.stated.startswith("unknown: box 2")


def test_a_filing_without_rows_can_be_near() -> None:
    """By what is asked of the filing."""
    found = miss(a_rule(roles="ceo"), a_subject())

    assert found is not None
    assert "an owner is ceo" == found.evidence.predicate
    assert miss(a_rule(roles="ceo", kinds="sale"), a_subject()) is None
