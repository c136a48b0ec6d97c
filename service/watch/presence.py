"""A process shows that it is there: it writes so into the database, and so sees whether that can be written to."""

import asyncio
import errno
import hashlib
import os
import socket
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog
from msgspec.structs import replace

from service.clock import Clock
from service.model.errors import FilingbellError
from service.store import Database, processes
from service.store.processes import Loaded, Process

_BEAT = 2.0  # seconds, as leases
_PATIENCE = 8.0  # seconds for one write
_SILENT = 15.0  # seconds without a write
_TOLD = 300.0  # seconds between log lines on one trouble
_PROBE = bytes(64 * 1024)  # SQLite may find room in its journal where the disk has none

log = structlog.get_logger()


class Presence:
    """While the context is open, renews the row of this process, and knows whether the database can be written to.

    *folder* is where a database of one machine lies: SQLite can go on for a while with the room that it has, so a
    file is written there as well, and removed. *keep* sees to the locks beside it, *loaded* tells the configuration.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        roles: tuple[str, ...],
        version: str,
        *,
        folder: Path | None = None,
        keep: Callable[[], None] | None = None,
        loaded: Callable[[], Loaded | None] = lambda: None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._folder = folder
        self._keep = keep
        self._loaded = loaded
        started = clock.now()
        self._process = Process(
            id=uuid.uuid4().hex,
            roles=roles,
            version=version,
            host=socket.gethostname(),
            pid=os.getpid(),
            started=started,
            beat=started,
        )
        self.why: str | None = None  # it ends
        self._written = clock.monotonic()
        self._fault: str | None = None
        self._told = float("-inf")

    @property
    def trouble(self) -> str | None:
        """Why the database cannot be written to; None: it can."""
        silent = self._clock.monotonic() - self._written
        return self._fault or (f"nothing could be written for {silent:.0f} seconds" if silent > _SILENT else None)

    async def __aenter__(self) -> Self:
        await self.beat()
        self._beats = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say that this process ends, and ``why``; where that cannot be written, its row grows old by itself."""
        self._beats.cancel()
        await asyncio.gather(self._beats, return_exceptions=True)
        why = self.why or (f"{kind.__name__}" if kind else None)
        self._process = replace(self._process, ended=self._clock.now(), why=why)
        await self.beat()

    async def _run(self) -> None:
        while True:
            await self._clock.sleep(_BEAT)
            await self.beat()

    async def beat(self) -> None:
        """Try to write."""
        try:
            if self._folder is not None:
                await asyncio.to_thread(_try, self._folder)
            if self._keep is not None:
                self._keep()
            async with asyncio.timeout(_PATIENCE), self._database.transaction() as tx:
                now = self._clock.now()
                await processes.put(tx, replace(self._process, beat=now, configuration=self._loaded()))
                await processes.forget(tx, now)
        except (FilingbellError, OSError, TimeoutError) as error:
            self._fails(_in_words(error, self._folder))
        else:
            if self._fault is not None:
                log.info("database_writable", detail="it can be written to again")
            self._fault = None
            self._written = self._clock.monotonic()

    def _fails(self, fault: str) -> None:
        """Tell it now and then: no notice can be written to a database that takes none."""
        now = self._clock.monotonic()
        if self._fault is None or now - self._told >= _TOLD:
            log.error("database_not_writable", detail=fault)
            self._told = now
        self._fault = fault


def trouble_with(folder: Path) -> str | None:
    """Why nothing can be written to *folder*; None: it can."""
    try:
        _try(folder)
    except OSError as error:
        return _in_words(error, folder)
    return None


def digest_of(path: Path) -> str | None:
    """Of the file's bytes; None: it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _try(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder) as file:  # without a name: a crash leaves nothing
        file.write(_PROBE)
        file.flush()


def _in_words(error: Exception, folder: Path | None) -> str:
    match error:
        case TimeoutError():
            return "it does not answer in time"
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            return f"the disk that holds {folder} is full"
        case OSError(errno=errno.EROFS):
            return f"the disk that holds {folder} is read-only"
        case OSError():
            return f"{folder} cannot be written to: {error.strerror}"
    return str(error)
