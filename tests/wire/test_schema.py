"""The public interface: schemas that real events meet, and old versions that stay readable."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from consumers.parser.document import parse
from service.model.dead import DeadLetter
from service.wire import decode, encode
from service.wire.schema import json_schema
from service.wire.topics import KINDS, TYPES, Topic
from tests.kit.documents import an_alert
from tests.kit.filings import a_filing_event
from tests.kit.places import SAMPLES

GOLDEN = Path(__file__).parent


@pytest.mark.parametrize("topic", list(Topic))
def test_every_schema_is_one(topic: Topic) -> None:
    """JSON Schema 2020-12; what it is made of has names that a program can have."""
    schema = json_schema(topic)
    Draft202012Validator.check_schema(schema)

    assert [] == [name for name in schema["$defs"] if not name.isidentifier()]


def test_events_meet_their_schema() -> None:
    """A filing, an alert, and every bundled form."""
    Draft202012Validator(json_schema(Topic.FILINGS)).validate(json.loads(a_filing_event(1).value))
    Draft202012Validator(json_schema(Topic.ALERTS)).validate(json.loads(encode(an_alert())))
    form = Draft202012Validator(json_schema(Topic.PARSED) | {"$ref": "#/$defs/OwnershipDocument"})
    read = 0
    for path in sorted(SAMPLES.glob("*.txt")):
        try:
            document = parse(path.read_bytes())
        except Exception:  # one is broken on purpose
            continue
        form.validate(json.loads(encode(document)))
        read += 1

    assert read > 40


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("v*/*.json")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_old_versions_stay_readable(path: Path) -> None:
    """An event as an earlier version wrote it: read by this one, with nothing lost, and still valid."""
    topic = Topic(path.stem)
    data = path.read_bytes().strip()
    value = decode(data, KINDS[topic])

    assert _holds(json.loads(encode(value)), json.loads(data))
    Draft202012Validator(json_schema(topic)).validate(json.loads(data))
    assert TYPES[topic].endswith(f".{path.parent.name}")


def _holds(new: object, old: object) -> bool:
    """Whether *new* says all that *old* says; it may have more keys."""
    match new, old:
        case dict(), dict():
            return all(key in new and _holds(new[key], value) for key, value in old.items())
        case list(), list():
            return len(new) == len(old) and all(map(_holds, new, old))
    return new == old


def test_a_newer_producer_can_be_read() -> None:
    """Keys that this version does not know are passed over."""
    letter = json.loads((GOLDEN / "v1" / "form4.dead.json").read_bytes())

    assert "parser" == decode(json.dumps(letter | {"more": {"x": 1}}).encode(), DeadLetter).group
