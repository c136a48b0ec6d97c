"""What the topics' values look like, as JSON Schema."""

from collections.abc import Mapping
from typing import Any

import msgspec

from service.wire.topics import KINDS, TYPES, Topic

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
SUMMARIES: Mapping[Topic, str] = {
    Topic.FILINGS: "A filing: its times and links, and the ownership document as filed.",
    Topic.PARSED: "A filing's whole form, every box under the SEC's name in snake case.",
    Topic.ALERTS: "One rule met by one filing, and why.",
    Topic.DEAD: "What could not be used: the original bytes, the reason, the place.",
}


def json_schema(topic: Topic) -> dict[str, Any]:
    """What a value on *topic* looks like (JSON Schema 2020-12)."""
    (root,), components = msgspec.json.schema_components([KINDS[topic]], ref_template="#/$defs/{name}")
    return {
        "$schema": _DIALECT,
        "$id": f"urn:filingbell:{TYPES[topic]}",
        "title": TYPES[topic],
        "description": SUMMARIES[topic],
        **root,
        "$defs": as_sent(components),
    }


def as_sent(schema: Any) -> Any:
    """*schema* of msgspec as the wire has it, in words that JSON Schema knows.

    Decimals are numbers (msgspec describes them as it encodes by default), and ``discriminator`` is OpenAPI's: each
    alternative names its own ``row`` anyway.
    """
    match schema:
        case {"type": "string", "format": "decimal", **rest}:
            return {"type": "number", **rest}
        case dict():
            return {key: as_sent(value) for key, value in schema.items() if key != "discriminator"}
        case list():
            return [as_sent(value) for value in schema]
    return schema
