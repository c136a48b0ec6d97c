"""Slack, as the suite over every kind of channel must know it."""

import json

from consumers.dispatcher.post import Request
from service.model.delivery import DeliveryState, Reason
from tests.dispatcher.kinds.kind import WORDS, WRONG_WORDS, Kind, answered
from tests.kit.slack import assert_taken, assert_text, texts


def _taken(request: Request) -> None:
    payload = json.loads(request.body)
    if "blocks" in payload:
        assert_taken(payload)
        for one in texts(payload, "plain_text"):
            assert_text(one)
    assert_text(payload["text"])
    assert "<" not in payload["text"]
    assert payload["mrkdwn"] is False


_LAST = (
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

SLACK = Kind(
    section={"type": "slack", "url": "https://hooks.slack.com/services/T0CANARY/B0CANARY/XcanarYXcanarYXcanarY"},
    more={"pace_seconds": 0.5, **WORDS},
    wrong={"type": "slak", "url": "hooks.slack.com", "pace_seconds": -1, "quiet": "at night", **WRONG_WORDS},
    secret=("T0CANARY", "B0CANARY", "XcanarYXcanarYXcanarY"),
    final={word: answered(404, word) for word in _LAST},
    words=(
        (answered(200, "invalid_token"), DeliveryState.DEAD, Reason.REFUSED),
        (answered(200, '{"ok": false, "error": "no_team"}'), DeliveryState.DEAD, Reason.REFUSED),
        (answered(200, '{"ok": true}'), DeliveryState.DELIVERED, Reason.RECEIVED),
        (answered(403, "action_prohibited"), DeliveryState.PENDING, Reason.REFUSED),
        (answered(400, "invalid_blocks"), DeliveryState.PENDING, Reason.INVALID_MESSAGE),
        (answered(200, "rate_limited"), DeliveryState.PENDING, Reason.RATE_LIMITED),
        (answered(410, "gone"), DeliveryState.PENDING, Reason.GONE),
    ),
    taken=_taken,
    whole=False,
)
