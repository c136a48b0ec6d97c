"""How a loop shows that it lives and what it does, to whoever watches."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from service.model import errors
from service.model.delivery import Reason
from service.model.filing import Times


class Vitals(Protocol):
    """What loops tell. Every call is cheap and never fails."""

    def beat(self, loop: str, quiet: float = 0.0) -> None:
        """*loop* is alive: it has come round once more, and means to do so again within *quiet* seconds."""
        ...

    def ended(self, loop: str) -> None:
        """*loop*, and every ``loop/...`` below it, has ended on purpose and is missed no more."""
        ...

    def handled(self, group: str, records: int, dead: Iterable[errors.UnusableReason], seconds: float) -> None:
        """*group* has committed a batch of *records*, of which *dead* became dead letters."""
        ...

    def rules_failed(self, count: int) -> None:
        """So many rules have failed on a filing."""
        ...

    def sent(self, kind: str, outcome: str, reason: Reason, seconds: float) -> None:
        """A request to a channel of *kind* (slack, say) came to *outcome* (delivered, pending or dead) for *reason*."""
        ...

    def leads(self, name: str, *, leader: bool) -> None:
        """Whether this process holds the lease *name*."""
        ...

    def asked(self, kind: str, outcome: str) -> None:
        """A request to EDGAR for a *kind* of thing came to *outcome*: an HTTP status, or how it failed."""
        ...

    def misread(self, outcome: str) -> None:
        """The feed shows an entry that is malformed, and was recovered all the same or is unreadable."""
        ...

    def passed(self, times: Times, station: str) -> None:
        """A live filing has reached *station*: published, parsed or matched. *times* lead there."""
        ...

    def alerted(self, times: Times, at: datetime) -> None:
        """An alert on a live filing was received at *at*."""
        ...


class Unwatched:
    """Nobody watches."""

    def beat(self, loop: str, quiet: float = 0.0) -> None:
        """Nothing."""

    def ended(self, loop: str) -> None:
        """Nothing."""

    def handled(self, group: str, records: int, dead: Iterable[errors.UnusableReason], seconds: float) -> None:
        """Nothing."""

    def rules_failed(self, count: int) -> None:
        """Nothing."""

    def sent(self, kind: str, outcome: str, reason: Reason, seconds: float) -> None:
        """Nothing."""

    def leads(self, name: str, *, leader: bool) -> None:
        """Nothing."""

    def asked(self, kind: str, outcome: str) -> None:
        """Nothing."""

    def misread(self, outcome: str) -> None:
        """Nothing."""

    def passed(self, times: Times, station: str) -> None:
        """Nothing."""

    def alerted(self, times: Times, at: datetime) -> None:
        """Nothing."""
