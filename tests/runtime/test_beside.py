"""Filings that another process reads while there is a backlog: the same events, and nothing lost when it dies."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import structlog
from structlog.testing import capture_logs

from consumers import stage
from consumers.parser.limits import Limits
from consumers.parser.reading import Outcome, Parsed, Refused, read
from consumers.parser.step import ParserStep
from service.log.table import TableLog
from service.model.errors import UnusableReason
from service.model.filing import Times
from service.model.parsed import ParsedFiling
from service.runtime.beside import ReaderBeside
from service.runtime.cores import cores
from service.runtime.frames import framed
from service.store import Database, events
from service.vitals import Unwatched
from service.wire import decode
from service.wire.topics import Topic
from tests.kit.eventually import eventually
from tests.kit.filings import a_filing_event, now

MANY = 60  # filings: enough to be read beside
BEGUN = """
import asyncio, sys
from consumers.parser.limits import Limits
from service.runtime.beside import ReaderBeside

async def main():
    async with ReaderBeside(Limits(), room=2) as beside:
        await beside.read([b""] * 60)
        while beside.pid is None:
            await asyncio.sleep(0.01)
        print(beside.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def begun(beside: ReaderBeside) -> int:
    """The process of *beside*, once it is ready."""

    async def ready() -> bool:
        if beside.pid is None:
            await ReaderBeside.read(beside, [b""] * MANY)
        return beside.pid is not None

    await eventually(ready)
    assert beside.pid is not None
    return beside.pid


def runs(pid: int) -> bool:
    """Whether the process *pid* runs."""
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def but_for_times(outcome: Outcome) -> ParsedFiling:
    """What was read, without when."""
    assert isinstance(outcome, Parsed)
    parsed = decode(outcome.event.value, ParsedFiling)
    return msgspec.structs.replace(parsed, filing=msgspec.structs.replace(parsed.filing, times=Times()))


async def test_what_is_read_beside_is_what_is_read_here() -> None:
    """Filings, refusals with their reasons, and what is no event at all; in their order."""
    values = [a_filing_event(number).value for number in range(MANY)]
    values[7] = a_filing_event(7, b"<ownershipDocument><issuer>\xff cut off").value
    values[9] = b"\x00 no JSON"
    async with ReaderBeside(Limits(), room=2) as beside:
        await begun(beside)
        outcomes = await beside.read(values)
        sooner = await beside.read(values[:3])

    assert len(values) == len(outcomes)
    for place, (value, outcome) in enumerate(zip(values, outcomes, strict=True)):
        if place in {7, 9}:
            assert isinstance(outcome, Refused)
            continue
        here = read(value, Limits(), now)
        assert but_for_times(here) == but_for_times(outcome)
        assert isinstance(outcome, Parsed)
        assert (here.event.id, here.event.key, here.event.topic) == (
            outcome.event.id,
            outcome.event.key,
            outcome.event.topic,
        )
        assert outcome.times is not None
    assert {UnusableReason.MALFORMED_XML, UnusableReason.UNREADABLE_EVENT} == {
        one.reason for one in outcomes if isinstance(one, Refused)
    }
    assert () == sooner, "a few are read here, where they are through sooner"


class Struck(ReaderBeside):
    """Its process is killed while it reads the first batch it gets, and at every second one after that."""

    def __init__(self) -> None:
        super().__init__(Limits(), pause=0, room=2)
        self.killed, self.read_beside = 0, 0
        self.batches = 0

    async def read(self, values: Sequence[bytes]) -> Sequence[Outcome]:
        self.batches += 1
        if self.pid is None or self.batches % 2 == 0:
            outcomes = await super().read(values)
            self.read_beside += len(outcomes)
            return outcomes
        os.kill(self.pid, signal.SIGSTOP)  # it has what is to be read, and says nothing
        reading, pid = asyncio.create_task(super().read(values)), self.pid
        await asyncio.sleep(0)
        os.kill(pid, signal.SIGKILL)
        self.killed += 1
        assert () == await reading
        await begun(self)
        return ()


async def test_a_reader_that_is_killed_loses_no_filing_and_buries_none(database: Database) -> None:
    """Kill -9 in the middle of a batch, again and again: every filing is read once, by somebody."""
    async with database.transaction() as tx:
        tx.emit(*(a_filing_event(number) for number in range(6 * MANY)))

    async def through() -> bool:
        return (await events.counts(database)).get(Topic.PARSED, 0) == 6 * MANY

    async with Struck() as beside:
        await begun(beside)
        step = ParserStep(now, Limits(), Unwatched(), beside)
        source = TableLog(database, Unwatched()).source(step.group, step.topic, MANY)
        task = asyncio.create_task(stage.run(step, source, database, now, Unwatched()))
        await eventually(through)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    ids = [one.id for one in await events.read(database, Topic.PARSED, 0, 10 * MANY)]
    assert [f"parsed-0009990900-25-{number:06d}" for number in range(6 * MANY)] == ids
    assert 0 == (await events.counts(database)).get(Topic.DEAD, 0)
    assert (3, 3 * MANY) == (beside.killed, beside.read_beside)


async def test_the_reader_ends_with_the_process_that_began_it() -> None:
    """Kill -9 of the service leaves no reader behind."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", BEGUN, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    while not (line := await process.stdout.readline()).strip().isdigit():
        assert line, "it ended before it had begun one"
    pid = int(line)
    assert runs(pid)
    process.kill()
    await process.wait()

    async def gone() -> bool:
        return not runs(pid)

    await eventually(gone)


async def test_the_reader_ends_without_a_word_where_the_service_dies_as_it_asks() -> None:
    """What is cut off is nobody's fault, and nobody waits for it."""
    asked = framed([a_filing_event(1).value])
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "service.runtime.reader", "{}"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, errors = await process.communicate(asked[: len(asked) // 2])

    assert (framed([]), b"", 0) == (said, errors, process.returncode)


async def test_the_reader_ends_when_there_is_no_backlog_any_more_and_begins_with_the_next() -> None:
    """Its memory is given back."""
    async with ReaderBeside(Limits(), idle=0.5, room=2) as beside:
        first = await begun(beside)

        async def gone() -> bool:
            return not runs(first) and beside.pid is None

        await eventually(gone)
        second = await begun(beside)
        assert first != second
    assert not runs(second)


async def test_a_reader_that_failed_is_not_begun_again_at_once() -> None:
    """A machine without memory for it has none a moment later either."""
    values = [a_filing_event(number).value for number in range(MANY)]
    async with ReaderBeside(Limits(), room=2) as beside:
        os.kill(await begun(beside), signal.SIGKILL)
        structlog.reset_defaults()  # the tests' own configuration is silent
        with capture_logs() as said:
            assert () == await beside.read(values)
        await eventually(_no_reader)
        assert () == await beside.read(values)
        assert await _no_reader()
    assert ["reader_lost"] == [one["event"] for one in said]


async def _no_reader() -> bool:
    """Whether no process is being begun, or kept."""
    return all(one.get_name() != "reader" for one in asyncio.all_tasks())


async def test_one_core_is_not_shared_by_two_processes() -> None:
    """They would only take turns."""
    async with ReaderBeside(Limits(), room=1) as beside:
        assert () == await beside.read([b""] * MANY)
        assert await _no_reader()


def test_cores_are_those_that_the_container_is_allowed(tmp_path: Path) -> None:
    """A limit of the container counts, and where there is none, the cores that this process may run on."""
    quota = tmp_path / "cpu.max"
    mine = len(os.sched_getaffinity(0))
    for said, allowed in (("50000 100000\n", 0.5), ("max 100000\n", mine), ("100000000 100000\n", mine)):
        quota.write_text(said)
        assert allowed == cores(quota)
    assert mine == cores(tmp_path / "absent")
