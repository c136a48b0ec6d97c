"""The database: migrations, durability, and what a newer program left."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, text

from service.model.errors import ConfigError
from service.model.identity import DEFAULT
from service.store import Database, marks, migrate, schema
from service.store.database import open_database
from service.store.migrate import revisions
from service.store.schema import messages, metadata


async def test_the_migrations_make_the_schema(database: Database) -> None:
    """schema.py and the migrations must not drift apart."""

    def differences(connection: Connection) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    async with database.reading() as connection:
        assert [] == await connection.run_sync(differences)


async def test_sqlite_keeps_what_it_has_committed(database: Database) -> None:
    """WAL with synchronous FULL: a commit survives the loss of power."""
    async with database.reading() as connection:
        names = ("journal_mode", "synchronous")
        pragmas = [await connection.scalar(text(f"PRAGMA {name}")) for name in names]

    assert ["wal", 2] == pragmas


def test_the_migrations_are_known_by_their_files() -> None:
    """A start that finds the newest revision goes without alembic; so the names must be the revisions."""
    scripts = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations"))

    assert revisions() == [script.revision for script in reversed([*scripts.walk_revisions()])]


def test_a_start_loads_no_more_than_it_needs(sqlite_url: str) -> None:
    """Alembic is for a schema that is behind, asyncpg and greenlets for PostgreSQL: 20 MB and 0.2 s."""

    async def start() -> None:
        await (await open_database(sqlite_url)).close()

    asyncio.run(start())
    program = (
        "import asyncio, sys\n"
        "from service.store.database import open_database\n"
        "async def main():\n"
        "    await (await open_database(sys.argv[1])).close()\n"
        "asyncio.run(main())\n"
        "print(*{'alembic', 'asyncpg', 'greenlet', 'sqlalchemy.orm'} & sys.modules.keys())\n"
    )
    command = [sys.executable, "-c", program, sqlite_url]

    assert "\n" == subprocess.run(command, capture_output=True, text=True, check=True).stdout


async def test_opening_twice_migrates_once(tmp_path: Path) -> None:
    """Every start runs the migrations; only new ones do anything."""
    for _ in range(2):
        opened = await open_database(f"sqlite:///{tmp_path}/x.db")
        await opened.close()


async def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    """Running on would spoil it; the error says what to do."""
    opened = await open_database(f"sqlite:///{tmp_path}/x.db")
    async with opened.transaction() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await opened.close()

    with pytest.raises(ConfigError, match="newer filingbell"):
        await open_database(f"sqlite:///{tmp_path}/x.db")


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "nonsense"])
async def test_an_address_that_cannot_work_is_refused(url: str) -> None:
    """The error names the setting."""
    with pytest.raises(ConfigError, match="FILINGBELL_DATABASE"):
        await open_database(url)


async def test_a_write_that_is_cancelled_leaves_no_lock_behind(either: Database) -> None:
    """Whenever that is: a stop in the middle of a statement once held up every other writer for as long as 30 s."""
    errors, marked = [], datetime(2025, 3, 4, tzinfo=UTC)

    async def write(names: list[str]) -> None:
        rows = [{"name": name, "at": marked} for name in names]
        async with either.transaction() as tx:
            for start in range(0, len(rows), 20):
                await tx.add(schema.marks, rows[start : start + 20])

    for turns in range(0, 900, 15):
        names = [f"{turns}/{number}" for number in range(40)]
        task = asyncio.create_task(write(names))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        errors += await asyncio.gather(task, return_exceptions=True)  # kept, as a task group keeps them
        await write([f"{turns}/after"])
        assert len({await marks.get(either, name) for name in (names[0], names[-1])}) == 1

    assert any(isinstance(error, asyncio.CancelledError) for error in errors)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59+00:00"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:01+00:00"),
        ("9999-12-31T12:00:00+00:00", "9999-12-31T12:00:00+00:00"),
    ],
)
async def test_an_instant_beyond_all_times_of_utc_is_its_last_or_first(either: Database, said: str, kept: str) -> None:
    """What is asked for, or kept, at the ends of time can be read again."""
    at = datetime.fromisoformat(said)
    async with either.transaction() as tx:
        await marks.put(tx, "x", at)

    assert datetime.fromisoformat(kept) == await marks.get(either, "x")


async def test_instants_come_back_aware(database: Database) -> None:
    """SQLite keeps no zone; a naive time must never get in or out."""
    at = datetime(2025, 3, 3, 14, 0, 0, 123456, tzinfo=UTC)
    async with database.transaction() as tx:
        await marks.put(tx, "x", at)
    assert at == await marks.get(database, "x")

    row = {"id": "a", "kind": "test", "workspace": DEFAULT, "value": b"", "created": datetime(2025, 1, 1)}  # noqa: DTZ001
    with pytest.raises(Exception, match="no time zone"):
        async with database.transaction() as tx:
            await tx.execute(insert(messages), row)
