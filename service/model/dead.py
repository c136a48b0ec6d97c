"""What could not be used, kept whole."""

from datetime import datetime

from msgspec import Struct

from service.model.errors import UnusableReason
from service.model.filing import Accession, Original


class DeadLetter(Struct, frozen=True, kw_only=True):
    """The value of ``form4.dead``: a record that a stage could not use, and why.

    ``original`` holds the record's value byte for byte, so that it can be read again once the cause is mended.
    """

    group: str  # the stage that gave up: "poller", "parser", ...
    reason: UnusableReason
    message: str  # for a person
    accession: Accession | None  # None: the record is not even readable enough to tell
    topic: str | None  # where the record stood; None: it never reached a topic
    partition: int | None
    offset: int | None
    id: str | None  # the record's CloudEvents id
    key: str | None
    original: Original
    died: datetime
