"""The public interface as schemas: JSON Schema for each topic, AsyncAPI for all of them."""

from collections.abc import Mapping
from typing import Any

import msgspec

from service.wire.topics import KINDS, TYPES, Topic

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SUMMARIES: Mapping[Topic, str] = {
    Topic.FILINGS: "A filing: its times and links, and the ownership document as filed.",
    Topic.PARSED: "A filing's whole form, every box under the SEC's name in snake case.",
    Topic.ALERTS: "One rule met by one filing, and why.",
    Topic.DEAD: "What could not be used: the original bytes, the reason, the place.",
}
_HEADERS = {
    "ce_specversion": "CloudEvents' version, 1.0.",
    "ce_id": "The event's id: unique, and the same however often it is sent.",
    "ce_type": "What it is, with its version.",
    "ce_source": "filingbell.",
    "ce_time": "When it was made (RFC 3339).",
    "ce_subject": "The filing's accession number.",
    "content-type": "application/json.",
}


def json_schema(topic: Topic) -> dict[str, Any]:
    """What a value on *topic* looks like (JSON Schema 2020-12)."""
    (root,), components = msgspec.json.schema_components([KINDS[topic]], ref_template="#/$defs/{name}")
    return {
        "$schema": _DIALECT,
        "$id": f"urn:filingbell:{TYPES[topic]}",
        "title": TYPES[topic],
        "description": _SUMMARIES[topic],
        **root,
        "$defs": _numbers(components),
    }


def asyncapi(version: str) -> dict[str, Any]:
    """The topics as an AsyncAPI 3.0 document of filingbell *version*."""
    _, components = msgspec.json.schema_components(list(KINDS.values()), ref_template="#/components/schemas/{name}")
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "filingbell",
            "version": version,
            "description": "SEC Form 4 filings as events. Every topic is keyed by the issuer's CIK, so that one "
            "issuer's filings stay in order; read with isolation.level=read_committed.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.value: _channel(topic) for topic in Topic},
        "operations": {
            f"receive-{topic.value}": {
                "action": "receive",
                "channel": {"$ref": f"#/channels/{topic.value}"},
                "summary": _SUMMARIES[topic],
            }
            for topic in Topic
        },
        "components": {
            "messages": {TYPES[topic]: _message(topic) for topic in Topic},
            "schemas": _numbers(components),
        },
    }


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.value,
        "description": _SUMMARIES[topic],
        "messages": {TYPES[topic]: {"$ref": f"#/components/messages/{TYPES[topic]}"}},
    }


def _message(topic: Topic) -> dict[str, Any]:
    return {
        "name": TYPES[topic],
        "title": _SUMMARIES[topic],
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "properties": {
                name: {"type": "string", "description": description} for name, description in _HEADERS.items()
            },
            "required": list(_HEADERS),
        },
        "payload": {"$ref": f"#/components/schemas/{KINDS[topic].__name__}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": "The issuer's CIK, ten digits."}}},
    }


def _numbers(schema: Any) -> Any:
    """*schema* with decimals as the numbers they are on the wire; msgspec describes them as it encodes by default."""
    match schema:
        case {"type": "string", "format": "decimal", **rest}:
            return {"type": "number", **rest}
        case dict():
            return {key: _numbers(value) for key, value in schema.items()}
        case list():
            return [_numbers(value) for value in schema]
    return schema
