"""Dead letters: what a stage could not use, with its bytes, its place and a reason a person understands."""

from datetime import datetime
from typing import TypeVar

import msgspec

from service.model.dead import DeadLetter
from service.model.errors import Reason, UnusableDocument
from service.model.filing import Original, accession_number
from service.wire import decode
from service.wire.topics import Record

T = TypeVar("T")


def decoded(record: Record, kind: type[T]) -> T:
    """The *kind* that *record* holds; raises UnusableDocument if it holds none."""
    try:
        return decode(record.value, kind)
    except msgspec.MsgspecError as error:
        raise UnusableDocument(Reason.UNREADABLE_EVENT, f"the event is no {kind.__name__}: {error}") from error


def dead_letter(group: str, record: Record, error: Exception, at: datetime) -> DeadLetter:
    """The letter that says why *group* could not use *record*."""
    if isinstance(error, UnusableDocument):
        reason, message = error.reason, str(error)
    else:
        reason = Reason.INTERNAL
        message = f"insiderwire failed on it ({type(error).__name__}: {error}); please report this"
    try:
        accession = accession_number(record.headers.get("ce_subject", ""))
    except ValueError:
        accession = None
    return DeadLetter(
        group=group,
        reason=reason,
        message=message,
        accession=accession,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        id=record.id,
        key=record.key,
        original=Original.of(record.value),
        died=at,
    )
