"""Alerts of one filing differ by their rule: what they have in common is encoded once."""

from typing import Any

import pytest
from msgspec.structs import replace

from service.model.fact import Verdict
from service.model.rule import Priority
from service.wire.topics import alert_event
from tests.kit.documents import NOW, an_alert

FIRST = an_alert()


@pytest.mark.parametrize(
    "of_the_rule",
    [
        {"rule": 'a "rule"', "description": ',"headline":"x","explanation":{}'},
        {"id": "another", "rule_id": "rule_2", "workspace": "ws_2", "rule_revision": 12},
        {"explanation": replace(FIRST.explanation, rule="é\0", verdict=Verdict.UNKNOWN, rows=())},
        {"priority": Priority.URGENT, "follows": "an alert"},
    ],
    ids=["texts", "ids", "why", "what follows"],
)
def test_an_alert_like_another_is_encoded_as_if_it_were_alone(of_the_rule: dict[str, Any]) -> None:
    """To the byte, and what it shares with the other stands where it says."""
    alert = replace(FIRST, **of_the_rule)

    event = alert_event(alert, NOW, like=alert_event(FIRST, NOW))

    assert alert_event(alert, NOW) == event
    assert event.value[event.shared_at :].startswith(event.shared)
    assert event.shared.startswith(b'"headline":')
