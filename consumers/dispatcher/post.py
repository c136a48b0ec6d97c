"""What goes to a channel, and what comes back: what channels make and judge, and the guard carries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from service.model.delivery import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A POST to be made. Its address and headers can hold secrets, so they show nowhere."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    read: int = 2048  # bytes of the answer that are read


class Security(StrEnum):
    """How the connection to a mail server is encrypted. Its certificate is checked in either case."""

    STARTTLS = "starttls"  # it begins in the clear, and nothing is said before it is encrypted
    TLS = "tls"  # from the first byte
    NONE = "none"  # not at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A message to be submitted to a mail server, for one recipient."""

    host: str
    port: int
    security: Security
    login: tuple[str, str] | None = field(repr=False)  # name and password; None: the server asks for none
    sender: str  # of the envelope, as is the recipient
    recipient: str
    body: bytes = field(repr=False)  # header and content, in ASCII

    @property
    def url(self) -> str:
        """The server's address."""
        return f"smtp://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A message to be handed to Apprise, for a service that it knows."""

    url: str = field(repr=False)  # the service, and the credentials there
    title: str = field(repr=False)  # empty: the service has none
    body: bytes = field(repr=False)  # text in UTF-8


Parcel = Request | Mail | Notification
"""What is carried to a receiver, whatever it speaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a receiver said, as far as it was read. Its texts are one line each, and show no secret."""

    status: int  # HTTP's, or the code of a mail server's reply
    phrase: str  # of the status line; of a reply: what it replies to
    text: str  # the beginning of its body; the words of a reply
    retry_after: timedelta | None  # None: not said, or nothing that means a time


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """Why there is no status to judge by."""

    reason: Reason  # TIMEOUT, NO_CONNECTION, NOT_ALLOWED, TLS, NOT_HTTP, NOT_SMTP, CLIENT_ERROR or OUR_FAULT
    detail: str
