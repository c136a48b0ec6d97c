"""A rule that fails on filings hurts itself alone, and is disabled when it fails on all of them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from consumers.matcher import match
from service.control.failing import PATIENCE
from service.control.why import End, why
from service.log.table import TableLog
from service.model.alert import Alert
from service.model.identity import DEFAULT, Revision
from service.model.notice import NoticeKind
from service.model.resource import Action
from service.settings import Settings
from service.store import Database, events, letters, notices, resources, workspaces
from service.store.schema import rule_failures
from service.vitals import Unwatched
from service.watch.metrics import Metrics
from service.watch.watch import Watch
from service.wire import decode
from service.wire.topics import Topic
from tests.control.desk import CHANNEL, RULE, Desk, Floor, a_fault, accession_of
from tests.kit.clocks import SetClock
from tests.kit.documents import a_row
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.receiver import Receiver

ALWAYS = a_fault({"bad": lambda _: True})
ON_SALES = a_fault({"bad": lambda fact: fact.kind == "sale"})


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Who is told."""
    async with Receiver() as opened:
        yield opened


@pytest.fixture
def floor(either: Database, tmp_path: Path) -> Floor:
    """Every test here runs on SQLite and on PostgreSQL."""
    return Floor(either, tmp_path / "home")


async def set_up(floor: Floor, receiver: Receiver, workspace: str | None = None) -> Desk:
    desk = await floor.desk(workspace)
    await desk.add(CHANNEL, "desk", type="slack", url=f"{receiver.url}/{workspace or 'default'}", pace_seconds=0)
    await desk.add(RULE, "bad", channels="desk")
    await desk.add(RULE, "good", channels="desk")
    return desk


async def alerts(floor: Floor) -> list[tuple[str, str]]:
    found = await events.read(floor.database, Topic.ALERTS, 0, 10_000)
    return [(alert.rule, alert.filing.accession) for record in found for alert in [decode(record.value, Alert)]]


async def failures(floor: Floor) -> list[str]:
    async with floor.database.reading() as connection:
        return sorted(await connection.scalars(select(rule_failures.c.accession)))


async def disabled(desk: Desk) -> bool:
    return not (await desk.find(RULE, "bad")).enabled


async def test_a_failing_rule_takes_no_other_alert_along(
    floor: Floor, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No dead letter; it is counted, and `why` says that it failed and how."""
    monkeypatch.setattr(match.CompiledRule, "matches", ALWAYS)
    await set_up(floor, receiver)
    vitals = Metrics()
    async with floor.running(vitals=vitals):
        made = [one for number in (1, 2, 3) for one in await floor.publish(number, rows=[a_row(shares=f"{number}")])]
        await floor.idle(3)

    assert [("good", accession) for accession in made] == await alerts(floor)
    assert 3 == len(receiver.of("default"))
    assert 0 == await letters.count_open(floor.database)
    assert made == await failures(floor)
    assert b"filingbell_rule_failures_total 3.0" in vitals.counted()
    account = await why(floor.database, DEFAULT, made[0])
    assert {"bad": End.RULE_FAILED, "good": End.SENT} == {way.rule: way.end for way in account.ways}
    told = next(way.detail for way in account.ways if way.rule == "bad")
    assert "ZeroDivisionError: as if by a rule that nobody foresaw" == told


async def test_a_rule_that_fails_on_every_filing_is_disabled_and_stops_nobody(
    floor: Floor, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the stage, whose flood gate counts dead letters, nor the rules of others."""
    monkeypatch.setattr(match.CompiledRule, "matches", ALWAYS)
    desk = await set_up(floor, receiver)
    count = 150
    async with floor.running():
        made = await floor.publish(*range(count))
        await eventually(lambda: disabled(desk))
        await floor.idle(count)

    assert [("good", accession) for accession in made] == await alerts(floor)
    bad = await desk.find(RULE, "bad")
    (last, *_) = await resources.history(floor.database, desk.workspace, bad.id, 10)
    assert (Action.DISABLED, "filingbell") == (last.action, last.actor)
    assert last.reason is not None
    assert "ZeroDivisionError" in last.reason
    assert (await desk.find(RULE, "good")).enabled


@pytest.mark.parametrize("worked", [True, False])
async def test_only_failures_in_a_row_disable(
    floor: Floor, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, *, worked: bool
) -> None:
    """A filing on which the rule works begins the count anew, also across restarts."""
    monkeypatch.setattr(match.CompiledRule, "matches", ON_SALES)
    desk = await set_up(floor, receiver)
    sales: dict[str, Any] = {"rows": (a_row("S"),)}
    few = PATIENCE - 1
    async with floor.running():
        await floor.publish(*range(few), **sales)
        await floor.idle(few)
    async with floor.running():
        await floor.publish(100, **({} if worked else sales))
        await floor.publish(*range(200, 200 + few), **sales)
        await floor.idle(2 * few + 1)
        if not worked:
            await eventually(lambda: disabled(desk))

    assert worked == (await desk.find(RULE, "bad")).enabled


async def test_an_edited_rule_begins_anew(floor: Floor, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed before a change is not held against what stands now."""
    monkeypatch.setattr(match.CompiledRule, "matches", ALWAYS)
    desk = await set_up(floor, receiver)
    async with floor.running():
        await floor.publish(*range(PATIENCE - 1))
        await floor.matched(PATIENCE - 1)
    await desk.edit(RULE, "bad", kinds="purchase", channels="desk")
    async with floor.running():
        await floor.publish(*range(100, 110))
        await floor.idle(PATIENCE + 9)

    assert not await disabled(desk)


async def test_the_owner_is_told_and_nobody_else(
    floor: Floor, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the channels for operations of the rule's workspace; and once more when somebody enables it."""
    monkeypatch.setattr(match.CompiledRule, "matches", ALWAYS)
    ours, theirs = await set_up(floor, receiver), await set_up(floor, receiver, "customer")
    async with floor.database.transaction() as tx:
        for desk in (ours, theirs):
            await workspaces.tell(tx, desk.workspace, [(await desk.find(CHANNEL, "desk")).id], None, Revision(0))
    await ours.switch(RULE, "bad", enabled=False)
    watch = Watch(Settings(), floor.database, TableLog(floor.database, Unwatched()), SetClock(now()), Unwatched())
    async with floor.running():
        await floor.publish(*range(PATIENCE))
        await eventually(lambda: disabled(theirs))
        await watch.look()
        await theirs.switch(RULE, "bad", enabled=True)
        stands = [one.kind for one in await notices.standing(floor.database)]
        await watch.look()
        await floor.idle(PATIENCE)
        await eventually(lambda: _told(receiver, 2))

    assert NoticeKind.RULE in stands
    assert 0 == sum("bad" in str(got.content) for got in receiver.of("default"))
    assert NoticeKind.RULE not in {one.kind for one in await notices.standing(floor.database)}
    bad = await theirs.find(RULE, "bad")
    assert await why(floor.database, theirs.workspace, accession_of(0), rule=bad.id)


async def _told(receiver: Receiver, count: int) -> bool:
    """So often of its being disabled: that it fails may have been told before."""
    said = [str(got.content).lower() for got in receiver.of("customer")]
    return count == sum(
        "the rule bad" in one and "failed on" not in one.partition("the rule bad")[2][:20] for one in said
    )
