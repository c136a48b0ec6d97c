"""Many alerts at once, receivers that want less, and what waits behind an outage: in order, and nothing lost."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from aiohttp import web
from sqlalchemy import select

from consumers.dispatcher import gather
from service.model.delivery import DeliveryState
from service.model.filing import Accession
from service.model.identity import DEFAULT
from service.model.message import MessageKind
from service.model.notice import Notice
from service.store import Database, channels, deliveries, rerouting
from service.store.claims import DueDelivery
from service.store.schema import attempts, messages
from service.store.schema import deliveries as table
from service.wire import decode
from tests.kit import books
from tests.kit.answering import answering
from tests.kit.books import AnAlert, an_owed, burst
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.receiver import Messages, in_turn
from tests.kit.rows import all_of
from tests.kit.sending import HOURLY, sending, settled


@pytest.fixture
def database(either: Database) -> Database:
    """Every test here runs on SQLite and on PostgreSQL."""
    return either


def strict(seconds: float) -> Callable[[int], web.Response | None]:
    """As Slack: one message in *seconds*, else 429."""
    last = 0.0

    def answer(_: int) -> web.Response | None:
        nonlocal last
        at = asyncio.get_running_loop().time()
        if at - last < seconds:
            return web.Response(status=429, headers={"Retry-After": "1"})
        last = at
        return None

    return answer


async def digests_of(database: Database) -> list[bytes]:
    """What the digests say, as JSON."""
    async with database.reading() as connection:
        query = select(messages.c.value).where(messages.c.kind == MessageKind.DIGEST)
        return list(await connection.scalars(query))


async def test_a_burst_arrives_in_order_and_at_slacks_pace(database: Database) -> None:
    """Nothing is refused: a request starts no sooner than the pace after the end of the one before."""
    desk = Messages(strict(0.05))
    async with answering(desk.receive) as url, sending(database, pace=0.05, desk=url):
        await burst(database, 40)
        await eventually(settled(database, DeliveryState.DELIVERED, 40))

    assert (40, list(range(40))) == (desk.asked, desk.numbers())


async def test_workers_share_the_pace(either: Database) -> None:
    """The channel's row says when the next request may start, whoever makes it."""
    workers = 1 if either.one_machine else 3
    desk = Messages(strict(0.05))
    async with answering(desk.receive) as url, AsyncExitStack() as stack:
        for _ in range(workers):
            await stack.enter_async_context(sending(either, pace=0.05, desk=url))
        await burst(either, 20)
        await eventually(settled(either, DeliveryState.DELIVERED, 20))

    assert (20, list(range(20))) == (desk.asked, desk.numbers())


async def test_a_channel_that_asks_us_to_wait_costs_no_alert_a_step_of_its_schedule(database: Database) -> None:
    """Ten refusals, where the schedule has three delays; the order stays."""
    desk = Messages(lambda asked: web.Response(status=429, headers={"Retry-After": "0"}) if asked < 10 else None)
    async with answering(desk.receive) as url, sending(database, pace=0.001, desk=url):
        await burst(database, 3)
        await eventually(settled(database, DeliveryState.DELIVERED, 3))

    assert [0, 1, 2] == desk.numbers()
    assert [("r-000", 0), ("r-001", 0), ("r-002", 0)] == await all_of(database, table.c.message, table.c.steps)


async def test_retry_after_pauses_the_whole_channel(database: Database) -> None:
    """503 with Retry-After: nothing else goes there meanwhile, and everything after it."""
    desk = Messages(lambda asked: web.Response(status=503, headers={"Retry-After": "3600"}) if asked == 0 else None)

    async def paused() -> bool:
        return any(state.paused_until for state in await channels.states(database))

    async with answering(desk.receive) as url, sending(database, pace=0.001, desk=url):
        await burst(database, 2)
        await eventually(paused)
        await burst(database, 1, start=2)
        (state,) = await channels.states(database)
        assert (1, []) == (desk.asked, desk.taken)
        async with database.transaction() as tx:
            assert 3 == await channels.flush(tx, "desk", now(), held=True)
        await eventually(settled(database, DeliveryState.DELIVERED, 3))

    assert state.paused_until is not None
    assert timedelta(minutes=59) < state.paused_until - now() <= timedelta(hours=1)
    assert (0, [0, 1, 2]) == (state.failures, desk.numbers())


async def test_one_filing_that_meets_several_rules_is_one_slack_message(database: Database) -> None:
    """It names each rule and why; each alert is settled, by the one request."""
    desk = Messages()
    await burst(database, 2, rules=("buys", "chiefs", "large"))
    async with answering(desk.receive) as url, sending(database, pace=0.001, desk=url):
        await eventually(settled(database, DeliveryState.DELIVERED, 6))

    assert [0, 1] == desk.numbers()
    for rule in ("buys", "chiefs", "large"):
        assert f"Rule {rule}" in str(desk.taken[0]["blocks"])
    assert 6 == len(await all_of(database, attempts.c.message, attempts.c.number))


async def test_a_webhook_gets_a_request_for_each_alert(database: Database) -> None:
    """Its id is the alert's."""
    handler, asked = in_turn(200)
    await burst(database, 1, rules=("buys", "chiefs", "large"))
    async with answering(handler) as url, sending(database, kind="webhook", desk=url):
        await eventually(settled(database, DeliveryState.DELIVERED, 3))

    assert 3 == len(asked)


async def test_after_the_first_success_behind_an_outage_what_waits_goes_at_once_oldest_first(
    database: Database,
) -> None:
    """Each had an hour to wait."""
    desk = Messages(lambda asked: web.Response(status=500) if asked < 5 else None)

    async def failed() -> bool:
        return desk.asked == 5 and 5 == len(await all_of(database, attempts.c.message))

    async with answering(desk.receive) as url, sending(database, HOURLY, pace=0.001, desk=url):
        await burst(database, 5)
        await eventually(failed)
        await burst(database, 1, start=5)
        await eventually(settled(database, DeliveryState.DELIVERED, 6))
    (state,) = await channels.states(database)

    assert [5, 0, 1, 2, 3, 4] == desk.numbers()
    assert (None, 0, "server-error") == (state.failing_since, state.failures, state.reason)
    assert state.succeeded_at is not None


async def test_a_failure_before_its_time_leaves_the_schedule_as_it_was(database: Database) -> None:
    """Or a receiver that works now and then would use up the three days within minutes."""
    desk = Messages(lambda _: web.Response(status=500))

    async def tried(times: int) -> bool:
        return times == len(await all_of(database, attempts.c.number))

    async with answering(desk.receive) as url, sending(database, HOURLY, pace=0.001, desk=url):
        await burst(database, 1)
        await eventually(lambda: tried(1))
        before = await all_of(database, table.c.due, table.c.steps)
        for times in (2, 3, 4, 5):
            async with database.transaction() as tx:
                await channels.flush(tx, "desk", now(), held=True)
            await eventually(lambda times=times: tried(times))

    assert before == await all_of(database, table.c.due, table.c.steps)
    assert {("desk", DeliveryState.PENDING): 1} == await deliveries.counts(database)


@pytest.mark.parametrize(
    ("messages", "waited", "told"), [(60, 600, 0), (61, 59, 0), (61, 60, 20), (120, 59, 0), (121, 0, 20)]
)
def test_a_burst_is_what_takes_two_minutes_or_has_waited_for_one(messages: int, waited: int, told: int) -> None:
    """100 filings at once are told one by one, in 100 seconds; 500 are not."""
    at = now()
    created = at - timedelta(seconds=waited)
    groups = [
        (
            DueDelivery(
                message=f"{number}",
                channel="desk",
                workspace=DEFAULT,
                kind=MessageKind.ALERT,
                accession=Accession(f"{number}"),
                created=created,
                due=created,
                planned=None,
                tries=0,
                steps=0,
                reason=None,
            ),
        )
        for number in range(messages)
    ]

    assert [f"{number}" for number in range(told)] == [
        one.message for one in gather.burst(groups, timedelta(seconds=1), at)
    ]


async def test_more_than_a_minutes_worth_that_waits_is_told_in_digests(database: Database) -> None:
    """The oldest first; each alert settles with the digest that names it."""
    desk = Messages()
    await burst(database, 70, ago=timedelta(minutes=2))
    async with answering(desk.receive) as url, sending(database, pace=1.0, desk=url):
        await eventually(settled(database, DeliveryState.DELIVERED, 21))
    (notice,) = await digests_of(database)
    told = await all_of(database, table.c.told_in, table.c.state)

    assert "20 alerts in one message" in desk.taken[0]["text"]
    assert [f"0009990900-25-{number:06d}" for number in range(20)] == [
        label for label, _ in decode(notice, Notice).links
    ]
    assert all(f"0009990900-25-{number:06d}" in str(desk.taken[0]) for number in range(20))
    assert [DeliveryState.DELIVERED] * 20 == [state for digest, state in told if digest is not None]


async def test_an_alert_that_cannot_be_read_is_left_out_of_the_digest(database: Database) -> None:
    """It must hold up none of the others."""
    bad = AnAlert(id="bad", accession="0009990900-25-000999")
    await books.owe(database, bad, at=now() - timedelta(minutes=3))
    desk = Messages()
    await burst(database, 70, ago=timedelta(minutes=2))
    async with answering(desk.receive) as url, sending(database, HOURLY, pace=1.0, desk=url):
        await eventually(settled(database, DeliveryState.DELIVERED, 20))

    assert "19 alerts in one message" in desk.taken[0]["text"]


async def test_a_digest_is_owed_before_it_is_sent_and_comes_again_as_it_was(database: Database) -> None:
    """As everything is: a crash loses nothing, and what is repeated is the same."""
    owed: list[dict[tuple[str, str], int]] = []
    bodies: list[bytes] = []

    async def receive(request: web.Request) -> web.Response:
        bodies.append(await request.read())
        owed.append(await deliveries.counts(database))
        return web.Response(status=503 if len(bodies) == 1 else 200, headers={"Retry-After": "0"})

    await burst(database, 70, ago=timedelta(minutes=2))
    async with answering(receive) as url, sending(database, pace=1.0, desk=url):
        await eventually(settled(database, DeliveryState.DELIVERED, 21))

    assert {("desk", DeliveryState.PENDING): 71} == owed[0] == owed[1]
    assert bodies[0] == bodies[1]
    assert 1 == len(await digests_of(database))


async def test_a_worker_that_stops_gives_back_what_it_has_not_begun(database: Database) -> None:
    """What was claimed ahead would else wait until the claim runs out."""
    released, asked = asyncio.Event(), 0

    async def tiring(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        if asked > 8:
            await released.wait()
        return web.Response()

    async def tired() -> bool:
        return asked == 16

    await burst(database, 80)
    async with answering(tiring) as url, sending(database, kind="webhook", desk=url):
        await eventually(tired)
        released.set()
    states = await all_of(database, table.c.state, table.c.claimed)

    assert {None} == {claimed for _, claimed in states}
    assert DeliveryState.PENDING in {state for state, _ in states}


async def test_a_clock_that_was_set_back_holds_up_nothing(database: Database) -> None:
    """Two days ahead, a retry was put off until then; so were the channel's pace and its pause."""
    desk = Messages(lambda asked: web.Response(status=503, headers={"Retry-After": "60"}) if asked == 0 else None)

    async def refused() -> bool:
        return bool(desk.asked) and any(state.paused_until for state in await channels.states(database))

    async with answering(desk.receive) as url:
        ahead = sending(database, HOURLY, pace=1.0, clock=lambda: now() + timedelta(days=2), desk=url)
        async with ahead:
            await burst(database, 2)
            await eventually(refused)
        async with database.transaction() as tx:
            await tx.execute(table.update().values(due=now() + timedelta(days=2, hours=1), steps=1))
        async with sending(database, HOURLY, pace=0.001, desk=url):
            await eventually(settled(database, DeliveryState.DELIVERED, 2))

    assert sorted(desk.numbers()) == [0, 1]


async def test_what_waits_moves_to_another_channel_under_its_ids(database: Database) -> None:
    """What that one has already is not doubled; tries that were made move along."""
    await books.owe(database, an_owed(9, channels=("desk", "new")), at=now())
    desk = Messages(lambda _: web.Response(status=500))

    async def tried() -> bool:
        return 1 <= len(await all_of(database, attempts.c.message)) == desk.asked

    await burst(database, 3)
    async with answering(desk.receive) as url, sending(database, HOURLY, pace=0.001, desk=url):
        await eventually(tried)
    async with database.transaction() as tx:
        moved = await rerouting.move(tx, "desk", "new", now() + timedelta(minutes=1))
    taken = Messages()
    async with answering(taken.receive) as url, sending(database, HOURLY, pace=0.001, new=url):
        await eventually(settled(database, DeliveryState.DELIVERED, 4))

    assert 3 == moved
    assert [9, 0, 1, 2] == taken.numbers()
    assert {
        ("desk", DeliveryState.SUPPRESSED): 4,
        ("new", DeliveryState.DELIVERED): 4,
    } == Counter(await all_of(database, table.c.channel, table.c.state))
