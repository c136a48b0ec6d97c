"""What every handler is given."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from service.clock import Clock
from service.control.backtests import Backtests
from service.control.feeds import Feeds
from service.log.source import Log
from service.settings import Settings
from service.store import Database
from service.vault import Vault
from service.web.guest import Guest
from service.web.looks import Looks
from service.web.proxied import Proxied
from service.web.tries import Tries

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Context:
    """What the application stands on."""

    database: Database
    log: Log
    vault: Vault
    settings: Settings
    clock: Clock
    guest: Guest | None = None  # None: it is no demonstration

    @cached_property
    def hosts(self) -> frozenset[str]:
        """The names by which it may be asked: a page elsewhere whose name comes to mean this machine is refused."""
        names = {*_LOOPBACK}
        if self.settings.listens:
            names.add(self.settings.listens[0].lower())
        if self.settings.http_trusted:
            names.add((urlsplit(self.settings.http_trusted).hostname or "").lower())
        return frozenset(names)

    @cached_property
    def looks(self) -> Looks:
        """What is wrong with the service, looked for every few seconds at most, whoever asks how often."""
        return Looks(self.database, self.log, self.settings, self.clock)

    @cached_property
    def backtests(self) -> Backtests:
        """Rules held against the past, one at a time a workspace."""
        return Backtests(self.database, self.vault, self.clock)

    @cached_property
    def feeds(self) -> Feeds:
        """What can be followed as it comes."""
        return Feeds(self.database)

    @cached_property
    def proxied(self) -> Proxied:
        """Whom a proxy in front tells of."""
        return Proxied(self.settings)

    @cached_property
    def tries(self) -> Tries:
        """How often somebody has tried to sign in here."""
        return Tries(self.clock)

    def welcome(self, secret: str) -> str:
        """The address of the page that the link with this *secret* leads to."""
        return f"{self.settings.site}/welcome/{secret}"

    @property
    def secure(self) -> bool:
        """Whether browsers reach it by TLS alone."""
        return self.settings.http_trusted is not None
