"""Puts the service together: a process runs the loops of its roles, and loads nothing of the others."""

import asyncio
import sys
from collections.abc import Collection
from datetime import date
from importlib import import_module
from importlib.metadata import version

from consumers.configuration import Configuration
from service.clock import Clock, SystemClock
from service.log.source import Log
from service.log.table import TableLog
from service.runtime.ground import Ground
from service.runtime.hiding import Hiding
from service.runtime.interruption import kept
from service.runtime.provisioned import provisioned
from service.runtime.roles import Loops
from service.settings import ROLES, WEB, Settings
from service.store import Database
from service.vault import open_vault
from service.vitals import Unwatched, Vitals
from service.watch.look import Probe
from service.watch.presence import Presence

FILE = "filingbell.yaml"

_SWITCH = 0.001  # seconds until a thread that makes a snapshot, say, gives the loop its turn; Python's own are 5 ms


async def serve(
    settings: Settings,
    database: Database,
    events: Log,
    vitals: Vitals,
    roles: Collection[str],
    since: date | None = None,
    clock: Clock | None = None,
    hiding: Hiding | None = None,
    probe: Probe | None = None,
) -> None:
    """Run *roles* until cancelled. Outages are waited out; raises Stop, in a group, where only a person can help.

    Rules and channels are those of the database, as they stand and as they change.
    """
    ground = Ground(
        settings=settings,
        database=database,
        events=events,
        vitals=vitals,
        clock=clock or SystemClock(),
        hiding=hiding or Hiding(settings),
        roles=roles,
        since=since,
        probe=probe,
    )
    sys.setswitchinterval(_SWITCH)
    async with asyncio.TaskGroup() as group:
        for role in (*ROLES, WEB):
            for name, run in _loops(role, ground) if role in roles else ():
                group.create_task(kept(name, run, vitals), name=name)


async def serve_embedded(
    settings: Settings, configuration: Configuration, database: Database, since: date | None = None
) -> None:
    """Run the whole service on *database* alone, until cancelled; nobody watches it but who runs it."""
    vitals = Unwatched()
    await provisioned(database, open_vault(settings.home, settings.vault_key), configuration, FILE)
    async with Presence(database, SystemClock(), settings.roles, version("filingbell")):
        await serve(settings, database, TableLog(database, vitals), vitals, settings.roles, since)


async def serve_background(settings: Settings, database: Database) -> None:
    """Fetch what reconciliation and backfills want, without the feed, until cancelled: for when no poller runs."""
    from service.runtime.roles import poller  # noqa: PLC0415  # of all that needs this module, few need the poller

    vitals = Unwatched()
    ground = Ground(
        settings=settings,
        database=database,
        events=TableLog(database, vitals),
        vitals=vitals,
        clock=SystemClock(),
        hiding=Hiding(settings),
    )

    async def background() -> None:
        await poller.background(ground)

    await kept("background", background, vitals)


def _loops(role: str, ground: Ground) -> Loops:
    """Name and loop of all that *role* does."""
    loops: Loops = import_module(f"service.runtime.roles.{role}").loops(ground)
    return loops
