"""A rule as a form: a field for each key, and nothing lost between form and section."""

from typing import Any

import pytest

from consumers.language.form import Control, content, fields, groups, ordered, typed
from consumers.language.groups import JOINING, RuleSection
from consumers.language.rules import rules, watchlists
from consumers.matcher.predicates import PREDICATES
from tests.language.test_predicates import LISTS, OTHERS, fact_of, sample

BY_KEY = {field.key: field for field in fields()}


def asked(key: str) -> Any:
    """What can stand behind *key*."""
    others: dict[str, Any] = {"per": ["owner", "filing"], "priority": "urgent", "description": "Why"}
    others |= {"max_per_hour": "20", "channels": ["desk", "ops"]}
    if key in others:
        return others[key]
    fact = fact_of(key)
    return sample(fact)[0] if fact else OTHERS[key][0][0]


def test_each_key_has_a_field_and_no_other_has() -> None:
    """A new predicate shows up by itself."""
    assert [*PREDICATES] == [key for key in RuleSection.keys() if key in PREDICATES]  # noqa: SIM118
    assert {*PREDICATES, "description", "per", "priority", "max_per_hour", "channels"} == BY_KEY.keys()


@pytest.mark.parametrize("key", BY_KEY)
def test_a_field_says_what_it_is_about(key: str) -> None:
    """What can be said, and how a number is written."""
    field = BY_KEY[key]

    assert field.meaning
    assert bool(field.choices) is (field.control in (Control.WORDS, Control.WORD))
    assert bool(field.example) is (field.control is Control.LIMIT or key == "cluster")


@pytest.mark.parametrize("key", [key for key in BY_KEY if key != "when"])
def test_what_a_form_shows_comes_back_as_it_was(key: str) -> None:
    """Read as before: a form that is sent as it is shown changes nothing."""
    lists, channels = watchlists(LISTS), {"desk", "ops"}
    before = {"channels": ["desk", "ops"], key: asked(key)}
    after = content(typed(before))

    assert rules({"one": before}, lists, channels) == rules({"one": after}, lists, channels)


def test_empty_fields_ask_for_nothing() -> None:
    """Also those that always have something chosen."""
    empty = {field.key: [""] for field in fields()}

    assert {} == content(empty)
    assert {} == content({"amendments": ["include"], "priority": ["normal"], "value": ["   "]})


def test_what_cannot_be_meant_stays_as_it_was_typed() -> None:
    """Where it is read, it is told; here, nothing is lost."""
    given = {"value": ["many"], "kinds": ["sale", "sal"], "plan_10b5_1": ["maybe"]}

    assert {"kinds": ["sale", "sal"], "value": "many", "plan_10b5_1": "maybe"} == content(given)
    assert ("sale", "sal") == typed({"kinds": ["sale", "sal"]})["kinds"]


def test_groups_are_no_fields() -> None:
    """They stay as they are, and so does what no rule has."""
    section = {"channels": "desk", "any_of": [{"kinds": "sale"}, {"kinds": "gift"}], "vlaue": 5}

    assert {"any_of": section["any_of"], "vlaue": 5} == groups(section)
    assert [*JOINING, "channels"] == [*ordered({"channels": 1, "not": 2, "any_of": 3})]
