"""Every consumer of docs/topics.md, as it is printed, in an environment of its own: it reads what was published."""

import asyncio
import itertools
import json
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from service.wire.topics import Record
from tests.clients import page
from tests.clients.published import publish
from tests.clients.shell import lines
from tests.conftest import missing
from tests.servers.kafka import Kafka
from tests.servers.server import CannotStart, answers_on

EXAMPLES = page.examples()
NEEDS = {"kcat": ("kcat", "jq"), "Python": ("python3",), "Node": ("node", "npm"), "Java": ("java", "mvn")}
PORT = int(page.ADDRESS.rpartition(":")[2])


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A broker at the address that the page has, if nobody is there."""
    taken = answers_on(PORT)()
    server = Kafka(tmp_path_factory.mktemp("kafka"), None if taken else PORT)
    try:
        server.start()
    except CannotStart as error:
        missing("Kafka", error)
    if taken:
        print(f"\nsomebody listens on {page.ADDRESS}: the examples ran with {server.address} in its place")
    yield server
    server.kill()


@pytest.fixture(scope="session")
def published(kafka: Kafka, tmp_path_factory: pytest.TempPathFactory) -> list[Record]:
    """The alerts on the topics."""
    return asyncio.run(publish(kafka.address, tmp_path_factory.mktemp("service")))


def test_the_page_has_an_example_for_each_client() -> None:
    """None is forgotten here."""
    assert NEEDS.keys() == EXAMPLES.keys()


@pytest.mark.parametrize("client", ["Python", "Node", "Java"])
def test_a_consumer_reads_each_alert_once_and_in_order(
    client: str, kafka: Kafka, published: list[Record], tmp_path: Path
) -> None:
    """Whoever installs what the page says, and runs what it prints."""
    (commands,) = _prepared(client, kafka, tmp_path)
    expected = [f"{record.headers['ce_type']} {line}" for record, line in zip(published, _told(published), strict=True)]
    printed = (line for line in lines(commands, tmp_path) if line.startswith("filingbell."))
    read = list(itertools.islice(printed, len(expected)))

    assert sorted(expected) == sorted(read)
    assert _by_key(line.split(" ", 1)[1] for line in expected) == _by_key(line.split(" ", 1)[1] for line in read)


def test_kcat_reads_headers_and_values(kafka: Kafka, published: list[Record], tmp_path: Path) -> None:
    """The first record's place and headers; every alert through jq."""
    first, every = _prepared("kcat", kafka, tmp_path)
    place, headers = lines(first, tmp_path)
    shown = {
        f"partition {one.partition}, offset {one.offset}, key {one.key}": ",".join(
            f"{name}={value}" for name, value in one.headers.items()
        )
        for one in published
    }

    assert shown[place] == headers
    assert sorted(_told(published)) == sorted(lines(every, tmp_path))


def _prepared(client: str, kafka: Kafka, folder: Path) -> list[str]:
    """The commands of *client*'s example, with its files in *folder*."""
    for command in NEEDS[client]:
        if shutil.which(command) is None:
            missing(f"{client}'s example", CannotStart(f"there is no {command}"))
    for name, text in EXAMPLES[client].files.items():
        (folder / name).write_text(text.replace(page.ADDRESS, kafka.address))
    return [commands.replace(page.ADDRESS, kafka.address) for commands in EXAMPLES[client].commands]


def _told(records: Iterable[Record]) -> list[str]:
    """What the examples print of *records*."""
    alerts = [(record.key, json.loads(record.value)) for record in records]
    return [f"{key} {alert['rule']} {alert['headline']}" for key, alert in alerts]


def _by_key(told: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for line in told:
        found[line.split(" ", 1)[0]].append(line)
    return found
