"""The configuration file as JSON Schema, for editors: made from the sections that read it."""

from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from consumers.dispatcher.channels import CHANNELS
from consumers.language.groups import RuleSection
from consumers.language.operations import OperationsSection
from consumers.language.rules import WatchlistSection
from consumers.language.sections import Section

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_VARIABLE = {"type": "string", "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*\}"}  # takes the place of any text


class _Generate(GenerateJsonSchema):
    """What is read by code alone can be anything here; the code says what is wrong with it."""

    def handle_invalid_for_json_schema(self, schema: core_schema.CoreSchema, error_info: str) -> JsonSchemaValue:
        """Anything."""
        return {}


def configuration_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a configuration file."""
    definitions: dict[str, Any] = {}

    def section(of: type[Section]) -> dict[str, Any]:
        made = of.model_json_schema(schema_generator=_Generate, ref_template="#/$defs/{model}")
        definitions.update(made.pop("$defs", {}))
        return made

    channels = [section(of) for of, *_ in CHANNELS.values()]
    schema = {
        "$schema": _DRAFT,
        "title": "filingbell.yaml",
        "type": "object",
        "properties": {
            "channels": _named({"oneOf": channels}, "Who is told, by the names that rules use."),
            "watchlists": _named(section(WatchlistSection), "Companies and persons, by the names that rules use."),
            "rules": _named(section(RuleSection), "When to alert, and whom."),
            "operations": section(OperationsSection),
        },
        "required": ["rules"],
        "additionalProperties": False,
    }
    schema["$defs"] = definitions
    plain: dict[str, Any] = _plain(schema)
    return plain


def _named(section: Mapping[str, Any], description: str) -> dict[str, Any]:
    return {"type": "object", "description": description, "additionalProperties": section}


def _plain(schema: Any) -> Any:
    """*schema* without what says nothing: titles made from names, and the null that a missing key would be."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _plain(one) for key, one in schema.items() if key not in ("default", "title") or isinstance(one, dict)}
    if "title" in schema and "$schema" in schema:
        made["title"] = schema["title"]
    choices = made.pop("anyOf", [])
    left = [one for one in choices if one != {"type": "null"}]
    made = {**left[0], **made} if len(left) == 1 else {"anyOf": left, **made} if left else made
    return _or_variable(made) if "pattern" in made or "enum" in made else made


def _or_variable(schema: Mapping[str, Any]) -> dict[str, Any]:
    """*schema*, or a variable of the environment in its place."""
    about = {"description", "examples"}
    rest = {key: one for key, one in schema.items() if key not in about}
    return {"anyOf": [rest, _VARIABLE], **{key: schema[key] for key in about & schema.keys()}}
