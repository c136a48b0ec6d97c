"""The list of rules: what each asks for, how it fares, and how often it rang."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from service.control import resources
from service.control.ruling import overview
from service.model.identity import Revision, RuleId
from service.model.message import Message, MessageKind
from service.model.resource import SERVICE, Actor, Resource
from service.store import Database, failures, messages
from service.store.failures import Failure
from service.store.listing import ResourceState
from tests.control.desk import CHANNEL, RULE, WATCHLIST, Floor, accession_of
from tests.kit.filings import now
from tests.kit.receiver import SECRET

HOOK = {"type": "webhook", "url": "https://example.com/hook", "secrets": SECRET}


async def rang(database: Database, rule: Resource, *ago: timedelta) -> None:
    """Alerts of *rule* so long ago."""
    for one in ago:
        message = Message(
            id=str(uuid4()),
            kind=MessageKind.ALERT,
            workspace=rule.workspace,
            value=b"{}",
            accession=accession_of(1),
            rule_id=RuleId(rule.id),
            rule_revision=rule.revision,
            rule=rule.name,
        )
        async with database.transaction() as tx:
            await messages.keep(tx, [message], now() - one)


async def failed(database: Database, rule: Resource, revision: Revision | None = None) -> None:
    failure = Failure(
        rule=RuleId(rule.id), revision=revision or rule.revision, accession=accession_of(1), detail="Boom: bang"
    )
    async with database.transaction() as tx:
        await failures.add(tx, [failure], now())


async def test_a_rule_says_how_often_it_rang_and_when_last(either: Database, tmp_path: Path) -> None:
    """Today by New York's calendar, in 7 days and in 30; older alerts say at least when the last one was."""
    floor = Floor(either, tmp_path)
    desk = await floor.desk()
    await desk.add(CHANNEL, "hook", **HOOK)
    busy = await desk.add(RULE, "busy", kinds="sale", value=">= $1m", channels="hook")
    old = await desk.add(RULE, "old", kinds="gift", channels="hook")
    await desk.add(RULE, "young", kinds="sale", channels="hook")
    day = timedelta(days=1)
    await rang(either, busy, timedelta(), 2 * day, 6.9 * day, 8 * day, 29 * day, 31 * day)
    await rang(either, old, 40 * day)
    found = (await overview(either, desk.workspace, now(), 0, 10)).lines

    assert [(1, 3, 5), (0, 0, 0), (0, 0, 0)] == [(one.rings.day, one.rings.week, one.rings.month) for one in found]
    assert [0, 40, None] == [one.rings.last and (now() - one.rings.last).days for one in found]
    assert ("kind is sale", "value >= $1,000,000") == found[0].asks
    assert ("hook",) == found[0].channels


async def test_a_rule_says_how_it_stands(either: Database, tmp_path: Path) -> None:
    """On, failing as it stands now, or disabled: by whom and why."""
    floor = Floor(either, tmp_path)
    desk = await floor.desk()
    await desk.add(CHANNEL, "hook", **HOOK)
    for name in ("fails", "mended", "off", "stopped", "works"):
        await desk.add(RULE, name, kinds="sale", channels="hook")
    await failed(either, await desk.find(RULE, "fails"))
    await failed(either, await desk.find(RULE, "mended"))
    await desk.edit(RULE, "mended", kinds="gift", channels="hook")
    await desk.switch(RULE, "off", enabled=False)
    service = Actor(name=SERVICE, workspace=desk.workspace)
    await resources.switch(either, service, RULE, "stopped", now(), enabled=False, reason="it failed on 20 filings")
    every = {one.rule.name: one for one in (await overview(either, desk.workspace, now(), 0, 10)).lines}

    assert {"fails": "failing", "mended": "on", "off": "disabled", "stopped": "disabled", "works": "on"} == {
        name: str(one.state) for name, one in every.items()
    }
    assert every["fails"].failing is not None
    assert (1, "Boom: bang") == (every["fails"].failing.count, every["fails"].failing.detail)
    assert [("cli:default", None), (SERVICE, "it failed on 20 filings")] == [
        (one.disabled.actor, one.disabled.reason) for one in every.values() if one.disabled
    ]
    for which, names in {
        ResourceState.ON: ["mended", "works"],
        ResourceState.FAILING: ["fails"],
        ResourceState.DISABLED: ["off", "stopped"],
    }.items():
        assert names == [
            one.rule.name for one in (await overview(either, desk.workspace, now(), 0, 10, which=which)).lines
        ]


async def test_rules_are_found_by_what_they_say(either: Database, tmp_path: Path) -> None:
    """By name, by what they ask for, and by the channel or watchlist they name; page by page."""
    floor = Floor(either, tmp_path)
    desk, other = await floor.desk(), await floor.desk("other")
    await desk.add(CHANNEL, "night desk", **HOOK)
    await desk.add(CHANNEL, "hook", **HOOK)
    await desk.add(WATCHLIST, "chips", tickers=["NVDA"])
    await desk.add(RULE, "a", kinds="sale", channels="night desk")
    await desk.add(RULE, "b 100%", kinds="gift", watchlist="chips", channels="hook")
    await desk.add(RULE, "c", description="Gifts of HOOK", channels="hook")
    await other.add(CHANNEL, "hook", **HOOK)
    await other.add(RULE, "theirs", kinds="gift", channels="hook")

    async def found(text: str, start: int = 0, limit: int = 10) -> tuple[list[str], int]:
        part = await overview(either, desk.workspace, now(), start, limit, text=text)
        return [one.rule.name for one in part.lines], part.total

    assert (["b 100%", "c"], 2) == await found("GIFT")
    assert (["a"], 1) == await found("Night")
    assert (["b 100%"], 1) == await found("chips")
    assert (["b 100%"], 1) == await found("100%")
    assert ([], 0) == await found("theirs")
    assert (["b 100%"], 3) == await found("", 1, 1)
