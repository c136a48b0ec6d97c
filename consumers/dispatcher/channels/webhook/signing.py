"""What signs a webhook's requests, as Standard Webhooks has it: with a shared secret (v1) or a key pair (v1a)."""

import base64
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from secrets import token_bytes
from typing import TYPE_CHECKING, Protocol

from standardwebhooks import Webhook

from service.vault import new_secret

if TYPE_CHECKING:  # 8 MB, which a process does without that signs with no key pair
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SHARED, PRIVATE, PUBLIC = "whsec_", "whsk_", "whpk_"
_SEED, _PAIR = 32, 64  # bytes of an Ed25519 key; with its public key behind it, as svix and libsodium have it


class Signature(StrEnum):
    """How a request is signed."""

    SECRET = "v1"  # HMAC-SHA256: whoever can check a signature can make one  # noqa: S105
    KEY_PAIR = "v1a"  # Ed25519: the receiver has the public key alone


class Signer(Protocol):
    """Signs messages."""

    @property
    def shown(self) -> str:
        """What the receiver checks signatures with."""
        ...

    def sign(self, msg_id: str, timestamp: datetime, data: str) -> str:
        """The signature of one, with how it was made: ``v1,...``."""
        ...


def signer(secret: str) -> Signer:
    """What signs with *secret*; raises ValueError for what is not one: the library takes nearly all."""
    return _Pair(secret) if secret.startswith(PRIVATE) else _Shared(secret)


def scheme(secret: str) -> Signature:
    """How *secret* signs."""
    return Signature.KEY_PAIR if secret.startswith(PRIVATE) else Signature.SECRET


def made(signature: Signature) -> str:
    """A secret that nobody has yet, which signs so."""
    return new_secret() if signature is Signature.SECRET else _new_pair()


class _Shared:
    def __init__(self, secret: str) -> None:
        key = decoded(secret, SHARED)
        if not 24 <= len(key) <= 64:
            raise ValueError("a secret is 'whsec_' and 24 to 64 bytes in base64, such as `filingbell secret` prints")
        self.shown = secret
        self.sign: Callable[[str, datetime, str], str] = Webhook(secret).sign


class _Pair:
    def __init__(self, secret: str) -> None:
        key = decoded(secret, PRIVATE)
        if len(key) not in (_SEED, _PAIR):
            raise ValueError(
                "a private key is 'whsk_' and 32 or 64 bytes in base64, such as `filingbell secret --pair` prints"
            )
        self._seed = key[:_SEED]
        if key[_SEED:] not in (b"", self._public):
            raise ValueError("this private key does not belong to the public key that stands in it")

    @property
    def shown(self) -> str:
        """The public key."""
        return f"{PUBLIC}{base64.b64encode(self._public).decode()}"

    def sign(self, msg_id: str, timestamp: datetime, data: str) -> str:
        """By Ed25519, of the same text as a shared secret signs."""
        text = f"{msg_id}.{int(timestamp.timestamp())}.{data}"
        return f"{Signature.KEY_PAIR},{base64.b64encode(self._key.sign(text.encode())).decode()}"

    @cached_property
    def _key(self) -> "Ed25519PrivateKey":
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

        return Ed25519PrivateKey.from_private_bytes(self._seed)

    @property
    def _public(self) -> bytes:
        return self._key.public_key().public_bytes_raw()


def _new_pair() -> str:
    seed = token_bytes(_SEED)
    alone = _Pair(f"{PRIVATE}{base64.b64encode(seed).decode()}")
    public = decoded(alone.shown, PUBLIC)
    return f"{PRIVATE}{base64.b64encode(seed + public).decode()}"


def decoded(secret: str, prefix: str) -> bytes:
    """The bytes of *secret*; none: it is not written so."""
    try:
        return base64.b64decode(secret.removeprefix(prefix), validate=True) if secret.startswith(prefix) else b""
    except ValueError:
        return b""
