"""What goes out: Slack's blocks within Slack's limits, webhooks as Standard Webhooks has them."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from consumers.dispatcher.channels import load
from consumers.dispatcher.channels.slack import message
from consumers.matcher.step import alert_of
from service.model.alert import Alert
from service.wire import decode, encode
from tests.documents import a_row, a_rule, a_subject, an_option, an_owner
from tests.receiver import SECRET

OTHER_SECRET = "whsec_YW5vdGhlciBzZWNyZXQgZm9yIHRoZSB0ZXN0cywgbmV3ZXI="


def an_alert(*rows: Any, settings: dict[str, Any] | None = None, **fields: Any) -> Alert:
    subject = a_subject(*(rows or (an_option(),)), **fields)
    rule = a_rule(**(settings or {}))
    return alert_of(rule, subject, rule.matches(subject) or ())


_texts = st.text(alphabet="ab<>&*_~`|!@# \n\u20ac", max_size=400)


@given(st.integers(1, 30), st.integers(1, 10), _texts, st.integers(0, 99))
def test_slack_messages_keep_within_slacks_limits(rows: int, owners: int, text: str, notes: int) -> None:
    """Whatever was filed, Slack must not answer invalid_blocks."""
    numbers = tuple(f"F{number}" for number in range(1, notes + 1))
    row = an_option(security_title=text, nature_of_ownership=text, footnotes={"exercise_date": numbers})
    alert = an_alert(
        *[row] * rows,
        reporting_owners=(an_owner(name=text, is_officer=True, officer_title=text),) * owners,
        footnotes=dict.fromkeys(numbers, text * 3),
        remarks=text * 5,
    )
    payload = message(alert)

    assert len(payload["blocks"]) <= 50
    for block in payload["blocks"]:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.validate_json()
        shown = block.get("text", {}).get("text", "x")
        assert 1 <= len(shown) <= (150 if block["type"] == "header" else 3000)


@given(_texts)
def test_what_was_filed_can_neither_mention_nor_link(text: str) -> None:
    """A footnote that says <!channel> wakes nobody."""
    hostile = f"<!channel> <https://evil.example|here> {text}"
    payload = message(an_alert(an_option(footnotes={"exercise_date": ("F1",)}), footnotes={"F1": hostile}))
    *sections, context = payload["blocks"]

    for block in sections:
        if block["text"]["type"] == "mrkdwn":
            assert "<" not in block["text"]["text"]
            assert ">" not in block["text"]["text"]
    assert "&lt;!channel&gt;" in str(sections)
    assert 2 == context["elements"][0]["text"].count("<https://www.sec.gov/")


def test_an_escape_is_never_cut_in_two() -> None:
    """&am would show as it is."""
    for pad in range(8):
        title = "x" * (2985 + pad) + "&" * 9
        texts = [b["text"]["text"] for b in message(an_alert(remarks=title))["blocks"] if "text" in b]
        assert not any(text.removesuffix("…").endswith(("&", "&a", "&am", "&amp")) for text in texts)


def test_a_webhook_is_the_alert_and_verifies_with_every_active_secret() -> None:
    """Secrets can be rotated: the old and the new receiver both verify."""
    section = {"hook": {"type": "webhook", "url": "https://example.com/x", "secrets": [SECRET, OTHER_SECRET]}}
    channel = load(section)["hook"]
    alert = an_alert()
    body = encode(alert)
    now = datetime.now(UTC)
    first, second = channel.request(alert, body, now), channel.request(alert, body, now)

    for secret in (SECRET, OTHER_SECRET):
        Verifier(secret).verify(first.body, dict(first.headers))
    with pytest.raises(WebhookVerificationError):
        Verifier(SECRET).verify(first.body + b" ", dict(first.headers))
    assert alert == decode(first.body, Alert)
    assert alert.id == first.headers["webhook-id"] == second.headers["webhook-id"]
    assert "application/json" == first.headers["Content-Type"]


def test_numbers_reach_the_webhook_exactly() -> None:
    """Not as floats, not as strings."""
    body = encode(an_alert(a_row(shares="4444.4440", price="0.3621")))

    assert b'"transaction_shares":4444.4440' in body
    assert b'"transaction_price_per_share":0.3621' in body


def test_a_request_shows_nothing_of_itself() -> None:
    """Addresses, signatures and bodies stay out of logs."""
    section = {"desk": {"type": "slack", "url": "https://hooks.slack.com/services/T/B/XSECRETX"}}
    request = load(section)["desk"].request(an_alert(), b"{}", datetime.now(UTC))

    assert "https://hooks.slack.com/services/T/B/XSECRETX" == request.url
    assert "XSECRETX" not in repr(request)
    assert msgspec.json.decode(request.body)["blocks"]
