"""What goes out: webhooks as Standard Webhooks has them, and nothing secret with them."""

import base64
import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from consumers.dispatcher.channels import load
from consumers.dispatcher.channels.webhook import Signature, made, signer, verifier
from service.model.alert import Alert
from service.model.errors import ConfigError
from service.wire import decode, encode
from tests.kit.documents import a_row, an_alert
from tests.kit.places import DOCS
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


def test_a_key_pair_signs_as_svix_does() -> None:
    """The vector of svix's own tests (MIT): server/svix-server/src/worker.rs, test_asymmetric_key_signing."""
    private = "6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
    at = datetime.fromtimestamp(1614265330, UTC)
    expected = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="

    assert expected == signer(f"whsk_{private}").sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, '{"test": 2432232314}')


def test_who_has_the_public_key_can_check_and_not_sign() -> None:
    """Beside a shared secret as well, of whichever kind the other is."""
    private = made(Signature.KEY_PAIR)
    public = signer(private).shown
    section = {"hook": {"type": "webhook", "url": "https://example.com/x", "secrets": [private, SECRET]}}
    channel, alert = load(section)["hook"], an_alert()
    request = channel.request(alert, encode(alert), datetime.now(UTC))
    old = channel.request(alert, encode(alert), datetime.now(UTC) - timedelta(minutes=6))
    headers = dict(request.headers)

    assert ["v1a", "v1"] == [one.partition(",")[0] for one in headers["webhook-signature"].split(" ")]
    verifier(public).verify(request.body, headers)
    verifier(SECRET).verify(request.body, headers)
    other = signer(made(Signature.KEY_PAIR)).shown
    wrong: list[tuple[str, bytes, dict[str, str]]] = [
        (other, request.body, headers),
        (public, request.body + b" ", headers),
        (public, request.body, headers | {"webhook-id": "another"}),
        (public, request.body, headers | {"webhook-signature": "v1a,AAAA v1a v1,x"}),
        (public, request.body, {}),
        (public, old.body, dict(old.headers)),
    ]
    for key, body, told in wrong:
        with pytest.raises(WebhookVerificationError):
            verifier(key).verify(body, told)
    with pytest.raises(ConfigError):
        load({"hook": section["hook"] | {"secrets": [public]}})


def test_a_private_key_may_stand_without_its_public_one_but_not_with_anothers() -> None:
    """Libraries write it either way."""
    one, other = made(Signature.KEY_PAIR), made(Signature.KEY_PAIR)
    key, another = (base64.b64decode(each.removeprefix("whsk_")) for each in (one, other))
    seed = f"whsk_{base64.b64encode(key[:32]).decode()}"

    assert signer(one).shown == signer(seed).shown
    with pytest.raises(ValueError, match="does not belong"):
        signer(f"whsk_{base64.b64encode(key[:32] + another[32:]).decode()}")


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is needed, as a receiver in another language")
def test_the_receiver_of_the_docs_takes_what_is_signed_and_nothing_else(tmp_path: Path) -> None:
    """In Node, as docs/channels.md prints it."""
    (code,) = re.findall(r"```js\n(.*?)```", (DOCS / "channels.md").read_text(), re.DOTALL)
    private = made(Signature.KEY_PAIR)
    section = {"hook": {"type": "webhook", "url": "https://example.com/x", "secrets": [SECRET, private]}}
    alert = an_alert(remarks="\u2028 \u00e9")
    request = load(section)["hook"].request(alert, encode(alert), datetime.now(UTC))
    (tmp_path / "receiver.mjs").write_text(
        f"{code}\nimport {{ readFileSync }} from 'node:fs';\n"
        "const { key, other, headers } = JSON.parse(readFileSync('told.json'));\n"
        "const body = readFileSync('body');\n"
        "const wrong = Buffer.concat([body, Buffer.from(' ')]);\n"
        "console.log(signed(key, headers, body), signed(other, headers, body), signed(key, headers, wrong));\n"
    )
    keys = {"key": signer(private).shown, "other": signer(made(Signature.KEY_PAIR)).shown}
    (tmp_path / "told.json").write_text(json.dumps(keys | {"headers": dict(request.headers)}))
    (tmp_path / "body").write_bytes(request.body)
    run = subprocess.run(["node", "receiver.mjs"], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert "true false false" == run.stdout.strip()


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
