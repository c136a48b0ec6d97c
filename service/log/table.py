"""The embedded log: the ``events`` table read in order, one partition."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from service.log.source import Batch
from service.store import Database, events, positions
from service.vitals import Vitals
from service.wire.topics import Record, Topic

_LOOK = 1.0  # seconds between looks for what other processes wrote; this one's own commits ring
_BATCH = 200  # records; of 100, the transactions and questions of a batch took a tenth of the time
_ALERTS = 400  # alerts, which take less than filings: of 200, a sixth
_TAIL = 500  # records at once, for whoever looks


class TableLog:
    """Log over the ``events`` table."""

    def __init__(self, database: Database, vitals: Vitals) -> None:
        self._database = database
        self._vitals = vitals

    def source(self, group: str, topic: Topic, batch: int | None = None) -> "TableSource":
        """What *group* reads of *topic*; *batch* None: as many records at once as suit it."""
        suiting = _ALERTS if topic is Topic.ALERTS else _BATCH
        return TableSource(self._database, group, topic, self._vitals, batch or suiting)

    async def tail(self, topic: Topic, last: int | None, *, follow: bool) -> AsyncIterator[Record]:
        """The *last* records of *topic*, and with *follow* those that come."""
        start = 0 if last is None else await events.nth_last(self._database, topic, last)
        while True:
            records = await events.read(self._database, topic, start, _TAIL)
            for record in records:
                yield record
                start = record.offset + 1
            if not records:
                if not follow:
                    return
                await asyncio.sleep(_LOOK)

    async def lag(self) -> dict[tuple[str, Topic], int]:
        """How many sequence numbers each group is behind its topic's end."""
        known = await positions.every(self._database)  # before the ends: what comes in between is lag, never hidden
        ends = await events.after(self._database)
        return {
            (group, Topic(topic)): max(0, ends.get(topic, 0) - following)
            for (group, topic, _), following in known.items()
            if topic in set(Topic)
        }

    async def relayed(self) -> None:
        """Nothing is relayed."""

    async def ready(self) -> None:
        """The database is the log; whoever asks looks at it anyway."""

    async def close(self) -> None:
        """Nothing of its own is open."""


class TableSource:
    """Source over the ``events`` table."""

    def __init__(self, database: Database, group: str, topic: Topic, vitals: Vitals, batch: int) -> None:
        self._database = database
        self._group = group
        self._topic = topic
        self._vitals = vitals
        self._batch = batch
        self._bell = database.bell(topic)
        self._next: int | None = None

    async def batches(self) -> AsyncGenerator[Batch, None]:
        """The batches, from the position on."""
        self._next = None
        while True:
            self._vitals.beat(self._group)
            self._bell.clear()  # before looking: what comes while looking rings again
            if self._next is None:
                self._next = await positions.load(self._database, self._group, self._topic, 0)
            records = await events.read(self._database, self._topic, self._next, self._batch)
            if not records:
                await self._bell.wait(_LOOK)
                continue
            after = records[-1].offset + 1
            batch = Batch(
                log=positions.TABLE,
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
