"""The AsyncAPI document: AsyncAPI's own parser takes it, and events are what it says."""

import json
import os
import shutil
import subprocess
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from service.log.broker import Broker, Secret
from service.wire.asyncapi import asyncapi
from service.wire.topics import KINDS, SEQUENCE, TYPES, Topic, alert_event
from tests.conftest import missing
from tests.kit.documents import an_alert
from tests.kit.filings import a_filing_event
from tests.kit.forked import called
from tests.kit.places import ROOT
from tests.servers.server import CannotStart

PACKAGE = Path(__file__).with_name("asyncapi")
LOCAL = Broker(bootstrap="127.0.0.1:9092")
SECURED = Broker(
    bootstrap="one.example.com:9093,two.example.com:9093",
    security_protocol="SASL_SSL",
    sasl_mechanism="SCRAM-SHA-512",
    sasl_username="CANARYNAME",
    sasl_password=Secret("CANARYWORD"),
    prefix="desk.",
)


@pytest.fixture(scope="session")
def parser() -> dict[str, str]:
    """The environment in which node finds @asyncapi/parser; it is fetched if it is not there."""
    lock = PACKAGE / "package-lock.json"
    folder = ROOT / "build" / f"asyncapi-parser-{zlib.crc32(lock.read_bytes()):08x}"
    if shutil.which("npm") is None:
        missing("AsyncAPI's parser", CannotStart("there is no npm, which fetches it"))
    if not (folder / "node_modules" / ".package-lock.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(PACKAGE / name, folder)
        fetched = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if fetched.returncode:
            missing("AsyncAPI's parser", CannotStart(f"npm ci: {fetched.stderr[-1000:]}"))
    return os.environ | {"NODE_PATH": str(folder / "node_modules")}


def test_asyncapis_own_parser_takes_it(parser: dict[str, str], tmp_path: Path) -> None:
    """Without an error or a warning; every server, channel and message arrives."""
    documents = {
        "all": asyncapi("1.2.3", LOCAL),
        "secured": asyncapi("1.2.3", SECURED),
        "one": asyncapi("1.2.3", LOCAL, (Topic.ALERTS,)),
    }
    for name, document in documents.items():
        (tmp_path / name).write_text(json.dumps(document))
    done = subprocess.run(
        ["node", PACKAGE / "parse.js", *documents],
        cwd=tmp_path,
        env=parser,
        capture_output=True,
        text=True,
        check=True,
    )

    assert [
        {
            "objections": [],
            "servers": [["127.0.0.1:9092", "kafka"]],
            "channels": [[topic, [TYPES[topic]]] for topic in Topic],
        },
        {
            "objections": [],
            "servers": [["one.example.com:9093", "kafka-secure"], ["two.example.com:9093", "kafka-secure"]],
            "channels": [[f"desk.{topic}", [TYPES[topic]]] for topic in Topic],
        },
        {
            "objections": [],
            "servers": [["127.0.0.1:9092", "kafka"]],
            "channels": [["form4.alerts", ["filingbell.alert.v1"]]],
        },
    ] == json.loads(done.stdout)


def test_it_says_how_a_client_proves_who_it_is_and_no_secret() -> None:
    """Where the cluster asks for it."""
    document = asyncapi("1.2.3", SECURED)

    assert [{"type": "scramSha512"}] == document["servers"]["kafka-1"]["security"]
    assert "security" not in asyncapi("1.2.3", LOCAL)["servers"]["kafka-1"]
    assert "CANARY" not in json.dumps(document)


@pytest.mark.parametrize("path", sorted(Path(__file__).parent.glob("v*/*.json")), ids=lambda path: path.stem)
def test_events_meet_it(path: Path) -> None:
    """AsyncAPI's schemas are JSON Schema draft 7, where ours are 2020-12 elsewhere."""
    components = asyncapi("1.2.3", LOCAL)["components"]
    kind = KINDS[Topic(path.stem)].__name__
    validator = Draft7Validator({"$ref": f"#/components/schemas/{kind}", "components": components})

    validator.validate(json.loads(path.read_bytes()))
    assert not validator.is_valid({})


def test_the_headers_are_those_that_are_sent() -> None:
    """Of an alert also whose it is, so that a consumer need not read the others."""
    alert, messages = an_alert(), asyncapi("1.2.3", LOCAL)["components"]["messages"]
    said = messages["filingbell.alert.v1"]["headers"]["required"]
    sent = alert_event(alert, datetime(2026, 11, 26, tzinfo=UTC)).headers

    assert (alert.workspace, alert.rule_id) == (sent["ce_workspace"], sent["ce_ruleid"])
    assert {*said} == {*sent, SEQUENCE}
    assert {*messages["filingbell.filing.v1"]["headers"]["required"]} == {*a_filing_event(1).headers, SEQUENCE}


def test_the_command_takes_the_servers_from_the_settings(tmp_path: Path) -> None:
    """And one topic, if one is named."""
    settings = {"FILINGBELL_KAFKA": "kafka:9092", "FILINGBELL_KAFKA_PREFIX": "desk.", "FILINGBELL_HOME": str(tmp_path)}
    document = _command(settings, "form4.dead")
    default = _command({"FILINGBELL_HOME": str(tmp_path)})

    assert {"kafka-1": {"host": "kafka:9092", "protocol": "kafka"}} == document["servers"]
    assert ["desk.form4.dead"] == [channel["address"] for channel in document["channels"].values()]
    assert ["filingbell.dead.v1"] == list(document["components"]["messages"])
    assert "Alert" not in document["components"]["schemas"]
    assert {"kafka-1": {"host": "127.0.0.1:9092", "protocol": "kafka"}} == default["servers"]
    assert list(Topic) == list(default["channels"])


def _command(settings: dict[str, str], *topic: str) -> Any:
    done = called("schema", *topic, "--asyncapi", environment=os.environ | settings)
    return json.loads(done.stdout)
