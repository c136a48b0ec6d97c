"""What the suite over every kind of channel must know of each: a new kind is one more here."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from standardwebhooks import Webhook

from consumers.dispatcher.post import Answer, Request
from consumers.dispatcher.room import units
from service.model.delivery import Reason, State
from tests.kit.receiver import SECRET
from tests.kit.slack import assert_taken, assert_text, texts

NIGHT = "22:00-07:00 America/New_York"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of channel, as its service has it."""

    section: Mapping[str, Any]  # the least that it needs
    more: Mapping[str, Any]  # its other settings, each with a value that it takes
    wrong: Mapping[str, Any]  # of each of its settings a value that it refuses
    secret: tuple[str, ...]  # what of the section nobody must be shown
    final: Mapping[str, Answer]  # its service's last words, as the docs call them
    words: tuple[tuple[Answer, State, Reason], ...]  # what else its service says in its own way
    taken: Callable[[Request], None]  # raises where the service would not take what is sent
    posts_to: str | None = None  # None: its section's address
    whole: bool  # whether everything that was filed is in what is sent, or what there is room for


def answered(status: int, text: str = "") -> Answer:
    """What a receiver answers."""
    return Answer(status=status, phrase="Phrase", text=text, retry_after=None)


def _slack_takes(request: Request) -> None:
    payload = json.loads(request.body)
    if "blocks" in payload:
        assert_taken(payload)
        for one in texts(payload, "plain_text"):
            assert_text(one)
    assert_text(payload["text"])
    assert "<" not in payload["text"]
    assert payload["mrkdwn"] is False


def _discord_takes(request: Request) -> None:
    payload = json.loads(request.body)
    assert payload["allowed_mentions"] == {"parse": []}
    assert 1 <= units(payload["content"]) <= 2000
    told = [payload["content"]]
    for embed in payload.get("embeds", ()):
        parts = embed["title"], embed["description"], embed["footer"]["text"]
        assert all(1 <= units(part) <= most for part, most in zip(parts, (256, 4096, 2048), strict=True))
        assert sum(map(units, parts)) <= 6000
        told += parts[:2]
        assert_text(parts[2])
    for text in told:
        assert_text(text)
        ours = re.sub(r"^\*\*(?:Why|Odd in this filing|Remarks|Footnotes)\*\*$", "", text, flags=re.MULTILINE)
        ours = re.sub(r"\\[!-/:-@\[-`{-~]", "", ours)  # what is escaped is text
        assert not set(ours) & set("!#()*+:<>@[\\]^_`{|}~-"), ours


def _teams_takes(request: Request) -> None:
    assert len(request.body) <= 28_000
    payload = json.loads(request.body)
    (attachment,) = payload["attachments"]
    assert ("message", "application/vnd.microsoft.card.adaptive") == (payload["type"], attachment["contentType"])
    card = attachment["content"]
    assert ("AdaptiveCard", "1.4") == (card["type"], card["version"])
    assert {"RichTextBlock"} == {block["type"] for block in card["body"]}  # in which Teams reads no Markdown
    for run in (run for block in card["body"] for run in block["inlines"]):
        assert run["type"] == "TextRun"
        assert run["text"]
        assert_text(run["text"])


def _telegram_takes(request: Request) -> None:
    payload = json.loads(request.body)
    assert {"chat_id", "text", "link_preview_options"} == payload.keys()  # no parse_mode: it is plain text
    assert 1 <= units(payload["text"]) <= 4096
    assert "@" not in payload["text"]
    assert_text(payload["text"])


def _pagerduty_takes(request: Request) -> None:
    assert len(request.body) <= 512_000
    event = json.loads(request.body)
    assert event["routing_key"] == "canaryCANARYcanaryCANARYcanary32"
    assert 1 <= len(event["dedup_key"]) <= 255
    assert event["event_action"] in ("trigger", "resolve")
    if event["event_action"] == "trigger":
        payload = event["payload"]
        assert 1 <= len(payload["summary"]) <= 1024
        assert payload["severity"] in ("info", "warning", "error", "critical")
        for text in (payload["summary"], payload["component"], *payload["custom_details"].values()):
            assert_text(text)


def _ntfy_takes(request: Request) -> None:
    payload = json.loads(request.body)
    assert payload["topic"] == "canary-topic-0123456789"
    assert 1 <= len(payload["title"]) <= 250
    assert 1 <= len(payload["message"].encode()) <= 4096
    assert payload["priority"] in range(1, 6)
    assert "markdown" not in payload
    for text in (payload["title"], payload["message"]):
        assert_text(text)


def _webhook_takes(request: Request) -> None:
    content = Webhook(SECRET).verify(request.body, dict(request.headers))
    assert request.headers["webhook-id"] == content["id"]
    assert request.headers["Content-Type"] == "application/json"


_SLACK_LAST = (
    "no_service",
    "no_service_id",
    "no_active_hooks",
    "invalid_token",
    "channel_is_archived",
    "channel_not_found",
    "user_not_found",
    "no_team",
    "team_disabled",
)

KINDS: Mapping[str, Kind] = {
    "slack": Kind(
        section={"type": "slack", "url": "https://hooks.slack.com/services/T0CANARY/B0CANARY/XcanarYXcanarYXcanarY"},
        more={"pace_seconds": 0.5, "quiet": NIGHT},
        wrong={"type": "slak", "url": "hooks.slack.com", "pace_seconds": -1, "quiet": "at night"},
        secret=("T0CANARY", "B0CANARY", "XcanarYXcanarYXcanarY"),
        final={word: answered(404, word) for word in _SLACK_LAST},
        words=(
            (answered(200, "invalid_token"), State.DEAD, Reason.REFUSED),
            (answered(200, '{"ok": false, "error": "no_team"}'), State.DEAD, Reason.REFUSED),
            (answered(200, '{"ok": true}'), State.DELIVERED, Reason.RECEIVED),
            (answered(403, "action_prohibited"), State.PENDING, Reason.REFUSED),
            (answered(400, "invalid_blocks"), State.PENDING, Reason.INVALID_MESSAGE),
            (answered(200, "rate_limited"), State.PENDING, Reason.RATE_LIMITED),
            (answered(410, "gone"), State.PENDING, Reason.GONE),
        ),
        taken=_slack_takes,
        whole=False,
    ),
    "discord": Kind(
        section={"type": "discord", "url": "https://discord.com/api/webhooks/112233445566/canaryCANARYcanaryCANARY"},
        more={"pace_seconds": 0.5, "quiet": NIGHT},
        wrong={"type": "discrod", "url": "discord.com/api", "pace_seconds": 61, "quiet": "late"},
        secret=("112233445566", "canaryCANARYcanaryCANARY"),
        final={
            "10015": answered(404, '{"message": "Unknown Webhook", "code": 10015}'),
            "50027": answered(401, '{"message": "Invalid Webhook Token", "code": 50027}'),
        },
        words=(
            (answered(404, "404: Not Found"), State.PENDING, Reason.CLIENT_ERROR),
            (answered(400, '{"code": 50035, "message": "Invalid Form Body"}'), State.PENDING, Reason.INVALID_MESSAGE),
            (answered(200, '{"code": 10015}'), State.DELIVERED, Reason.RECEIVED),
            (answered(403, '{"code": "10015"}'), State.PENDING, Reason.CLIENT_ERROR),
            (answered(404, "no_service"), State.PENDING, Reason.CLIENT_ERROR),
        ),
        taken=_discord_takes,
        whole=False,
    ),
    "teams": Kind(
        section={
            "type": "teams",
            "url": "https://x.powerplatform.example/invoke?sp=%2Ft&sv=1&sig=canarySIGcanarySIGcanary",
        },
        more={"pace_seconds": 0.5, "quiet": NIGHT},
        wrong={"type": "team", "url": "https://x.example/invoke?sp=1&amp;sig=2", "pace_seconds": 61, "quiet": "never"},
        secret=("canarySIGcanarySIGcanary",),
        final={},
        words=(
            (answered(202, ""), State.DELIVERED, Reason.RECEIVED),
            (answered(404, '{"error": {"code": "WorkflowNotFound"}}'), State.PENDING, Reason.CLIENT_ERROR),
            (answered(413, "too large"), State.PENDING, Reason.INVALID_MESSAGE),
        ),
        taken=_teams_takes,
        whole=False,
    ),
    "telegram": Kind(
        section={"type": "telegram", "token": "123456789:canaryCANARYcanaryCANARYcanary", "chat": "-1001234567890"},
        more={"url": "https://telegram.example/api", "pace_seconds": 0.5, "quiet": NIGHT},
        wrong={
            "type": "telegramm",
            "token": "canary",
            "chat": "our group",
            "url": "telegram.example",
            "pace_seconds": 61,
            "quiet": "soon",
        },
        secret=("canaryCANARYcanaryCANARYcanary",),
        final={},
        words=(
            (
                answered(403, '{"ok":false,"description":"Forbidden: bot was kicked"}'),
                State.PENDING,
                Reason.CLIENT_ERROR,
            ),
            (answered(429, '{"ok":false,"parameters":{"retry_after":7}}'), State.PENDING, Reason.RATE_LIMITED),
            (answered(200, '{"ok":true}'), State.DELIVERED, Reason.RECEIVED),
        ),
        taken=_telegram_takes,
        posts_to="https://api.telegram.org/bot123456789:canaryCANARYcanaryCANARYcanary/sendMessage",
        whole=False,
    ),
    "pagerduty": Kind(
        section={"type": "pagerduty", "key": "canaryCANARYcanaryCANARYcanary32"},
        more={
            "severity": "warning",
            "url": "https://events.eu.pagerduty.com/v2/enqueue",
            "pace_seconds": 1.5,
            "quiet": NIGHT,
        },
        wrong={
            "type": "pager",
            "key": "canary",
            "severity": "loud",
            "url": "events.pagerduty.com",
            "pace_seconds": -1,
            "quiet": 7,
        },
        secret=("canaryCANARYcanaryCANARYcanary32",),
        final={},
        words=(
            (answered(202, '{"status":"success"}'), State.DELIVERED, Reason.RECEIVED),
            (
                answered(400, '{"errors":["Length of \'routing_key\' is incorrect"]}'),
                State.PENDING,
                Reason.CLIENT_ERROR,
            ),
            (answered(400, '{"errors":["\'summary\' is missing"]}'), State.PENDING, Reason.INVALID_MESSAGE),
        ),
        taken=_pagerduty_takes,
        posts_to="https://events.pagerduty.com/v2/enqueue",
        whole=False,
    ),
    "ntfy": Kind(
        section={"type": "ntfy", "topic": "canary-topic-0123456789"},
        more={"url": "https://ntfy.example", "token": "tk_canaryTOKEN0123456789", "pace_seconds": 0.5, "quiet": NIGHT},
        wrong={
            "type": "nftyy",
            "url": "ntfy.sh",
            "topic": "a/b",
            "token": "tk-x",
            "pace_seconds": -1,
            "quiet": "22:00",
        },
        secret=("canary-topic-0123456789",),
        final={},
        words=(
            (answered(429, '{"code": 42908, "http": 429}'), State.PENDING, Reason.RATE_LIMITED),
            (answered(400, '{"code": 40024, "http": 400}'), State.PENDING, Reason.INVALID_MESSAGE),
            (answered(413, '{"code": 41303, "http": 413}'), State.PENDING, Reason.INVALID_MESSAGE),
            (answered(403, '{"code": 40301, "http": 403}'), State.PENDING, Reason.CLIENT_ERROR),
            (answered(200, '{"code": 40024}'), State.DELIVERED, Reason.RECEIVED),
        ),
        posts_to="https://ntfy.sh",
        taken=_ntfy_takes,
        whole=False,
    ),
    "webhook": Kind(
        section={"type": "webhook", "url": "https://alerts.example/in/canary-path-0123", "secrets": [SECRET]},
        more={"quiet": NIGHT},
        wrong={"type": "web-hook", "url": "ftp://alerts.example/", "secrets": ["whsec_short"], "quiet": 22},
        secret=("canary-path-0123", SECRET.removeprefix("whsec_")),
        final={"410": answered(410)},
        words=(
            (answered(200, "no_service"), State.DELIVERED, Reason.RECEIVED),
            (answered(404, "no_service"), State.PENDING, Reason.CLIENT_ERROR),
        ),
        taken=_webhook_takes,
        whole=True,
    ),
}
