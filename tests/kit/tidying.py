"""Housekeeping at a later time, and what it goes by."""

from datetime import timedelta

from service.housekeeping import Housekeeping
from service.log.source import GROUPS
from service.settings import Settings
from service.store import Database, positions
from service.vitals import Unwatched
from service.wire.topics import Event
from tests.kit.clocks import SetClock
from tests.kit.filings import now

A_WEEK = timedelta(days=7, minutes=1)


async def tidied(database: Database, later: timedelta = A_WEEK, **settings: object) -> None:
    """What there is to do *later* is done."""
    clock = SetClock(now() + later)
    await Housekeeping(Settings.model_validate(settings), database, clock, Unwatched()).tidy()


async def publish(database: Database, *published: Event) -> None:
    async with database.transaction() as tx:
        tx.emit(*published)


async def read_to(database: Database, group: str, position: int) -> None:
    """*group* has read everything before *position*."""
    expected = await positions.load(database, group, GROUPS[group], 0)
    async with database.transaction() as tx:
        await positions.advance(tx, group, GROUPS[group], 0, expected, position)
