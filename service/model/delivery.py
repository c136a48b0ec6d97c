"""What becomes of a message for a channel, and what can come of a request.

Reasons are closed sets: they are the metrics' labels, and what rows record.
"""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from service.model.identity import ChannelId, SilenceId


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"  # given up; kept, and can be sent again
    SUPPRESSED = "suppressed"  # never owed, for a reason that is kept


class Reason(StrEnum):
    """Why a delivery stands where its last request left it."""

    RECEIVED = "received"  # 2xx
    REFUSED = "refused-by-service"  # the service itself says, in its own words, that it does not take it
    INVALID_MESSAGE = "invalid-message"  # the service does not understand, or does not take, this very message
    GONE = "gone"  # 410
    RATE_LIMITED = "rate-limited"  # 429
    CLIENT_ERROR = "client-error"  # any other 4xx
    SERVER_ERROR = "server-error"  # 5xx, and whatever is above
    REDIRECT = "redirect"  # 3xx: never followed
    TIMEOUT = "timeout"
    NO_CONNECTION = "no-connection"
    NOT_ALLOWED = "address-not-allowed"  # not on the public internet: nothing was sent
    TLS = "tls"
    NOT_HTTP = "not-http"  # an answer that is not HTTP
    NOT_SMTP = "not-smtp"  # a reply that is not SMTP
    OUR_FAULT = "our-fault"  # filingbell failed on it


class Suppression(StrEnum):
    """Why a channel is not told what it was meant to be told."""

    REMOVED = "channel-removed"  # nobody has the channel any more
    ELSEWHERE = "other-workspace"  # the channel is another workspace's
    MOVED = "moved"  # another channel is told instead: somebody moved what waited
    HISTORY = "history"  # the filing is of the past, and nobody asked to be told of it
    ITSELF = "about-itself"  # it says that this very channel does not take what it is owed
    SILENCED = "silenced"  # somebody wants to be told nothing of the kind for a time


class Beyond(StrEnum):
    """Whose maximum an hour was reached, so that an alert waits to be told together with others."""

    CHANNEL = "channel"
    RULE = "rule"


class HeldBy(StrEnum):
    """What holds a delivery that would be sent else, until a time that it has."""

    QUIET = "quiet-hours"
    DIGEST = "digest"  # it is told at its channel's times
    CHANNEL = "channel-maximum"  # beyond the most that its channel takes in an hour
    RULE = "rule-maximum"  # beyond the most that its rule tells in an hour


class Obligation(Struct, frozen=True, kw_only=True):
    """A channel is to be told."""

    channel: ChannelId
    due: datetime  # no sooner
    held: datetime | None = None  # no sooner than that either: its quiet hours end then; None: they don't hold it
    joins: datetime | None = None  # together with all that its channel is told in its digest then; None: it is not
    beyond: Beyond | None = None  # whose maximum an hour has it join them; None: the channel's times do, or nothing
    digest: str | None = None  # together with others, under this name; None: by itself


class Suppressed(Struct, frozen=True, kw_only=True):
    """A channel is not told, and why."""

    channel: ChannelId
    reason: Suppression
    silence: SilenceId | None = None  # which one, where it is silenced


Decision = Obligation | Suppressed
"""What becomes of a message for a channel."""
