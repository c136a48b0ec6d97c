"""Urgent alerts go before others, and at any hour."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from consumers.dispatcher.blocks import message
from consumers.dispatcher.step import DispatcherStep
from service.model.delivery import DeliveryState
from service.model.rule import Priority
from service.store import Database, ledger, undelivered
from service.store.ledger import Chosen
from service.wire import encode
from service.wire.topics import Record, Topic
from tests.kit.answering import answering
from tests.kit.books import an_owed, burst, owe
from tests.kit.documents import NOW, an_alert
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.receiver import Messages
from tests.kit.sending import HOURLY, sending, settled

NIGHT = "22:00-07:00 America/New_York"
ASLEEP = datetime(2026, 11, 26, 3, 4, tzinfo=UTC)


@pytest.fixture
def database(either: Database) -> Database:
    """Every test here runs on SQLite and on PostgreSQL."""
    return either


async def test_what_is_urgent_goes_first(database: Database) -> None:
    """Before all that has waited longer."""
    desk = Messages()
    await burst(database, 30, ago=timedelta(minutes=5))
    await owe(database, replace(an_owed(500), urgent=True), at=now())
    async with answering(desk.receive) as url, sending(database, HOURLY, desk=url):
        await eventually(settled(database, DeliveryState.DELIVERED, 31))

    assert 500 == desk.numbers()[0]


async def test_what_is_urgent_is_among_the_first_where_several_go_at_once(database: Database) -> None:
    """A webhook has eight requests in flight."""
    desk = Messages()
    await burst(database, 60, ago=timedelta(minutes=5))
    await owe(database, replace(an_owed(500), urgent=True), at=now())
    async with answering(desk.receive) as url, sending(database, HOURLY, "webhook", desk=url):
        await eventually(settled(database, DeliveryState.DELIVERED, 61))

    assert "0009990900-25-000500" in [one["filing"]["accession"] for one in desk.taken[:8]]


async def test_what_is_urgent_is_told_by_itself(database: Database) -> None:
    """However much waits for a channel that takes one message a second: that is told together, behind it."""
    desk = Messages()
    await burst(database, 200, ago=timedelta(minutes=5))
    await owe(database, replace(an_owed(500), urgent=True), at=now())
    async with answering(desk.receive) as url, sending(database, HOURLY, pace=1.0, desk=url):
        await eventually(lambda: _asked(desk, 1))

    assert [500] == desk.numbers()[:1]


async def _asked(desk: Messages, count: int) -> bool:
    return desk.asked >= count


async def test_quiet_hours_do_not_hold_what_is_urgent(database: Database) -> None:
    """Others wait."""
    desk = Messages()
    await burst(database, 2, ago=now() - ASLEEP + timedelta(minutes=5))
    await owe(database, replace(an_owed(500), urgent=True), at=ASLEEP - timedelta(minutes=1))
    async with answering(desk.receive) as url, sending(database, quiet=NIGHT, clock=lambda: ASLEEP, desk=url):
        await eventually(settled(database, DeliveryState.DELIVERED, 1))

    assert [500] == desk.numbers()


async def test_its_next_try_is_never_shown_before_it_was_owed(database: Database) -> None:
    """Its place in the queue is nobody's business but the sender's."""
    at = now()
    await owe(database, replace(an_owed(500), urgent=True), at=at)
    (one,) = await ledger.listed(database, Chosen(), 10)

    assert one.owed == one.due
    assert {"desk": at} == {channel: found.next for channel, found in (await undelivered.waiting(database)).items()}


def test_slack_says_that_it_is_urgent() -> None:
    """Beside the rule."""
    told = str(message(structs.replace(an_alert(), priority=Priority.URGENT)))

    assert f"Rule {an_alert().rule} (urgent)" in told
    assert "(urgent)" not in str(message(an_alert()))


@pytest.mark.parametrize("priority", Priority)
def test_the_priority_of_the_rule_is_the_messages(priority: Priority) -> None:
    """It travels with the alert."""
    value = encode(structs.replace(an_alert(), priority=priority))
    record = Record(topic=Topic.ALERTS, partition=0, offset=1, key="k", id="i", headers={}, value=value)

    assert (priority is Priority.URGENT) == DispatcherStep(lambda: NOW).read(record).message.urgent
