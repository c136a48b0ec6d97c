"""Telegram, as the suite over every kind of channel must know it."""

import json

from consumers.dispatcher.post import Request
from consumers.dispatcher.room import units
from service.model.delivery import DeliveryState, Reason
from tests.dispatcher.kinds.kind import WORDS, WRONG_WORDS, Kind, answered
from tests.kit.slack import assert_text


def _taken(request: Request) -> None:
    payload = json.loads(request.body)
    assert {"chat_id", "text", "link_preview_options"} == payload.keys()  # no parse_mode: it is plain text
    assert 1 <= units(payload["text"]) <= 4096
    assert "@" not in payload["text"]
    assert_text(payload["text"])


TELEGRAM = Kind(
    section={"type": "telegram", "token": "123456789:canaryCANARYcanaryCANARYcanary", "chat": "-1001234567890"},
    more={"url": "https://telegram.example/api", "pace_seconds": 0.5, **WORDS},
    wrong={
        "type": "telegramm",
        "token": "canary",
        "chat": "our group",
        "url": "telegram.example",
        "pace_seconds": 61,
        "quiet": "soon",
        **WRONG_WORDS,
    },
    secret=("canaryCANARYcanaryCANARYcanary",),
    final={},
    words=(
        (
            answered(403, '{"ok":false,"description":"Forbidden: bot was kicked"}'),
            DeliveryState.PENDING,
            Reason.CLIENT_ERROR,
        ),
        (answered(429, '{"ok":false,"parameters":{"retry_after":7}}'), DeliveryState.PENDING, Reason.RATE_LIMITED),
        (answered(200, '{"ok":true}'), DeliveryState.DELIVERED, Reason.RECEIVED),
    ),
    taken=_taken,
    posts_to="https://api.telegram.org/bot123456789:canaryCANARYcanaryCANARYcanary/sendMessage",
    whole=False,
)
