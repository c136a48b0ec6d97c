"""What goes out: webhooks as Standard Webhooks has them, and nothing secret with them."""

from datetime import UTC, datetime

import msgspec
import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from consumers.dispatcher.channels import load
from service.model.alert import Alert
from service.wire import decode, encode
from tests.kit.documents import a_row, an_alert
from tests.kit.receiver import SECRET

OTHER_SECRET = "whsec_YW5vdGhlciBzZWNyZXQgZm9yIHRoZSB0ZXN0cywgbmV3ZXI="


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
