"""Discord, as the suite over every kind of channel must know it."""

import json
import re

from consumers.dispatcher.post import Request
from consumers.dispatcher.room import units
from service.model.delivery import DeliveryState, Reason
from tests.dispatcher.kinds.kind import WORDS, WRONG_WORDS, Kind, answered
from tests.kit.slack import assert_text


def _taken(request: Request) -> None:
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


DISCORD = Kind(
    section={"type": "discord", "url": "https://discord.com/api/webhooks/112233445566/canaryCANARYcanaryCANARY"},
    more={"pace_seconds": 0.5, **WORDS},
    wrong={"type": "discrod", "url": "discord.com/api", "pace_seconds": 61, "quiet": "late", **WRONG_WORDS},
    secret=("112233445566", "canaryCANARYcanaryCANARY"),
    final={
        "10015": answered(404, '{"message": "Unknown Webhook", "code": 10015}'),
        "50027": answered(401, '{"message": "Invalid Webhook Token", "code": 50027}'),
    },
    words=(
        (answered(404, "404: Not Found"), DeliveryState.PENDING, Reason.CLIENT_ERROR),
        (
            answered(400, '{"code": 50035, "message": "Invalid Form Body"}'),
            DeliveryState.PENDING,
            Reason.INVALID_MESSAGE,
        ),
        (answered(200, '{"code": 10015}'), DeliveryState.DELIVERED, Reason.RECEIVED),
        (answered(403, '{"code": "10015"}'), DeliveryState.PENDING, Reason.CLIENT_ERROR),
        (answered(404, "no_service"), DeliveryState.PENDING, Reason.CLIENT_ERROR),
    ),
    taken=_taken,
    whole=False,
)
