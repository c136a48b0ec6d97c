"""Rules are stored as they were written: what an earlier version stored is read as it was read then."""

from typing import Any

import pytest

from consumers.matcher.rulebook import rules_of
from service.model.identity import DEFAULT, Revision
from service.model.resource import Resource, ResourceKind
from service.model.rule import Priority
from tests.kit.documents import NOW, a_rule

STORED: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"description": "all"}, []),
    ({"kinds": "purchase"}, ["kind is purchase"]),
    ({"kinds": ["option-grant", "award"]}, ["kind is option-grant or award"]),
    ({"value": ">= $1.5m"}, ["value >= $1,500,000"]),
    ({"value": 500}, ["value >= $500"]),
    ({"filing_lag": "> 2 days"}, ["filing_lag > 2 days"]),
    ({"price": "< $2.50", "strike": "<= 3", "owned_after": "0"}, ["price < $2.50", "strike <= $3", "owned_after >= 0"]),
    ({"kinds": "purchase", "per": "filing", "value": "100k"}, ["kind is purchase", "sum of value >= $100,000"]),
    ({"kinds": "purchase", "per": "filing"}, ["kind is purchase"]),
    ({"kinds": "purchase", "per": "row"}, ["kind is purchase"]),
    ({"roles": "director"}, ["an owner is director"]),
    ({"roles": ["officer", "ten-percent-owner", "other"]}, ["an owner is officer or ten-percent-owner or other"]),
    ({"watchlist": ["watchlist_1"]}, ["on watchlist ours"]),
    ({"plan_10b5_1": True}, ["10b5-1 plan is yes"]),
    ({"plan_10b5_1": "no"}, ["10b5-1 plan is no"]),
    ({"ownership": "direct"}, ["ownership is direct"]),
    ({"ownership": "Indirect"}, ["ownership is indirect"]),
    ({"amendments": True}, []),
    ({"amendments": "yes"}, []),
    ({"amendments": False}, ["is no amendment"]),
    ({"amendments": "off"}, ["is no amendment"]),
]


def a_resource(kind: ResourceKind, identity: str, name: str, section: dict[str, Any]) -> Resource:
    return Resource(
        id=identity, kind=kind, workspace=DEFAULT, name=name, section=section, revision=Revision(7), created=NOW
    )


@pytest.mark.parametrize(("section", "claims"), STORED, ids=[str(section) for section, _ in STORED])
def test_a_rule_of_an_earlier_version_asks_for_what_it_did(section: dict[str, Any], claims: list[str]) -> None:
    """The sections are those that the version before groups and expressions took."""
    stored = [
        a_resource(ResourceKind.WATCHLIST, "watchlist_1", "ours", {"tickers": "AAPL"}),
        a_resource(ResourceKind.CHANNEL, "channel_1", "desk", {"type": "slack", "url": "sealed"}),
        a_resource(ResourceKind.RULE, "rule_1", "rule", section | {"channels": ["channel_1"]}),
    ]
    (rule,) = rules_of(stored)

    assert sorted(claims) == sorted(a_rule({"ours": {"tickers": "AAPL"}}, **_named(section)).claims)
    assert ("rule_1", 7, ("channel_1",), Priority.NORMAL) == (rule.id, rule.revision, rule.channels, rule.priority)
    assert not rule.condition.one_owner


def test_a_stored_rule_goes_on_whatever_the_length_of_its_description() -> None:
    """A limit that came later does not silence a rule."""
    section = {"description": "x" * 501, "channels": ["channel_1"]}
    channel = a_resource(ResourceKind.CHANNEL, "channel_1", "desk", {"type": "slack", "url": "sealed"})

    (rule,) = rules_of([channel, a_resource(ResourceKind.RULE, "rule_1", "rule", section)])

    assert section["description"] == rule.description


def _named(section: dict[str, Any]) -> dict[str, Any]:
    """*section* as a person would write it, whose watchlists have names."""
    return section | ({"watchlist": ["ours"]} if "watchlist" in section else {})
