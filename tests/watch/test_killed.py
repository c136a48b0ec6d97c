"""What tells of the service, killed with -9 all along its way: nothing is lost, nothing is told twice."""

import asyncio
import logging
import multiprocessing
import os
import shutil
import signal
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from sqlalchemy import Engine, event, update

from consumers.dispatcher.notices import Notices
from service.control import notices
from service.log.table import TableLog
from service.model.identity import DEFAULT, Revision
from service.model.notice import EventType
from service.settings import Settings
from service.store import Database, workspaces
from service.store import notices as store
from service.store.database import open_database
from service.store.schema import channel_states
from service.vitals import Unwatched
from service.watch.watch import Watch
from tests.kit.books import add_channels
from tests.kit.clocks import SetClock
from tests.kit.eventually import eventually
from tests.kit.given_up import FIRST, NOW, owe
from tests.kit.tasks import going_on

_APART = 7  # statements, from one that it dies at to the next
_LATER = (timedelta(minutes=5), timedelta(minutes=6), timedelta(minutes=9))  # it works again behind the first


async def began(url: str) -> None:
    """A channel fails, for which an alert waits, and there is another for operations."""
    database = await open_database(url)
    await owe(database, "a1", FIRST, "desk")
    await add_channels(database, "ops")
    async with database.transaction() as tx:
        await workspaces.tell(tx, DEFAULT, ("ops",), None, Revision(0))
        await tx.execute(update(channel_states).values(failing_since=NOW, failures=3, failed_at=NOW))
    await database.close()


async def watched(url: str) -> None:
    """The watch looks three times, and what it finds is owed; a look that was begun before is made again."""
    database = await open_database(url)
    clock = SetClock(NOW)
    watch = Watch(Settings(), database, TableLog(database, Unwatched()), clock, Unwatched())
    for span in _LATER:
        async with database.transaction() as tx:
            failing = NOW if span is _LATER[0] and not await _told(database) else None
            await tx.execute(update(channel_states).values(failing_since=failing))
        clock.set(NOW + span)
        await watch.look()
    async with going_on(Notices(database, lambda: NOW, Unwatched()).run()):
        await eventually(lambda: _all_owed(database))
    await database.close()


async def _told(database: Database) -> bool:
    return bool(await notices.latest(database, DEFAULT, 1))


async def _all_owed(database: Database) -> bool:
    return not await store.unowed(database)


def dies(url: str, statement: int) -> None:
    """Do all that, but end at this *statement*."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    left = statement

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count)
    asyncio.run(watched(url))


@pytest.mark.long
def test_killed_anywhere_it_tells_each_event_once(tmp_path: Path) -> None:
    """That the channel fails and that it works again, to the channel for operations."""
    fork = multiprocessing.get_context("fork")
    before = tmp_path / "before.db"
    asyncio.run(began(f"sqlite:///{before}"))
    killed = 0
    for statement in range(1, 2000, _APART):
        file = shutil.copy(before, tmp_path / f"{statement}.db")
        ended = []
        for at in (statement, 0):  # then one that lives
            process = fork.Process(target=dies, args=(f"sqlite:///{file}", at))
            process.start()
            process.join(60)
            ended.append(process.exitcode)
        asyncio.run(seen(f"sqlite:///{file}"))
        assert ended[1] == 0
        if ended[0] == 0:
            break
        killed += 1

    assert killed > 10


async def seen(url: str) -> None:
    """Each event once, and to the one channel."""
    database = await open_database(url)
    told = await notices.latest(database, DEFAULT, 10)
    await database.close()

    assert [EventType.RECOVERED, EventType.FAILING] == [notices.event(one) for one in told]
    assert [["ops"], ["ops"]] == [[each.channel for each in one.told] for one in told]
