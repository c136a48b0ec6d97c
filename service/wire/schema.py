"""What the topics' values look like, as JSON Schema."""

from collections.abc import Mapping
from typing import Any

import msgspec

from service.model.notice import NOTICE, Notice
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
    return _schema(KINDS[topic], TYPES[topic], SUMMARIES[topic])


def notice_schema() -> dict[str, Any]:
    """What a webhook is sent that is no alert (JSON Schema 2020-12)."""
    return _schema(Notice, NOTICE, "What the service tells of itself, and alerts that are told together.")


def _schema(of: type[msgspec.Struct], name: str, summary: str) -> dict[str, Any]:
    (root,), components = msgspec.json.schema_components([of], ref_template="#/$defs/{name}")
    return {
        "$schema": _DIALECT,
        "$id": f"urn:filingbell:{name}",
        "title": name,
        "description": summary,
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
