"""Every error of filingbell, split by what the one who catches it does.

::

    FilingbellError
    ├── TryAgain               an outage: the same call may succeed later
    │   ├── Unreachable        EDGAR: no answer, or an answer that is no answer (5xx, cut off, HTML)
    │   ├── NotYet             404, or the archive's own 403: EDGAR does not serve it, perhaps not yet
    │   ├── Blocked            no request to that host before ``until``
    │   │   └── Refused        403 or 429: a block began at this request, and not for the first time
    │   ├── Unavailable        the database or Kafka: connection lost, conflict, no room
    │   └── Superseded         another worker has moved this group's position, or leads now
    ├── UnusableDocument       bad data: goes to form4.dead with its bytes and reason
    ├── Rejected               a person asked for what cannot be done; nothing was changed
    │   ├── NotFound           there is nothing of that name or id, or it is somebody else's
    │   ├── Forbidden          it is there, but must not be changed so
    │   ├── Stale              somebody has changed it meanwhile
    │   └── Faulty             what was given is wrong; every fault says where
    └── Stop                   nothing helps but a person
        ├── ConfigError        a setting or a line of the configuration
        └── Flood              nearly everything that comes is unusable
"""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class UnusableReason(StrEnum):
    """Why a document is unusable; also the metric's label and the dead letter's."""

    EMPTY = "empty"
    TOO_LARGE = "too-large"
    NO_OWNERSHIP_XML = "no-ownership-xml"
    MALFORMED_XML = "malformed-xml"
    DOCTYPE = "doctype"
    NOT_OWNERSHIP = "not-an-ownership-document"
    TOO_MANY = "too-many"
    MISSING_FIELD = "missing-field"
    UNKNOWN_ROWS = "unknown-rows"
    NEVER_SERVED = "never-served"
    UNREADABLE_EVENT = "unreadable-event"
    INTERNAL = "internal-error"
    TOO_LARGE_FOR_KAFKA = "too-large-for-kafka"


class FilingbellError(Exception):
    """The root of everything this project raises on purpose."""


class TryAgain(FilingbellError):
    """The same call may succeed later; nothing is lost by waiting."""


class Unreachable(TryAgain):
    """EDGAR gave no answer, or one that cannot be used."""


class NotYet(TryAgain):
    """EDGAR does not serve it: a document that is listed usually comes within minutes, an index once a day is over."""


class Blocked(TryAgain):
    """EDGAR refuses this client; requests to ``host`` before ``until`` would prolong the block."""

    def __init__(self, message: str, until: datetime, host: str) -> None:
        super().__init__(message)
        self.until = until
        self.host = host


class Refused(Blocked):
    """Blocks keep beginning at this very request. What it asks for must not always be asked for first again."""


class Unavailable(TryAgain):
    """The database or Kafka cannot do it now. What was under way was rolled back, or its outcome is unknown."""


class Superseded(TryAgain):
    """Another worker has gone on from here, or somebody has stopped this; what was read must be read again."""


class UnusableDocument(FilingbellError):
    """These bytes hold no usable ownership document; the message is for a person."""

    def __init__(self, reason: UnusableReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Rejected(FilingbellError):
    """What a person asked for cannot be done; nothing was changed."""


class NotFound(Rejected):
    """There is nothing of that name or id in the workspace."""


class Forbidden(Rejected):
    """It must not be changed by whoever asks, or not while something else uses it."""


class Stale(Rejected):
    """It was changed since it was read; ``stands`` is its revision now."""

    def __init__(self, message: str, stands: int) -> None:
        super().__init__(message)
        self.stands = stands


class Faulty(Rejected):
    """What was given cannot be used; each fault has the path to its field."""

    def __init__(self, message: str, faults: tuple["Fault", ...]) -> None:
        super().__init__("\n  ".join([message, *(f"{_dotted(fault)}{fault.message}" for fault in faults)]))
        self.faults = faults


def _dotted(fault: "Fault") -> str:
    place = "" if fault.at is None else f", character {fault.at + 1}"
    return f"{'.'.join(map(str, fault.path))}{place}: " if fault.path else ""


class Stop(FilingbellError):
    """Going on would lose or spoil something; a person must look."""


class Fault(Struct, frozen=True):
    """One thing wrong in the configuration file."""

    path: tuple[str | int, ...]  # the keys and indexes that lead to it; empty: the whole file
    message: str
    at: int | None = None  # the character of the text there, from 0; None: all of it


class ConfigError(Stop):
    """What is configured cannot work; ``faults`` say where in the configuration file, if it is there."""

    def __init__(self, message: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(message)
        self.faults = faults


class Flood(Stop):
    """Nearly everything that came is unusable: the cause is not in the records, and none more is given up."""
