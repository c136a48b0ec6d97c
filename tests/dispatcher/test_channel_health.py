"""A channel that fails for days is left alone, with what it is owed; it comes back by itself, or by a person's word."""

import random
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from msgspec.structs import replace

from consumers.dispatcher.outcome import Outcome
from consumers.dispatcher.verdict import verdict_on
from service.control import resources
from service.control.channels import healths
from service.log.table import TableLog
from service.model.delivery import DeliveryState, Reason
from service.model.identity import DEFAULT
from service.model.message import MessageKind
from service.model.notice import NoticeKind
from service.model.resource import Action, Actor, ResourceKind
from service.settings import Settings
from service.store import Database, channels, notices
from service.store import resources as stored
from service.store.attempts import Attempt, Attempted, record
from service.store.channels import ChannelState
from service.store.claims import Owed
from service.store.schema import deliveries as table
from service.vitals import Unwatched
from service.watch.watch import Watch
from tests.kit import books
from tests.kit.answering import answering
from tests.kit.books import AnAlert, an_owed, burst
from tests.kit.clocks import SetClock
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.receiver import Messages
from tests.kit.rows import all_of
from tests.kit.sending import HOURLY, sending, settled

BEGAN = datetime(2026, 11, 20, 12, tzinfo=UTC)
REFUSED = Outcome(state=DeliveryState.PENDING, reason=Reason.SERVER_ERROR, status=500, detail="500 Broken")


@pytest.fixture
def database(either: Database) -> Database:
    """Every test here runs on SQLite and on PostgreSQL."""
    return either


async def tried(database: Database, state: DeliveryState, **after: float) -> ChannelState:
    """How it stands with desk when its next request, so long *after* the first failure, has come to *state*."""
    at = BEGAN + timedelta(**after)
    (number,) = [tries for (tries,) in await all_of(database, table.c.tries)]
    told = Attempted(message="a1", number=number + 1, steps=1, due=at)
    attempt = Attempt(
        channel="desk", told=(told,), at=at, seconds=0.1, state=state, status=500, detail="500 Broken", reason="x"
    )
    async with database.transaction() as tx:
        assert [True] == await record(tx, [attempt])
    (found,) = await channels.states(database)
    return found


async def disable(database: Database) -> None:
    """As if desk had failed for five days."""
    await books.owe(database, AnAlert(id="a1"), at=BEGAN)
    await tried(database, DeliveryState.PENDING)
    await tried(database, DeliveryState.PENDING, hours=120)


async def test_a_channel_is_disabled_after_120_hours_without_a_success(database: Database) -> None:
    """Not before; a probe that fails leaves it so, and one that succeeds enables it."""
    await books.owe(database, AnAlert(id="a1"), at=BEGAN)
    found = [
        await tried(database, DeliveryState.PENDING),
        await tried(database, DeliveryState.PENDING, hours=119),
        await tried(database, DeliveryState.PENDING, hours=120),
        await tried(database, DeliveryState.PENDING, hours=126),
        await tried(database, DeliveryState.DELIVERED, hours=132),
    ]

    disabled = BEGAN + timedelta(hours=120)
    assert [None, None, disabled, disabled, None] == [state.disabled_since for state in found]
    assert [126, 132] == [(one.probe_at - BEGAN) / timedelta(hours=1) for one in found if one.probe_at]
    assert (None, 0) == (found[-1].failing_since, found[-1].failures)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (REFUSED, DeliveryState.PENDING),
        (Outcome(state=DeliveryState.DEAD, reason=Reason.GONE, status=410, detail="410 Gone"), DeliveryState.PENDING),
        (
            Outcome(state=DeliveryState.DEAD, reason=Reason.INVALID_MESSAGE, status=413, detail="413"),
            DeliveryState.DEAD,
        ),
        (
            Outcome(state=DeliveryState.DELIVERED, reason=Reason.RECEIVED, status=200, detail="200 OK"),
            DeliveryState.DELIVERED,
        ),
    ],
)
def test_a_probe_gives_up_nothing_but_what_is_refused_for_its_form(outcome: Outcome, state: DeliveryState) -> None:
    """Nor does it use up a step of the schedule, though it was the last."""
    owed = Owed(
        message="a1",
        kind=MessageKind.ALERT,
        accession=None,
        value=b"{}",
        tries=9,
        steps=3,
        due=BEGAN,
        planned=None,
        reason=None,
        claimed=BEGAN,
    )
    verdict = verdict_on([owed], outcome, BEGAN, HOURLY, 9, random.Random(1), probing=True)

    assert (state, None) == (verdict.state, verdict.pause)
    assert [(3, BEGAN)] == [(told.steps, told.due) for told in verdict.told]


async def test_a_disabled_channel_gets_one_alert_and_the_rest_once_it_takes_that(database: Database) -> None:
    """Others go on; the queue is kept; the next try is hours away."""
    broken = True
    desk = Messages(lambda _: web.Response(status=500) if broken else None)
    other = Messages()
    await burst(database, 3, ago=timedelta(days=6))
    async with database.transaction() as tx:
        state = (await channels.locked(tx, ["desk"]))["desk"]
        days = {"failing_since": now() - timedelta(days=6), "disabled_since": now() - timedelta(days=1)}
        await channels.put(tx, [replace(state, failures=9, **days)])

    async def probed() -> bool:
        return any(one.probe_at for one in await channels.states(database))

    async with AsyncExitStack() as stack:
        desk_url, other_url = [await stack.enter_async_context(answering(one.receive)) for one in (desk, other)]
        async with sending(database, HOURLY, pace=0.001, desk=desk_url, other=other_url):
            await eventually(probed)
            await books.owe(database, an_owed(3, channels=("desk", "other")), at=now())
            await eventually(settled(database, DeliveryState.DELIVERED))
            (probe_at,) = [one.probe_at for one in await channels.states(database) if one.channel == "desk"]
            asked, broken = desk.asked, False
            async with database.transaction() as tx:
                await channels.flush(tx, "desk", now(), held=True)
            await eventually(settled(database, DeliveryState.DELIVERED, 5))

    assert (1, [3]) == (asked, other.numbers())
    assert timedelta(hours=5) < probe_at - now() <= timedelta(hours=6)
    assert [0, 1, 2, 3] == desk.numbers()


async def test_a_person_enables_it_and_all_that_waits_is_due(database: Database) -> None:
    """Which the audit log names; its time without a success begins anew."""
    await disable(database)
    at = BEGAN + timedelta(hours=121)
    before = (await healths(database, at))["desk"]
    one = await resources.switch(
        database, Actor(name="ann", workspace=DEFAULT), ResourceKind.CHANNEL, "desk", at, enabled=True
    )
    after = (await healths(database, at))["desk"]
    (change,) = await stored.history(database, DEFAULT, one.id, 1)

    assert (False, BEGAN + timedelta(hours=120)) == (before.ok, before.disabled_since)
    assert "no success for 120 hours; the last answer: 500 Broken" == before.disabled_because
    assert (True, None, None) == (after.ok, after.disabled_since, after.failing_since)
    assert (Action.ENABLED, "ann") == (change.action, change.actor)
    assert [(BEGAN,)] == await all_of(database, table.c.due)


async def test_its_owner_is_told_once_and_when_it_is_over(database: Database) -> None:
    """In place of the notice that it fails."""
    await disable(database)
    clock = SetClock(BEGAN + timedelta(hours=119))
    watch = Watch(Settings(), database, TableLog(database, Unwatched()), clock, Unwatched())
    clock.set(BEGAN + timedelta(hours=121))
    await watch.look()
    (standing,) = [one for one in await notices.standing(database) if one.subject == "desk"]
    await tried(database, DeliveryState.DELIVERED, hours=126)
    clock.set(BEGAN + timedelta(hours=127))
    await watch.look()

    assert NoticeKind.DISABLED == standing.kind
    assert standing.notice.headline.startswith("desk is disabled: it has taken no alert since 2026-11-20")
    assert "Once desk works: filingbell channels enable desk" in standing.notice.lines
    assert [] == [one for one in await notices.standing(database) if one.subject == "desk"]
