"""Addresses to post to. They are secrets: whoever knows a Slack webhook's address can write to it."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr

from service.egress import literal

_NONE = "this is not an address; it must be as https://example.com/path or https://example.com:8443/path"
EXAMPLE = "change-me"  # stands in what deploy/.env.example has in place of secrets
_ODD = re.compile(r"[\s\\\x00-\x1f\x7f]")  # what two readers of an address may take for different things
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def _checked(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:  # its message would repeat the address
        raise ValueError(_NONE) from None
    if parts.netloc.count("@") > 1 or _ODD.search(text):
        raise ValueError(_NONE)
    if parts.hostname:
        literal(parts.hostname)
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise ValueError(_NONE)
    if EXAMPLE in text:
        raise ValueError("this is the example's address; write the one that the receiver has given you")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ValueError("http would send the alert in the clear; use https (http is for this machine only)")
    return value


Address = Annotated[SecretStr, AfterValidator(_checked)]
