"""Does the service run: which processes, with which roles, since when."""

import socket
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from service.locks import is_held
from service.store import Database, processes
from service.store.processes import Process
from service.watch.presence import digest_of


class Absent(Struct, frozen=True, kw_only=True):
    """A role that no process has."""

    role: str
    last_seen: datetime | None  # None: never
    why: str | None  # it ended, as far as it could say


class Running(Struct, frozen=True, kw_only=True):
    """Who runs, and who does not."""

    processes: tuple[Process, ...]
    silent: tuple[Process, ...]  # they run on this machine, but can no longer say so in the database
    absent: tuple[Absent, ...]
    edited: tuple[Process, ...]  # whose configuration file on this machine is not the one that they loaded


async def running(database: Database, roles: Sequence[str], now: datetime) -> Running:
    """Which of *roles*, all that the service needs, run."""
    known = await processes.latest(database)
    live = [one for one in known if one.runs(now)]
    here = {role for one in live for role in one.roles}  # whose locks are theirs: who had them before was killed
    held = {role for role in roles if database.file is not None and role not in here and is_held(database.file, role)}
    silent = [one for one in known if one.ended is None and one not in live and held.intersection(one.roles)]
    there = {role for one in (*live, *silent[:1]) for role in one.roles}
    return Running(
        processes=tuple(live),
        silent=tuple(silent[:1]),
        absent=tuple(_absent(role, known) for role in roles if role not in there),
        edited=tuple(one for one in live if _is_edited(one)),
    )


def _absent(role: str, known: list[Process]) -> Absent:
    last = next((one for one in known if role in one.roles), None)
    return Absent(role=role, last_seen=last.beat if last else None, why=last.why if last else None)


def _is_edited(process: Process) -> bool:
    loaded = process.configuration
    if loaded is None or process.host != socket.gethostname():
        return False
    digest = digest_of(Path(loaded.path))
    return digest is not None and digest != loaded.digest
