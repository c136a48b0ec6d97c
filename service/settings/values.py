"""How values are written in the environment, and what is said of those that cannot be used."""

import re
from ipaddress import ip_network
from urllib.parse import urlsplit

_FORMS = frozenset({"3", "4", "5"})
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_PLACE = re.compile(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):(?P<port>\d{1,5})", re.ASCII)
_PORTS = range(1, 65536)


def forms(value: object) -> object:
    """The forms that *value* names with commas between."""
    if not isinstance(value, str):
        return value
    named = tuple(part.strip() for part in value.split(",") if part.strip())
    if not named or not _FORMS.issuperset(named):
        raise ValueError("write the forms as 4, or as 3,4,5 (amendments are included)")
    return named


def is_place(value: str) -> bool:
    """Whether *value* is host:port."""
    found = _PLACE.fullmatch(value)
    return found is not None and int(found["port"]) in _PORTS


def is_site(address: str) -> bool:
    """Whether requests can be sent to *address*."""
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 443) in _PORTS
    except ValueError:  # a port or an IPv6 address that cannot be
        return False


def is_secure_site(address: str) -> bool:
    """Whether *address* is https://host, or with a port, and nothing else."""
    parts = urlsplit(address) if is_site(address) else None
    return parts is not None and parts.scheme == "https" and parts[2:] in (("", "", ""), ("/", "", ""))


def networks(value: object) -> object:
    """The addresses and networks that *value* names with commas between."""
    if not isinstance(value, str):
        return value
    try:
        found = tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
    except ValueError:
        raise ValueError("write addresses or networks with commas between, such as 10.0.0.5 or 10.1.0.0/16") from None
    if any(network.prefixlen == 0 for network in found):
        raise ValueError("write the proxy's addresses: every address would be everybody")
    return found


def upper(value: object) -> object:
    """*value* in capitals."""
    return value.upper() if isinstance(value, str) else value


def lower(value: object) -> object:
    """*value* in lower case."""
    return value.lower() if isinstance(value, str) else value


def seconds(value: object) -> object:
    """The numbers that *value* has with commas between."""
    if not isinstance(value, str):
        return value
    try:
        return tuple(float(part) for part in value.split(","))
    except ValueError:
        raise ValueError("write seconds with commas between, such as 2,10,60") from None


def time_of_day(value: object) -> object:
    """*value*, which is a time of day."""
    if isinstance(value, str) and not _TIME.fullmatch(value):
        raise ValueError("write a time of day on the Eastern clock, such as 06:00")
    return value
