"""What is read once in a process and given to all who follow it."""

import asyncio
from collections.abc import Sequence

import pytest

from service.control import feed
from service.control.feed import Feed, TopicOrigin
from service.control.handled import Handled
from service.store import Database
from service.wire.topics import Record, Topic
from tests.kit.filings import a_filing_event

READERS = 200


class Counting(TopicOrigin):
    """The filings of the log, and how often they were asked for."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, Topic.FILINGS, Handled(database))
        self.asked = 0

    async def bounds(self) -> tuple[int, int]:
        self.asked += 1
        return await super().bounds()

    async def read(self, start: int, limit: int) -> Sequence[Record]:
        self.asked += 1
        return await super().read(start, limit)


async def _publish(database: Database, *numbers: int) -> None:
    for number in numbers:
        async with database.transaction() as tx:
            tx.emit(a_filing_event(number))


async def _followed(followed: Feed[Record], position: int, count: int) -> list[str]:
    """The ids of the *count* things from *position* on."""
    found: list[str] = []
    async with followed.followed():
        while len(found) < count:
            part = await followed.beyond(position, 60)
            found += [one.id for one in part.things]
            position = part.after
    return found


async def test_many_readers_cost_as_many_questions_as_one(database: Database) -> None:
    """Two for what has come, whoever waits for it; and all are given all of it."""
    origin = Counting(database)
    followed = Feed(database, origin)
    _, end = await origin.bounds()
    async with followed.followed():
        await followed.beyond(end, 60)  # it has begun
        readers = [asyncio.create_task(_followed(followed, end, 20)) for _ in range(READERS)]
        await _publish(database, *range(20))
        told = await asyncio.gather(*readers)

    assert {tuple(f"filing-0009990900-25-{number:06d}" for number in range(20))} == set(map(tuple, told))
    assert origin.asked < 100


async def test_who_is_far_behind_reads_on_to_those_who_are_not(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept for all is bounded, by number and by bytes; what is not kept any more is read from the log."""
    for name, value in (("_KEPT", 3), ("_BEHIND", 2), ("_AT_ONCE", 2), ("_PART", 1)):
        monkeypatch.setattr(feed, name, value)
    followed = Feed(database, TopicOrigin(database, Topic.FILINGS, Handled(database)))
    start, end = await followed.bounds()
    first = asyncio.create_task(_followed(followed, end, 12))
    await _publish(database, *range(12))
    async with followed.followed():
        told = [await first, *await asyncio.gather(*(_followed(followed, start + n, 12 - n) for n in range(12)))]

    expected = [f"filing-0009990900-25-{number:06d}" for number in range(12)]
    assert [expected, *(expected[number:] for number in range(12))] == told
