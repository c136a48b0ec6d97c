"""A sample through a channel is a message like any other: sent by the sender's own hand, recorded, and tried once."""

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

import pytest
from msgspec.structs import replace

from consumers.dispatcher.channelbook import Addressee
from consumers.dispatcher.channels import load
from consumers.dispatcher.door import doors
from consumers.dispatcher.guard import Guard
from service.clock import SystemClock
from service.control import deliveries as control
from service.control.trial import try_out
from service.model.delivery import DeliveryState
from service.model.identity import DEFAULT, ChannelId, Revision
from service.model.message import MessageKind
from service.store import Database, channels, deliveries, ledger, undelivered
from service.store.attempts import Attempt
from service.store.ledger import Chosen, Delivery
from service.store.schema import channel_states
from tests.kit.answering import Handler, answering
from tests.kit.books import add_channels, burst
from tests.kit.clocks import around_now
from tests.kit.documents import an_alert
from tests.kit.filings import now
from tests.kit.receiver import Messages, in_turn
from tests.kit.rows import all_of


@pytest.fixture
def database(either: Database) -> Database:
    """Every test here runs on SQLite and on PostgreSQL."""
    return either


async def tried(database: Database, handler: Handler, *ids: str, pace: float = 0.01, quiet: str = "") -> list[Attempt]:
    """What comes of samples with these *ids* to the channel desk, which is answered by *handler*, at the same time."""
    await add_channels(database, "desk")
    async with answering(handler) as url, doors() as opened:
        more = {"quiet": quiet} if quiet else {}
        channel = load({"desk": {"type": "slack", "url": url, "pace_seconds": pace, **more}})["desk"]
        desk = Addressee(
            id=ChannelId("desk"),
            workspace=DEFAULT,
            name="desk",
            kind="slack",
            revision=Revision(1),
            channel=channel,
            trusted=True,
        )
        guard, chance = Guard(opened, now, str), random.Random(1)
        samples = [replace(an_alert(), id=one, rule="channels-test") for one in ids]
        return await asyncio.gather(*(try_out(database, desk, one, guard, SystemClock(), chance) for one in samples))


async def recorded(database: Database) -> Sequence[Delivery]:
    """The tests that the database knows, with their last try."""
    every = await ledger.listed(database, Chosen(), 100)
    return [one for one in every if one.kind is MessageKind.TEST]


async def test_what_came_of_it_is_kept_like_any_delivery(database: Database) -> None:
    """Its try with it; an outage ends by it, and what waited goes."""
    await burst(database, 1)
    async with database.transaction() as tx:
        state = (await channels.locked(tx, ["desk"]))["desk"]
        failing = {"failing_since": now() - timedelta(days=6), "failures": 9}
        await channels.put(tx, [replace(state, **failing, disabled_since=now(), probe_at=now() + timedelta(hours=6))])
    (attempt,) = await tried(database, Messages().receive, "t1")
    (one,) = await recorded(database)

    assert (DeliveryState.DELIVERED, "200 OK", None) == (attempt.state, attempt.detail, attempt.reason)
    assert ("t1", DeliveryState.DELIVERED, 1, "channels-test") == (one.id, one.state, one.tries, one.rule)
    assert one.last is not None
    assert (1, "200 OK") == (one.last.number, one.last.detail)
    assert [(0, None, None)] == await all_of(
        database, channel_states.c.failures, channel_states.c.failing_since, channel_states.c.disabled_since
    )


@pytest.mark.parametrize("status", [404, 503, 429, 302])
async def test_it_is_tried_once_and_troubles_nobody_afterwards(database: Database, status: int) -> None:
    """Whoever asked has seen it: it is not tried again for days, not counted, and not sent with other dead ones."""
    handler, asked = in_turn(status)
    (attempt,) = await tried(database, handler, "t1")
    (one,) = await recorded(database)
    again = await control.resend(database, Chosen(), delivered=False)
    named = await control.resend(database, Chosen(ids=("t1",)), delivered=False)

    assert (DeliveryState.DEAD, 1) == (attempt.state, len(asked))
    assert one.acknowledged is not None
    assert [] == await undelivered.dead(database)
    assert ({}, {"desk": 1}) == (again.counts, named.counts)


async def test_it_waits_for_the_pace_and_for_nothing_else(database: Database) -> None:
    """Not behind what is owed, nor for quiet hours; one request at a time, as the service has it."""
    desk = Messages()
    await burst(database, 3)
    attempts = await tried(database, desk.receive, "t1", "t2", "t3", pace=0.2, quiet=around_now())
    starts = sorted(one.at for one in attempts)

    assert [DeliveryState.DELIVERED] * 3 == [one.state for one in attempts]
    assert 3 == desk.asked
    assert all(second - first >= timedelta(seconds=0.2) for first, second in pairwise(starts))
    assert {"desk": 3} == await deliveries.pending(database)
