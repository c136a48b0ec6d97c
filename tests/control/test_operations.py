"""The channels for operations: chosen by people, or by a file, which goes first."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from consumers import configuration
from service.control import operations, provision, resources
from service.model.errors import ConfigError, Fault, Faulty, Forbidden, Stale
from service.model.identity import DEFAULT, Revision
from service.model.resource import Actor, ResourceKind
from service.store import Database, audit, workspaces
from service.store.audit import WhichChanges
from service.vault import Vault, open_vault

NOW = datetime(2026, 11, 26, 14, tzinfo=UTC)
ANNA = Actor(name="cli:anna", workspace=DEFAULT)
FILE = Actor(name="/etc/filingbell.yaml", workspace=DEFAULT, file="/etc/filingbell.yaml")
SLACK = {"type": "slack", "url": "https://hooks.slack.com/services/T0/B0/x"}
CONTENT = {"channels": {"desk": SLACK}, "rules": {"buys": {"kinds": "purchase", "channels": "desk"}}}
CHANNEL = ResourceKind.CHANNEL


@pytest.fixture
def vault(tmp_path: Any) -> Vault:
    """A vault with a key of its own."""
    return open_vault(tmp_path / "home", None)


async def _told(database: Database) -> tuple[list[str], str | None]:
    """The channels by name, and the file that names them."""
    found = await operations.find(database, DEFAULT)
    return [one.name for one in found.channels], found.file


async def test_people_choose_and_the_log_says_who(database: Database, vault: Vault) -> None:
    """By name or id, each once, in their order; what changes nothing is no change."""
    desk, pager = [await resources.add(database, vault, ANNA, CHANNEL, name, SLACK, NOW) for name in ("desk", "pager")]
    chosen = await operations.choose(database, ANNA, ["pager", desk.id, "pager"], NOW)
    again = await operations.choose(database, ANNA, [pager.id, "desk"], NOW, expected=chosen.revision)
    changes = await audit.history(database, WhichChanges(workspace=DEFAULT, resource=DEFAULT), 9)

    assert (["pager", "desk"], None) == await _told(database)
    assert (pager.id, desk.id) == await workspaces.operations(database, DEFAULT)
    assert chosen == again
    assert [("cli:anna", [], ["pager", "desk"])] == [
        (one.actor, (one.before or {})["operations"], (one.after or {})["operations"]) for one in changes
    ]
    with pytest.raises(Stale):
        await operations.choose(database, ANNA, [], NOW, expected=Revision(0))
    await operations.choose(database, ANNA, [], NOW)
    assert ([], None) == await _told(database)


async def test_people_and_files_are_told_the_same_faults(database: Database, vault: Vault) -> None:
    """What is meant is said; nothing is changed."""
    await resources.add(database, vault, ANNA, CHANNEL, "desk", SLACK, NOW)
    wrong = """
channels: {desk: {type: slack, url: "https://hooks.slack.com/services/T0/B0/x"}}
rules: {buys: {channels: desk}}
operations: {channels: [desk, dusk]}
"""
    with pytest.raises(Faulty) as chosen:
        await operations.choose(database, ANNA, ["desk", "dusk"], NOW)
    with pytest.raises(ConfigError) as written:
        configuration.parse(wrong, "filingbell.yaml", {})

    (fault,) = written.value.faults
    assert ("operations", "channels", 1) == fault.path
    assert (Fault(("channels", 1), fault.message),) == chosen.value.faults
    assert "did you mean 'desk'?" in fault.message
    assert ([], None) == await _told(database)


async def test_a_file_that_says_so_goes_first(database: Database, vault: Vault) -> None:
    """It replaces what people chose, and then it alone may; without the section it leaves what they chose."""
    await resources.add(database, vault, ANNA, CHANNEL, "pager", SLACK, NOW)
    await operations.choose(database, ANNA, ["pager"], NOW)
    await provision.apply(database, vault, FILE, CONTENT, NOW)
    left = await _told(database)
    taken = await provision.apply(database, vault, FILE, {**CONTENT, "operations": {"channels": "desk"}}, NOW)
    with pytest.raises(Forbidden, match=re.escape("/etc/filingbell.yaml")):
        await operations.choose(database, ANNA, ["pager"], NOW)
    owned = await _told(database)
    await provision.apply(database, vault, FILE, CONTENT, NOW)
    given_back = await _told(database)
    await operations.choose(database, ANNA, ["pager"], NOW)

    assert (["pager"], None) == left
    assert taken.operations is not None
    assert ["pager"] == [one.name for one in taken.operations.before.channels]
    assert (["desk"], "/etc/filingbell.yaml") == owned
    assert ([], None) == given_back
    assert (["pager"], None) == await _told(database)


async def test_what_notices_go_to_cannot_be_removed(database: Database, vault: Vault) -> None:
    """Neither by people nor by a file: else notices would go nowhere, and nobody would know."""
    await provision.apply(database, vault, FILE, CONTENT, NOW)
    await resources.add(database, vault, ANNA, CHANNEL, "pager", SLACK, NOW)
    await operations.choose(database, ANNA, ["pager", "desk"], NOW)
    other = {"channels": {"else": SLACK}, "rules": {"buys": {"kinds": "purchase", "channels": "else"}}}

    with pytest.raises(Forbidden, match="notices go to the channel 'pager'"):
        await resources.remove(database, ANNA, CHANNEL, "pager", NOW)
    with pytest.raises(Faulty) as caught:
        await provision.apply(database, vault, FILE, other, NOW)
    assert [("operations",)] == [fault.path for fault in caught.value.faults]
    await operations.choose(database, ANNA, [], NOW)
    await resources.remove(database, ANNA, CHANNEL, "pager", NOW)
    await provision.apply(database, vault, FILE, other, NOW)
    assert ([], None) == await _told(database)
