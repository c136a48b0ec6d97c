"""A Slack bot, as the suite over every kind of channel must know it."""

import json
from typing import Any

from consumers.dispatcher.post import Request
from service.model.delivery import DeliveryState, Reason
from tests.dispatcher.kinds.kind import WORDS, WRONG_WORDS, Kind, answered
from tests.kit.slack import assert_taken, assert_text, texts

_FINAL = ("account_inactive", "is_archived", "token_revoked")


def _no(error: str) -> str:
    return json.dumps({"ok": False, "error": error})


def _taken(request: Any) -> None:
    assert isinstance(request, Request)
    assert request.headers["Authorization"].startswith("Bearer xoxb-")
    payload = json.loads(request.body)
    assert payload["channel"] == "C0123456789"
    assert payload["metadata"].keys() == {"event_type", "event_payload"}
    message = {name: value for name, value in payload.items() if name not in ("channel", "metadata")}
    if "blocks" in message:
        assert_taken(message)
        for one in texts(message, "plain_text"):
            assert_text(one)
    assert_text(message["text"])
    assert "<" not in message["text"]
    assert len(message["text"]) <= 4000
    assert message["mrkdwn"] is False


SLACK_BOT = Kind(
    section={"type": "slack_bot", "token": "xoxb-canary-CANARY0123456789", "channel": "C0123456789"},
    more={"url": "https://slack-gov.example/api", "pace_seconds": 0.5, **WORDS},
    wrong={
        "type": "slackbot",
        "token": "xoxp-canary-CANARY0123456789",
        "channel": "#alerts",
        "url": "slack.com/api",
        "pace_seconds": -1,
        "quiet": "at night",
        **WRONG_WORDS,
    },
    secret=("canary-CANARY0123456789",),
    final={word: answered(200, _no(word)) for word in _FINAL},
    words=(
        (answered(200, '{"ok": true, "ts": "1503435956.000247"}'), DeliveryState.DELIVERED, Reason.RECEIVED),
        (answered(200, _no("channel_not_found")), DeliveryState.PENDING, Reason.REFUSED),
        (answered(200, _no("not_in_channel")), DeliveryState.PENDING, Reason.REFUSED),
        (answered(200, _no("invalid_auth")), DeliveryState.PENDING, Reason.REFUSED),
        (answered(200, _no("an_error_of_tomorrow")), DeliveryState.PENDING, Reason.REFUSED),
        (answered(200, _no("invalid_blocks")), DeliveryState.PENDING, Reason.INVALID_MESSAGE),
        (answered(200, _no("thread_not_found")), DeliveryState.PENDING, Reason.INVALID_MESSAGE),
        (answered(200, _no("ratelimited")), DeliveryState.PENDING, Reason.RATE_LIMITED),
        (answered(200, _no("internal_error")), DeliveryState.PENDING, Reason.SERVER_ERROR),
        (answered(500, "oops"), DeliveryState.PENDING, Reason.SERVER_ERROR),
    ),
    taken=_taken,
    posts_to="https://slack.com/api/chat.postMessage",
    whole=False,
)
