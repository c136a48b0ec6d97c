"""Two workspaces with the same names: each gets its own alerts, and sees nothing of the other's."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update

from service.control import deliveries as control
from service.log.table import TableLog
from service.model.alert import alert_id
from service.model.delivery import DeliveryState
from service.model.errors import ConfigError, NotFound
from service.model.identity import Revision, RuleId
from service.settings import Settings
from service.store import Database, notices, workspaces
from service.store.database import open_database
from service.store.schema import channel_states
from service.vitals import Unwatched
from service.watch.watch import Watch
from tests.control.desk import CHANNEL, RULE, WATCHLIST, Desk, Floor
from tests.kit.clocks import SetClock
from tests.kit.documents import a_row
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.process import printed
from tests.kit.receiver import SECRET, Receiver

NAMES = ("ours", "theirs")
SALES = {"rows": (a_row("S"),)}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Everybody's: each workspace has a path of its own."""
    async with Receiver() as opened:
        yield opened


async def both(floor: Floor, receiver: Receiver) -> tuple[Desk, Desk]:
    """A rule "big-sale" to a channel "desk" each; what they ask for differs."""
    made = []
    for name, kinds in zip(NAMES, ("purchase", ["purchase", "sale"]), strict=True):
        desk = await floor.desk(name)
        await desk.add(CHANNEL, "desk", type="webhook", url=f"{receiver.url}/{name}", secrets=SECRET)
        await desk.add(WATCHLIST, "list", tickers=["EXMP"])
        await desk.add(RULE, "big-sale", kinds=kinds, watchlist="list", channels="desk")
        made.append(desk)
    return made[0], made[1]


async def test_no_alert_crosses_over_also_after_restarts(either: Database, tmp_path: Path, receiver: Receiver) -> None:
    """Every message at a workspace's receiver is of its own rule, and each comes once."""
    floor = Floor(either, tmp_path / "home")
    desks = await both(floor, receiver)
    purchases, sales = [], []
    for start in (0, 100, 200):
        async with floor.running():
            purchases += await floor.publish(*range(start, start + 20))
            sales += await floor.publish(*range(start + 50, start + 60), **SALES)
            await floor.idle(len(purchases) + len(sales))

    for desk, filings in zip(desks, (purchases, [*purchases, *sales]), strict=True):
        rule = await desk.find(RULE, "big-sale")
        received = receiver.of(NAMES[desks.index(desk)])
        expected = sorted(alert_id(RuleId(rule.id), accession) for accession in filings)
        assert expected == sorted(one.headers["webhook-id"] for one in received)
        assert {(rule.id, desk.workspace)} == {(one.content["rule_id"], one.content["workspace"]) for one in received}


async def test_a_workspace_sees_and_resends_its_own_deliveries_alone(
    either: Database, tmp_path: Path, receiver: Receiver
) -> None:
    """By channel, filing and id; one that has no channel has no deliveries, rather than everybody's."""
    floor = Floor(either, tmp_path / "home")
    ours, theirs = await both(floor, receiver)
    nobody = await floor.desk("nobody")
    async with floor.running():
        (sale,) = await floor.publish(1, **SALES)
        await floor.idle(1)
        (one,) = await control.listed(either, await control.chosen(either, theirs.workspace), 10)

        assert [] == await control.listed(either, await control.chosen(either, ours.workspace), 10)
        assert [] == await control.listed(either, await control.chosen(either, nobody.workspace), 10)
        for stranger in (ours, nobody):
            for named in (sale, one.id):
                with pytest.raises(ConfigError):
                    await control.chosen(either, stranger.workspace, [named])
            everything = await control.chosen(either, stranger.workspace)
            assert {} == (await control.resend(either, everything, delivered=True)).counts
            assert {} == await control.acknowledge(either, everything, now())
        with pytest.raises(NotFound):
            await control.flush(either, ours.workspace, one.channel, now())
        with pytest.raises(NotFound):
            await control.move(either, ours.workspace, "desk", one.channel, now())

        again = await control.resend(either, await control.chosen(either, theirs.workspace, [sale]), delivered=True)
        await eventually(lambda: _came(receiver, "theirs", 2))
    assert {one.channel: 1} == again.counts
    assert [] == receiver.of("ours")


async def _came(receiver: Receiver, path: str, count: int) -> bool:
    return len(receiver.of(path)) == count


async def test_a_channel_that_fails_is_told_to_its_workspace_alone(
    either: Database, tmp_path: Path, receiver: Receiver
) -> None:
    """In its channels for operations; the other has some as well, and hears nothing."""
    floor = Floor(either, tmp_path / "home")
    ours, theirs = await both(floor, receiver)
    for desk in (ours, theirs):
        ops = await desk.add(CHANNEL, "ops", type="slack", url=f"{receiver.url}/ops-{desk.actor.name[4:]}")
        async with either.transaction() as tx:
            await workspaces.tell(tx, desk.workspace, [ops.id], None, Revision(0))
    desk = await theirs.find(CHANNEL, "desk")
    await theirs.switch(CHANNEL, "desk", enabled=False)
    async with floor.running():
        await floor.publish(1, **SALES)
        await eventually(lambda: _owed(either, desk.id))
        async with either.transaction() as tx:
            mine = channel_states.c.channel == desk.id
            failing = {"failing_since": now().replace(year=2020), "failures": 3, "missing_since": None}
            await tx.execute(update(channel_states).where(mine).values(failing))
        await Watch(Settings(), either, TableLog(either, Unwatched()), SetClock(now()), Unwatched()).look()
        await eventually(lambda: _came(receiver, "ops-theirs", 1))

    # the service watches as well, and may have raised it beside the test
    assert {desk.id} == {one.subject for one in await notices.standing(either)}
    assert [] == receiver.of("ops-ours")


async def _owed(database: Database, channel: str) -> bool:
    async with database.reading() as connection:
        return channel in list(
            await connection.scalars(channel_states.select().with_only_columns(channel_states.c.channel))
        )


@pytest.mark.long
async def test_commands_show_nothing_of_another_workspace(tmp_path: Path, receiver: Receiver) -> None:
    """Every command with --workspace, on what one has and the other has not."""
    home = tmp_path / "home"
    database = await open_database(f"sqlite:///{home}/filingbell.db")
    floor = Floor(database, home)
    _, theirs = await both(floor, receiver)
    await theirs.add(CHANNEL, "secret-desk", type="slack", url=f"{receiver.url}/secret")
    await theirs.add(WATCHLIST, "secret-list", tickers=["MSFT"])
    await theirs.add(RULE, "secret-rule", channels=["secret-desk"])
    async with floor.running():
        (sale,) = await floor.publish(1, **SALES)
        await floor.idle(1)
    foreign = [(await theirs.find(*one)).id for one in ((RULE, "big-sale"), (CHANNEL, "desk"), (RULE, "secret-rule"))]
    (one, *_) = await control.listed(database, await control.chosen(database, theirs.workspace), 10)
    assert DeliveryState.DELIVERED is one.state
    await database.close()

    commands = [
        *([f"{kind}s", "list"] for kind in (RULE, WATCHLIST, CHANNEL)),
        *([f"{kind}s", "show", name] for kind in (RULE, CHANNEL) for name in ("big-sale", "desk", *foreign)),
        ["deliveries", "list", "--all"],
        *(["deliveries", verb, name] for verb in ("show",) for name in (sale, one.id)),
        *(["why", sale, *more] for more in ([], ["--rule", foreign[0]], ["--channel", foreign[1]])),
    ]
    changes = [
        *(["deliveries", verb, *more] for verb, more in (("resend", ["--all", "--delivered"]), ("resend", [one.id]))),
        ["deliveries", "acknowledge", sale],
        ["deliveries", "flush", "secret-desk"],
        ["deliveries", "move", "secret-desk", "desk"],
        ["rules", "disable", foreign[2]],
        ["rules", "edit", foreign[0], "kinds=sale"],
        ["channels", "remove", "secret-desk"],
        ["channels", "test", "secret-desk"],
    ]
    shown = {
        " ".join(command): (await printed(*command, "--workspace", "ours", home=home)).decode()
        for command in (*commands, *([*command, "--json"] for command in commands), *changes)
    }
    for command, text in shown.items():
        for named in [one for one in foreign if one not in command] + ["secret-list", "/theirs", "/secret"]:
            assert named not in text, command
        assert "secret-desk" not in text or "no channel 'secret-desk'" in text, command
        assert "Traceback" not in text, command
    account = json.loads(shown[f"why {sale} --json"])
    assert [("big-sale", "not-met")] == [(way["rule"], way["end"]) for way in account["ways"]]
    theirs_now = json.loads(await printed("rules", "list", "--workspace", "theirs", "--json", home=home))
    assert [("big-sale", True), ("secret-rule", True)] == [(rule["name"], rule["enabled"]) for rule in theirs_now]
    assert 1 == len(receiver.of("secret"))
