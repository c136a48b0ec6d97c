"""What a receiver checks a webhook's requests with: the shared secret (v1), or the public key (v1a)."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

from standardwebhooks import Webhook, WebhookVerificationError

from consumers.dispatcher.channels.webhook.signing import PUBLIC, Signature, decoded, signer

_PATIENCE = timedelta(minutes=5)  # as the libraries of Standard Webhooks have it
_KEY = 32  # bytes


class Verifier(Protocol):
    """Checks requests."""

    def verify(self, data: bytes, headers: dict[str, str]) -> object:
        """Raises WebhookVerificationError where the request is not signed so, or not now."""
        ...


def verifier(secret: str) -> Verifier:
    """What checks with *secret*, a shared one or a public key; raises ValueError for what is neither."""
    if secret.startswith(PUBLIC):
        return _Public(secret)
    signer(secret)
    return Webhook(secret)


class _Public:
    def __init__(self, key: str) -> None:
        self._key = decoded(key, PUBLIC)
        if len(self._key) != _KEY:
            raise ValueError("a public key is 'whpk_' and 32 bytes in base64")

    def verify(self, data: bytes, headers: dict[str, str]) -> None:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

        told = {name.lower(): value for name, value in headers.items()}
        text = b".".join([told.get("webhook-id", "").encode(), _at(told).encode(), data])
        key = Ed25519PublicKey.from_public_bytes(self._key)
        for one in told.get("webhook-signature", "").split(" "):
            version, _, signature = one.partition(",")
            if version == Signature.KEY_PAIR:
                try:
                    return key.verify(base64.b64decode(signature), text)
                except (InvalidSignature, ValueError):
                    continue
        raise WebhookVerificationError("no signature is of this key")


def _at(headers: Mapping[str, str]) -> str:
    """When the request was made, as it says; raises WebhookVerificationError where that is not now."""
    said = headers.get("webhook-timestamp", "")
    try:
        at = datetime.fromtimestamp(int(said), UTC)
    except (ValueError, OverflowError, OSError):
        raise WebhookVerificationError("the request does not say when it was made") from None
    if abs(datetime.now(UTC) - at) > _PATIENCE:
        raise WebhookVerificationError("the request was made at another time")
    return said
