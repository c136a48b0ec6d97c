"""How a loop shows that it lives and what it does, to whoever watches."""

from collections.abc import Iterable
from typing import Protocol

from service.model.errors import Reason


class Vitals(Protocol):
    """What loops tell. Every call is cheap and never fails."""

    def beat(self, loop: str, quiet: float = 0.0) -> None:
        """*loop* is alive: it has come round once more, and means to do so again within *quiet* seconds."""
        ...

    def ended(self, loop: str) -> None:
        """*loop*, and every ``loop/...`` below it, has ended on purpose and is missed no more."""
        ...

    def handled(self, group: str, records: int, dead: Iterable[Reason], seconds: float) -> None:
        """*group* has committed a batch of *records*, of which *dead* became dead letters."""
        ...

    def sent(self, channel: str, outcome: str, seconds: float) -> None:
        """A request to *channel* came to *outcome*: delivered, pending or failed."""
        ...

    def leads(self, name: str, *, leader: bool) -> None:
        """Whether this process holds the lease *name*."""
        ...


class Unwatched:
    """Nobody watches."""

    def beat(self, loop: str, quiet: float = 0.0) -> None:
        """Nothing."""

    def ended(self, loop: str) -> None:
        """Nothing."""

    def handled(self, group: str, records: int, dead: Iterable[Reason], seconds: float) -> None:
        """Nothing."""

    def sent(self, channel: str, outcome: str, seconds: float) -> None:
        """Nothing."""

    def leads(self, name: str, *, leader: bool) -> None:
        """Nothing."""
