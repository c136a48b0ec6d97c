"""Alerts of one filing differ by their rule: what they have in common is stored once, and nobody can tell."""

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select

from service.log.table import TableLog
from service.model.identity import RuleId
from service.store import Database, events, messages, pruning
from service.store.schema import deliveries, shared
from service.store.schema import events as log
from service.store.schema import messages as messages_table
from service.vitals import Unwatched
from service.wire.topics import Event, Record, Topic, alert_event
from tests.kit import books
from tests.kit.books import AnAlert
from tests.kit.documents import an_alert
from tests.kit.filings import now
from tests.kit.tidying import publish, read_to, tidied

pytestmark = pytest.mark.usefixtures("no_pauses")

COUNT = 40


@pytest.fixture
def database(either: Database) -> Database:
    """Every test here runs on SQLite and on PostgreSQL."""
    return either


def alerts(count: int = COUNT, description: str = "") -> list[Event]:
    """What *count* rules make of a filing."""
    like = an_alert()
    return [
        alert_event(
            replace(like, id=f"alert-{number}", rule_id=RuleId(f"rule_{number}"), description=description), now()
        )
        for number in range(count)
    ]


async def read(database: Database) -> list[Record]:
    return [one async for one in TableLog(database, Unwatched()).tail(Topic.ALERTS, None, follow=False)]


async def parts(database: Database) -> int:
    async with database.reading() as connection:
        return await connection.scalar(select(func.count()).select_from(shared)) or 0


async def test_what_alerts_have_in_common_is_stored_once_and_read_back_to_the_byte(database: Database) -> None:
    """By whoever reads the log, and by whoever asks for one event."""
    made = alerts()
    await publish(database, *made)

    assert [one.value for one in made] == [one.value for one in await read(database)]
    assert made[7].value == await events.by_id(database, made[7].id)
    assert 1 == await parts(database)
    async with database.reading() as connection:
        stored = await connection.scalar(select(func.max(func.length(log.c.value))))
    assert stored is not None
    assert stored < len(made[0].value) / 4


@pytest.mark.parametrize(
    "description", ['"headline":', ',"explanation":', 'a "headline":"x","explanation":{}', "\0", "\\u0000"]
)
async def test_no_text_is_taken_for_what_is_shared(database: Database, description: str) -> None:
    """Whatever people write as a rule's description."""
    made = alerts(2, description)
    await publish(database, *made)

    assert [one.value for one in made] == [one.value for one in await read(database)]


async def test_an_alert_alone_is_stored_whole(database: Database) -> None:
    """As nearly all are."""
    (made,) = alerts(1)
    await publish(database, made)

    assert 0 == await parts(database)
    assert [made.value] == [one.value for one in await read(database)]


async def test_what_is_owed_outlives_the_log_and_what_nobody_needs_goes(database: Database) -> None:
    """The common part stays as long as one message needs it."""
    made = alerts()
    await publish(database, *made)
    await books.owe(database, AnAlert(id=made[0].id, accession="0009990900-25-000001", value=made[0].value), at=now())
    await read_to(database, "dispatcher", 10_000)
    await tidied(database)

    assert [] == await read(database)
    async with database.transaction() as tx:
        assert {made[0].id: made[0].value} == await messages.values(tx, [made[0].id])
    assert 1 == await parts(database)

    async with database.transaction() as tx:
        await tx.execute(deliveries.delete())
        await tx.execute(messages_table.delete())
        await pruning.forget_shared(tx, 100)
    assert 0 == await parts(database)
