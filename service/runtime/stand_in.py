"""For commands that want something of EDGAR: a poller that runs does it; where none can, the command does."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime

from rich.console import Console
from rich.text import Text

from service import settings as environment
from service import telemetry
from service.clock import now
from service.edgar.pace import Host
from service.locks import only_one
from service.model.errors import FilingbellError
from service.runtime.lifecycle import first
from service.runtime.wiring import serve_background
from service.settings import Settings
from service.store import Database, leases, marks
from service.store.database import open_database
from service.words import eastern

_LOOK = 1.0  # seconds
_ABSENT = 10.0  # seconds without a poller until a waiting command takes over: one that is restarted comes back sooner

Tell = Callable[[str], None]


@asynccontextmanager
async def office(console: Console) -> AsyncIterator[Database]:
    """The database, made if there is none yet; while the context is open, what is asked of EDGAR gets done.

    One process at a time talks to it: one rate limit. On a database of one machine this process does it unless, or
    until, a poller runs there; on PostgreSQL the pollers do. What is in the way is told on *console*.
    SIGTERM ends it as Ctrl-C does.
    """
    terminated = False
    work = asyncio.current_task()
    assert work is not None

    def terminate() -> None:  # not by way of SIGINT: a script that runs this in the background has it ignored
        nonlocal terminated
        terminated = True
        work.cancel()

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, terminate)
    settings = environment.load()
    telemetry.configure_logs("critical")  # what goes well is shown as a table or a bar, and what does not is told
    database = await open_database(settings.database_url, upgrade=False)

    def tell(words: str) -> None:
        console.print(Text(words, style="yellow"))

    try:
        with _alone(settings, database) as alone:
            async with asyncio.TaskGroup() as group:  # should the work end by itself, nobody waits for it in vain
                tasks = [group.create_task(_herald(database, tell))]
                if alone:
                    tasks.append(group.create_task(serve_background(settings, database)))
                elif database.one_machine:
                    tasks.append(group.create_task(_stand_in(settings, database, tell)))
                else:
                    tasks.append(group.create_task(_remind(database, tell)))
                yield database
                for task in tasks:
                    task.cancel()
    except BaseExceptionGroup as group:
        raise await _told(group, database) from group
    except asyncio.CancelledError:
        if terminated:
            raise KeyboardInterrupt from None
        raise
    finally:
        await database.close()


async def _told(group: BaseExceptionGroup[BaseException], database: Database) -> BaseException:
    """What of *group* is told to a person; the whole of it, if that is a fault of ours."""
    told = group.subgroup((FilingbellError, OSError))
    if told is None and isinstance(group, ExceptionGroup):
        await database.diagnose(group)
    return first(told) if told else group


@contextmanager
def _alone(settings: Settings, database: Database) -> Iterator[bool]:
    """Whether this process is the one that talks to EDGAR."""
    if not database.one_machine:
        yield False
        return
    with only_one(settings, ("poller",), wanted=False) as alone:
        if alone:
            settings.contact()
        yield alone is not None


async def _stand_in(settings: Settings, database: Database, tell: Tell) -> None:
    """Take over from a poller that has ended and does not come back."""
    absent = 0.0
    while True:
        await asyncio.sleep(_LOOK)
        with _alone(settings, database) as alone:
            absent = absent + _LOOK if alone else 0.0
            if alone and absent >= _ABSENT:
                tell("The poller has ended; this command goes on by itself.")
                await serve_background(settings, database)


async def _remind(database: Database, tell: Tell) -> None:
    """Say so whenever no poller leads."""
    told = False
    while True:
        missing = await leases.holder(database, "poller", now()) is None
        if missing and not told:
            tell("No poller runs: start one (filingbell run poller), and it sees to this.")
        told = missing
        await asyncio.sleep(_ABSENT)


async def _herald(database: Database, tell: Tell) -> None:
    """Say so when EDGAR refuses us."""
    told: dict[Host, datetime] = {}
    while True:
        for host in Host:
            until = await marks.get(database, marks.blocked(host))
            if until is not None and until > now() and told.get(host) != until:
                tell(f"EDGAR ({host}) refuses this client until {eastern(until)}; nothing is asked until then.")
                told[host] = until
        await asyncio.sleep(_LOOK)
