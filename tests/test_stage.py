"""The one transaction: what a stage did, what it emitted and how far it read commit together or not at all."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace

from consumers import stage
from consumers.parser.limits import Limits
from consumers.parser.step import ParserStep
from consumers.steps import Step
from service.log.table import TableLog
from service.model.dead import DeadLetter
from service.model.errors import Superseded, UnusableReason
from service.model.filing import FilingEvent
from service.model.parsed import ParsedFiling
from service.store import Database, Transaction, events, positions
from service.vitals import Unwatched
from service.wire import decode
from service.wire.topics import Event, Record, Topic
from tests.kit.eventually import eventually
from tests.kit.filings import a_filing_event, now


@pytest.fixture
def database(either: Database) -> Database:
    """Every test here runs on SQLite and on PostgreSQL."""
    return either


class Recorder:
    """A step that emits nothing and remembers what it wrote."""

    group = "recorder"
    topic = Topic.FILINGS

    def __init__(self) -> None:
        self.written: list[str] = []
        self.fail_once = False

    def read(self, record: Record) -> str:
        return record.id

    async def write(self, tx: Transaction, results: list[str]) -> None:
        if self.fail_once:
            self.fail_once = False
            raise Superseded("as if another worker had moved the position")
        self.written += results


@asynccontextmanager
async def running(step: Step[object], database: Database, batch: int = 100) -> AsyncIterator[None]:
    source = TableLog(database, Unwatched()).source(step.group, step.topic, batch)
    task = asyncio.create_task(stage.run(step, source, database, now, Unwatched()))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def publish(database: Database, *published: Event) -> None:
    async with database.transaction() as tx:
        tx.emit(*published)


async def test_events_are_handled_once_and_in_order_across_restarts(database: Database) -> None:
    """The position moves with the work, so a restart goes on exactly behind it."""
    step = Recorder()
    await publish(database, *(a_filing_event(number) for number in range(250)))
    for upto in (250, 300):
        async with running(step, database, batch=40):
            await eventually(_wrote(step, upto))
        if upto == 250:
            await publish(database, *(a_filing_event(number) for number in range(250, 300)))

    assert [f"filing-0009990900-25-{number:06d}" for number in range(300)] == step.written


async def test_a_batch_whose_position_was_moved_is_rolled_back_and_read_again(database: Database) -> None:
    """Superseded is no loss: the stage reads the position anew."""
    step = Recorder()
    step.fail_once = True
    await publish(database, a_filing_event(1))
    async with running(step, database):
        await eventually(_wrote(step, 1))

    assert ["filing-0009990900-25-000001"] == step.written
    assert 2 == await positions.load(database, "recorder", Topic.FILINGS, 0)


async def test_two_workers_of_one_group_share_the_work_without_doubling_it(database: Database) -> None:
    """Compare-and-swap on the position: whoever comes second starts over behind the first."""
    steps = ParserStep(now, Limits(), Unwatched()), ParserStep(now, Limits(), Unwatched())
    await publish(database, *(a_filing_event(number) for number in range(200)))

    async def parsed() -> bool:
        return (await events.counts(database)).get(Topic.PARSED, 0) >= 200

    async with running(steps[0], database, batch=7), running(steps[1], database, batch=11):
        await eventually(parsed)
    found = [record.id for record in await events.read(database, Topic.PARSED, 0, 1000)]

    assert [f"parsed-0009990900-25-{number:06d}" for number in range(200)] == found


async def test_nothing_of_a_failed_transaction_remains(database: Database) -> None:
    """Events are appended only if everything else commits."""
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as tx:
            tx.emit(a_filing_event(1))
            await tx.flush()
            raise ZeroDivisionError

    assert {} == await events.counts(database)


async def test_a_backlog_lets_the_loop_come_round(database: Database) -> None:
    """A batch is read in pieces: what is due to be sent need not wait until all of it is read."""
    rounds = 0

    class Slow(Recorder):
        def __init__(self) -> None:
            super().__init__()
            self.seen: list[int] = []

        def read(self, record: Record) -> str:
            self.seen.append(rounds)
            until = time.monotonic() + 0.001
            while time.monotonic() < until:
                pass
            return record.id

    async def come_round() -> None:
        nonlocal rounds
        while True:
            await asyncio.sleep(0)
            rounds += 1

    step = Slow()
    await publish(database, *(a_filing_event(number) for number in range(10)))
    coming = asyncio.create_task(come_round())
    async with running(step, database):
        await eventually(_wrote(step, 10))
    coming.cancel()

    assert 10 == len(set(step.seen))


async def test_a_position_moves_only_from_where_it_stands(database: Database) -> None:
    """Two workers cannot both advance it."""
    assert 0 == await positions.load(database, "group", Topic.PARSED, 0)
    async with database.transaction() as tx:
        await positions.advance(tx, "group", Topic.PARSED, 0, 0, 7)
    with pytest.raises(Superseded):
        async with database.transaction() as tx:
            await positions.advance(tx, "group", Topic.PARSED, 0, 0, 9)

    assert 7 == await positions.load(database, "group", Topic.PARSED, 0)


async def test_a_broken_document_is_a_dead_letter_with_its_bytes_and_the_stream_goes_on(database: Database) -> None:
    """The original bytes, a reason a person understands, and the position; then the next filing."""
    broken = a_filing_event(1, b"<ownershipDocument><issuer>\xff cut off")
    await publish(database, broken, a_filing_event(2))

    async def through() -> bool:
        return (await events.counts(database)).get(Topic.PARSED, 0) == 1

    async with running(ParserStep(now, Limits(), Unwatched()), database):
        await eventually(through)
    (record,) = await events.read(database, Topic.DEAD, 0, 10)
    letter = decode(record.value, DeadLetter)

    assert (Topic.FILINGS, 0, 1) == (letter.topic, letter.partition, letter.offset)
    assert (UnusableReason.MALFORMED_XML, "parser") == (letter.reason, letter.group)
    assert "0009990900-25-000001" == letter.accession
    assert broken.value == letter.original.data()
    assert b"\xff" in decode(letter.original.data(), FilingEvent).document.data()
    assert "XML cannot be read" in letter.message


async def test_an_event_that_is_no_filing_is_a_dead_letter(database: Database) -> None:
    """Foreign producers can write to a topic; they must not stop it."""
    rubbish = a_filing_event(1)
    await publish(database, type(rubbish)(topic=Topic.FILINGS, key="k", id="x", headers={}, value=b"\x00 no JSON"))

    async def buried() -> bool:
        return (await events.counts(database)).get(Topic.DEAD, 0) == 1

    async with running(ParserStep(now, Limits(), Unwatched()), database):
        await eventually(buried)
    (record,) = await events.read(database, Topic.DEAD, 0, 10)
    letter = decode(record.value, DeadLetter)

    assert (UnusableReason.UNREADABLE_EVENT, None) == (letter.reason, letter.accession)
    assert b"\x00 no JSON" == letter.original.data()


async def test_a_fault_of_our_own_is_a_dead_letter_that_says_so(database: Database) -> None:
    """A bug must neither stop the stream nor pass unseen."""

    class Faulty(Recorder):
        def read(self, record: Record) -> str:
            raise RuntimeError("a bug")

    await publish(database, a_filing_event(1))

    async def buried() -> bool:
        return (await events.counts(database)).get(Topic.DEAD, 0) == 1

    async with running(Faulty(), database):
        await eventually(buried)
    (record,) = await events.read(database, Topic.DEAD, 0, 10)

    assert UnusableReason.INTERNAL == decode(record.value, DeadLetter).reason


@pytest.mark.parametrize("half", ["recall", "ahead", "write"])
async def test_a_record_on_which_a_step_fails_alone_is_a_dead_letter(database: Database, half: str) -> None:
    """Whatever half of the step it is: the service does not stand still, and nothing else is lost or doubled."""
    poison = "filing-0009990900-25-000003"

    class Failing(Recorder):
        def __init__(self) -> None:
            super().__init__()
            self.tried = list[str]()

        async def recall(self, _: Database, records: Sequence[Record]) -> None:
            self._look("recall", [record.id for record in records])

        async def ahead(self, _: Database, results: list[str]) -> list[str]:
            self._look("ahead", results)
            return results

        async def write(self, tx: Transaction, results: list[str]) -> None:
            self._look("write", results)
            tx.emit(
                *(replace(a_filing_event(int(one[-6:])), topic=Topic.PARSED, id=f"parsed-{one}") for one in results)
            )

        def _look(self, at: str, ids: list[str]) -> None:
            if at == half and poison in ids:
                raise OverflowError("date value out of range")

    await publish(database, *(a_filing_event(number) for number in range(6)))

    async def through() -> bool:
        return (await events.counts(database)) == {Topic.FILINGS: 6, Topic.PARSED: 5, Topic.DEAD: 1}

    step = Failing()
    async with running(step, database, batch=6):
        await eventually(through)
    (record,) = await events.read(database, Topic.DEAD, 0, 10)
    letter = decode(record.value, DeadLetter)

    assert (UnusableReason.INTERNAL, "0009990900-25-000003") == (letter.reason, letter.accession)
    assert "OverflowError: date value out of range" in letter.message


async def test_a_step_that_fails_on_every_record_stops(database: Database) -> None:
    """The cause lies in none of them: they stay unread until somebody has looked."""

    class Broken(Recorder):
        async def write(self, tx: Transaction, results: list[str]) -> None:
            raise RuntimeError("a bug")

    await publish(database, *(a_filing_event(number) for number in range(6)))
    source = TableLog(database, Unwatched()).source(Broken.group, Broken.topic, 6)
    with pytest.raises(RuntimeError):
        await stage.run(Broken(), source, database, now, Unwatched())

    assert {Topic.FILINGS: 6} == await events.counts(database)


async def test_parsing_keeps_the_times_and_the_key(database: Database) -> None:
    """form4.parsed is keyed by the issuer that the document names."""
    await publish(database, a_filing_event(1))

    async def through() -> bool:
        return (await events.counts(database)).get(Topic.PARSED, 0) == 1

    async with running(ParserStep(now, Limits(), Unwatched()), database):
        await eventually(through)
    (record,) = await events.read(database, Topic.PARSED, 0, 10)
    parsed = decode(record.value, ParsedFiling)

    assert "0009900001" == record.key == parsed.document.issuer.issuer_cik
    assert parsed.filing.times.parsed is not None
    assert "filingbell.parsed.v1" == record.headers["ce_type"]
    assert "application/json" == record.headers["content-type"]


def _wrote(step: Recorder, count: int) -> "stage.Clock":
    async def condition() -> bool:
        return len(step.written) >= count

    return condition  # type: ignore[return-value]
