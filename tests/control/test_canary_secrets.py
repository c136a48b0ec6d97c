"""A secret in each place that can hold one is shown by no command of the control plane, and stored nowhere as it is."""

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote_to_bytes

import aiohttp
import pytest
from cryptography.fernet import Fernet

from service.lookalike.archive import FolderArchive
from service.lookalike.server import LookAlike
from service.model.calendar import EASTERN
from service.store import Database, deliveries
from service.store.database import open_database
from tests.kit.archives import listings
from tests.kit.eventually import eventually
from tests.kit.process import Service, printed
from tests.servers.server import free_port

KEY = Fernet.generate_key().decode()
SIGNS = "whsec_Y2FuYXJ5c2lnbmluZ2NhbmFyeXNpZ25pbmdjYW5hcnk="
URL = "http://127.0.0.1:9/services/T0/B0/Kanari5Url"  # nobody listens there
PASSWORD = "Kanari5Password"  # no one's
MARKS = (b"kanari5", KEY.encode().lower(), SIGNS.removeprefix("whsec_").encode().lower())

FILE = {
    "channels": {
        "desk": {"type": "slack", "url": URL},
        "hook": {"type": "webhook", "url": URL + "/hook", "secrets": SIGNS},
    },
    "rules": {"all": {"channels": ["desk", "hook"]}},
    "operations": {"channels": ["desk"]},
}
FAULTS = {
    "channels": {
        "desk": {"type": "slack", "url": f"ftp://{URL}"},
        "hook": {"type": "webhook", "url": URL, "secrets": [f"{SIGNS}%"], "token": "Kanari5Token"},
        "none": {"type": "slak", "url": URL},
    },
    "rules": {"all": {"channels": [URL], "value": "lots"}},
}


def shown_in(content: bytes) -> list[bytes]:
    """The marks in *content*, also where it is escaped."""
    readings = {content.lower(), unquote_to_bytes(content).lower()}
    return [mark for mark in MARKS if any(mark in one for one in readings)]


@pytest.mark.long
async def test_a_secret_is_in_no_output_nor_in_the_database_log_or_metrics(tmp_path: Path) -> None:
    """Made, changed, shown and tried by every command, with and without faults, while a service logs at debug."""
    home, port = tmp_path / "home", free_port()
    (good := tmp_path / "good.yaml").write_text(json.dumps(FILE))
    (bad := tmp_path / "bad.yaml").write_text(json.dumps(FAULTS))
    settings = {"key": KEY, "log_level": "debug", "retry_seconds": "0.05,0.05", "kafka_sasl_password": PASSWORD}
    settings["egress_allow"] = "127.0.0.1:9"
    archive = FolderArchive(listings(4, broken_every=4), datetime.now(UTC), speed=100)
    shown: dict[str, bytes] = {}

    async def says(*arguments: str) -> None:
        shown[" ".join(arguments)] = await printed(*arguments, home=home, **settings)

    async with LookAlike(archive) as edgar:
        service = Service(
            home,
            good,
            sec_contact="Tests tests@example.com",
            sec_url=edgar.url,
            sec_rate="5000",
            poll_seconds="0.05",
            http=f"127.0.0.1:{port}",
            **settings,
        )
        database = await open_database(f"sqlite:///{home}/filingbell.db")
        await service.start("--since", datetime.now(EASTERN).date().isoformat())
        await eventually(lambda: _given_up(database, 6))
        await says("channels", "add", "more", "type=slack", f"url={URL}/more")
        await says("channels", "add", "wrong", "type=slack", f"url=ftp://{URL}", "secrets=Kanari5Secret")
        await says("channels", "edit", "more", f"url={URL}/other")
        await says("channels", "edit", "more", f"secret={SIGNS}")
        await says("channels", "edit", "desk", f"url={URL}/desk")
        await says("apply", str(bad), "--yes")
        await says("apply", str(good), "--dry-run")
        await says("check", str(bad))
        await says("channels", "test", "hook")
        await says("channels", "show", "hook")
        for command in (
            ["channels", "show", "more"],
            ["channels", "list"],
            ["rules", "list"],
            ["why", "0009990900-25-000000"],
            ["deliveries", "list", "--all"],
            ["deliveries", "show", "0009990900-25-000000"],
            ["status"],
            ["dlq", "list"],
            ["tail", "form4.dead"],
        ):
            await says(*command, "--json")
        await says("channels", "remove", "more")
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as response:
            shown["metrics"] = await response.read()
        for file in home.glob("filingbell.db*"):
            shown[file.name] = file.read_bytes()
        await service.stop()
        await database.close()
    shown["log"] = service.log().encode()

    assert b"given_up" in shown["log"] or b"dead" in shown["log"]
    assert b"(secret)" in shown["channels show hook"]
    assert {name: [] for name in shown} == {name: shown_in(content) for name, content in shown.items()}
    assert [] == [name for name, content in shown.items() if b"Traceback" in content and name != "log"]


@pytest.mark.long
async def test_passwords_of_servers_that_do_not_answer_are_in_no_message(tmp_path: Path) -> None:
    """The database's, Kafka's, and an invalid key."""
    away = f"postgresql://filingbell:{PASSWORD}@127.0.0.1:9/filingbell?connect_timeout=1"
    kafka = {
        "kafka": "127.0.0.1:9",
        "kafka_security_protocol": "SASL_PLAINTEXT",
        "kafka_sasl_username": "filingbell",
        "kafka_sasl_password": PASSWORD,
    }
    (file := tmp_path / "filingbell.yaml").write_text(json.dumps(FILE))
    home = tmp_path / "home"
    shown = {
        "database": await printed("rules", "list", home=home, database=away, log_level="debug"),
        "apply": await printed("apply", str(file), home=home, database=away, log_level="debug"),
        "topics": await printed("topics", "describe", home=home, log_level="debug", **kafka),
        "database's form": await printed("status", home=home, database=f"mysql://me:{PASSWORD}@there/x"),
    }
    await (await open_database(f"sqlite:///{home}/filingbell.db")).close()
    shown["status"] = await printed("status", home=home, log_level="debug", **kafka)
    shown["an invalid key"] = await printed("apply", str(file), home=home, key="Kanari5Key")

    assert b"FILINGBELL_KEY" in shown["an invalid key"]
    assert {name: [] for name in shown} == {name: shown_in(content) for name, content in shown.items()}
    assert [] == [name for name, content in shown.items() if b"Traceback" in content]


async def _given_up(database: Database, count: int) -> bool:
    return count <= sum(n for (_, state), n in (await deliveries.counts(database)).items() if state == "dead")
