"""What no log line and no outcome may show, as it changes while a process runs."""

from collections.abc import Iterable

from service.scrub import Scrubber
from service.settings import Settings


class Hiding:
    """Hides everything secret that is set, was ever stored as a channel's while this process ran, or is now."""

    def __init__(self, settings: Settings) -> None:
        contact = settings.sec_contact or ""  # for EDGAR's eyes alone
        addresses = [word for word in contact.split() if "@" in word]
        self._phrases = [contact, *addresses] if contact else []
        self._secrets = set(settings.secrets)
        self._names: set[str] = set()
        self._scrub = Scrubber(self._secrets, self._phrases)

    def learn(self, secrets: Iterable[str], names: Iterable[str]) -> None:
        """From now on hide *secrets* as well, but not the operator's *names*. Requests with old ones may still fly."""
        new, named = self._secrets.union(secrets), self._names.union(names)
        if (new, named) != (self._secrets, self._names):
            self._secrets, self._names = new, named
            self._scrub = Scrubber(new, self._phrases, named)

    def __call__(self, text: str) -> str:
        """*text*, with three asterisks for whatever is secret in it."""
        return self._scrub(text)
