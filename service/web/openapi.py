"""The OpenAPI 3.1 document, from the table of endpoints and the structs that they take and give."""

import re
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any

import msgspec

from service.web.endpoint import BASE, Endpoint
from service.web.problems import CONTENT_TYPE, Problem
from service.web.sse import CONTENT_TYPE as CONTENT_TYPE_OF_STREAMS
from service.web.sse import LAST_EVENT_ID
from service.web.stream import Gap, Stream, StreamAsked
from service.wire.schema import as_sent

_PLACES = re.compile(r"\{(\w+)\}")
_REFERENCE = "#/components/schemas/{name}"
_REFUSALS = {
    401: "No valid token",
    403: "The token lacks the scope",
    429: "Too many requests: `Retry-After` says when to try again",
    503: "The database is away: `Retry-After` says when to try again",
}
_NUMBER_OF_LIMIT = {"type": "string", "description": 'Draft RateLimit header fields, such as `"api";r=599;t=1`'}


def document(endpoints: Sequence[Endpoint], streams: Sequence[Stream]) -> dict[str, Any]:
    """What *endpoints* and *streams* make."""
    types = [one for endpoint in endpoints for one in (endpoint.takes, endpoint.gives, endpoint.asks) if one]
    types += [Gap, StreamAsked, *(stream.gives for stream in streams)]
    _, schemas = msgspec.json.schema_components([*dict.fromkeys(types), Problem], ref_template=_REFERENCE)
    queries = {StreamAsked.__name__, *(one.asks.__name__ for one in endpoints if one.asks)}
    paths: dict[str, dict[str, Any]] = {f"{BASE}{one.path}": {"get": _streaming(one, schemas)} for one in streams}
    for endpoint in endpoints:
        paths.setdefault(f"{BASE}{endpoint.path}", {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "filingbell",
            "version": version("filingbell"),
            "summary": "Alerts on SEC Form 4 filings as they happen",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": {name: schema for name, schema in as_sent(schemas).items() if name not in queries},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "fbt_..."}},
        },
    }


def _operation(endpoint: Endpoint, schemas: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "description": f"Needs the scope `{endpoint.scope}`.",
        "tags": [endpoint.path.split("/")[1]],
        "parameters": [*_parameters(endpoint, schemas)],
        "responses": _responses(endpoint),
    }
    if endpoint.takes is not None:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": _to(endpoint.takes)}}}
    return made


def _parameters(endpoint: Endpoint, schemas: dict[str, Any]) -> Iterable[dict[str, Any]]:
    for name in _PLACES.findall(endpoint.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    if endpoint.asks is not None:
        yield from _query(schemas[endpoint.asks.__name__])
    if endpoint.changes:
        yield _header("If-Match", 'The ETag of what was read, such as `"12"`, or `*`', required=True)
    if endpoint.repeats:
        yield _header("Idempotency-Key", "A repetition under the same key makes nothing a second time")


def _query(asked: dict[str, Any]) -> Iterable[dict[str, Any]]:
    for name, schema in asked["properties"].items():
        yield {"name": name, "in": "query", "required": name in asked.get("required", ()), "schema": schema}


def _header(name: str, description: str, *, required: bool = False) -> dict[str, Any]:
    schema = {"type": "string", "minLength": 1, "maxLength": 200}
    return {"name": name, "in": "header", "required": required, "description": description, "schema": schema}


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    refusals = dict(_REFUSALS)
    if _PLACES.search(endpoint.path):
        refusals[404] = "Nothing of that name or id is in the token's workspace"
    if endpoint.takes is not None or endpoint.asks is not None:
        refusals[422] = "What was sent cannot be used: `faults` says where"
    if endpoint.takes is not None:
        refusals |= {400: "The body is not JSON", 413: "The body is too large", 415: "The body is not JSON"}
    if endpoint.changes:
        refusals |= {
            409: "A file owns it, or something uses it",
            412: "It was changed since it was read",
            428: "If-Match is missing",
        }
    answers: dict[str, Any] = {str(status): _refusal(told) for status, told in sorted(refusals.items())}
    return {**_success(endpoint), **answers, "default": _refusal("Why the request came to nothing")}


def _success(endpoint: Endpoint) -> dict[str, Any]:
    headers = {name: {"schema": _NUMBER_OF_LIMIT} for name in ("RateLimit", "RateLimit-Policy")}
    if endpoint.gives is None:
        return {"204": {"description": "Done", "headers": headers}}
    content = {"application/json": {"schema": _to(endpoint.gives)}}
    return {str(endpoint.status): {"description": "Done", "headers": headers, "content": content}}


def _streaming(stream: Stream, schemas: dict[str, Any]) -> dict[str, Any]:
    """As Endpoint's: OpenAPI 3.1 has no words for the events of a stream, so the description says what they hold."""
    last = _header(LAST_EVENT_ID, "The id of the last event that was received; it goes before `after`")
    held = f"The data of an event `{stream.event}` is a {stream.gives.__name__}, of an event `gap` a {Gap.__name__}"
    headers = {name: {"schema": _NUMBER_OF_LIMIT} for name in ("RateLimit", "RateLimit-Policy")}
    refusals = _REFUSALS | {422: "There is no such id: `faults` says where"}
    return {
        "operationId": stream.name,
        "summary": stream.summary,
        "description": f"Needs the scope `{stream.scope}`. Server-sent events, without end. {held}, as JSON.",
        "tags": [stream.path.split("/")[1]],
        "parameters": [*_query(schemas[StreamAsked.__name__]), last],
        "responses": {
            "200": {
                "description": "Events as they come, each with an `id` after which the stream goes on",
                "headers": headers,
                "content": {CONTENT_TYPE_OF_STREAMS: {"schema": {"type": "string"}}},
            },
            **{str(status): _refusal(told) for status, told in sorted(refusals.items())},
            "default": _refusal("Why the request came to nothing"),
        },
    }


def _refusal(description: str) -> dict[str, Any]:
    return {"description": description, "content": {CONTENT_TYPE: {"schema": _to(Problem)}}}


def _to(held: type) -> Any:
    """The schema of *held*, which refers to the components."""
    (schema,), _ = msgspec.json.schema_components([held], ref_template=_REFERENCE)
    return schema
