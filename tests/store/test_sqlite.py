"""SQLite on the event loop: nothing holds the loop up, and nothing is left behind."""

import asyncio
import gc
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Integer, bindparam, column, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from service.model.errors import Unavailable
from service.store import Database, schema
from service.store.database import open_database
from tests.kit.filings import now

_ROWS = 20_000
_LONG = (
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 300000) "
    "SELECT count(*) AS n FROM n"  # some 50 ms
)
_HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
connection.execute("COMMIT")
"""


class Beats:
    """How often the event loop has come round."""

    count = 0


@asynccontextmanager
async def beating() -> AsyncIterator[Beats]:
    beats = Beats()

    async def beat() -> None:
        while True:
            await asyncio.sleep(0)
            beats.count += 1

    task = asyncio.create_task(beat())
    await asyncio.sleep(0)
    try:
        yield beats
    finally:
        task.cancel()


@contextmanager
def another_process_writing(file: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds SQLite's lock until it reads a line."""
    command = [sys.executable, "-c", _HOLD, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "held\n" == process.stdout.readline()
        yield process


@pytest.fixture
def file(sqlite_url: str) -> Path:
    """The file of ``database``."""
    return Path(sqlite_url.removeprefix("sqlite:///"))


async def write(database: Database, *names: str) -> None:
    async with database.transaction() as tx:
        await tx.add(schema.marks, [{"name": name, "at": now()} for name in names])


async def count(database: Database) -> int:
    async with database.reading() as connection:
        return len((await connection.execute(select(schema.marks.c.name))).all())


async def test_a_lock_of_another_process_holds_up_writers_alone(database: Database, file: Path) -> None:
    """Readers go on and the loop comes round; the writer gets its turn when the other is done."""
    with another_process_writing(file) as other:
        writing = asyncio.create_task(write(database, "ours"))
        for _ in range(20):
            assert 0 == await count(database)
            await asyncio.sleep(0.001)
        assert not writing.done()
        other.communicate("go\n")
    await writing

    assert 1 == await count(database)


async def test_a_writer_that_waits_for_another_process_can_be_cancelled(database: Database, file: Path) -> None:
    """A stop need not wait for whoever holds the lock."""
    with another_process_writing(file) as other:
        writing = asyncio.create_task(write(database, "ours"))
        await asyncio.sleep(0)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        assert other.poll() is None
        other.communicate("go\n")
    await write(database, "after")

    assert 1 == await count(database)


async def test_a_lock_that_stays_is_an_outage(database: Database, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wanted to write runs again later."""
    monkeypatch.setattr("service.store.local._LOCKED", 0.02)
    with another_process_writing(file) as other:
        with pytest.raises(Unavailable, match="locked"):
            await write(database, "ours")
        other.communicate("go\n")


async def test_a_reader_sees_one_committed_state(database: Database) -> None:
    """It neither waits for the writer nor sees what is not committed, nor what was committed since it began."""
    async with database.transaction() as tx:
        await tx.add(schema.marks, {"name": "a", "at": now()})
        assert 0 == await count(database)
    async with database.reading() as connection:
        names = select(schema.marks.c.name)
        before = (await connection.scalars(names)).all()
        await write(database, "b")
        assert before == (await connection.scalars(names)).all() == ["a"]

    assert 2 == await count(database)


async def test_writers_take_turns_in_their_order(database: Database) -> None:
    """Nobody overtakes: a small write waits for those before it and no longer."""
    order: list[int] = []

    async def take(number: int) -> None:
        async with database.transaction() as tx:
            await tx.add(schema.marks, {"name": str(number), "at": now()})
            order.append(number)

    await asyncio.gather(*(take(number) for number in range(20)))

    assert list(range(20)) == order


async def test_a_long_read_leaves_the_loop_alone(database: Database) -> None:
    """It is interrupted after 5 ms and asked again in a thread, inside a transaction as well."""
    query = text(_LONG).columns(column("n", Integer))
    async with beating() as beats:
        async with database.reading() as connection:
            assert 300_000 == await connection.scalar(query)
        read = beats.count
        async with database.transaction() as tx:
            await tx.add(schema.marks, {"name": "before", "at": now()})
            assert 300_000 == (await tx.execute(query)).scalar()

    assert 5 < read < beats.count - 5
    assert 1 == await count(database)  # the interruption has rolled back nothing


async def test_nothing_of_a_long_read_is_left_where_it_was_interrupted(database: Database) -> None:
    """The error and all that it holds, such as many values, go at once, and not when garbage is sought."""
    gc.collect()
    gc.disable()
    try:
        async with database.reading() as connection:
            await connection.scalar(text(_LONG).columns(column("n", Integer)))
        left = [one for one in gc.get_objects() if isinstance(one, DBAPIError)]
    finally:
        gc.enable()

    assert [] == left


async def test_a_write_of_many_rows_lets_the_loop_come_round(database: Database) -> None:
    """They go in by slices, and all of them or none."""
    rows = [{"name": f"{number:06}", "at": now()} for number in range(_ROWS)]
    async with beating() as beats:
        async with database.transaction() as tx:
            beats.count = 0
            assert _ROWS == (await tx.execute(insert(schema.marks), rows)).rowcount
            assert beats.count > 0  # before the commit, which is the thread's
        assert _ROWS == await count(database)

        async with database.transaction() as tx:  # finds its rows itself: it goes to the thread
            beats.count = 0
            assert _ROWS == (await tx.execute(delete(schema.marks).where(schema.marks.c.name >= ""))).rowcount
            assert beats.count > 0

    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as tx:
            await tx.add(schema.marks, rows)
            raise ZeroDivisionError
    assert 0 == await count(database)


async def test_a_change_that_names_its_rows_stays_on_the_loop(database: Database) -> None:
    """The rule by which statements go to the thread: nothing else runs meanwhile where there was no need."""
    key, at = schema.marks.c.name, schema.marks.c.at
    short = [
        insert(schema.marks).values(name="a", at=now()),
        update(schema.marks).where(key == "a", at < now()).values(at=now()),
        delete(schema.marks).where(key.in_(["a", "b"])),
    ]
    long = [
        update(schema.marks).values(at=now()),
        update(schema.marks).where(at < now()).values(at=now()),
        delete(schema.marks).where(key.in_(select(schema.positions.c.group))),
        delete(schema.marks).where((key == "a") | (at < now())),
        insert(schema.marks).from_select(["name", "at"], select(schema.leases.c.name, schema.leases.c.expires)),
        text("DELETE FROM marks"),
    ]
    held = []
    async with beating() as beats, database.transaction() as tx:
        for statement in short + long:
            before = beats.count
            await tx.execute(statement)
            held.append(beats.count == before)

    assert [True] * len(short) + [False] * len(long) == held


async def test_a_cancelled_commit_has_committed(database: Database) -> None:
    """Once asked for, it runs to its end, and the next writer finds the lock free."""
    begun = asyncio.Event()

    async def commit() -> None:
        async with database.transaction() as tx:
            await tx.add(schema.marks, {"name": "a", "at": now()})
            begun.set()

    task = asyncio.create_task(commit())
    await begun.wait()  # now it waits for the thread that commits
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await write(database, "b")

    assert 2 == await count(database)


async def test_a_cancelled_read_leaves_its_connection_whole(database: Database) -> None:
    """The connection goes back only when the thread has done with it."""
    query = text(_LONG).columns(column("n", Integer))
    for _ in range(3):
        reading = asyncio.create_task(_read(database, query))
        for _ in range(3):
            await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert 0 == await count(database)


async def test_a_full_disk_is_an_outage(database: Database) -> None:
    """It may pass: what was written is rolled back, and the next may try."""
    with pytest.raises(Unavailable, match="full"):
        async with database.transaction() as tx:
            pages = (await tx.execute(text("PRAGMA page_count"))).scalar()
            await tx.execute(text(f"PRAGMA max_page_count = {pages}"))
            await tx.add(schema.marks, [{"name": "x" * 500 + str(number), "at": now()} for number in range(200)])
    assert 0 == await count(database)

    async with database.transaction() as tx:
        await tx.execute(text("PRAGMA max_page_count = 1000000"))
        await tx.add(schema.marks, {"name": "after", "at": now()})
    assert 1 == await count(database)


def test_services_that_start_at_once_on_a_new_file_all_start(sqlite_url: str) -> None:
    """SQLite does not wait where two switch a new file to WAL: one of them once ended with "database is locked"."""
    together, errors = threading.Barrier(4), []

    async def start() -> None:
        together.wait()
        try:
            await (await open_database(sqlite_url)).close()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=asyncio.run, args=(start(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [] == errors


def test_a_program_that_leaves_its_database_open_ends_cleanly(sqlite_url: str, file: Path) -> None:
    """No thread keeps it, nothing is said, and what it committed is there."""
    program = (
        "import asyncio, sys\n"
        "from tests.store.test_sqlite import open_database, write\n"
        "async def main():\n"
        "    await write(await open_database(sys.argv[1]), 'left')\n"
        "asyncio.run(main())\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, sqlite_url], capture_output=True, text=True, check=False)

    assert (0, "", "") == (ended.returncode, ended.stdout, ended.stderr)
    with sqlite3.connect(file) as connection:
        assert [("left",)] == connection.execute("SELECT name FROM marks").fetchall()


async def _read(database: Database, query: object) -> None:
    async with database.reading() as connection:
        await connection.scalar(query)


async def test_what_need_not_last_is_seen_by_all_and_the_next_commit_lasts(database: Database, file: Path) -> None:
    """Only the disk is not waited for: others see it at once, and whoever commits next waits for both."""

    async def committed(*, lasting: bool) -> int:
        async with database.transaction(lasting=lasting) as tx:
            tx.tally("seen")
            level: int = (await tx.execute(text("PRAGMA synchronous"))).scalar_one()
        return level

    full, normal = 2, 1

    assert [full, normal, full] == [await committed(lasting=lasting) for lasting in (True, False, True)]
    with closing(sqlite3.connect(file)) as other:
        assert [(3,)] == other.execute("SELECT total FROM tallies WHERE name = 'seen'").fetchall()


async def test_a_journal_that_nothing_lasting_empties_does_not_grow_without_end(database: Database, file: Path) -> None:
    """As an import's, or that of a process that only notes who was there: now and then one of its commits lasts."""
    each, times = 200_000, 120
    for number in range(times):
        async with database.transaction(lasting=False) as tx:
            await tx.add(schema.marks, {"name": f"{number:{each}}", "at": now()})

    assert file.with_name(f"{file.name}-wal").stat().st_size < each * times


async def test_what_is_missing_is_null_and_the_driver_need_not_ask(database: Database) -> None:
    """It would look up how to adapt each None and each blob, which takes longer than to insert it."""
    async with database.reading() as connection:
        kind = await connection.scalar(select(func.typeof(bindparam("missing"))), {"missing": None})

    assert "null" == kind
    assert all((kind, sqlite3.PrepareProtocol) in sqlite3.adapters for kind in (type(None), bytes))
