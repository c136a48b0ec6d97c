"""What can come of a request to a channel. A closed set: it is the metric's label, and what a row records."""

from enum import StrEnum


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
    TLS = "tls"
    NOT_HTTP = "not-http"  # an answer that is none
    OUR_FAULT = "our-fault"  # filingbell failed on it
