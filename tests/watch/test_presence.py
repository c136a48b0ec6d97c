"""A process shows that it is there, and sees whether the database can be written to."""

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from service.clock import SystemClock, now
from service.locks import only_one
from service.settings import Settings
from service.store import Database, processes
from service.store.database import open_database
from service.store.processes import Loaded, Process
from service.watch.presence import Presence, trouble_with
from service.watch.running import running
from tests.kit.clocks import HastyClock


def a_presence(database: Database, **more: object) -> Presence:
    return Presence(database, SystemClock(), ("poller", "parser"), "1.2.3", **more)


async def test_a_process_is_known_while_it_runs_and_when_it_has_ended(database: Database) -> None:
    """Since when, which roles, which version, and why it ended."""
    loaded = Loaded(path="/etc/filingbell.yaml", digest="d", at=now())
    async with a_presence(database, loaded=lambda: loaded) as presence:
        (running,) = await processes.latest(database)
        presence.why = "by SIGTERM"
    (ended,) = await processes.latest(database)

    assert (("poller", "parser"), "1.2.3", loaded) == (running.roles, running.version, running.configuration)
    assert running.runs(now())
    assert not running.runs(now() + timedelta(minutes=1))
    assert not ended.runs(now())
    assert "by SIGTERM" == ended.why


async def test_a_process_that_was_killed_does_not_run_because_another_one_does(tmp_path: Path) -> None:
    """It could not say that it ends; the lock of its role is held by the one that was started again."""
    killed = Process(
        id="killed",
        roles=("poller", "parser"),
        version="1.2.3",
        host="here",
        pid=1,
        started=now() - timedelta(hours=1),
        beat=now() - timedelta(minutes=1),
    )
    with only_one(Settings(home=tmp_path), ("poller", "parser")):
        database = await open_database(Settings(home=tmp_path).database_url)
        async with database.transaction() as tx:
            await processes.put(tx, killed)
        alone = await running(database, ("poller", "parser"), now())
        async with a_presence(database):
            again = await running(database, ("poller", "parser"), now())
        await database.close()

    assert ["killed"] == [one.id for one in alone.silent]
    assert ((), ()) == (again.silent, again.absent)


async def test_processes_stand_beside_each_other_and_old_ones_are_forgotten(database: Database) -> None:
    """A deployment that rolls leaves one behind with each restart."""
    long_ago = now() - timedelta(days=3)
    old = processes.Process(id="old", roles=("relay",), version="0", host="a", pid=1, started=long_ago, beat=long_ago)
    async with database.transaction() as tx:
        await processes.put(tx, old)
    async with a_presence(database), a_presence(database):
        found = await processes.latest(database)

    assert 2 == len({one.id for one in found} - {"old"}) == len(found)


async def test_a_folder_that_takes_nothing_is_told_now_and_then_until_it_does(
    database: Database, tmp_path: Path
) -> None:
    """At error level, since no notice can be written there; not with every beat."""
    structlog.reset_defaults()
    folder = tmp_path / "away"
    clock = HastyClock()
    presence = Presence(database, clock, ("poller",), "1", folder=folder)
    with capture_logs() as logs:
        for _ in range(4):
            await presence.beat()
            await clock.sleep(100)
        missing = presence.trouble
        folder.mkdir()
        await presence.beat()

    assert f"{folder} cannot be written to: No such file or directory" == missing
    assert presence.trouble is None
    told = [(entry["event"], entry["log_level"]) for entry in logs]
    assert [("database_not_writable", "error")] * 2 + [("database_writable", "info")] == told


async def test_a_database_that_does_not_answer_is_trouble(database: Database) -> None:
    """No beat comes back to say what is wrong."""
    clock = HastyClock()
    presence = Presence(database, clock, ("poller",), "1")
    await clock.sleep(20)

    assert "nothing could be written for 20 seconds" == presence.trouble


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 KB."""
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", tmp_path], check=False, capture_output=True
    ).returncode:
        pytest.skip("this user cannot mount a small disk")
    yield tmp_path
    subprocess.run(["umount", "-l", tmp_path], check=True)


def test_a_full_or_read_only_disk_is_named(small: Path) -> None:
    """The service stands still then, and the checks have to say why."""
    assert trouble_with(small) is None
    with (small / "ballast").open("wb") as ballast, pytest.raises(OSError, match="No space"):
        ballast.write(bytes(300_000))
        ballast.flush()
    assert f"the disk that holds {small} is full" == trouble_with(small)
    subprocess.run(["mount", "-o", "remount,ro", small], check=True)
    assert f"the disk that holds {small} is read-only" == trouble_with(small)
