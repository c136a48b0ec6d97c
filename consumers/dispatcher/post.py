"""A request to a channel, and what comes back: what channels make and judge, and the guard carries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from service.model.delivery import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A POST to be made. Its address and headers can hold secrets, so they show nowhere."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a receiver said, as far as it was read. Its texts are one line each, and show no secret."""

    status: int
    phrase: str  # of the status line
    text: str  # the beginning of its body
    retry_after: timedelta | None  # None: not said, or nothing that means a time


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """Why there is no status to judge by."""

    reason: Reason  # TIMEOUT, NO_CONNECTION, NOT_ALLOWED, TLS, NOT_HTTP or OUR_FAULT
    detail: str
