"""`filingbell schema config`: what an editor is told agrees with what reads the file."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from consumers.language.groups import JOINING, RuleSection
from consumers.matcher.predicates import PREDICATES
from consumers.schema import configuration_schema
from service.cli import demo
from tests.kit.documents import a_rule
from tests.kit.places import DEPLOY
from tests.language.test_predicates import LISTS, OTHERS, fact_of, sample

ROOT = Path(__file__).parent.parent.parent
SCHEMA = configuration_schema()
VALID = Draft202012Validator(SCHEMA)


def loaded(text: str) -> Any:
    return YAML(typ="safe").load(text)


def examples() -> dict[str, str]:
    """Every configuration file that the project has or shows."""
    found = {str(path.relative_to(ROOT)): path.read_text() for path in (DEPLOY / "filingbell.yaml", *_bundled())}
    for page in ("README.md", "docs/rules.md"):
        blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
        found |= {f"{page}, {number}": block for number, block in enumerate(blocks, 1) if "rules:" in block}
    return found


def _bundled() -> list[Path]:
    return list(Path(demo.__file__).parent.glob("*.yaml"))


def test_the_schema_is_one() -> None:
    """By the draft that it names."""
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA == json.loads(json.dumps(SCHEMA))


@pytest.mark.parametrize("text", examples().values(), ids=examples())
def test_every_file_of_ours_is_valid(text: str) -> None:
    """Variables of the environment included."""
    assert [] == [error.message for error in VALID.iter_errors(loaded(text))]


def test_every_key_is_known_to_editors() -> None:
    """Of rules and of the groups in them, each with what it means."""
    rule = SCHEMA["properties"]["rules"]["additionalProperties"]["properties"]
    group = SCHEMA["$defs"]["Group"]["properties"]

    assert set(RuleSection.keys()) == set(rule)
    assert PREDICATES.keys() | {*JOINING} == set(group)
    assert all(rule[key]["description"] for key in PREDICATES if fact_of(key))


@pytest.mark.parametrize("key", PREDICATES)
def test_what_a_rule_takes_is_valid(key: str) -> None:
    """Alone and in a list, in a rule and in groups."""
    fact = fact_of(key)
    asked = sample(fact)[0] if fact else OTHERS[key][0][0]
    rule = {key: asked, "any_of": [{key: asked}, {"not": {key: asked}}], "channels": ["desk"]}

    assert a_rule(LISTS, **{key: asked}).claims
    assert VALID.is_valid({"rules": {"one": rule}})


@pytest.mark.parametrize(
    "rule",
    [
        {"channels": "desk", "kind": "sale"},
        {"channels": "desk", "kinds": "sal"},
        {"channels": "desk", "kinds": []},
        {"channels": "desk", "kinds": None},
        {"channels": "desk", "value": ">= lots"},
        {"channels": "desk", "value": -5},
        {"channels": "desk", "value": [5]},
        {"channels": "desk", "filed_on": "2025"},
        {"channels": "desk", "plan_10b5_1": "maybe"},
        {"channels": "desk", "per": "issuer"},
        {"channels": "desk", "priority": "high"},
        {"channels": "desk", "any_of": [{"kinds": "sale"}]},
        {"channels": "desk", "any_of": [{"kinds": "sale"}, {"kins": "sale"}]},
        {"channels": "desk", "not": {"kins": "sale"}},
        {"channels": "desk", "when": 5},
        {"kinds": "sale"},
    ],
)
def test_what_a_rule_refuses_is_told_while_it_is_written(rule: dict[str, Any]) -> None:
    """So far as a schema can say it."""
    assert not VALID.is_valid({"rules": {"one": rule}})
