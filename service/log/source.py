"""What every log backend promises to a stage."""

from collections.abc import AsyncIterator
from typing import Protocol

from msgspec import Struct

from service.store import Transaction, positions
from service.wire.topics import Record, Topic


class Batch(Struct, frozen=True, kw_only=True):
    """Records of one partition, in order, with the move of the position that handling them means.

    A position is the first offset that the group has not handled. ``expected`` is where this reader believes it
    stands; offsets may have gaps, so it is not the first record's.
    """

    group: str
    topic: Topic
    partition: int
    records: tuple[Record, ...]
    expected: int
    after: int

    async def advance(self, tx: Transaction) -> None:
        """Move the position in *tx*; raises Superseded if another worker has moved it."""
        await positions.advance(tx, self.group, self.topic, self.partition, self.expected, self.after)


class Source(Protocol):
    """Batches of a topic for one group, without end.

    Every record is given at least once and in order within its partition. The next batch is read after the one
    before was handled: taking the next one says that its transaction has committed, unless ``rewind`` was called.
    Cancelling the iteration loses nothing.
    """

    def __aiter__(self) -> AsyncIterator[Batch]:
        """The batches."""
        ...

    def rewind(self) -> None:
        """Read on from the position that the database holds: the last batch did not commit."""
        ...
