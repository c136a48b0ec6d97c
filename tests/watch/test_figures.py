"""Figures for Prometheus: labels hold kinds, so that no name of a user's makes a series, or is shown."""

import re
from datetime import timedelta

from sqlalchemy import update

from service.log.table import TableLog
from service.model.delivery import Beyond, Decision, Obligation, Reason, Suppressed, Suppression
from service.model.identity import DEFAULT, ChannelId
from service.model.message import Message, MessageKind
from service.settings import Settings
from service.store import Database, deliveries, holds, messages
from service.store.schema import channel_states, resources
from service.vitals import Unwatched
from service.watch.look import Look
from service.watch.metrics import Metrics
from tests.kit import promlint
from tests.kit.filings import now
from tests.kit.given_up import FIRST, SECOND, kill, owe

ROLES = Settings().roles


async def exposed(database: Database, metrics: Metrics) -> str:
    look = Look(database, TableLog(database, Unwatched()), Settings(), now(), lambda: None)
    return (await metrics.exposition(look, ROLES)).decode()


async def test_no_label_holds_the_name_of_a_channel(either: Database) -> None:
    """What waits is told by kind of channel, and which one is in trouble by `status`."""
    await owe(either, "a1", FIRST, "desk", "hook")
    await owe(either, "a2", SECOND, "desk")
    await kill(either, "a1", "hook")
    async with either.transaction() as tx:
        for channel, kind in (("desk", "slack"), ("hook", "webhook")):
            await tx.execute(update(resources).where(resources.c.id == channel).values(section={"type": kind}))
    metrics = Metrics()
    metrics.sent("slack", "pending", Reason.SERVER_ERROR, 0.1)
    text = await exposed(either, metrics)

    assert [] == promlint.faults(text)
    assert [] == re.findall(r".*\b(?:desk|hook|buys|channel)=?\".*", text)
    for line in (
        'filingbell_deliveries_pending{kind="slack"} 2.0',
        'filingbell_deliveries_total{kind="slack",outcome="pending",reason="server-error"} 1.0',
        'filingbell_delivery_seconds_count{kind="slack"} 1.0',
        'filingbell_operational_alerts{kind="channel-dead"} 1.0',
    ):
        assert line in text


async def test_what_nothing_waits_for_any_more_has_no_series(either: Database) -> None:
    """An old figure would stand for ever."""
    metrics = Metrics()
    await owe(either, "a1", FIRST, "desk")
    before = await exposed(either, metrics)
    await kill(either, "a1", "desk")

    assert "filingbell_deliveries_pending{" in before
    assert "filingbell_deliveries_pending{" not in await exposed(either, metrics)


async def test_an_open_circuit_is_told_by_the_kind_of_its_channel(either: Database) -> None:
    """Until it is closed; one whose pause is over is half-open."""
    metrics = Metrics()
    for name, probe in (("desk", timedelta(minutes=1)), ("hook", timedelta(minutes=-1))):
        await owe(either, f"a-{name}", FIRST, name)
        async with either.transaction() as tx:
            await tx.execute(update(resources).where(resources.c.id == name).values(section={"type": "slack"}))
            state = {"opened": now() - timedelta(hours=1), "probe_at": now() + probe}
            await tx.execute(update(channel_states).where(channel_states.c.channel == name).values(state))
    text = await exposed(either, metrics)
    async with either.transaction() as tx:
        await tx.execute(update(channel_states).values(opened=None, probe_at=None))

    assert [] == promlint.faults(text)
    for state in ("open", "half-open"):
        assert f'filingbell_channel_circuit_state{{kind="slack",state="{state}"}} 1.0' in text
    assert "filingbell_channel_circuit_state{" not in await exposed(either, metrics)


async def test_what_quiet_hours_hold_is_no_queue_that_grows(either: Database) -> None:
    """Or whoever watches the queue would be called every night."""
    await owe(either, "a1", FIRST, "desk")
    await owe(either, "a2", SECOND, "desk")
    async with either.transaction() as tx:
        await holds.hold(tx, [("desk", "a2")], now() + timedelta(hours=1))
        await tx.execute(update(resources).where(resources.c.id == "desk").values(section={"type": "slack"}))
    text = await exposed(either, Metrics())

    assert 'filingbell_deliveries_pending{kind="slack"} 1.0' in text
    assert 'filingbell_deliveries_held{kind="slack",reason="quiet-hours"} 1.0' in text


async def test_what_is_held_given_up_and_not_sent_is_told_by_reason(either: Database) -> None:
    """By kind of channel: whose maximum holds it, how its last try failed, why it is not to be sent."""
    await owe(either, "a1", FIRST, "desk")
    await kill(either, "a1", "desk")
    desk = ChannelId("desk")
    decided: list[tuple[str, Decision]] = [
        ("a2", Obligation(channel=desk, due=now(), joins=now() + timedelta(hours=1), beyond=Beyond.RULE)),
        ("a3", Obligation(channel=desk, due=now(), joins=now() + timedelta(hours=1))),
        ("a4", Suppressed(channel=desk, reason=Suppression.HISTORY)),
    ]
    async with either.transaction() as tx:
        kept = [Message(id=one, kind=MessageKind.ALERT, workspace=DEFAULT, value=b"{}") for one, _ in decided]
        await messages.keep(tx, kept, now())
        await deliveries.keep(tx, decided, now())
        await tx.execute(update(resources).where(resources.c.id == "desk").values(section={"type": "slack"}))
    text = await exposed(either, Metrics())

    assert [] == promlint.faults(text)
    for line in (
        'filingbell_deliveries_pending{kind="slack"} 0.0',
        'filingbell_deliveries_held{kind="slack",reason="rule-maximum"} 1.0',
        'filingbell_deliveries_held{kind="slack",reason="digest"} 1.0',
        'filingbell_deliveries_dead{kind="slack",reason="refused-by-service"} 1.0',
        'filingbell_deliveries_suppressed{kind="slack",reason="history"} 1.0',
    ):
        assert line in text
