"""PagerDuty, as the suite over every kind of channel must know it."""

import json

from consumers.dispatcher.post import Request
from service.model.delivery import DeliveryState, Reason
from tests.dispatcher.kinds.kind import TIMES, WRONG_TIMES, Kind, answered
from tests.kit.slack import assert_text


def _taken(request: Request) -> None:
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


PAGERDUTY = Kind(
    section={"type": "pagerduty", "key": "canaryCANARYcanaryCANARYcanary32"},
    more={
        "severity": "warning",
        "url": "https://events.eu.pagerduty.com/v2/enqueue",
        "pace_seconds": 1.5,
        **TIMES,
    },
    wrong={
        "type": "pager",
        "key": "canary",
        "severity": "loud",
        "url": "events.pagerduty.com",
        "pace_seconds": -1,
        "quiet": 7,
        **WRONG_TIMES,
    },
    secret=("canaryCANARYcanaryCANARYcanary32",),
    final={},
    words=(
        (answered(202, '{"status":"success"}'), DeliveryState.DELIVERED, Reason.RECEIVED),
        (
            answered(400, '{"errors":["Length of \'routing_key\' is incorrect"]}'),
            DeliveryState.PENDING,
            Reason.CLIENT_ERROR,
        ),
        (answered(400, '{"errors":["\'summary\' is missing"]}'), DeliveryState.PENDING, Reason.INVALID_MESSAGE),
    ),
    taken=_taken,
    posts_to="https://events.pagerduty.com/v2/enqueue",
    whole=False,
)
