"""Teams, as the suite over every kind of channel must know it."""

import json

from consumers.dispatcher.post import Request
from service.model.delivery import DeliveryState, Reason
from tests.dispatcher.kinds.kind import WORDS, WRONG_WORDS, Kind, answered
from tests.kit.slack import assert_text


def _taken(request: Request) -> None:
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


TEAMS = Kind(
    section={
        "type": "teams",
        "url": "https://x.powerplatform.example/invoke?sp=%2Ft&sv=1&sig=canarySIGcanarySIGcanary",
    },
    more={"pace_seconds": 0.5, **WORDS},
    wrong={
        "type": "team",
        "url": "https://x.example/invoke?sp=1&amp;sig=2",
        "pace_seconds": 61,
        "quiet": "never",
        **WRONG_WORDS,
    },
    secret=("canarySIGcanarySIGcanary",),
    final={},
    words=(
        (answered(202, ""), DeliveryState.DELIVERED, Reason.RECEIVED),
        (answered(404, '{"error": {"code": "WorkflowNotFound"}}'), DeliveryState.PENDING, Reason.CLIENT_ERROR),
        (answered(413, "too large"), DeliveryState.PENDING, Reason.INVALID_MESSAGE),
    ),
    taken=_taken,
    whole=False,
)
