"""``channels test``: a sample that nobody takes for an alert, and in words what came of it."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from service.control.sampling import ADVICE, sample
from service.model.delivery import Reason
from tests.kit import forked
from tests.kit.answering import bytes_of, saying
from tests.kit.given_up import NOW
from tests.kit.receiver import SECRET, Receiver

CONFIG = f"""\
channels:
  desk: {{type: slack, url: "URL/slack"}}
  hook: {{type: webhook, url: "URL/webhook", secrets: "{SECRET}"}}
rules:
  all: {{channels: [desk, hook]}}
"""


async def tried(home: Path, url: str, name: str, config: str = CONFIG) -> tuple[int, str, str]:
    """What ``channels test`` says: exit status, output, errors."""
    (home / "filingbell.yaml").write_text(config.replace("URL", url))
    return await called(home, "channels", "test", name)


async def called(home: Path, *arguments: str) -> tuple[int, str, str]:
    environment = os.environ | {"FILINGBELL_HOME": str(home), "COLUMNS": "80"}
    done = await asyncio.to_thread(forked.called, *arguments, environment=environment, folder=home)
    return done.returncode, done.stdout, done.stderr


async def test_a_sample_arrives_and_says_that_it_is_one(tmp_path: Path) -> None:
    """Signed as an alert is, under an id of its own; nobody must act on it."""
    async with Receiver() as receiver:
        for name in ("desk", "hook", "hook"):
            code, out, err = await tried(tmp_path, receiver.url, name)
            assert (0, "") == (code, err)
            assert out.startswith(f"{name} took the sample: 200 OK (received, ")
    slack, first, second = (one.content for one in receiver.received)

    assert slack["text"].startswith("TEST, nothing was filed: SONUS NETWORKS INC")
    assert "channels-test" == first["rule"]
    assert first["id"] != second["id"]
    assert 0 == receiver.wrongly_signed
    assert first["headline"].startswith("TEST, nothing was filed")


async def test_a_channel_that_is_applied_is_tried_on_record(tmp_path: Path) -> None:
    """As the database has it; one that the file has otherwise is tried as there, and nothing is recorded."""
    async with Receiver() as receiver:
        _, first, _ = await tried(tmp_path, receiver.url, "hook")
        applied = await called(tmp_path, "apply")
        _, second, _ = await tried(tmp_path, receiver.url, "hook")
        _, third, _ = await tried(tmp_path, receiver.url, "hook", CONFIG.replace('webhook"', 'elsewhere"'))
        _, listed, _ = await called(tmp_path, "deliveries", "list", "--all", "--json")

    assert 0 == applied[0]
    assert [False, True, False] == ["filingbell deliveries show " in out for out in (first, second, third)]
    assert ["webhook", "webhook", "elsewhere"] == [one.path for one in receiver.received]
    assert [("test", "hook", "delivered", receiver.received[1].content["id"])] == [
        (one["kind"], one["channel"], one["state"], one["id"]) for one in json.loads(listed)
    ]


@pytest.mark.parametrize(
    ("answer", "told", "advice"),
    [
        (
            "404 Not Found\r\nContent-Length: 10\r\n\r\nno_service",
            "404 Not Found: no_service (refused-by-service",
            "new one",
        ),
        ("200 OK\r\nContent-Length: 13\r\n\r\ninvalid_token", "200 OK: invalid_token (refused-by-service", "new one"),
        ("302 Found\r\nContent-Length: 0\r\n\r\n", "redirects are not followed", "Set the address that it leads to"),
        ("401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "401 Unauthorized (client-error", "know the secret"),
        ("503 Busy\x1b[31m\r\nContent-Length: 0\r\n\r\n", "503 Busy", "would try for three days"),
    ],
)
async def test_a_refusal_is_told_with_what_to_do(tmp_path: Path, answer: str, told: str, advice: str) -> None:
    """In words, and exit status 1; what the receiver says moves no cursor."""
    async with saying(bytes_of(b"HTTP/1.1 " + answer.encode())) as (url, _):
        code, out, _ = await tried(tmp_path, url, "desk")

    assert 1 == code
    assert out.startswith("desk did not take the sample: ")
    assert told in out
    assert advice in out
    assert "\x1b" not in out


async def test_a_channel_that_there_is_not_is_said_to_be_so(tmp_path: Path) -> None:
    """With those that there are."""
    code, _, err = await tried(tmp_path, "http://127.0.0.1:9", "slack")

    assert 2 == code
    assert "there is no channel 'slack'; filingbell.yaml has: desk, hook" in err


def test_whatever_comes_of_it_there_is_something_to_do() -> None:
    """For each reason."""
    assert set(Reason) == set(ADVICE)


def test_the_sample_has_all_that_an_alert_has() -> None:
    """Rows, reasons and links, so that what it looks like is what will come."""
    alert = sample("desk", NOW)

    assert alert.rows
    assert alert.footnotes
