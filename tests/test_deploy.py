"""deploy/: every command line of the compose file starts, gets ready, and stops in order."""

import asyncio
import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from ruamel.yaml import YAML

from service.log import admin
from service.log.broker import Broker
from service.log.shape import Shape
from service.settings import Settings
from tests.conftest import new_database_url
from tests.kit.eventually import eventually
from tests.kit.places import DEPLOY
from tests.kit.process import COMMAND
from tests.servers.server import free_port

COMPOSE: dict[str, Any] = YAML(typ="safe").load((DEPLOY / "compose.yaml").read_text())
OURS = {name: one for name, one in COMPOSE["services"].items() if "filingbell" in str(one.get("image", ""))}
VARIABLES = {
    "FILINGBELL_SEC_CONTACT": "Tests tests@example.com",
    "FILINGBELL_KEY": "dGhlIGtleSBvZiB0aGUgdGVzdHMsIDMyIGJ5dGVzISE=",
    "FILINGBELL_HTTP_TRUSTED": "https://filings.example",
    "POSTGRES_PASSWORD": "unused",
    "SLACK_WEBHOOK_URL": "http://127.0.0.1:1/slack",
    "WEBHOOK_URL": "http://127.0.0.1:1/hook",
    "WEBHOOK_SECRET": "whsec_dGhlIHNlY3JldCBvZiB0aGUgdGVzdHMsIDMyIGJ5dGVz",
}


def environment(service: dict[str, Any]) -> dict[str, str]:
    """What compose would set, with its ${NAME:-default} and ${NAME:?message} resolved."""

    def resolved(match: re.Match[str]) -> str:
        name, operator, rest = match.groups()
        return VARIABLES.get(name, rest if operator == ":-" else "")

    found = {
        name: re.sub(r"\$\{(\w+)(:[-?])?([^}]*)\}", resolved, str(value))
        for name, value in service["environment"].items()
    }
    return found | {name: VARIABLES[name] for name in VARIABLES if name != "POSTGRES_PASSWORD"}


def test_every_role_and_the_topics_have_a_service() -> None:
    """Nothing of the service is missing."""
    assert {"poller", "parser", "matcher", "dispatcher", "relay", "web", "topics"} == set(OURS)


def test_every_setting_in_deploy_is_one() -> None:
    """A setting with a slip in its name would be passed over."""
    known = {name.upper() for name in Settings.model_fields} | {"IMAGE", "NAMESPACE"}
    for path in (DEPLOY / "compose.yaml", DEPLOY / ".env.example", DEPLOY / "Dockerfile"):
        used = set(re.findall(r"\bFILINGBELL_([A-Z_]+)\b", path.read_text()))
        assert set() == used - known


@pytest.mark.parametrize("name", sorted(OURS))
async def test_every_command_line_works(
    name: str, broker: Broker, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """As a process, with compose's environment and the addresses of real servers."""
    database = await asyncio.to_thread(new_database_url, request, tmp_path, "postgresql")
    service, port = OURS[name], free_port()
    command = [str(part).replace("/etc/filingbell", str(DEPLOY)) for part in service["command"]]
    settings = environment(service) | {
        "FILINGBELL_DATABASE": database,
        "FILINGBELL_KAFKA": broker.bootstrap,
        "FILINGBELL_KAFKA_PREFIX": broker.prefix,
        "FILINGBELL_HTTP": f"127.0.0.1:{port}",
        "FILINGBELL_HOME": str(tmp_path / "home"),
        "FILINGBELL_SEC_URL": "http://127.0.0.1:1",
    }
    if name != "topics":
        await admin.create(broker, Shape(partitions=2))
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            COMMAND, *command, env=os.environ | settings, stdout=output, stderr=output
        )
    if name == "topics":
        assert 0 == await process.wait(), log.read_text()
        return

    async def ready() -> bool:
        if process.returncode is not None:
            raise AssertionError(log.read_text())
        try:
            async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/health/ready") as got:
                return got.status == 200
        except aiohttp.ClientError:
            return False

    try:
        await eventually(ready)
        process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        status = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()

    assert 0 == status, log.read_text()
    assert time.monotonic() - started < 40  # compose's stop_grace_period
