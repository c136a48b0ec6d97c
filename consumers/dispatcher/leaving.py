"""How somebody who is told by a channel has it stop: by an address of their own, which nobody else can make."""

from typing import Protocol, Self, runtime_checkable

from service.vault import Vault

PATH = "/unsubscribe"  # of the pages


@runtime_checkable
class Leavable(Protocol):
    """A channel that tells a person, who did not set it up and may want no more of it."""

    @property
    def recipient(self) -> str:
        """Who that is."""
        ...

    def left_at(self, address: str) -> Self:
        """The same channel, which says in each message that it is stopped at *address*."""
        ...


class Leaving:
    """Makes such addresses, and knows them again. One is of a channel and its recipient: for another it is no good."""

    def __init__(self, vault: Vault, site: str | None) -> None:
        """*site* is the service's public address; None: it has none, so that nobody could open any other."""
        self._vault = vault
        self._site = site

    def address(self, channel: str, recipient: str) -> str | None:
        """Where *recipient* has *channel* stop; None: nowhere."""
        if self._site is None:
            return None
        return f"{self._site}{PATH}/{channel}.{self._vault.signature(_said(channel, recipient))}"

    def knows(self, signature: str, channel: str, recipient: str) -> bool:
        """Whether *signature* stands in the address of *channel* and *recipient*."""
        return self._vault.signed(_said(channel, recipient), signature)


def _said(channel: str, recipient: str) -> str:
    return f"{PATH} {channel} {recipient}"
