"""The name that a proxy in front tells, of whom it has let in; from anywhere else it counts for nothing."""

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address

from aiohttp import web

from service.settings import Settings


class Proxied:
    """As the operator has set it; without a header nobody is believed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def name(self, request: web.Request) -> str | None:
        """Whom the proxy has let in; None: nobody, or the request does not come from it."""
        header = self._settings.http_user_header
        if header is None or not self._is_believed(request.remote):
            return None
        told: Sequence[str] = request.headers.getall(header, [])
        if len(told) != 1 or not told[0].isprintable():  # twice: it passes on what a client sent
            return None
        return told[0].strip() or None

    def _is_believed(self, peer: str | None) -> bool:
        """Whether *peer*, the address of the connection itself, is the proxy's."""
        try:
            address = ip_address(peer or "")
        except ValueError:  # a socket that has none
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in network for network in self._settings.http_user_from)
