"""What stands on a topic, as the model has it. Pure."""

from typing import TypeVar

import msgspec

from service.model.errors import UnusableDocument, UnusableReason
from service.wire import decode

T = TypeVar("T")


def decoded_value(value: bytes, kind: type[T]) -> T:
    """The *kind* that an event's *value* holds; raises UnusableDocument if it holds none."""
    try:
        return decode(value, kind)
    except msgspec.MsgspecError as error:
        raise UnusableDocument(UnusableReason.UNREADABLE_EVENT, f"the event is no {kind.__name__}: {error}") from error
