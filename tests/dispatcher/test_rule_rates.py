"""A rule with a maximum an hour: never more of its alerts by themselves, and what is over is told together."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from consumers.dispatcher.digests import Digests
from consumers.dispatcher.step import DispatcherStep
from service.model.alert import Alert, alert_id
from service.model.delivery import Beyond
from service.model.errors import Faulty
from service.model.identity import DEFAULT, RuleId
from service.model.notice import Notice
from service.model.resource import Resource
from service.store import Database, ledger, messages
from service.store.ledger import Chosen, Delivery
from service.wire import decode, encode
from service.wire.topics import Record, Topic
from tests.control.desk import CHANNEL, RULE, Desk, Floor
from tests.kit.documents import an_alert

NOW = datetime(2026, 11, 27, 14, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOBODY = "http://127.0.0.1:9"


class Rings:
    """A rule that finds what the test says, at its times."""

    def __init__(self, database: Database, rule: Resource) -> None:
        self.now = NOW
        self.rule = rule
        self._database = database
        self._step = DispatcherStep(lambda: self.now)

    async def rings(self, *numbers: int, at: datetime) -> None:
        """The rule has met filings of these numbers, in one batch."""
        self.now = at
        async with self._database.transaction() as tx:
            await self._step.write(tx, [self._step.read(_record(self._alert(number))) for number in numbers])

    def _alert(self, number: int) -> Alert:
        filing = replace(an_alert().filing, accession=f"0009990900-26-{number:06d}")
        return replace(
            an_alert(),
            id=alert_id(RuleId(self.rule.id), filing.accession),
            filing=filing,
            workspace=DEFAULT,
            rule_id=self.rule.id,
            rule_revision=self.rule.revision,
            rule=self.rule.name,
        )


def _record(alert: Alert) -> Record:
    return Record(topic=Topic.ALERTS, partition=0, offset=0, key="k", id=alert.id, headers={}, value=encode(alert))


async def listed(database: Database) -> list[Delivery]:
    """The deliveries of alerts."""
    return [one for one in await ledger.listed(database, Chosen(), 1000) if one.accession]


def by_number(found: Iterable[Delivery]) -> dict[int, Beyond | None]:
    """Of which filings they are, and whose maximum they are beyond."""
    return {int(str(one.accession)[-2:]): one.beyond for one in found}


@pytest.fixture
async def desk(either: Database, tmp_path: Path) -> Desk:
    """Every test here runs on SQLite and on PostgreSQL, with two channels."""
    made = await Floor(either, tmp_path).desk()
    for name in ("desk", "ops"):
        await made.add(CHANNEL, name, type="slack", url=f"{NOBODY}/{name}")
    return made


async def test_beyond_its_maximum_a_rule_is_told_in_a_digest_on_each_channel(either: Database, desk: Desk) -> None:
    """An hour after the first that went; then there is room again, and another rule is not held at all."""
    sales = Rings(either, await desk.add(RULE, "sales", kinds="sale", max_per_hour=2, channels=["desk", "ops"]))
    gifts = Rings(either, await desk.add(RULE, "gifts", kinds="gift", channels="desk"))
    await sales.rings(1, at=NOW)
    await sales.rings(2, 3, 4, at=NOW + MINUTE)
    await gifts.rings(*range(50, 60), at=NOW + MINUTE)
    await sales.rings(5, at=NOW + 59 * MINUTE)
    held = [one for one in await listed(either) if one.gathered]
    for minutes, number in ((60, 6), (60, 7), (61, 8)):
        await sales.rings(number, at=NOW + minutes * MINUTE)
    late = {number: beyond for number, beyond in by_number(await listed(either)).items() if 5 < number < 10}
    await Digests(either, lambda: NOW + HOUR, None).look()
    told = {one.told_in for one in await listed(either) if one.told_in}
    async with either.transaction() as tx:
        digests = [decode(value, Notice) for value in (await messages.values(tx, sorted(told))).values()]

    assert {3: Beyond.RULE, 4: Beyond.RULE, 5: Beyond.RULE} == by_number(held)
    assert {NOW + HOUR} == {one.held_until for one in held}
    assert {"desk", "ops"} == {one.channel_name for one in held}
    assert {6: None, 7: Beyond.RULE, 8: None} == late
    assert 2 == len(digests)
    assert {True} == {one.headline.startswith("Beyond the maximum of sales in an hour: ") for one in digests}


async def test_what_a_channel_is_told_at_its_times_counts_for_no_maximum(either: Database, desk: Desk) -> None:
    """It does not go by itself anyway; nor is anything held longer than the channel's digest."""
    await desk.edit(CHANNEL, "desk", type="slack", url=f"{NOBODY}/desk", digest="16:30 daily")
    sales = Rings(either, await desk.add(RULE, "sales", kinds="sale", max_per_hour=1, channels="desk"))
    await sales.rings(1, 2, 3, at=NOW)

    assert {1: None, 2: None, 3: None} == by_number(await listed(either))


async def test_a_channel_that_is_changed_lets_go_nothing_that_a_rule_holds(either: Database, desk: Desk) -> None:
    """Only what waits for times that the channel no longer has."""
    sales = Rings(either, await desk.add(RULE, "sales", kinds="sale", max_per_hour=1, channels="desk"))
    await sales.rings(1, 2, at=NOW)
    await desk.edit(CHANNEL, "desk", type="slack", url=f"{NOBODY}/other")
    await Digests(either, lambda: NOW + MINUTE, None).look()

    assert [NOW + HOUR] == [one.held_until for one in await listed(either) if one.gathered]


async def test_an_urgent_rule_can_have_none(desk: Desk) -> None:
    """Urgent alerts are never held back; and a number is a number."""
    for wrong in ({"max_per_hour": 5, "priority": "urgent"}, {"max_per_hour": 0}, {"max_per_hour": "many"}):
        with pytest.raises(Faulty) as refused:
            await desk.add(RULE, "sales", kinds="sale", channels="desk", **wrong)
        assert ["max_per_hour"] == [fault.path[-1] for fault in refused.value.faults]
