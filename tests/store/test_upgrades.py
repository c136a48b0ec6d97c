"""Whose schema a database has: commands that look change nothing, `migrate` and `run` bring it up to date."""

import asyncio
import os
import sqlite3
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from service.model.errors import ConfigError
from service.runtime.opened import opened
from service.store.database import migrated, open_database
from service.store.migrate import revision_of, revisions
from tests.kit.forked import called
from tests.kit.schemas import upgrade, with_connection

LOOKS = [
    ("status",),
    ("tail", "form4.filings"),
    ("deliveries", "list"),
    ("dlq", "list"),
    ("completeness",),
    ("latency",),
]


def command(url: str, *arguments: str, home: Path) -> "subprocess.CompletedProcess[str]":
    environment = {"FILINGBELL_HOME": str(home), "FILINGBELL_DATABASE": url, "FILINGBELL_SEC_CONTACT": "a b@c.d"}
    return called(*arguments, environment=os.environ | environment)


def older(connection: Connection) -> None:
    upgrade(connection, "0003")


def newer(connection: Connection) -> None:
    upgrade(connection, "head")
    connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    connection.execute(
        text(
            "INSERT INTO processes (id, roles, version, host, pid, started, beat) "
            "VALUES ('x', '[]', '7.8.9', 'other-host', 1, '2025-01-01 00:00:00', '2025-01-01 00:00:00')"
        )
    )


def of_another_program(connection: Connection) -> None:
    connection.execute(text("CREATE TABLE events (id INTEGER PRIMARY KEY)"))


def nothing(_connection: Connection) -> None:
    pass


def state(connection: Connection) -> list[object]:
    """Every table, and the revision."""
    names = "SELECT name FROM sqlite_master" if connection.dialect.name == "sqlite" else "SELECT relname FROM pg_class"
    found: list[object] = sorted(connection.scalars(text(names)))
    if "alembic_version" in found:
        found.append(connection.scalar(text("SELECT version_num FROM alembic_version")))
    return found


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (nothing, r"has no tables yet.*filingbell migrate"),
        (
            older,
            r"older filingbell: it has revision 0003, .*needs 00\d\d\..*back up the database; then `filingbell mig",
        ),
        (
            newer,
            r"newer filingbell: it has revision 9999 \(last started: filingbell 7\.8\.9 on other-host\).* restore a",
        ),
        (of_another_program, r"not filingbell's, or only a part of one: it has no revision, but a table 'events'"),
    ],
)
async def test_whoever_only_looks_changes_nothing(
    made: Callable[[Connection], None], told: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the database has, who wrote it and what to do is said in a sentence."""
    monkeypatch.setenv("FILINGBELL_DATABASE", database_url)
    await with_connection(database_url, made)
    before = await with_connection(database_url, state)

    with pytest.raises(ConfigError, match=told):
        async with opened():
            pass

    assert before == await with_connection(database_url, state)


def test_each_command_that_looks_leaves_an_older_database_as_it_is(tmp_path: Path) -> None:
    """An older service may run on it: not a byte changes."""
    file = tmp_path / "state" / "filingbell.db"
    asyncio.run(with_connection(f"sqlite:///{file}", older))
    before = file.read_bytes()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        ends = list(pool.map(lambda look: command(f"sqlite:///{file}", *look, home=tmp_path), LOOKS))

    assert [2] * len(LOOKS) == [end.returncode for end in ends]
    assert 1 == len({end.stderr for end in ends})
    assert "was written by an older filingbell: it has revision 0003" in ends[0].stderr
    assert before == file.read_bytes()


def test_commands_that_need_no_database_ask_for_none(tmp_path: Path) -> None:
    """The database may be away, or of any version."""
    done = command("postgresql://nobody@127.0.0.1:1/x", "schema", "form4.filings", home=tmp_path)

    assert 0 == done.returncode


def test_migrate_makes_upgrades_and_says_so(database_url: str, tmp_path: Path) -> None:
    """And a second time it has nothing to do."""
    asyncio.run(with_connection(database_url, older))
    ends = [command(database_url, "migrate", home=tmp_path) for _ in range(2)]

    assert [0, 0] == [end.returncode for end in ends]
    assert f"the database was upgraded from revision 0003 to {revisions()[-1]}\n" == ends[0].stdout
    assert "nothing to do" in ends[1].stdout
    assert revisions()[-1] == asyncio.run(with_connection(database_url, revision_of))


async def test_several_that_migrate_at_once_migrate_once(database_url: str) -> None:
    """One does it, the others wait and find it done."""
    befores = [before for before, _ in await asyncio.gather(*(migrated(database_url) for _ in range(4)))]

    assert [None] == [before for before in befores if before is None]
    assert {None, revisions()[-1]} == set(befores)


async def test_what_only_wants_something_of_edgar_makes_a_database_but_upgrades_none(database_url: str) -> None:
    """Backfill and reconcile can come first, and must not spoil what an older service uses."""
    await (await open_database(database_url, upgrade=False)).close()
    await with_connection(
        database_url, lambda found: found.execute(text("UPDATE alembic_version SET version_num = '0007'"))
    )

    with pytest.raises(ConfigError, match="revision 0007"):
        await open_database(database_url, upgrade=False)


async def test_a_half_migrated_database_is_said_to_be_one(database_url: str) -> None:
    """Its revision says 0003, a column of 0004 is there already: to try again would fail for ever."""

    def half(connection: Connection) -> None:
        upgrade(connection, "0004")
        connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))

    await with_connection(database_url, half)
    before = await with_connection(database_url, state)

    with pytest.raises(ConfigError, match=r"does not have the tables of this version .*waits.*restore"):
        await open_database(database_url)

    assert before == await with_connection(database_url, state)


async def test_a_table_that_somebody_has_dropped_is_no_outage(database_url: str) -> None:
    """The service stops and says so, instead of waiting for it to come back."""
    database = await open_database(database_url)
    await with_connection(database_url, lambda found: found.execute(text("DROP TABLE marks")))

    with pytest.raises(ConfigError, match=r"does not have the tables of this version .*marks"):
        async with database.transaction() as tx:
            await tx.execute(text("DELETE FROM marks"))

    await database.close()


def test_another_programs_file_stays_as_it_is(tmp_path: Path) -> None:
    """Neither a table of ours nor another journal: whoever it belongs to goes on with it."""
    file = tmp_path / "other.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE events (id)")
    connection.close()
    before = file.read_bytes()
    ends = [
        command(f"sqlite:///{file}", *call, home=tmp_path) for call in (("status",), ("run", "poller"), ("migrate",))
    ]

    assert [2, 2, 2] == [end.returncode for end in ends]
    assert all("not filingbell's, or only a part of one" in end.stderr for end in ends)
    assert before == file.read_bytes()
