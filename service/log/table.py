"""The embedded log: the ``events`` table read in order, one partition."""

from collections.abc import AsyncIterator

from service.log.source import Batch
from service.store import Database, events, positions
from service.wire.topics import Topic

_LOOK = 1.0  # seconds between looks for what other processes wrote; this one's own commits ring


class TableSource:
    """Source over the ``events`` table."""

    def __init__(self, database: Database, group: str, topic: Topic, batch: int = 100) -> None:
        self._database = database
        self._group = group
        self._topic = topic
        self._batch = batch
        self._bell = database.bell(topic)
        self._next: int | None = None

    async def __aiter__(self) -> AsyncIterator[Batch]:
        while True:
            self._bell.clear()  # before looking: what comes while looking rings again
            if self._next is None:
                self._next = await positions.load(self._database, self._group, self._topic, 0)
            records = await events.read(self._database, self._topic, self._next, self._batch)
            if not records:
                await self._bell.wait(_LOOK)
                continue
            after = records[-1].offset + 1
            batch = Batch(
                group=self._group,
                topic=self._topic,
                partition=0,
                records=tuple(records),
                expected=self._next,
                after=after,
            )
            self._next = after
            yield batch

    def rewind(self) -> None:
        """Read the position anew before the next batch."""
        self._next = None
