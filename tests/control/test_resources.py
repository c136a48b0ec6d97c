"""Rules, watchlists and channels as data: who may change what, and that nothing is half done."""

import asyncio
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text, update

from service.control import provision, resources
from service.control.sections import SECRET, kept, shown
from service.model.errors import ConfigError, Faulty, Forbidden, NotFound, Stale
from service.model.identity import DEFAULT, Revision, WorkspaceId
from service.model.resource import Action, Actor, ResourceKind
from service.store import Database, schema, workspaces
from service.store import resources as stored
from service.vault import Vault, new_key, open_vault

NOW = datetime(2026, 11, 26, 14, tzinfo=UTC)
ANNA = Actor(name="cli:anna", workspace=DEFAULT)
FILE = Actor(name="/etc/filingbell.yaml", workspace=DEFAULT, file="/etc/filingbell.yaml")
CANARY = "https://hooks.slack.com/services/T0/B0/CANARY"
DESK = {"type": "slack", "url": CANARY}
OURS = {"tickers": ["AAPL"]}
BUYS = {"kinds": "purchase", "watchlist": "ours", "channels": "desk"}
CONTENT = {
    "channels": {"desk": DESK},
    "watchlists": {"ours": OURS},
    "rules": {"buys": BUYS},
    "operations": {"channels": "desk"},
}

RULE, WATCHLIST, CHANNEL = ResourceKind.RULE, ResourceKind.WATCHLIST, ResourceKind.CHANNEL


@pytest.fixture
def vault(tmp_path: Any) -> Vault:
    """A vault with a key of its own."""
    return open_vault(tmp_path / "home", None)


async def _filled(database: Database, vault: Vault, actor: Actor = ANNA) -> None:
    await resources.add(database, vault, actor, CHANNEL, "desk", DESK, NOW)
    await resources.add(database, vault, actor, WATCHLIST, "ours", OURS, NOW)
    await resources.add(database, vault, actor, RULE, "buys", BUYS, NOW)


async def test_what_people_make_is_shown_as_they_wrote_it_but_for_secrets(database: Database, vault: Vault) -> None:
    """Names stand for ids, and an address is never shown again."""
    await _filled(database, vault)
    known = await resources.inventory(database, DEFAULT)

    assert {"kinds": "purchase", "watchlist": ["ours"], "channels": ["desk"]} == shown(
        await resources.find(database, DEFAULT, RULE, "buys"), known
    )
    assert {"type": "slack", "url": SECRET} == shown(await resources.find(database, DEFAULT, CHANNEL, "desk"), known)


async def test_a_secret_is_nowhere_in_the_database(database: Database, vault: Vault) -> None:
    """Neither in the row nor in the audit log; the vault gives it back."""
    await _filled(database, vault)
    await resources.edit(database, vault, ANNA, CHANNEL, "desk", NOW, content={**DESK, "url": f"{CANARY}2"})

    async with database.reading() as connection:
        rows = list(await connection.execute(text("SELECT * FROM resources")))
        rows += list(await connection.execute(text("SELECT * FROM changes")))
    assert "CANARY" not in str(rows)
    desk = await resources.find(database, DEFAULT, CHANNEL, "desk")
    assert f"{CANARY}2" == vault.opened(dict(desk.section))["url"]


async def test_every_fault_of_a_section_has_its_path(database: Database, vault: Vault) -> None:
    """The same paths as in a file, and nothing is stored."""
    with pytest.raises(Faulty) as caught:
        await resources.add(
            database, vault, ANNA, RULE, "buys", {"kinds": "purchas", "value": "lots", "channels": "desk"}, NOW
        )

    assert {("rules", "buys", "kinds", 0), ("rules", "buys", "value"), ("rules", "buys", "channels", 0)} == {
        fault.path for fault in caught.value.faults
    }
    assert Revision(0) == await stored.revision(database)


@pytest.mark.parametrize("odd", ["a\0b", "\ud800"])
async def test_what_no_text_has_is_refused(either: Database, vault: Vault, odd: str) -> None:
    """PostgreSQL has no text with NUL: every service that follows the rules would stop at it."""
    await _filled(either, vault)
    with pytest.raises(Faulty) as caught:
        await resources.add(either, vault, ANNA, RULE, "odd", {**BUYS, "description": odd}, NOW)

    assert [("rules", "odd", "description")] == [fault.path for fault in caught.value.faults]


async def test_what_no_text_has_stops_nobody_who_follows(either: Database, vault: Vault) -> None:
    """As an earlier version has stored it."""
    await _filled(either, vault)
    before = await stored.revision(either)
    made = await resources.edit(either, vault, ANNA, RULE, "buys", NOW, content={**BUYS, "description": "x"})
    async with either.transaction() as tx:
        section = {**made.section, "description": "a\0b"}
        await tx.execute(update(schema.resources).where(schema.resources.c.id == made.id).values(section=section))
    since = await stored.since(either, before)

    assert since is not None
    assert ["buys"] == [one.name for one in since.changed]


async def test_a_stale_revision_is_refused(database: Database, vault: Vault) -> None:
    """Two people edit: the second is told, and the first one's change stays."""
    await _filled(database, vault)
    read = await resources.find(database, DEFAULT, WATCHLIST, "ours")
    mine = {"tickers": ["MSFT"]}
    await resources.edit(database, vault, ANNA, WATCHLIST, "ours", NOW, content=mine, expected=read.revision)

    with pytest.raises(Stale) as caught:
        await resources.edit(database, vault, ANNA, WATCHLIST, "ours", NOW, content=OURS, expected=read.revision)

    now = await resources.find(database, DEFAULT, WATCHLIST, "ours")
    assert (mine, caught.value.stands) == (now.section, now.revision)


async def test_what_a_rule_uses_cannot_be_removed(database: Database, vault: Vault) -> None:
    """The rule is named; once it is gone, the watchlist can go as well."""
    await _filled(database, vault)

    with pytest.raises(Forbidden, match="buys"):
        await resources.remove(database, ANNA, WATCHLIST, "ours", NOW)
    await resources.remove(database, ANNA, RULE, "buys", NOW)
    await resources.remove(database, ANNA, WATCHLIST, "ours", NOW)

    with pytest.raises(NotFound, match="has no watchlist yet"):
        await resources.find(database, DEFAULT, WATCHLIST, "ours")


async def test_a_name_may_change_and_references_hold(database: Database, vault: Vault) -> None:
    """The rule goes on meaning the same watchlist."""
    await _filled(database, vault)
    before = await resources.find(database, DEFAULT, WATCHLIST, "ours")
    await resources.edit(database, vault, ANNA, WATCHLIST, "ours", NOW, name="mine")

    known = await resources.inventory(database, DEFAULT)
    assert ["mine"] == shown(await resources.find(database, DEFAULT, RULE, "buys"), known)["watchlist"]
    assert before.id == (await resources.find(database, DEFAULT, WATCHLIST, "mine")).id


async def test_applying_a_file_again_changes_nothing(database: Database, vault: Vault) -> None:
    """The first time adds all, in an order in which each refers to what is there; the second time is quiet."""
    first = await provision.apply(database, vault, FILE, CONTENT, NOW)
    at = await stored.revision(database)
    second = await provision.apply(database, vault, FILE, CONTENT, NOW)

    assert ["added channel desk", "added watchlist ours", "added rule buys"] == [str(step) for step in first.steps]
    assert ((), None) == (second.steps, second.operations)
    assert at == await stored.revision(database)
    desk = await resources.find(database, DEFAULT, CHANNEL, "desk")
    assert (desk.id,) == await workspaces.operations(database, DEFAULT)


async def test_a_file_takes_away_what_it_no_longer_has_and_gives_it_back_under_the_same_id(
    database: Database, vault: Vault
) -> None:
    """What a channel is owed waits for it to come back."""
    await provision.apply(database, vault, FILE, CONTENT, NOW)
    desk = await resources.find(database, DEFAULT, CHANNEL, "desk")
    renamed = {"channels": {"trading": DESK}, "rules": {"buys": {"kinds": "purchase", "channels": "trading"}}}
    plan = await provision.apply(database, vault, FILE, renamed, NOW)

    assert [
        "added channel trading",
        "changed rule buys",
        "removed channel desk",
        "removed watchlist ours",
    ] == [str(step) for step in plan.steps]
    await provision.apply(database, vault, FILE, CONTENT, NOW)
    assert desk.id == (await resources.find(database, DEFAULT, CHANNEL, "desk")).id


async def test_a_file_that_is_wrong_anywhere_changes_nothing(database: Database, vault: Vault) -> None:
    """All faults at once."""
    wrong = {"channels": {"desk": DESK}, "rules": {"a": {"channels": "none"}, "b": {"kinds": "x", "channels": "desk"}}}

    with pytest.raises(Faulty) as caught:
        await provision.apply(database, vault, FILE, wrong, NOW)

    assert {"a", "b"} == {fault.path[1] for fault in caught.value.faults}
    assert Revision(0) == await stored.revision(database)


async def test_people_cannot_change_what_a_file_owns_nor_a_file_what_people_made(
    database: Database, vault: Vault
) -> None:
    """Each says who does; switching off is everybody's."""
    await provision.apply(database, vault, FILE, CONTENT, NOW)
    await resources.add(database, vault, ANNA, WATCHLIST, "hers", OURS, NOW)

    with pytest.raises(Forbidden, match=re.escape("/etc/filingbell.yaml")):
        await resources.edit(database, vault, ANNA, RULE, "buys", NOW, content=BUYS)
    with pytest.raises(Faulty, match="no file owns"):
        await provision.apply(database, vault, FILE, {**CONTENT, "watchlists": {"ours": OURS, "hers": OURS}}, NOW)
    await provision.apply(database, vault, FILE, CONTENT, NOW)
    assert "hers" == (await resources.find(database, DEFAULT, WATCHLIST, "hers")).name
    await resources.switch(database, ANNA, RULE, "buys", NOW, enabled=False)
    assert not (await resources.find(database, DEFAULT, RULE, "buys")).enabled


async def test_two_workspaces_have_the_same_names_and_see_nothing_of_each_other(
    database: Database, vault: Vault
) -> None:
    """Other ids, and NotFound across."""
    async with database.transaction() as tx:
        other = await workspaces.add(tx, "customer", NOW)
    theirs = Actor(name="cli:bob", workspace=other)
    await _filled(database, vault)
    await _filled(database, vault, theirs)

    ours = await resources.find(database, DEFAULT, RULE, "buys")
    assert ours.id != (await resources.find(database, other, RULE, "buys")).id
    with pytest.raises(NotFound):
        await resources.find(database, WorkspaceId(other), RULE, ours.id)


async def test_the_audit_log_says_who_did_what_when_and_what_was_before(database: Database, vault: Vault) -> None:
    """And what a rule was at any revision can be read back."""
    await _filled(database, vault)
    rule = await resources.find(database, DEFAULT, RULE, "buys")
    await resources.edit(database, vault, ANNA, RULE, "buys", NOW, content={**BUYS, "kinds": "sale"})
    await resources.remove(database, ANNA, RULE, "buys", NOW)

    told = await stored.history(database, DEFAULT, rule.id, 10)
    assert [Action.REMOVED, Action.CHANGED, Action.ADDED] == [change.action for change in told]
    assert {"cli:anna"} == {change.actor for change in told}
    assert told[1].before is not None
    assert "purchase" == told[1].before["section"]["kinds"]
    then, now = [await stored.as_of(database, DEFAULT, at) for at in (rule.revision, told[0].revision)]
    assert ["purchase"] == [one.section["kinds"] for one in then if one.id == rule.id]
    assert rule.id not in {one.id for one in now}


async def test_a_snapshot_and_its_revision_are_of_one_moment(either: Database, vault: Vault) -> None:
    """A rule that is newer than the revision a filing was held against would be explained by what it was before."""
    await _filled(either, vault)
    changing = asyncio.create_task(_switched(either, 40))
    looks = 0
    while not changing.done():
        at, there = await stored.every(either)
        looks += 1
        await asyncio.sleep(0)  # reading a little from SQLite lets nobody else go on
        assert at == max(one.revision for one in there)
    await changing
    assert looks > 1


async def _switched(database: Database, times: int) -> None:
    for number in range(times):
        await resources.switch(database, ANNA, RULE, "buys", NOW, enabled=bool(number % 2))


@pytest.mark.parametrize("name", ["", " ", "two\nlines", " led by a space", "x" * 201, "\x1b[31mred"])
async def test_a_name_that_nobody_could_write_is_refused_whoever_gives_it(
    database: Database, vault: Vault, name: str
) -> None:
    """Made or renamed, by a rename as well."""
    await _filled(database, vault)
    with pytest.raises(Faulty):
        await resources.add(database, vault, ANNA, WATCHLIST, name, OURS, NOW)
    with pytest.raises(Faulty):
        await resources.edit(database, vault, ANNA, WATCHLIST, "ours", NOW, name=name)

    assert ["ours"] == list((await resources.inventory(database, DEFAULT)).names(WATCHLIST))


async def test_a_file_brings_back_a_channel_whose_key_is_lost(database: Database, tmp_path: Any) -> None:
    """It has the secret in the clear; applied once more it changes nothing."""
    lost, found = open_vault(tmp_path / "lost", None), open_vault(tmp_path / "found", None)
    await provision.apply(database, lost, FILE, CONTENT, NOW)
    plan = await provision.apply(database, found, FILE, CONTENT, NOW)

    assert ["changed channel desk"] == [str(step) for step in plan.steps]
    desk = await resources.find(database, DEFAULT, CHANNEL, "desk")
    assert DESK == found.opened(dict(desk.section))
    assert () == (await provision.apply(database, found, FILE, CONTENT, NOW)).steps


async def test_people_bring_back_a_channel_by_giving_its_secrets_again(database: Database, tmp_path: Any) -> None:
    """Without them the error says what to do, and the channel stays as it is."""
    lost, found = open_vault(tmp_path / "lost", None), open_vault(tmp_path / "found", None)
    await resources.add(database, lost, ANNA, CHANNEL, "desk", DESK, NOW)
    before = await resources.find(database, DEFAULT, CHANNEL, "desk")
    with pytest.raises(ConfigError, match=r"another key.*FILINGBELL_KEY.*channels edit"):
        kept({**DESK, "url": SECRET}, before, found)
    await resources.edit(database, found, ANNA, CHANNEL, "desk", NOW, content=kept(DESK, before, found))

    assert DESK == found.opened(dict((await resources.find(database, DEFAULT, CHANNEL, "desk")).section))


async def test_applying_a_file_seals_with_the_newest_key(database: Database) -> None:
    """Then the older one can be taken away."""
    old, new = new_key(), new_key()
    await provision.apply(database, Vault([old]), FILE, CONTENT, NOW)
    await provision.apply(database, Vault([new, old]), FILE, CONTENT, NOW)

    desk = await resources.find(database, DEFAULT, CHANNEL, "desk")
    assert DESK == Vault([new]).opened(dict(desk.section))


async def test_what_is_applied_is_what_was_shown(database: Database, vault: Vault) -> None:
    """Somebody switches a rule off that the plan changes: the plan is of another rule now."""
    await provision.apply(database, vault, FILE, CONTENT, NOW)
    changed = {**CONTENT, "rules": {"buys": {**BUYS, "kinds": "sale"}}}
    shown_before = await provision.plan(database, vault, FILE, changed, NOW)
    await resources.switch(database, ANNA, RULE, "buys", NOW, enabled=False)
    at = await stored.revision(database)

    with pytest.raises(Stale, match="nothing was changed"):
        await provision.apply(database, vault, FILE, changed, NOW, expected=shown_before)
    assert at == await stored.revision(database)
    again = await provision.plan(database, vault, FILE, changed, NOW)
    done = await provision.apply(database, vault, FILE, changed, NOW, expected=again)
    assert ["changed rule buys"] == [str(step) for step in done.steps]


async def test_another_file_takes_over_what_it_names(database: Database, vault: Vault) -> None:
    """A file that was moved: people are told to change the one that is there."""
    await provision.apply(database, vault, FILE, CONTENT, NOW)
    moved = Actor(name="/srv/moved.yaml", workspace=DEFAULT, file="/srv/moved.yaml")
    await provision.apply(database, vault, moved, CONTENT, NOW)

    with pytest.raises(Forbidden, match=re.escape("/srv/moved.yaml")):
        await resources.remove(database, ANNA, RULE, "buys", NOW)


async def test_what_groups_refer_to_is_known(database: Database, vault: Vault) -> None:
    """By id when it is stored, by name when it is shown; and it cannot be removed from under the rule."""
    await _filled(database, vault)
    for name in ("a", "b", "c"):
        await resources.add(database, vault, ANNA, WATCHLIST, name, OURS, NOW)
    content = {
        "exclude": ["a"],
        "any_of": [{"watchlist": ["b"]}, {"kinds": ["sale"], "not": {"exclude": ["c"]}}],
        "channels": ["desk"],
    }
    made = await resources.add(database, vault, ANNA, RULE, "grouped", content, NOW)
    known = await resources.inventory(database, DEFAULT)
    ids = {known.id_of(WATCHLIST, name) for name in ("a", "b", "c")}

    assert ids | {known.id_of(CHANNEL, "desk")} == resources.references(made)
    (_, group) = content["any_of"]
    assert content | {"any_of": [{"watchlist": ["b"]}, group | {"not": [group["not"]]}]} == shown(made, known)
    for name in ("a", "b", "c"):
        with pytest.raises(Forbidden, match="used by the rules grouped"):
            await resources.remove(database, ANNA, WATCHLIST, name, NOW)
    await resources.edit(database, vault, ANNA, WATCHLIST, "b", NOW, name="renamed")
    assert ["renamed"] == shown(made, await resources.inventory(database, DEFAULT))["any_of"][0]["watchlist"]
