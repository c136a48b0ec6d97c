"""The topics as an AsyncAPI 3.0 document: where they are, what is on them, and with which headers."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

import msgspec

from service.wire.schema import SUMMARIES, as_sent
from service.wire.topics import KINDS, SEQUENCE, TYPES, Topic

_SECURITY = {"PLAIN": "plain", "SCRAM-SHA-256": "scramSha256", "SCRAM-SHA-512": "scramSha512"}
_HEADERS: Mapping[str, dict[str, Any]] = {
    "ce_specversion": {"description": "CloudEvents' version.", "const": "1.0"},
    "ce_id": {"description": "The event's id: unique, and the same however often it is sent."},
    "ce_type": {"description": "What it is, with its version."},
    "ce_source": {"description": "Who made it.", "const": "filingbell"},
    "ce_time": {"description": "When it was made (RFC 3339).", "format": "date-time"},
    "ce_subject": {"description": "The filing's accession number."},
    "content-type": {"description": "What the value is.", "const": "application/json"},
    SEQUENCE: {
        "description": "The event's number in the order in which all events were made, over all topics.",
        "pattern": "^[0-9]+$",
    },
}
_OF_TOPIC: Mapping[Topic, dict[str, Any]] = {
    Topic.ALERTS: {
        "ce_workspace": {"description": "The id of the workspace whose rule was met."},
        "ce_ruleid": {"description": "The id of the rule, which stays when its name changes."},
    }
}


class Cluster(Protocol):
    """Where the topics are. Nothing secret is asked of it."""

    @property
    def bootstrap(self) -> str:
        """host:port, or several of them with commas between."""
        ...

    @property
    def security_protocol(self) -> str:
        """PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL."""
        ...

    @property
    def sasl_mechanism(self) -> str:
        """PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512, where the protocol has SASL."""
        ...

    def topic(self, topic: Topic) -> str:
        """The name of *topic* there."""
        ...


def asyncapi(version: str, cluster: Cluster, topics: Collection[Topic] = tuple(Topic)) -> dict[str, Any]:
    """What filingbell *version* sends to *topics* on *cluster*."""
    kinds = [KINDS[topic] for topic in topics]
    _, components = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
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
        "servers": _servers(cluster),
        "channels": {topic.value: _channel(topic, cluster) for topic in topics},
        "operations": {
            f"send-{topic.value}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{topic.value}"},
                "summary": SUMMARIES[topic],
            }
            for topic in topics
        },
        "components": {
            "messages": {TYPES[topic]: _message(topic) for topic in topics},
            "schemas": as_sent(components),
        },
    }


def _servers(cluster: Cluster) -> dict[str, Any]:
    encrypted = cluster.security_protocol.endswith("SSL")
    server: dict[str, Any] = {"protocol": "kafka-secure" if encrypted else "kafka"}
    if cluster.security_protocol.startswith("SASL"):
        server["security"] = [{"type": _SECURITY[cluster.sasl_mechanism]}]
    return {
        f"kafka-{number}": {"host": host, **server} for number, host in enumerate(cluster.bootstrap.split(","), start=1)
    }


def _channel(topic: Topic, cluster: Cluster) -> dict[str, Any]:
    return {
        "address": cluster.topic(topic),
        "description": SUMMARIES[topic],
        "messages": {TYPES[topic]: {"$ref": f"#/components/messages/{TYPES[topic]}"}},
    }


def _message(topic: Topic) -> dict[str, Any]:
    headers = {**_HEADERS, **_OF_TOPIC.get(topic, {}), "ce_type": {**_HEADERS["ce_type"], "const": TYPES[topic]}}
    return {
        "name": TYPES[topic],
        "title": SUMMARIES[topic],
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "properties": {name: {"type": "string", **said} for name, said in headers.items()},
            "required": list(headers),
        },
        "payload": {"$ref": f"#/components/schemas/{KINDS[topic].__name__}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": "The issuer's CIK, ten digits."}}},
    }
