"""A rule as a form: a field for each key, made from the section that reads it, and what is typed into them.

A new predicate has a field by itself. Groups are no fields: they stay as the rule has them.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Any

from msgspec import Struct

from consumers.language.groups import JOINING, WATCHLISTS, RuleSection
from consumers.language.limit import threshold, words
from consumers.matcher.facts.fact import FactType, Type
from consumers.matcher.facts.registry import FACTS
from service.model.fact import USUAL_FIRST
from service.model.rule import Amendments, Per, Priority
from service.model.word import Word

Typed = Mapping[str, Sequence[str]]
"""What stands in each field; a field without anything in it may be missing."""


class Control(StrEnum):
    """How a field is filled in."""

    WORDS = "words"  # any of a closed list
    WORD = "word"  # one of a closed list; empty: as if the key were missing
    YES_NO = "yes-no"
    LIMIT = "limit"  # a threshold
    TEXT = "text"
    EXPRESSION = "expression"
    WATCHLISTS = "watchlists"  # any of those that there are
    CHANNELS = "channels"


class Choice(Struct, frozen=True, kw_only=True):
    """One word of a closed list."""

    word: str
    meaning: str = ""  # empty: the word says it


class Field(Struct, frozen=True, kw_only=True):
    """One key of a rule."""

    key: str
    title: str  # what people call it
    control: Control
    meaning: str
    everyday: bool  # whether most rules have it, or could
    choices: tuple[Choice, ...] = ()
    unit: str = ""  # of numbers
    example: str = ""
    default: str = ""  # of a word: the one that is as if the key were missing; empty: none is


_EVERYDAY = frozenset(
    {
        "description",
        "kinds",
        "watchlist",
        "exclude",
        "roles",
        "shares",
        "price",
        "value",
        "exercise_value",
        "plan_10b5_1",
        "cluster",
        "amendments",
        "flags",
        "when",
        "per",
        "priority",
        "channels",
    }
)
"""What most rules are made of. It says what is shown first, and nothing else."""

_WORDS: Mapping[str, Iterable[StrEnum]] = {
    "kinds": USUAL_FIRST,
    "amendments": Amendments,
    "per": Per,
    "priority": Priority,
}
_FACT_OF = {"roles": "role", "amendments": "amendment", "kinds": "kinds"}
_TITLES = {
    "watchlist": "Watchlists",
    "exclude": "Excluded lists",
    "plan_10b5_1": "10b5-1 plan",
    "per": "Sum per",
    "when": "Expression",
}
_FOR_EACH = frozenset({"price", "strike"})  # amounts of one share
_MEANINGS = {
    "kinds": "What a row reports",
    "when": "In CEL, over all facts, for what the fields cannot say",
    "per": "Over what amounts are added up before they are compared; owner: one of the owners alone meets all that is "
    "asked of owners",
    "watchlist": "The issuer or an owner is on one of these",
    "exclude": "Neither the issuer nor an owner is on one of these",
    "cluster": "Several insiders who buy within some days, such as insiders: 3, within: 10d; it rings for the one who "
    "completes it, and for whoever joins",
    "amendments": "Whether a 4/A counts",
    "priority": "Urgent alerts go before others, and through quiet hours",
    "max_per_hour": "The most alerts in an hour that go by themselves; further ones are told together",
    "channels": "Whom to tell",
}
_AS_IF_MISSING = {"amendments": Amendments.INCLUDE, "priority": Priority.NORMAL}


@cache
def fields() -> tuple[Field, ...]:
    """A field for each key that is no group, in the order in which rules are told."""
    every = RuleSection.keys()
    schema = RuleSection.model_json_schema(by_alias=True)
    return tuple(_field(key, schema["properties"][key]) for key in every if key not in JOINING)


def content(typed: Typed) -> dict[str, Any]:
    """The section that *typed* asks for; what cannot be meant stays as it is, to be told where it is read."""
    found = ((field.key, _said(field, typed.get(field.key, ()))) for field in fields())
    return {key: said for key, said in found if said is not None}


def typed(section: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """What stands in the fields where a rule is *section*."""
    given = ((field, section.get(field.key)) for field in fields())
    return {field.key: _shown(value) for field, value in given if value is not None}


def groups(section: Mapping[str, Any]) -> dict[str, Any]:
    """What of *section* no field has: its groups, and keys that no rule has."""
    mine = {field.key for field in fields()}
    return {key: value for key, value in section.items() if key not in mine}


def ordered(section: Mapping[str, Any]) -> dict[str, Any]:
    """*section* with its keys in the order in which rules are told."""
    order = {key: place for place, key in enumerate(RuleSection.keys())}
    return dict(sorted(section.items(), key=lambda one: order.get(one[0], len(order))))


def _field(key: str, schema: Mapping[str, Any]) -> Field:
    fact = FACTS.get(_FACT_OF.get(key, key))
    control = _control(key, schema)
    examples = schema.get("examples", ())
    return Field(
        key=key,
        title=_TITLES.get(key) or key.replace("_", " ").capitalize(),
        control=control,
        meaning=_MEANINGS.get(key) or (fact.meaning if fact else schema.get("description", "").removesuffix(".")),
        everyday=key in _EVERYDAY,
        choices=_choices(key, fact) if control in (Control.WORDS, Control.WORD) else (),
        unit=str(fact.unit) if fact and fact.unit else "",
        example=examples[key in _FOR_EACH and len(examples) > 1] if examples else "",
        default=_AS_IF_MISSING.get(key, ""),
    )


def _control(key: str, schema: Mapping[str, Any]) -> Control:
    if key in WATCHLISTS or key == "channels":
        return Control.CHANNELS if key == "channels" else Control.WATCHLISTS
    every = [schema, *schema.get("anyOf", ())]
    if any("pattern" in one for one in every):
        return Control.LIMIT
    if schema.get("type") == "boolean":
        return Control.YES_NO
    if any(one.get("type") == "array" for one in every):
        return Control.WORDS
    if any("enum" in one or "$ref" in one for one in every):
        return Control.WORD
    return Control.EXPRESSION if key == "when" else Control.TEXT


def _choices(key: str, fact: FactType | None) -> tuple[Choice, ...]:
    words = _WORDS.get(key) or (fact and fact.words)
    assert words, key
    return tuple(Choice(word=one.value, meaning=one.meaning if isinstance(one, Word) else "") for one in words)


def _said(field: Field, given: Sequence[str]) -> Any:
    """What is *given* in *field*, as a section has it; None: nothing."""
    every = [one.strip() for one in given if one.strip()]
    if not every or (len(every) == 1 and every[0] == _AS_IF_MISSING.get(field.key)):
        return None
    match field.control:
        case Control.YES_NO:
            return {"true": True, "false": False}.get(every[0], every[0])
        case Control.WORDS | Control.WATCHLISTS | Control.CHANNELS:
            return every[0] if len(every) == 1 else every
    return every[0]


def _shown(value: Any) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        return (", ".join(f"{key}: {' and '.join(_shown(said))}" for key, said in value.items()),)
    if isinstance(value, bool):
        return ("true" if value else "false",)
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)


def understood(key: str, text: str) -> str:
    """The threshold that *text* is, with the number that is read; empty: *text* is no threshold."""
    fact = FACTS.get(key)
    if fact is None or fact.type not in (Type.NUMBER, Type.DATE) or not text.strip():
        return ""
    try:
        return words(threshold(fact, text))
    except ValueError:
        return ""
