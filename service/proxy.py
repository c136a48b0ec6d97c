"""The way out: directly, or through the one proxy that is set. What the environment says of proxies is not followed."""

from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

Way = Callable[[str], str | None]
"""The proxy through which to reach an address; None: directly."""


def directly(_address: str) -> None:
    """No proxy, whatever the address."""


def through(proxy: str) -> Way:
    """*proxy*, but for what runs on this machine."""

    def way(address: str) -> str | None:
        return None if _is_here(urlsplit(address).hostname or "") else proxy

    return way


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:  # a name
        return host == "localhost"
