"""Addresses to post to. They are secrets: whoever knows a Slack webhook's address can write to it."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def _checked(value: SecretStr) -> SecretStr:
    parts = urlsplit(value.get_secret_value())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("this is no address; it must begin with https://")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ValueError("http would send the alert in the clear; use https (http is for this machine only)")
    return value


Address = Annotated[SecretStr, AfterValidator(_checked)]
