"""What is sent again by a range of time goes in its order, paced, and what is new goes in between."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from service.control import deliveries as control
from service.control.audit import AskedBy
from service.model.delivery import DeliveryState
from service.model.identity import DEFAULT
from service.model.resource import Actor
from service.store import Database, ledger
from service.store.ledger import Chosen
from service.store.schema import deliveries, resources
from tests.kit.answering import answering
from tests.kit.books import an_owed, owe
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.receiver import Messages
from tests.kit.sending import sending, settled

BEGAN = datetime(2026, 11, 20, 15, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ANNA = Actor(name="cli:anna", workspace=DEFAULT)


@pytest.fixture
def database(either: Database) -> Database:
    """Every test here runs on SQLite and on PostgreSQL."""
    return either


async def given_up(database: Database, count: int, channel: str = "desk") -> None:
    """One alert a minute, none of which was taken."""
    for number in range(count):
        await owe(database, an_owed(number, channels=(channel,)), at=BEGAN + number * MINUTE)
    async with database.transaction() as tx:
        await tx.execute(update(deliveries).values(state=DeliveryState.DEAD, settled=BEGAN, reason="timeout"))


async def typed(database: Database, channel: str, **section: object) -> None:
    async with database.transaction() as tx:
        await tx.execute(update(resources).where(resources.c.id == channel).values(section=section))


@pytest.mark.parametrize(
    ("section", "apart"),
    [
        ({"type": "slack"}, 2.0),
        ({"type": "slack", "pace_seconds": 0}, 0.1),
        ({"type": "discord", "pace_seconds": 5}, 10.0),
        ({"type": "webhook"}, 0.1),
    ],
)
async def test_half_of_what_a_channel_takes_is_left_to_what_is_new(
    database: Database, section: dict[str, object], apart: float
) -> None:
    """One behind the other, oldest first, from now on; what is outside of the range stays as it is."""
    await given_up(database, 5)
    await typed(database, "desk", **section)
    meant = await control.chosen(database, DEFAULT, since=BEGAN + MINUTE, until=BEGAN + 4 * MINUTE)
    again = await control.resend(database, meant, delivered=False, asked=AskedBy(by=ANNA, at=BEGAN + timedelta(days=1)))
    waiting = await ledger.listed(database, Chosen(states=(DeliveryState.PENDING,)), 10)
    began = BEGAN + timedelta(days=1)

    assert {"desk": 3} == again.counts
    assert began + timedelta(seconds=2 * apart) == again.last
    assert ["r-001", "r-002", "r-003"] == [one.id for one in waiting]
    assert [began + timedelta(seconds=apart * place) for place in range(3)] == [one.due for one in waiting]


async def test_what_is_new_does_not_wait_behind_what_is_sent_again(database: Database) -> None:
    """By the sender that runs: twenty of a week ago, and one of now."""
    await given_up(database, 20)
    await typed(database, "desk", type="slack", pace_seconds=0)
    desk = Messages()
    async with answering(desk.receive) as url, sending(database, desk=url):
        meant = await control.chosen(database, DEFAULT, channel="desk")
        await control.resend(database, meant, delivered=False, asked=AskedBy(by=ANNA, at=now()))
        await owe(database, an_owed(500), at=now())
        await eventually(settled(database, DeliveryState.DELIVERED, 21))

    told = desk.numbers()
    assert [*range(20)] == [number for number in told if number != 500]
    assert told.index(500) < 19
