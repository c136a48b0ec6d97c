"""A filing as it was published to its whole form, in this process or in one beside it. Pure but for the clock."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias

import msgspec
from msgspec import Struct

from consumers.decoding import decoded_value
from consumers.parser.document import parse
from consumers.parser.limits import Limits
from service.model.errors import UnusableDocument, UnusableReason
from service.model.filing import FilingEvent, Times
from service.model.parsed import ParsedFiling
from service.wire.topics import Event, parsed_event


class Parsed(Struct, frozen=True, kw_only=True, tag=True):
    """What was read of a filing."""

    event: Event  # on form4.parsed
    times: Times | None  # when it passed each station up to this; None: it is of the past, which nobody measures


class Refused(Struct, frozen=True, kw_only=True, tag=True):
    """A filing that cannot be used, and why."""

    reason: UnusableReason
    message: str


Outcome: TypeAlias = Parsed | Refused | None
"""What came of a filing read beside; None: nothing did, and reading it here shows why."""


class Beside(Protocol):
    """Another process that reads."""

    async def read(self, values: Sequence[bytes]) -> Sequence[Outcome]:
        """What came of each of *values*, in their order; empty: they are to be read here, whatever the cause."""
        ...


def read(value: bytes, limits: Limits, clock: Callable[[], datetime]) -> Parsed:
    """The filing in *value*, an event's on form4.filings; raises UnusableDocument."""
    event = decoded_value(value, FilingEvent)
    document = parse(event.document.data(), limits)
    now = clock()
    times = msgspec.structs.replace(event.filing.times, parsed=now)
    filing = msgspec.structs.replace(event.filing, times=times)
    made = parsed_event(ParsedFiling(filing=filing, document=document), now)
    return Parsed(event=made, times=None if filing.provenance.history else times)


def outcome(value: bytes, limits: Limits, clock: Callable[[], datetime]) -> Outcome:
    """What comes of *value*, as it is told to another process."""
    try:
        return read(value, limits, clock)
    except UnusableDocument as error:
        return Refused(reason=error.reason, message=str(error))
    except Exception:  # a fault of ours is told where its trace is kept
        return None
