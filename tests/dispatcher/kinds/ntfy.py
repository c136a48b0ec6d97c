"""ntfy, as the suite over every kind of channel must know it."""

import json
import re

from consumers.dispatcher.post import Request
from service.model.delivery import DeliveryState, Reason
from tests.dispatcher.kinds.kind import WORDS, WRONG_WORDS, Kind, answered
from tests.kit.slack import assert_text


def _taken(request: Request) -> None:
    payload = json.loads(request.body)
    assert payload["topic"] == "canary-topic-0123456789"
    assert 1 <= len(payload["title"]) <= 250
    assert 1 <= len(payload["message"].encode()) <= 4096
    assert payload["priority"] in range(1, 6)
    assert "markdown" not in payload
    assert re.fullmatch(r"[-_A-Za-z0-9]{1,64}", payload["sequence_id"])  # what else there is, it answers with 400
    for text in (payload["title"], payload["message"]):
        assert_text(text)


NTFY = Kind(
    section={"type": "ntfy", "topic": "canary-topic-0123456789"},
    more={"url": "https://ntfy.example", "token": "tk_canaryTOKEN0123456789", "pace_seconds": 0.5, **WORDS},
    wrong={
        "type": "nftyy",
        "url": "ntfy.sh",
        "topic": "a/b",
        "token": "tk-x",
        "pace_seconds": -1,
        "quiet": "22:00",
        **WRONG_WORDS,
    },
    secret=("canary-topic-0123456789", "canaryTOKEN0123456789"),
    final={},
    words=(
        (answered(429, '{"code": 42908, "http": 429}'), DeliveryState.PENDING, Reason.RATE_LIMITED),
        (answered(400, '{"code": 40024, "http": 400}'), DeliveryState.PENDING, Reason.INVALID_MESSAGE),
        (answered(413, '{"code": 41303, "http": 413}'), DeliveryState.PENDING, Reason.INVALID_MESSAGE),
        (answered(403, '{"code": 40301, "http": 403}'), DeliveryState.PENDING, Reason.CLIENT_ERROR),
        (answered(200, '{"code": 40024}'), DeliveryState.DELIVERED, Reason.RECEIVED),
    ),
    posts_to="https://ntfy.sh",
    taken=_taken,
    whole=False,
)
