"""A service among others and among signals: one of each role, reloads, and terminals that are closed."""

import asyncio
import os
import pty
from datetime import timedelta
from pathlib import Path

import pytest
from service.cli.current import Current

from consumers.configuration import Configuration
from service.clock import SystemClock, now
from service.control.running import Running, running
from service.locks import Lock, is_held, only_one
from service.model.errors import ConfigError, Unavailable
from service.runtime import locks
from service.settings import Settings
from service.store import processes
from service.store.database import open_database
from service.watch.presence import Presence, digest_of
from tests.eventually import eventually
from tests.process import COMMAND, Service

CONFIG = """
channels:
  desk: {type: slack, url: "http://127.0.0.1:9/slack"}
rules:
  everything: {channels: desk}
"""
NOWHERE = {"sec_contact": "Tests tests@example.com", "sec_url": "http://127.0.0.1:9"}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration file."""
    file = tmp_path / "filingbell.yaml"
    file.write_text(CONFIG)
    return file


def rewrite(config: Path, text: str) -> None:
    """As an editor does it."""
    config.write_text(text)


async def started(service: Service) -> None:
    """It has said so."""

    async def said() -> bool:
        return '"event":"started"' in service.log()

    await eventually(said)


async def the_last(home: Path) -> processes.Process:
    """The process that was heard of last."""
    database = await open_database(f"sqlite:///{home}/filingbell.db")
    found, *_ = await processes.latest(database)
    await database.close()
    return found


# One of each role


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a database that is there."""
    (tmp_path / "filingbell.db").touch()
    return Settings(home=tmp_path)


def test_a_lock_file_that_was_removed_keeps_a_second_service_off(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HARD-USE: `rm *.lock`, and two ran. The holder puts it back, and whoever locked a new one meanwhile gives way."""
    monkeypatch.setattr(locks, "_wait_for_a_holder", lambda *_: None)
    with only_one(settings, ("poller",)) as held:
        (settings.home / "poller.lock").unlink()
        second = Lock(settings.home / "poller.lock")
        assert second.take(0)
        held.keep()

        assert not second.stands
        assert not Lock(settings.home / "poller.lock").take(0)
        assert is_held(settings.home / "filingbell.db", "poller")
        second.release()
    assert not is_held(settings.home / "filingbell.db", "poller")


def test_whoever_finds_no_lock_beside_a_database_waits_for_its_holder(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has five seconds to notice that its lock was removed."""

    def removed(_seconds: float) -> None:
        (settings.home / "poller.lock").unlink(missing_ok=True)

    monkeypatch.setattr(locks.time, "sleep", removed)
    with pytest.raises(ConfigError, match="another poller runs on"), only_one(settings, ("poller",)):
        pass


def test_a_database_with_a_second_name_is_refused(settings: Settings) -> None:
    """Each name has a journal of its own, and what one service writes the other would not see."""
    (settings.home / "other.db").hardlink_to(settings.home / "filingbell.db")

    with pytest.raises(ConfigError, match="a hard link"), only_one(settings, ("poller",)):
        pass


# Status


async def test_who_runs_who_does_not_and_who_cannot_say_so(settings: Settings) -> None:
    """HARD-USE: half an hour after it had stopped, the table was the same."""
    file = settings.home / "filingbell.db"
    database = await open_database(settings.database_url)
    roles = ("poller", "parser", "relay")
    then = now()
    async with Presence(database, SystemClock(), ("poller", "parser"), "1") as presence:
        at_first = await running(database, roles, file, then)
        with only_one(settings, ("poller",)):
            unheard = await running(database, roles, file, then + timedelta(minutes=1))
        dead = await running(database, roles, file, then + timedelta(minutes=1))
        presence.why = "by SIGTERM"
    stopped = await running(database, roles, file, then)
    await database.close()

    assert ([("poller", "parser")], ["relay"]) == ([one.roles for one in at_first.processes], absent(at_first))
    assert (1, ["relay"]) == (len(unheard.silent), absent(unheard))
    assert (0, list(roles)) == (len(dead.silent), absent(dead))
    assert ["by SIGTERM", "by SIGTERM", None] == [one.why for one in stopped.absent]


def absent(found: Running) -> list[str]:
    return [one.role for one in found.absent]


async def test_a_file_that_was_edited_and_not_loaded_is_told(settings: Settings, config: Path) -> None:
    """As is the process to tell."""
    current = Current.of(config)
    database = await open_database(settings.database_url)
    async with Presence(database, SystemClock(), ("matcher",), "1", loaded=lambda: current.loaded):
        before = await running(database, (), None, now())
        rewrite(config, CONFIG + "# more")
        after = await running(database, (), None, now())
    await database.close()

    assert ([], [os.getpid()]) == ([one.pid for one in before.edited], [one.pid for one in after.edited])


# Reloading


async def test_what_uses_the_configuration_begins_anew_with_the_next_one(config: Path) -> None:
    """What it raises comes through, and cancelling ends it."""
    current = Current.of(config)
    seen: list[tuple[str, ...]] = []
    ended: list[str] = []

    async def use(configuration: Configuration) -> None:
        seen.append(tuple(configuration.channels))
        if len(seen) == 3:
            raise Unavailable("the database")
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    work = asyncio.create_task(current.during(use))
    for begun, name in enumerate(("night", "day"), 1):
        while len(seen) < begun:
            await asyncio.sleep(0)
        rewrite(config, CONFIG.replace("desk", name))
        await current.reload(lambda _old, _new: None)
    with pytest.raises(Unavailable):
        await work

    assert [("desk",), ("night",), ("day",)] == seen
    assert ["cancelled"] * 2 == ended


async def test_a_broken_file_leaves_the_last_good_configuration(config: Path) -> None:
    """And its faults are kept for `status`."""
    current = Current.of(config)
    good = current.configuration
    rewrite(config, "rules: [")
    await current.reload(lambda _old, _new: None)

    assert good is current.configuration
    assert current.loaded
    assert "filingbell.yaml:1:" in (current.loaded.fault or "")
    assert digest_of(config) != current.loaded.digest


async def test_sighup_reloads_and_never_kills(tmp_path: Path, config: Path) -> None:
    """HARD-USE: it ended the process at once, without a line."""
    service = Service(tmp_path / "home", config, **NOWHERE)
    await service.start()
    await started(service)
    rewrite(config, CONFIG.replace("desk", "night"))
    service.send(1)

    async def reloaded() -> bool:
        return "configuration_reloaded" in service.log()

    await eventually(reloaded)
    rewrite(config, "rules: [")
    service.send(1)

    async def kept() -> bool:
        found = await the_last(tmp_path / "home")
        return found.configuration is not None and bool(found.configuration.fault)

    await eventually(kept)
    assert "configuration_not_reloaded" in service.log()
    assert 0 == await service.stop()
    last = await the_last(tmp_path / "home")
    assert ("by SIGTERM", False) == (last.why, last.runs(now()))


async def test_roles_that_alert_nobody_need_no_configuration_file(tmp_path: Path) -> None:
    """HARD-USE: they demanded one. There is nothing for SIGHUP to reload either."""
    service = Service(tmp_path / "home", tmp_path / "no such file", **NOWHERE)
    await service.start("poller", "parser")
    await started(service)
    service.send(1)

    async def told() -> bool:
        return "nothing_to_reload" in service.log()

    await eventually(told)
    assert 0 == await service.stop()


def test_a_terminal_that_is_closed_stops_the_service_and_the_database_tells(tmp_path: Path, config: Path) -> None:
    """It ends as with SIGTERM. Where it could log is gone."""
    home = tmp_path / "home"
    environment = os.environ | {f"FILINGBELL_{name.upper()}": value for name, value in NOWHERE.items()}
    process, terminal = pty.fork()
    if process == 0:
        os.execve(COMMAND, [COMMAND, "run", "--config", str(config)], environment | {"FILINGBELL_HOME": str(home)})
    said = b""
    while b"started" not in said:
        said += os.read(terminal, 4096)
    os.close(terminal)
    _, status = os.waitpid(process, 0)

    assert 0 == os.waitstatus_to_exitcode(status)
    assert "its terminal was closed" == asyncio.run(the_last(home)).why
