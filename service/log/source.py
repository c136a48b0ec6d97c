"""What every log backend promises: to a stage, and to whoever looks."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Protocol

from msgspec import Struct

from service.store import Transaction, positions
from service.wire.topics import Record, Topic

GROUPS = {"parser": Topic.FILINGS, "matcher": Topic.PARSED, "dispatcher": Topic.ALERTS}  # what each stage reads


class Batch(Struct, frozen=True, kw_only=True):
    """Records of one partition, in order, with the move of the position that handling them means.

    A position is the first offset that the group has not handled. ``expected`` is where this reader believes it
    stands; offsets may have gaps, so it is not the first record's. ``handled`` is the number of the last event in it or
    before it, where the log's offsets are not those numbers.
    """

    log: str
    group: str
    topic: Topic
    partition: int
    records: tuple[Record, ...]
    expected: int
    after: int
    handled: int | None = None

    async def advance(self, tx: Transaction) -> None:
        """Move the position in *tx*; raises Superseded if another worker has moved it."""
        place = self.group, self.topic, self.partition
        await positions.advance(tx, *place, self.expected, self.after, self.log, self.handled)


class Source(Protocol):
    """Batches of a topic for one group, without end.

    Every record is given at least once and in order within its partition. The next batch is read after the one
    before was handled: taking the next one says that its transaction has committed, unless ``rewind`` was called.
    Cancelling the iteration loses nothing.
    """

    def batches(self) -> AsyncGenerator[Batch, None]:
        """The batches, from the position on. Raises Unavailable where the log or the database is."""
        ...

    def rewind(self) -> None:
        """Read on from the position that the database holds: the last batch did not commit."""
        ...


class Log(Protocol):
    """One log: the ``events`` table itself, or the topics of a Kafka cluster that the relay fills from it."""

    def source(self, group: str, topic: Topic, batch: int | None = None) -> Source:
        """What *group* reads of *topic*, up to *batch* records at once; None: as many as suit it."""
        ...

    def tail(self, topic: Topic, last: int | None, *, follow: bool) -> AsyncIterator[Record]:
        """The *last* records of *topic* (None: all); with *follow* those that come as well, without end."""
        ...

    async def lag(self) -> dict[tuple[str, Topic], int]:
        """How many offsets each group is behind the end of its topic. Raises Unavailable."""
        ...

    async def relayed(self) -> int | None:
        """The first event that is not on this log yet, as the database knows it.

        None: the log is the events themselves, or `lag` was never answered, so that nobody knows which cluster it is.
        """
        ...

    async def ready(self) -> None:
        """Raises Unavailable where the log cannot be reached."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...
