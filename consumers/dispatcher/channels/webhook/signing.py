"""What signs a webhook's requests, from a secret as Standard Webhooks has them."""

import base64

from standardwebhooks import Webhook as Signer


def signer(secret: str) -> Signer:
    """What signs and verifies with *secret*; raises ValueError for what is not one: the library takes nearly all."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if not secret.startswith("whsec_") or not 24 <= len(key) <= 64:
        raise ValueError("a secret is 'whsec_' and 24 to 64 bytes in base64, such as `filingbell secret` prints")
    return Signer(secret)
