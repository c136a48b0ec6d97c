"""Which processes run, and which did: a row each, renewed every other second."""

from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import Row, delete, select, update

from service.store.database import Database, Transaction
from service.store.schema import processes

_FRESH = timedelta(seconds=15)  # a row that is older is that of a process that is gone, stopped or cannot write
_KEPT = timedelta(days=1)


class Loaded(Struct, frozen=True, kw_only=True):
    """The configuration that a process uses."""

    path: str
    digest: str  # of the file as it was loaded
    at: datetime
    fault: str | None = None  # why it did not load the file again when it was told to; None: it did


class Process(Struct, frozen=True, kw_only=True):
    """A process of the service."""

    id: str
    roles: tuple[str, ...]
    version: str
    host: str
    pid: int
    started: datetime
    beat: datetime  # when it last could say so
    ended: datetime | None = None  # None: it has not said that it ends
    why: str | None = None  # why it ended
    configuration: Loaded | None = None  # None: its roles need none

    def runs(self, now: datetime) -> bool:
        """Whether it has said so recently."""
        return self.ended is None and now - self.beat <= _FRESH


async def put(tx: Transaction, process: Process) -> None:
    """Remember *process* as it is now."""
    loaded = process.configuration
    now = {
        "beat": process.beat,
        "ended": process.ended,
        "why": process.why,
        "config": loaded and loaded.path,
        "config_digest": loaded and loaded.digest,
        "config_loaded": loaded and loaded.at,
        "config_fault": loaded and loaded.fault,
    }
    for_good = {
        "id": process.id,
        "roles": list(process.roles),
        "version": process.version,
        "host": process.host,
        "pid": process.pid,
        "started": process.started,
    }
    changed = await tx.execute(update(processes).where(processes.c.id == process.id).values(now))
    if not changed.rowcount:
        await tx.add(processes, for_good | now)


async def forget(tx: Transaction, now: datetime) -> None:
    """Remove those that were last heard of more than a day before *now*."""
    await tx.execute(delete(processes).where(processes.c.beat < now - _KEPT))


async def latest(database: Database) -> list[Process]:
    """Those that are remembered, the one that was heard of last first."""
    async with database.reading() as connection:
        rows = await connection.execute(select(processes).order_by(processes.c.beat.desc(), processes.c.id))
        return [_process(row) for row in rows]


def _process(row: Row[Any]) -> Process:
    loaded = None
    if row.config is not None:
        loaded = Loaded(path=row.config, digest=row.config_digest, at=row.config_loaded, fault=row.config_fault)
    return Process(
        id=row.id,
        roles=tuple(row.roles),
        version=row.version,
        host=row.host,
        pid=row.pid,
        started=row.started,
        beat=row.beat,
        ended=row.ended,
        why=row.why,
        configuration=loaded,
    )
