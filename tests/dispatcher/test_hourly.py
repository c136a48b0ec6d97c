"""A channel with a maximum an hour: never more in any hour, and what is over is told together."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from consumers.dispatcher.digests import Digests
from consumers.dispatcher.gather import Group
from consumers.dispatcher.hourly import within
from service.model.delivery import DeliveryState
from service.model.identity import DEFAULT
from service.model.message import MessageKind
from service.model.rate import again
from service.store import Database, ledger
from service.store.claims import DueDelivery
from service.store.ledger import Chosen
from service.store.schema import resources
from tests.kit.answering import answering
from tests.kit.books import an_owed, owe
from tests.kit.eventually import eventually
from tests.kit.receiver import Messages
from tests.kit.sending import sending, settled

NOW = datetime(2026, 11, 27, 14, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def database(either: Database) -> Database:
    """Every test here runs on SQLite and on PostgreSQL."""
    return either


def a_message(name: str, kind: MessageKind = MessageKind.ALERT, *, urgent: bool = False) -> Group:
    one = DueDelivery(
        message=name,
        channel="desk",
        workspace=DEFAULT,
        kind=kind,
        accession=None,
        created=NOW,
        due=NOW,
        planned=None,
        tries=0,
        steps=0,
        reason=None,
        urgent=urgent,
    )
    return (one,)


@pytest.mark.parametrize(
    ("minutes", "gone"),
    [
        ([], ["a", "b", "!", "n"]),
        ([-90, -80, -70], ["a", "b", "!", "n"]),
        ([-60, -30], ["a", "!", "n"]),  # the first is an hour ago
        ([-59, -30], ["!", "n"]),
        ([-59, -30, -20], ["!", "n"]),
    ],
)
def test_what_is_urgent_and_what_is_no_alert_goes_all_the_same(minutes: list[int], gone: list[str]) -> None:
    """Of the others as many as there is room for, the oldest first."""
    waiting = [
        a_message("a"),
        a_message("b"),
        a_message("!", urgent=True),
        a_message("c"),
        a_message("n", MessageKind.NOTICE),
    ]
    go, over = within(waiting, [NOW + one * MINUTE for one in minutes], 2, NOW)

    assert gone == [one.message for group in go for one in group]
    assert [one for one in ("a", "b", "c") if one not in gone] == [one.message for group in over for one in group]


def test_there_is_room_again_an_hour_after_the_first_of_the_last() -> None:
    """However many there were before it."""
    taken = [NOW - 50 * MINUTE, NOW - 40 * MINUTE, NOW - 10 * MINUTE]

    assert NOW + 20 * MINUTE == again(taken, 2, NOW)
    assert NOW + HOUR == again([], 2, NOW)


async def test_a_burst_becomes_a_few_messages_and_a_digest(database: Database) -> None:
    """Nothing is lost, and in no hour more is taken than was asked for; the digest counts as well."""
    desk, at = Messages(), NOW
    await owe(database, *(an_owed(number) for number in range(12)), at=NOW - MINUTE)
    async with database.transaction() as tx:
        await tx.execute(update(resources).where(resources.c.id == "desk").values(section={"max_per_hour": 3}))
    async with answering(desk.receive) as url, sending(database, most=3, clock=lambda: at, desk=url):
        await eventually(settled(database, DeliveryState.DELIVERED, 3))
        await eventually(lambda: _gathered(database, 9))
        told = [one.held_until for one in await ledger.listed(database, Chosen(states=(DeliveryState.PENDING,)), 100)]
        before = desk.asked
        at = max(one for one in told if one) + MINUTE
        await Digests(database, lambda: at, None).look()
        await eventually(settled(database, DeliveryState.DELIVERED, 13))
        await owe(database, *(an_owed(number) for number in range(20, 23)), at=at - MINUTE)
        await eventually(settled(database, DeliveryState.DELIVERED, 15))
        await eventually(lambda: _gathered(database, 1))

    assert (3, 3 + 1 + 2) == (before, desk.asked)
    (digest,) = [one for one in await ledger.listed(database, Chosen(), 100) if one.kind is MessageKind.DIGEST]
    assert 9 == len(await ledger.listed(database, Chosen(digest=digest.id), 100))


async def test_an_urgent_alert_does_not_wait_for_room(database: Database) -> None:
    """It counts, though."""
    desk = Messages()
    await owe(database, *(an_owed(number) for number in range(3)), at=NOW - MINUTE)
    await owe(database, replace(an_owed(500), urgent=True), at=NOW - MINUTE)
    async with answering(desk.receive) as url, sending(database, most=1, clock=lambda: NOW, desk=url):
        await eventually(settled(database, DeliveryState.DELIVERED, 1))
        await eventually(lambda: _gathered(database, 3))

    assert [500] == desk.numbers()


async def _gathered(database: Database, count: int) -> bool:
    found = await ledger.listed(database, Chosen(states=(DeliveryState.PENDING,)), 100)
    return count == sum(one.gathered for one in found)
