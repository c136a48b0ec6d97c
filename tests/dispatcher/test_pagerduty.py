"""Incidents in PagerDuty: which messages are one, and when it closes."""

import json
from typing import Any

from msgspec.structs import replace

from consumers.dispatcher.channels import load
from service.model.alert import Alert
from service.model.notice import Notice, NoticeKind
from service.model.rule import Priority
from service.wire import encode
from tests.dispatcher.kinds import KINDS
from tests.kit.documents import a_row, an_alert
from tests.kit.filings import now
from tests.kit.slack import a_notice


def _event(content: Alert | Notice, **more: Any) -> Any:
    channel = load({"duty": {**KINDS["pagerduty"].section, **more}})["duty"]
    return json.loads(channel.request(content, encode(content), now()).body)


def test_what_is_wrong_is_one_incident_that_closes_when_it_is_over() -> None:
    """Whatever the ids of its notices; digests are no such matter, and each is one of its own."""
    wrong = a_notice(id="1", kind=NoticeKind.SILENCE)
    over = replace(wrong, id="2", cleared=True)
    digests = [_event(a_notice(id=one, kind=NoticeKind.DIGEST))["dedup_key"] for one in "12"]

    assert [("trigger", "feed-silent/s"), ("resolve", "feed-silent/s")] == [
        (event["event_action"], event["dedup_key"]) for event in map(_event, (wrong, over))
    ]
    assert ["1", "2"] == digests


def test_an_alert_is_as_severe_as_its_rule_and_the_channel_say() -> None:
    """Those of urgent rules are critical; the id is the alert's, so that a repetition opens nothing."""
    alert = an_alert(a_row())
    events = [_event(alert), _event(alert, severity="error"), _event(replace(alert, priority=Priority.URGENT))]

    assert ["info", "error", "critical"] == [event["payload"]["severity"] for event in events]
    assert {alert.id} == {event["dedup_key"] for event in events}
