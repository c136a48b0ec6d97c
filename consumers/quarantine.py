"""Dead letters: what a stage could not use, with its bytes, its place and a reason a person understands."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from consumers.decoding import decoded_value
from service.model.dead import DeadLetter
from service.model.errors import Flood, UnusableDocument, UnusableReason
from service.model.filing import Original
from service.wire.topics import Record, accession_of

T = TypeVar("T")

_WINDOW = 200  # records, the latest
_ENOUGH = 50  # dead letters before it can be called a flood
_SHARE = 0.9


class FloodGate:
    """Stops a stage before nearly everything it reads is given up.

    When nine of ten records are unusable, the cause lies hardly in the records: a wrong version, a changed form, a
    fault of ours. They stay where they are, unread, until a person has looked.
    """

    def __init__(self, group: str) -> None:
        self._group = group
        self._latest: deque[bool] = deque(maxlen=_WINDOW)

    def admit(self, records: int, dead: Sequence[DeadLetter]) -> None:
        """Count a batch of *records*; raises Flood, before the batch commits, if nearly all of late are *dead*."""
        self._latest.extend([True] * len(dead) + [False] * (records - len(dead)))
        count = sum(self._latest)
        if dead and count >= _ENOUGH and count >= _SHARE * len(self._latest):
            raise Flood(
                f"{self._group}: {count} of the last {len(self._latest)} records are unusable, the latest because: "
                f"{dead[-1].message}. It stops here rather than give up everything, and nothing is lost. Find the "
                f"cause (`filingbell dlq list`), then start it again; to let them pass as dead letters, start it "
                f"with FILINGBELL_FLOOD=pass"
            )


def decoded(record: Record, kind: type[T]) -> T:
    """The *kind* that *record* holds; raises UnusableDocument if it holds none."""
    return decoded_value(record.value, kind)


def dead_letter(group: str, record: Record, error: Exception, at: datetime) -> DeadLetter:
    """The letter that says why *group* could not use *record*."""
    if isinstance(error, UnusableDocument):
        reason, message = error.reason, str(error)
    else:
        reason = UnusableReason.INTERNAL
        message = f"filingbell failed on it ({type(error).__name__}: {error}); please report this"
    return DeadLetter(
        group=group,
        reason=reason,
        message=message,
        accession=accession_of(record),
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        id=record.id,
        key=record.key,
        original=Original.of(record.value),
        died=at,
    )
