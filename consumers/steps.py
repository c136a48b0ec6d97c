"""What the loop of a stage asks of it."""

from collections.abc import Sequence
from typing import Protocol, TypeVar, runtime_checkable

from service.store import Database, Transaction
from service.wire.topics import Record, Topic

T = TypeVar("T")


class Step(Protocol[T]):
    """What a stage does with a record, in two halves: a pure one that may fail on bad data, and one that writes."""

    group: str
    topic: Topic

    def read(self, record: Record) -> T:
        """What *record* comes to. No I/O. Whatever it raises makes the record a dead letter."""
        ...

    async def write(self, tx: Transaction, results: list[T]) -> None:
        """Put the effects of a batch into *tx*. What it raises rolls the batch back, and the batch comes again."""
        ...


@runtime_checkable
class Ample(Protocol[T]):
    """A step whose effects may be too many for one transaction."""

    async def ahead(self, database: Database, results: list[T]) -> list[T]:
        """Put the first effects of a batch into transactions before its own; returns those that are left for that one.

        What is written here is there already when the batch comes again, and must change nothing then.
        """
        ...


@runtime_checkable
class Recalling(Protocol):
    """A step that looks up what was before, to read records."""

    async def recall(self, database: Database, records: Sequence[Record]) -> None:
        """Look up what *records* need, which are read next; whatever is wrong with one, reading it tells."""
        ...
