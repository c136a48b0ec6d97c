"""Nothing grows for ever: what goes, when it goes, and what never does."""

import asyncio
import random
from datetime import timedelta
from pathlib import Path

import pytest

from consumers import stage
from consumers.parser.limits import Limits
from consumers.parser.step import ParserStep
from service.log.table import TableLog
from service.model.dead import DeadLetter
from service.model.errors import UnusableReason
from service.model.filing import Accession, Original
from service.store import Database, events, letters, pruning, space
from service.store.database import open_database
from service.vitals import Unwatched
from service.wire.topics import Topic
from tests.kit.command import CONFIG
from tests.kit.eventually import eventually
from tests.kit.filings import a_filing_event, now
from tests.kit.process import Service
from tests.kit.tidying import A_WEEK, publish, read_to, tidied

pytestmark = pytest.mark.usefixtures("no_pauses")


@pytest.fixture
def database(either: Database) -> Database:
    """Every test here runs on SQLite and on PostgreSQL."""
    return either


async def kept(database: Database, topic: Topic = Topic.FILINGS) -> list[int]:
    return [record.offset for record in await events.read(database, topic, 0, 10_000)]


async def test_events_that_every_group_has_read_go_after_the_retention(database: Database) -> None:
    """Not sooner, and what a group has yet to read stays however old it is."""
    await publish(database, *(a_filing_event(number) for number in range(10)))
    await read_to(database, "parser", 7)

    await tidied(database, timedelta(days=6, hours=23))
    assert list(range(1, 11)) == await kept(database)

    await tidied(database)
    assert list(range(7, 11)) == await kept(database)
    assert {"form4.filings": 10} == await events.counts(database)


async def test_a_group_that_never_ran_has_read_nothing(database: Database) -> None:
    """It may be started tomorrow."""
    await publish(database, *(a_filing_event(number) for number in range(3)))
    await tidied(database)

    assert 3 == len(await kept(database))


async def test_an_event_goes_before_those_that_came_of_it(database: Database) -> None:
    """So nothing that is kept can bring back what has gone."""
    await publish(database, *(a_filing_event(number) for number in range(500)))
    step = ParserStep(now, Limits(), Unwatched())
    task = asyncio.create_task(
        stage.run(step, TableLog(database, Unwatched()).source(step.group, step.topic), database, now, Unwatched())
    )
    await eventually(lambda: _appended(database, Topic.PARSED, 500))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await read_to(database, "matcher", 1_000_000)
    while True:
        async with database.transaction() as tx:
            gone = await pruning.forget(tx, await events.after(database), now() + A_WEEK, 130)
        filings = {record.id.partition("-")[2] for record in await events.read(database, Topic.FILINGS, 0, 1000)}
        parsed = {record.id.partition("-")[2] for record in await events.read(database, Topic.PARSED, 0, 1000)}
        assert filings <= parsed
        if not gone:
            break

    assert set() == parsed


async def test_what_an_open_letter_of_the_relay_points_to_stays(database: Database) -> None:
    """Only the database has it: it was too large for Kafka."""
    await publish(database, *(a_filing_event(number) for number in range(3)))
    await read_to(database, "parser", 100)
    pointed = a_filing_event(1)
    letter = DeadLetter(
        group="relay",
        reason=UnusableReason.TOO_LARGE_FOR_KAFKA,
        message="",
        accession=Accession("0009990900-25-000001"),
        topic=Topic.FILINGS,
        partition=0,
        offset=2,
        id=pointed.id,
        key="",
        original=Original.of(b""),
        died=now(),
    )
    async with database.transaction() as tx:
        await letters.bury(tx, letter)
    await tidied(database)

    assert [2] == await kept(database)


async def test_ids_that_kafka_could_bring_again_stay_for_as_long_as_the_history(database: Database) -> None:
    """With Kafka an event is emptied first, and its id refuses what the topics may show a second time."""
    event = a_filing_event(1)
    await publish(database, event)
    async with database.transaction() as tx:
        await pruning.empty(tx, 0, 100, now() + A_WEEK, 100)
    await tidied(database, timedelta(days=399), kafka="kafka:9092")
    await publish(database, event)
    assert {"form4.filings": 1} == await events.counts(database)

    await tidied(database, timedelta(days=401), kafka="kafka:9092")
    await publish(database, event)
    assert {"form4.filings": 2} == await events.counts(database)


async def test_a_service_that_runs_tidies_up(tmp_path: Path) -> None:
    """The dispatcher does, whichever other roles run: what all groups have read is gone once it is old."""
    (tmp_path / "filingbell.yaml").write_text(CONFIG.replace("URL", "http://127.0.0.1:9"))
    database = await open_database(f"sqlite:///{tmp_path}/filingbell.db")
    await publish(database, *(a_filing_event(number) for number in range(3)))
    await read_to(database, "parser", 3)
    service = Service(tmp_path, tmp_path / "filingbell.yaml", retention_hours="0")
    await service.start("dispatcher")

    async def gone() -> bool:
        return [3] == await kept(database)

    await eventually(gone)
    status = await service.stop()
    await database.close()

    assert 0 == status


async def test_sqlite_gives_back_what_it_does_not_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for a part that the next days will use again."""
    monkeypatch.setattr(space, "_SPARE", 100)
    file, chance = tmp_path / "x.db", random.Random(1)
    database = await open_database(f"sqlite:///{file}")
    noise = [a_filing_event(number, document=chance.randbytes(100_000)) for number in range(100)]
    await publish(database, *noise)
    await read_to(database, "parser", 101)
    before = _size(file)
    await tidied(database)
    await database.close()

    assert _size(file) < before / 10


def _size(file: Path) -> int:
    return sum(one.stat().st_size for one in file.parent.glob(f"{file.name}*") if not one.name.endswith("-wal"))


async def _appended(database: Database, topic: Topic, count: int) -> bool:
    return (await events.counts(database)).get(topic, 0) >= count
