"""What of an alert a telephone is told by ntfy."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from consumers.dispatcher.channels import load
from consumers.dispatcher.post import Request
from service.model.rule import Priority
from service.wire import encode
from tests.dispatcher.kinds import KINDS
from tests.kit.documents import a_row, an_alert
from tests.kit.filings import now


def _request(priority: Priority = Priority.NORMAL, **more: Any) -> Request:
    alert = replace(an_alert(a_row()), priority=priority)
    channel = load({"phone": {**KINDS["ntfy"].section, **more}})["phone"]
    return channel.request(alert, encode(alert), now())


def test_what_comes_again_takes_the_place_of_the_first() -> None:
    """By its id; one that ntfy would refuse for its form is left out."""
    alert = an_alert(a_row())
    channel = load({"phone": KINDS["ntfy"].section})["phone"]
    usual, odd = (
        json.loads(channel.request(replace(alert, id=name), b"", now()).body) for name in (alert.id, "no id: at all")
    )

    assert alert.id == usual["sequence_id"]
    assert "sequence_id" not in odd


@pytest.mark.parametrize(("priority", "number"), [(Priority.NORMAL, 3), (Priority.URGENT, 5)])
def test_an_urgent_rule_rings_even_where_the_telephone_is_silent(priority: Priority, number: int) -> None:
    """Its headline is the title, and a tap opens the filing."""
    content = json.loads(_request(priority).body)

    assert number == content["priority"]
    assert content["title"].startswith("EXAMPLE CORP")
    assert content["click"].startswith("https://www.sec.gov/")


def test_a_token_is_shown_where_the_topic_is_protected() -> None:
    """And nothing where it is not."""
    token = KINDS["ntfy"].more["token"]

    assert f"Bearer {token}" == _request(token=token).headers["Authorization"]
    assert "Authorization" not in _request().headers
