"""Where alerts may be sent: to what is reachable for everybody, and to what the operator allows besides."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

ALLOW = "FILINGBELL_EGRESS_ALLOW"
_FORM = "write networks, addresses or host names with commas between, as 10.0.0.0/8,hook.internal:8443"

# IANA's special-purpose registries. ipaddress has its own idea of them, which changes from patch to patch.
_SPECIAL: tuple[tuple[str, Sequence[str]], ...] = (
    ("a loopback address", ("127.0.0.0/8", "::1/128")),
    (
        "the metadata address of a cloud",
        ("169.254.169.254/32", "168.63.129.16/32", "fd00:ec2::/32"),
    ),
    ("a private address", ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10")),
    ("a link-local address", ("169.254.0.0/16", "fe80::/10")),
    ("an address of a provider's own network", ("100.64.0.0/10",)),
    ("the address of no machine", ("0.0.0.0/8", "::/128", "100::/64", "100:0:0:1::/64")),
    ("a multicast or broadcast address", ("224.0.0.0/4", "255.255.255.255/32", "ff00::/8")),
    ("an address that stands for an IPv4 address", ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96")),
    ("an address that stands for an IPv4 address", ("64:ff9b:1::/48", "2001::/32", "2002::/16", "192.88.99.0/24")),
    ("an address for examples", ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")),
    ("an address for benchmarks", ("198.18.0.0/15", "2001:2::/48")),
    ("an address of a protocol", ("192.0.0.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24")),
    ("an address of a protocol", ("2001::/23", "2620:4f:8000::/48", "5f00::/16")),  # ORCHID, AS112, SRv6
    ("a reserved address", ("240.0.0.0/4",)),
)
_TABLE = tuple((ip_network(one), words) for words, networks in _SPECIAL for one in networks)
_UNICAST = ip_network("2000::/3")  # all that is given out of IPv6

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"(?:\d+|0x[0-9a-f]*)\.?", re.ASCII | re.IGNORECASE)  # an address begins so for some resolvers
_INSIDE = re.compile(r"[^.]+|.*\.(?:localhost|local|internal|intranet|lan|corp|home|home\.arpa)", re.IGNORECASE)
_ENTRY = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*)(?::(?P<port>\d{1,5}))?", re.ASCII)


def special(address: Address) -> str | None:
    """What *address* is, unless it is one machine's on the public internet; then None."""
    for network, words in _TABLE:
        if address in network:
            return words
    return "a reserved address" if isinstance(address, IPv6Address) and address not in _UNICAST else None


def literal(host: str) -> Address | None:
    """The address that *host* is, in its one usual spelling; None: a name. Raises ValueError for anything else.

    ``127.1``, ``0x7f000001``, ``2130706433``, zones, percent signs and letters that are digits to some libraries are
    spellings on which two readers may disagree.
    """
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if "%" not in bare:
        try:
            return ip_address(bare)  # refuses leading zeros and short forms
        except ValueError:
            pass
    if not _NAME.fullmatch(host) or len(host) > 254 or _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        raise ValueError("the host must be a name such as hooks.example.com, or an address such as 192.0.2.7")
    return None


@dataclass(frozen=True, slots=True)
class Egress:
    """What the operator allows beside the public internet; at first nothing."""

    networks: tuple[tuple[Network, int | None], ...] = ()  # None: every port
    hosts: frozenset[tuple[str, int | None]] = frozenset()

    @classmethod
    def parse(cls, text: str) -> "Egress":
        """What *text* allows: networks, addresses and names with commas between; with a port, that one alone.

        Raises ValueError that names the entry at fault.
        """
        networks: list[tuple[Network, int | None]] = []
        hosts: set[tuple[str, int | None]] = set()
        for entry in filter(None, (part.strip() for part in text.split(","))):
            whole = _network(entry)
            found = _ENTRY.fullmatch(entry)
            if whole is not None:
                networks.append((whole, None))
                continue
            port = int(found["port"]) if found and found["port"] else None
            if found is None or (port is not None and port not in range(1, 65536)):
                raise ValueError(f"{entry!r} cannot be used: {_FORM}")
            host = found["host"]
            if (network := _network(host.strip("[]"))) is not None:
                networks.append((network, port))
            else:
                hosts.add((_named(host, entry), port))
        return cls(tuple(networks), frozenset(hosts))

    def names(self, host: str, port: int) -> bool:
        """Whether the operator allows *host* by its name, whatever its address is."""
        name = _lower(host)
        return (name, None) in self.hosts or (name, port) in self.hosts

    def refusal(self, address: str, port: int) -> str | None:
        """What the *address* of a connection is, where it must not be made; None: it may."""
        one = ip_address(address.partition("%")[0])
        words = special(one)
        if words is None or any(one in network and of in (None, port) for network, of in self.networks):
            return None
        return words

    def wrong(self, url: str, *, proxied: bool = False) -> str | None:
        """Why *url* is refused before any name is looked up; None: it is not, but what its name stands for may be.

        *proxied*: a proxy looks the name up, so that names of internal networks are refused here.
        """
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
            port = parts.port or (80 if parts.scheme == "http" else 443)
            one = literal(host)
        except ValueError:
            return "its host is not in a usual spelling"
        if self.names(host, port):
            return None
        if one is not None:
            words = self.refusal(str(one), port)
            return f"{one} is {words}" if words else None
        named = _lower(host)
        if named == "localhost" or named.endswith(".localhost") or (proxied and _INSIDE.fullmatch(named)):
            return f"{named} is a name of an internal network"
        return None


PUBLIC = Egress()
"""The public internet alone."""


def _network(text: str) -> Network | None:
    try:
        return ip_network(text)
    except ValueError:
        return None


def _named(host: str, entry: str) -> str:
    try:
        literal(host)
    except ValueError:
        raise ValueError(f"{entry!r} cannot be used: {_FORM}") from None
    return _lower(host)


def _lower(host: str) -> str:
    return host.lower().rstrip(".")
