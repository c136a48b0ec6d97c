"""An alert is kept once: by the log, and by itself what the log is about to forget and somebody is still owed."""

import asyncio
from collections.abc import Collection
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from service.control import deliveries as control
from service.model.alert import Alert
from service.store import Database, digests, events, messages, pruning
from service.store.ledger import Chosen
from service.store.schema import deliveries as owed
from service.wire.topics import Event, Topic, alert_event
from tests.kit import books
from tests.kit.books import AnAlert
from tests.kit.documents import an_alert
from tests.kit.filings import now
from tests.kit.tidying import publish, read_to, tidied

pytestmark = pytest.mark.usefixtures("no_pauses")


@pytest.fixture
def database(either: Database) -> Database:
    """Every test here runs on SQLite and on PostgreSQL."""
    return either


ALERT: Alert = an_alert()
EVENT: Event = alert_event(ALERT, now())


async def owe(database: Database, event: Event = EVENT, digest: str | None = None) -> None:
    """As the dispatcher does with a record of form4.alerts."""
    accession = ALERT.filing.accession
    new = AnAlert(id=event.id, accession=accession, value=event.value, digest=digest)
    await books.owe(database, new, at=now())


async def logged_and_owed(database: Database, digest: str | None = None) -> None:
    await publish(database, EVENT)
    await owe(database, digest=digest)
    await read_to(database, "dispatcher", 100)


async def to_send(database: Database, ids: Collection[str] = (EVENT.id,)) -> list[bytes]:
    """What a sender gets."""
    async with database.transaction() as tx:
        return list((await messages.values(tx, ids)).values())


async def own(database: Database) -> int:
    """How many bytes the alert has of its own."""
    async with database.reading() as connection:
        return await connection.scalar(text("SELECT length(value) FROM messages")) or 0


async def came_to(database: Database, state: str) -> None:
    async with database.transaction() as tx:
        await tx.execute(update(owed).values(state=state, tries=1, settled=now()))


async def test_an_alert_takes_no_second_copy_while_the_log_has_it(database: Database) -> None:
    """The sender reads the event."""
    await logged_and_owed(database)

    assert 0 == await own(database)
    assert [EVENT.value] == await to_send(database)


async def test_an_alert_that_the_log_never_had_has_its_own_body(database: Database) -> None:
    """Others may write to the topic on Kafka, and a dispatcher may come after the retention."""
    await owe(database)

    assert [EVENT.value] == await to_send(database)


@pytest.mark.parametrize("state", ["pending", "dead"])
async def test_what_is_owed_outlives_the_log(state: str, database: Database) -> None:
    """Also what was given up: it can be sent again, after however long."""
    await logged_and_owed(database)
    await came_to(database, state)
    await tidied(database)

    assert [] == await events.read(database, Topic.ALERTS, 0, 10)
    assert [EVENT.value] == await to_send(database)


async def test_what_waits_for_a_digest_outlives_the_log(database: Database) -> None:
    """A long backfill may be told later than the log remembers."""
    await logged_and_owed(database, digest="backfill-1")
    await tidied(database)
    async with database.transaction() as tx:
        assert {EVENT.id: EVENT.value} == await digests.take(tx, "backfill-1", "desk")


async def test_what_is_owed_outlives_an_event_that_is_emptied_behind_kafka(database: Database) -> None:
    """The relay's pruning keeps it as well."""
    await logged_and_owed(database)
    async with database.transaction() as tx:
        await pruning.empty(tx, 0, 100, now() + timedelta(days=8), 100)

    assert [EVENT.value] == await to_send(database)


async def test_what_was_delivered_and_forgotten_is_said_to_be_gone(database: Database) -> None:
    """It is not owed again as an empty message."""
    await logged_and_owed(database)
    await came_to(database, "delivered")
    before = await control.resend(database, Chosen(ids=(EVENT.id,)), delivered=True)
    await came_to(database, "delivered")
    await tidied(database)
    after = await control.resend(database, Chosen(ids=(EVENT.id,)), delivered=True)

    assert ({"desk": 1}, 0) == (before.counts, before.gone)
    assert ({}, 1) == (after.counts, after.gone)


async def test_an_alert_that_is_owed_while_the_log_forgets_it_keeps_its_body(database: Database) -> None:
    """Whoever comes second waits for the first, and sees what it has done."""
    await publish(database, EVENT)
    async with database.transaction() as tx:
        await pruning.forget(tx, {Topic.ALERTS: 100}, now() + timedelta(days=8), 100)
        second = asyncio.create_task(owe(database))
        await asyncio.wait({second}, timeout=0.2)  # it comes to the row, or to SQLite's door, and waits
    await second

    assert [EVENT.value] == await to_send(database)


async def test_alerts_of_an_earlier_version_have_their_own_bodies(database: Database) -> None:
    """They were kept twice, as they are."""
    await logged_and_owed(database)
    statement = text("UPDATE messages SET value = :value")
    async with database.transaction() as tx:
        await tx.execute(statement, {"value": b'{"earlier": true}'})

    assert [b'{"earlier": true}'] == await to_send(database)
