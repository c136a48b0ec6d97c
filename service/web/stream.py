"""A stream as data, as an endpoint is: what is sent of a topic as it comes (server-sent events)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

from service.model.person import Scope
from service.web.auth import Asker
from service.wire.topics import Record, Topic

LARGEST = 2**53 - 1  # to which JavaScript counts

Position = Annotated[int, Meta(ge=0, le=LARGEST)]


class StreamAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From where on the stream is asked for."""

    after: Position | None = None  # the id of the last event that was received; null: from now on


class Gap(Struct, frozen=True, kw_only=True):
    """What was asked for is not there any more: the data of an event ``gap``, once, before the stream goes on."""

    asked: Position  # the id after which it was asked for
    after: Position  # the one after which the stream goes on
    detail: str  # what to do


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One thing that can be followed."""

    path: str  # below BASE
    name: str  # its operationId
    summary: str
    scope: Scope
    topic: Topic
    event: str  # what its events are called
    gives: type  # what their data holds
    sees: Callable[[Asker, Record], bool]  # whether this one may be told of it
    missed: str  # where to read what is not kept any more
