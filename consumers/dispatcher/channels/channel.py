"""What a channel is: it knows its addressee, how to put an alert and what an answer means, and nothing of sending."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, Self, runtime_checkable

from msgspec import Struct

from consumers.dispatcher.channels.timed import Times
from consumers.dispatcher.outcome import Outcome
from consumers.dispatcher.post import Answer, NoAnswer, Parcel
from service.model.alert import Alert
from service.model.notice import Notice


class Channel(Times, Protocol):
    """One configured addressee. Pure: no I/O."""

    @property
    def url(self) -> str:
        """Where it connects to, which can be a secret."""
        ...

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody must be shown: the address, and what signs."""
        ...

    @property
    def interval(self) -> timedelta:
        """From the end of one request to the start of the next, whoever makes them; zero: it needs no such pause."""
        ...

    @property
    def together(self) -> Callable[[Sequence[Alert], datetime], Parcel] | None:
        """The request that brings the alerts of several rules on a filing or trade; None: each alert is a request."""
        ...

    @property
    def every_filing(self) -> bool:
        """Whether each filing on a trade is a message of its own, in full."""
        ...

    @property
    def tells_again(self) -> bool:
        """Whether a message that may have arrived says so when it comes again.

        Its service knows no id of ours, so both can stand there.
        """
        ...

    @property
    def simply(self) -> Callable[[Sequence[Alert | Notice], datetime], Parcel] | None:
        """The request that brings the same in the simplest form there is; None: the ordinary one is the simplest.

        For when the service has refused the message for its form.
        """
        ...

    def request(self, content: Alert | Notice, body: bytes, now: datetime) -> Parcel:
        """What brings *content*, whose JSON is *body*: an HTTP request, or a mail.

        Every try brings the same id and content, so that a receiver can tell a repetition.
        """
        ...

    def judge(self, answer: Answer | NoAnswer) -> Outcome:
        """What *answer* means: the channel knows its service's errors.

        Final is only what the service itself documents as final; all else is tried again.
        """
        ...


class MessagePlace(Struct, frozen=True, kw_only=True):
    """Where a message stands among those that its service has taken, each by the service's own name for it."""

    behind: str | None = None  # the id of the alert that it follows there; None: none, or that was not taken
    thread: str | None = None  # by which that one can be answered; None: by nothing
    unsure: bool = False  # an earlier try may have arrived
    stands: str | None = None  # itself, which arrived; None: as far as is known it has not


@runtime_checkable
class Keeping(Protocol):
    """A channel whose service names what it takes, so that it can be answered, found again and written anew.

    What it judges as received has that name (``Outcome.receipt``).
    """

    def placed(self, place: MessagePlace) -> Self:
        """The same channel, whose next message stands in *place*."""
        ...

    def search(self, content: Alert | Notice) -> Parcel:
        """What asks for the messages among which *content* is, if it has arrived."""
        ...

    def found(self, content: Alert | Notice, answer: Answer | NoAnswer) -> str | None:
        """By what the service names *content* in *answer*; None: it has not arrived, or nobody can say."""
        ...
