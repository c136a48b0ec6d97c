"""Filings are read by a process beside this one while there is a backlog, on a core that this one leaves idle."""

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import msgspec
import structlog

from consumers.parser.limits import Limits
from consumers.parser.reading import Outcome
from service.runtime.cores import cores
from service.runtime.frames import HEAD, framed, size, told

_MANY = 50  # filings at once: fewer are through sooner here
_ENOUGH = 1.5  # cores: with fewer, two processes would only take turns
_PATIENCE = 20.0  # seconds for a batch, which takes a few hundredths of one
_IDLE = 30.0  # seconds without many, after which it ends and gives its memory back; more than the longest batch takes
_PAUSE = 60.0  # seconds until the next one begins, where one failed
_BUFFER = 1 << 20  # bytes of an answer that are taken before anybody waits for them

log = structlog.get_logger()


class Reader:
    """A process that reads, and the way to it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.pid = process.pid
        self._sink = process.stdin
        self._source = process.stdout

    async def ready(self) -> None:
        """Return once it waits for work."""
        await self._told()

    async def read(self, values: Sequence[bytes]) -> Sequence[Outcome]:
        """What it makes of each of *values*; raises OSError, EOFError or msgspec.MsgspecError where it fails."""
        self._sink.write(framed(values))
        return await self._told()  # it takes all of them before it says anything, so nothing is in the way

    async def _told(self) -> Sequence[Outcome]:
        return told(await self._source.readexactly(size(await self._source.readexactly(HEAD))))


class ReaderBeside:
    """Beside, for the parser: begins a process with the first batch that is large, and ends it when none comes.

    It is only for speed: until the process is ready, whatever goes wrong with it, and while it is paused for that,
    filings are read here. It has no keys and no database, and it ends with this process, however that ends.
    """

    def __init__(
        self, limits: Limits, *, idle: float = _IDLE, pause: float = _PAUSE, room: float | None = None
    ) -> None:
        self._limits = limits
        self._idle = idle
        self._pause = pause
        self._room = cores() if room is None else room
        self._reader: Reader | None = None
        self._task: asyncio.Task[None] | None = None  # which has the process
        self._until = 0.0  # monotonic: it is idle from then on
        self._not_before = 0.0

    @property
    def pid(self) -> int | None:
        """The process that reads; None: it does not run, or is not ready."""
        return None if self._reader is None else self._reader.pid

    async def __aenter__(self) -> Self:
        """Nothing is begun yet."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def read(self, values: Sequence[bytes]) -> Sequence[Outcome]:
        """What came of each of *values*, in their order; empty: they are to be read here."""
        if len(values) < _MANY or self._room < _ENOUGH:
            return ()
        self._until = time.monotonic() + self._idle
        if self._reader is None:
            self._begin()
            return ()
        reader, done = self._reader, False
        try:
            async with asyncio.timeout(_PATIENCE):
                outcomes = await reader.read(values)
            done = True
        except (OSError, EOFError, TimeoutError, msgspec.MsgspecError) as error:
            self._failed(error)
            return ()
        finally:
            if not done:  # cancelled too: what it says next is no answer to what is asked next
                self._end()
        return outcomes

    def _begin(self) -> None:
        if time.monotonic() >= self._not_before and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._running(), name="reader")

    def _end(self) -> None:
        self._reader = None
        if self._task is not None:
            self._task.cancel()

    def _failed(self, error: Exception) -> None:
        self._not_before = time.monotonic() + self._pause
        detail = f"{type(error).__name__}: {error}"
        log.warning(
            "reader_lost", detail=detail, seconds=self._pause, help="filings are read in this process meanwhile"
        )

    async def _running(self) -> None:
        """Have the process until it is idle, or this is cancelled."""
        try:
            process = await self._started()
        except OSError as error:
            self._failed(error)
            return
        try:
            reader = Reader(process)
            async with asyncio.timeout(_PATIENCE):
                await reader.ready()
            self._reader = reader
            log.info("reader_started", pid=reader.pid)
            while (left := self._until - time.monotonic()) > 0:  # noqa: ASYNC110  # it moves on with each batch
                await asyncio.sleep(left)
            log.info("reader_ended", pid=reader.pid)
        except (EOFError, TimeoutError, msgspec.MsgspecError) as error:
            self._failed(error)
        finally:
            self._reader = None
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def _started(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "service.runtime.reader", msgspec.json.encode(self._limits).decode()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={name: value for name, value in os.environ.items() if not name.startswith("FILINGBELL_")},
            limit=_BUFFER,
            start_new_session=True,  # signals of a terminal are for the service
        )
