"""A service among others and among signals: one of each role, files applied anew, and terminals that are closed."""

import asyncio
import os
import pty
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from consumers.following import Following
from service import locks
from service.clock import SystemClock, now
from service.control import provision
from service.control import resources as control
from service.locks import Lock, is_held, only_one
from service.model.errors import ConfigError, Unavailable
from service.model.identity import DEFAULT
from service.model.resource import Actor, ResourceKind
from service.runtime.provisioned import Provisioned
from service.settings import Settings
from service.store import Database, processes, resources
from service.store.database import open_database
from service.vault import Vault, open_vault
from service.vitals import Unwatched
from service.watch.presence import Presence, digest_of
from service.watch.running import Running, running
from tests.kit.eventually import eventually
from tests.kit.process import COMMAND, HERE, Service

CONFIG = """
channels:
  desk: {type: slack, url: "http://127.0.0.1:9/slack"}
rules:
  everything: {channels: desk}
"""
CHANNEL = {"type": "slack", "url": "http://127.0.0.1:9/slack"}
NOWHERE = {"sec_contact": "Tests tests@example.com", "sec_url": "http://127.0.0.1:9"}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration file."""
    file = tmp_path / "filingbell.yaml"
    file.write_text(CONFIG)
    return file


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """A vault with a key of its own."""
    return open_vault(tmp_path, None)


@pytest.fixture
def provisioned(config: Path, database: Database, vault: Vault) -> Provisioned:
    """The configuration file, for a new database."""
    return Provisioned(config, database, vault)


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
    """After `rm *.lock`, the holder puts it back, and whoever locked a new one meanwhile gives way."""
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
    """Half an hour after the service has stopped, the table must not look as it did while it ran."""
    database = await open_database(settings.database_url)
    roles = ("poller", "parser", "relay")
    then = now()
    async with Presence(database, SystemClock(), ("poller", "parser"), "1") as presence:
        at_first = await running(database, roles, then)
        with only_one(settings, ("poller",)):
            unheard = await running(database, roles, then + timedelta(minutes=1))
        dead = await running(database, roles, then + timedelta(minutes=1))
        presence.why = "by SIGTERM"
    stopped = await running(database, roles, then)
    await database.close()

    assert ([("poller", "parser")], ["relay"]) == ([one.roles for one in at_first.processes], absent(at_first))
    assert (1, ["relay"]) == (len(unheard.silent), absent(unheard))
    assert (0, list(roles)) == (len(dead.silent), absent(dead))
    assert ["by SIGTERM", "by SIGTERM", None] == [one.why for one in stopped.absent]


def absent(found: Running) -> list[str]:
    return [one.role for one in found.absent]


async def test_a_file_that_was_edited_and_not_applied_is_told(settings: Settings, provisioned: Provisioned) -> None:
    """As is the process to tell."""
    await provisioned.apply()
    database = await open_database(settings.database_url)
    async with Presence(database, SystemClock(), ("matcher",), "1", loaded=lambda: provisioned.loaded):
        before = await running(database, (), now())
        rewrite(Path(provisioned.loaded.path), CONFIG + "# more")
        after = await running(database, (), now())
    await database.close()

    assert ([], [os.getpid()]) == ([one.pid for one in before.edited], [one.pid for one in after.edited])


# Applying the file anew


async def test_a_file_that_is_applied_anew_is_followed(
    provisioned: Provisioned, database: Database, config: Path
) -> None:
    """Whoever follows has the next state whole, and a file that says the same again wakes nobody."""
    following = Following("everything", database, lambda _, every: sorted(one.name for one in every), Unwatched())
    await provisioned.apply()
    await following.load()
    before = following.current
    rewrite(config, CONFIG + "# a remark")
    await provisioned.again()
    await following.load()
    assert before is following.current

    rewrite(config, CONFIG.replace("desk", "night"))
    waiting = asyncio.create_task(following.after(before))
    await provisioned.again()
    await following.load()

    assert (["desk", "everything"], ["everything", "night"]) == (before, await waiting)


async def test_a_state_is_taken_over_once_however_many_ask_for_it(provisioned: Provisioned, database: Database) -> None:
    """Whoever follows and whoever begins ask at the same time; a second snapshot would restart every channel's loop."""
    made: list[object] = []
    following = Following("everything", database, lambda revision, _: made.append(revision), Unwatched())
    await provisioned.apply()
    await asyncio.gather(following.load(), following.load())

    assert 1 == len(made)


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        ("rules: [", "filingbell.yaml:1:"),
        (CONFIG.replace("everything: {channels: desk}", "everything: {channels: dusk}"), "dusk"),
        (CONFIG.replace("desk", "hers"), "no file owns"),
    ],
    ids=["no YAML", "no such channel", "what a person made"],
)
async def test_a_broken_file_leaves_the_last_good_state(
    provisioned: Provisioned, database: Database, vault: Vault, config: Path, broken: str, fault: str
) -> None:
    """And its faults are kept for `status`."""
    await provisioned.apply()
    anna = Actor(name="cli:anna", workspace=DEFAULT)
    await control.add(database, vault, anna, ResourceKind.CHANNEL, "hers", CHANNEL, now(), egress=HERE)
    good = await resources.every(database)
    rewrite(config, broken)
    await provisioned.again()

    assert good == await resources.every(database)
    assert fault in (provisioned.loaded.fault or "")
    assert digest_of(config) != provisioned.loaded.digest


async def test_a_file_that_no_database_takes_is_told_as_well(
    provisioned: Provisioned, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An outage at the moment of SIGHUP must not drop the change without a word; another SIGHUP applies it."""
    await provisioned.apply()
    rewrite(config, CONFIG + "# more")

    async def away(*_: object) -> None:
        raise Unavailable("the database is away")

    with monkeypatch.context() as outage:
        outage.setattr(provision, "apply", away)
        await provisioned.again()
    assert "the database is away" == provisioned.loaded.fault

    await provisioned.again()
    assert (None, digest_of(config)) == (provisioned.loaded.fault, provisioned.loaded.digest)


async def test_a_file_that_is_whole_again_is_applied_and_its_fault_forgotten(
    provisioned: Provisioned, config: Path
) -> None:
    """`status` goes on from there."""
    await provisioned.apply()
    for content in ("rules: [", CONFIG + "# whole"):
        rewrite(config, content)
        await provisioned.again()

    assert provisioned.loaded.fault is None
    assert digest_of(config) == provisioned.loaded.digest


async def test_sighup_applies_the_file_anew_and_never_kills(tmp_path: Path, config: Path) -> None:
    """The signal's default would end the process at once, without a line."""
    service = Service(tmp_path / "home", config, **NOWHERE)
    await service.start()
    await started(service)
    rewrite(config, CONFIG.replace("desk", "night"))
    service.send(1)

    async def applied() -> bool:
        return "added channel night" in service.log()

    await eventually(applied)
    rewrite(config, "rules: [")
    service.send(1)

    async def kept() -> bool:
        found = await the_last(tmp_path / "home")
        return found.configuration is not None and bool(found.configuration.fault)

    await eventually(kept)
    assert "configuration_not_applied" in service.log()
    assert 0 == await service.stop()
    last = await the_last(tmp_path / "home")
    assert ("by SIGTERM", False) == (last.why, last.runs(now()))


async def test_roles_that_alert_nobody_need_no_configuration_file(tmp_path: Path) -> None:
    """Then there is nothing for SIGHUP to apply either."""
    service = Service(tmp_path / "home", None, **NOWHERE)
    await service.start("poller", "parser")
    await started(service)
    service.send(1)

    async def told() -> bool:
        return "nothing_to_apply" in service.log()

    await eventually(told)
    assert 0 == await service.stop()


def test_a_terminal_that_is_closed_stops_the_service_and_the_database_tells(tmp_path: Path, config: Path) -> None:
    """It ends as with SIGTERM. Where it could log is gone."""
    home = tmp_path / "home"
    environment = os.environ | {f"FILINGBELL_{name.upper()}": value for name, value in NOWHERE.items()}
    process, terminal = pty.fork()
    if process == 0:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whatever these tests run under, nohup say
        os.execve(COMMAND, [COMMAND, "run", "--config", str(config)], environment | {"FILINGBELL_HOME": str(home)})
    said = b""
    while b"started" not in said:
        said += os.read(terminal, 4096)
    os.close(terminal)
    _, status = os.waitpid(process, 0)

    assert 0 == os.waitstatus_to_exitcode(status)
    assert "its terminal was closed" == asyncio.run(the_last(home)).why
