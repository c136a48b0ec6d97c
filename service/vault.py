"""Secrets at rest: sealed with a key that the database does not hold."""

import hmac
import os
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from secrets import token_bytes
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

from service.model.errors import ConfigError

if TYPE_CHECKING:  # 8 MB, which a process does without that seals and opens nothing
    from cryptography.fernet import MultiFernet

_RESTORE = (
    "channels' secrets are sealed with it: restore it from your backup, set FILINGBELL_KEY to it, or give the secrets "
    "again, by `filingbell apply FILE` where a file owns the channel, else by `filingbell channels edit`"
)
_BYTES = 32  # of a webhook's secret
_KEY = 32  # bytes of a key
_SEALED = "sealed"  # the key of what a secret is stored as: {"sealed": TOKEN}


class Vault:
    """Seals and opens secrets; the first key seals, all of them open, so that keys can be rotated."""

    def __init__(
        self, keys: list[str], source: str = "FILINGBELL_KEY", more: str = "", lost: str | None = None
    ) -> None:
        """Raises ConfigError where one of *keys*, which *source* has, is not a key; *more* is what else to say then.

        With *lost* it has no key of the service's: that is what to say where one is needed.
        """
        self._lost = lost
        self._given = keys
        if not keys or not all(map(_is_key, keys)):
            raise ConfigError(
                f"{source}: a key is 32 bytes in URL-safe base64, as `filingbell secret --key` prints{more}"
            )

    @cached_property
    def _keys(self) -> "MultiFernet":
        return _ring(self._given)

    @cached_property
    def _first(self) -> "MultiFernet":
        return _ring(self._given[:1])

    def seal(self, secret: str) -> dict[str, str]:
        """*secret* as it may be stored."""
        if self._lost is not None:
            raise ConfigError(self._lost)
        return {_SEALED: self._keys.encrypt(secret.encode()).decode()}

    def opened(self, value: Any) -> Any:
        """*value*, lists and mappings included, with every sealed secret opened.

        Raises ConfigError where a secret was sealed with a key that is not here.
        """
        if is_sealed(value):
            if self._lost is not None:
                raise ConfigError(self._lost)
            found = _opened(self._keys, value[_SEALED])
            if found is None:
                raise ConfigError(
                    "a channel's secret was sealed with another key: set FILINGBELL_KEY to that key (the file `key` in "
                    "the FILINGBELL_HOME of the machine that stored it), or give the secret again, by `filingbell "
                    "apply FILE` where a file owns the channel, else by `filingbell channels edit`"
                )
            return found
        if isinstance(value, dict):
            return {key: self.opened(item) for key, item in value.items()}
        return [self.opened(item) for item in value] if isinstance(value, list) else value

    def signature(self, text: str) -> str:
        """What nobody makes of *text* who has no key; it may be shown."""
        return _signature(self._given[0], text)

    def signed(self, text: str, signature: str) -> bool:
        """Whether *signature* was made of *text*, with whatever key there is."""
        given = signature.encode(errors="replace")
        return any(hmac.compare_digest(_signature(key, text).encode(), given) for key in self._given)

    def up_to_date(self, value: Any) -> bool:
        """Whether every secret in *value*, lists and mappings included, is sealed with the first key."""
        if is_sealed(value):
            return _opened(self._first, value[_SEALED]) is not None
        items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return all(self.up_to_date(item) for item in items)


def _ring(keys: Iterable[str]) -> "MultiFernet":
    from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415

    return MultiFernet(map(Fernet, keys))


def _opened(keys: "MultiFernet", sealed: str) -> str | None:
    """The secret that was *sealed*; None: by another key than *keys*."""
    from cryptography.fernet import InvalidToken  # noqa: PLC0415

    try:
        return keys.decrypt(sealed).decode()
    except InvalidToken:
        return None


def _signature(key: str, text: str) -> str:
    made = hmac.digest(urlsafe_b64decode(key), f"filingbell signature: {text}".encode(), "sha256")
    return urlsafe_b64encode(made).decode().rstrip("=")


def _is_key(given: str) -> bool:
    """Whether *given* is a key of Fernet."""
    try:
        return len(urlsafe_b64decode(given)) == _KEY
    except ValueError:
        return False


def new_key() -> str:
    """A key that nobody has yet."""
    return urlsafe_b64encode(token_bytes(_KEY)).decode()


def new_secret() -> str:
    """A secret for a webhook that nobody has yet, as Standard Webhooks has them."""
    return f"whsec_{b64encode(token_bytes(_BYTES)).decode()}"


def is_sealed(value: Any) -> bool:
    """Whether *value* is a sealed secret."""
    return isinstance(value, dict) and value.keys() == {_SEALED}


def open_vault(home: Path, keys: str | None, *, make: bool = True) -> Vault:
    """The vault with *keys* (separated by commas), or else with the key in *home*, which is made if it is missing.

    Without *make* none is made: a vault whose key is missing seals and opens nothing, and says so once it is asked to.
    Raises ConfigError where the key cannot be read or made.
    """
    if keys:
        given = [key.strip() for key in keys.split(",") if key.strip()]
        return Vault(given, more="; several are separated by commas, the newest first")
    file = home / "key"
    try:
        if not file.exists():
            if not make:
                return Vault([new_key()], lost=f"the key {file} is missing, and {_RESTORE}")
            _make(file)
        restore = "; restore it from your backup, or remove it and give the channels' secrets again"
        return Vault([file.read_text(encoding="latin-1").strip()], str(file), restore)
    except OSError as error:
        raise ConfigError(
            f"the key {file} cannot be read or made: {error.strerror}; set FILINGBELL_KEY, or "
            "FILINGBELL_HOME to another folder"
        ) from error


def _make(file: Path) -> None:
    """Write a new key to *file*, whole or not at all; one that another process has made meanwhile stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("wb", dir=file.parent, prefix=".key-") as draft:  # made with mode 0600
        draft.write(f"{new_key()}\n".encode())
        draft.flush()
        os.fsync(draft.fileno())
        with suppress(FileExistsError):
            os.link(draft.name, file)
