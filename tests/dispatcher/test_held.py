"""What quiet hours hold is sent when they end, or when a person says so; until then everybody can see it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import select

from service.control import deliveries as control
from service.control.channels import standings
from service.log.table import TableLog
from service.model.delivery import DeliveryState
from service.model.filing import Accession, Times
from service.model.identity import DEFAULT, Revision
from service.settings import Settings
from service.store import Database, channels, holds, ledger, matchings
from service.store.ledger import Chosen
from service.store.matchings import Matching
from service.store.schema import deliveries as table
from service.vitals import Unwatched
from service.watch.look import Look
from tests.control.desk import CHANNEL, RULE, Answers, Floor
from tests.kit import books
from tests.kit.answering import answering
from tests.kit.books import AnAlert, an_owed, burst
from tests.kit.clocks import around_now
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.receiver import SECRET, Messages
from tests.kit.rows import all_of
from tests.kit.sending import HOURLY, sending, settled

NIGHT = "22:00-07:00 America/New_York"
BEFORE, ENDS = datetime(2026, 11, 26, 2, 59, tzinfo=UTC), datetime(2026, 11, 26, 12, tzinfo=UTC)
ASLEEP = BEFORE + timedelta(minutes=5)


@pytest.fixture
def database(either: Database) -> Database:
    """Every test here runs on SQLite and on PostgreSQL."""
    return either


async def held(database: Database) -> list[datetime | None]:
    """Until when each delivery is held."""
    return [one.held_until for one in await ledger.listed(database, Chosen(), 100)]


def all_held(database: Database, count: int) -> Callable[[], Awaitable[bool]]:
    async def condition() -> bool:
        return [ENDS] * count == await held(database)

    return condition


async def test_what_is_due_in_quiet_hours_goes_when_they_end_in_its_order(database: Database) -> None:
    """Whenever it was owed: what waited before they began is held by the sender, as the rest is."""
    desk = Messages()
    await burst(database, 3, ago=now() - BEFORE)
    async with answering(desk.receive) as url:
        async with sending(database, quiet=NIGHT, clock=lambda: ASLEEP, desk=url):
            await eventually(all_held(database, 3))
            await burst(database, 3, start=3, ago=now() - ASLEEP + timedelta(minutes=1))
            await eventually(all_held(database, 6))
        asked = desk.asked
        async with sending(database, quiet=NIGHT, clock=lambda: ENDS, desk=url):
            await eventually(settled(database, DeliveryState.DELIVERED, 6))

    assert (0, [0, 1, 2, 3, 4, 5]) == (asked, desk.numbers())


async def test_hours_that_meet_on_the_night_of_a_change_hold_through_it(database: Database) -> None:
    """From 3:00 to 2:00, which the clocks skip: the hours end when the next begin, and nothing slips out between."""
    desk, meets = Messages(), datetime(2026, 3, 8, 7, tzinfo=UTC)
    await books.owe(database, replace(an_owed(1), held=meets), at=meets - timedelta(hours=1))
    async with answering(desk.receive) as url:
        later = meets + timedelta(minutes=4)
        async with sending(database, quiet="03:00-02:00 America/New_York", clock=lambda: later, desk=url):
            await eventually(lambda: _is_held(database, datetime(2026, 3, 9, 6, tzinfo=UTC)))

    assert 0 == desk.asked


async def test_what_was_decided_to_be_held_keeps_its_order_too(database: Database) -> None:
    """Two batches that are held until the same moment go as they came."""
    desk = Messages()
    for number in (1, 2, 3):
        alerts = [replace(an_owed(10 * number + place), held=ENDS) for place in range(3)]
        await books.owe(database, *alerts, at=ASLEEP + timedelta(minutes=number))
    async with answering(desk.receive) as url, sending(database, quiet=NIGHT, clock=lambda: ENDS, desk=url):
        await eventually(settled(database, DeliveryState.DELIVERED, 9))

    assert [10, 11, 12, 20, 21, 22, 30, 31, 32] == desk.numbers()


async def test_a_success_after_an_outage_lets_nothing_go_that_is_held(database: Database) -> None:
    """The channel works again, and still is not to be disturbed."""
    await burst(database, 2, ago=now() - BEFORE)
    async with database.transaction() as tx:
        await holds.hold(tx, [("desk", "r-000"), ("desk", "r-001")], ENDS)
        await channels.flush(tx, "desk", ASLEEP, held=False)

    assert [ENDS, ENDS] == await held(database)


async def test_a_person_sends_it_all_the_same(database: Database) -> None:
    """`deliveries flush`: also what comes due later in the same hours is not held again."""
    desk = Messages()
    await burst(database, 2, ago=now() - BEFORE)
    async with answering(desk.receive) as url, sending(database, quiet=NIGHT, clock=lambda: ASLEEP, desk=url):
        await eventually(all_held(database, 2))
        assert 2 == await control.flush(database, DEFAULT, "desk", ASLEEP)
        await eventually(settled(database, DeliveryState.DELIVERED, 2))

    assert [0, 1] == desk.numbers()


async def test_a_try_that_fails_is_held_by_the_next_night(database: Database) -> None:
    """That it was held before, or sent by a person, is no leave for other nights; its schedule goes on."""
    desk = Messages(lambda _: web.Response(status=500))
    await burst(database, 1, ago=now() - BEFORE)
    next_night = ASLEEP + timedelta(days=1)
    async with answering(desk.receive) as url:
        async with sending(database, HOURLY, quiet=NIGHT, clock=lambda: ASLEEP, desk=url):
            await eventually(all_held(database, 1))
        async with sending(database, HOURLY, quiet=NIGHT, clock=lambda: ENDS, desk=url):
            await eventually(lambda: _tried(database))
        async with sending(database, HOURLY, quiet=NIGHT, clock=lambda: next_night, desk=url):
            await eventually(lambda: _is_held(database, ENDS + timedelta(days=1)))

    assert 1 == desk.asked
    assert [(1, 1)] == await all_of(database, table.c.tries, table.c.steps)


@pytest.mark.parametrize("changed", [None, "22:00-23:00 America/New_York"])
async def test_what_hours_hold_that_are_no_more_goes_at_once(database: Database, changed: str | None) -> None:
    """Or is held until the new ones end: the sender decides again when it takes a new book over."""
    later = ASLEEP + timedelta(hours=1)
    desk = Messages()
    await burst(database, 2, ago=now() - BEFORE)
    async with answering(desk.receive) as url:
        async with sending(database, quiet=NIGHT, clock=lambda: ASLEEP, desk=url):
            await eventually(all_held(database, 2))
        if changed:
            async with sending(database, quiet=changed, clock=lambda: ASLEEP, desk=url):
                await eventually(lambda: _is_held(database, datetime(2026, 11, 26, 4, tzinfo=UTC)))
        async with sending(database, quiet=changed, clock=lambda: later, desk=url):
            await eventually(settled(database, DeliveryState.DELIVERED, 2))

    assert [0, 1] == desk.numbers()


async def test_a_clock_that_was_set_back_holds_nothing_for_days(database: Database) -> None:
    """What is held for longer than any hours last is decided on again."""
    desk = Messages()
    await burst(database, 1, ago=now() - BEFORE)
    async with database.transaction() as tx:
        await holds.hold(tx, [("desk", "r-000")], ENDS + timedelta(days=3))
    async with answering(desk.receive) as url, sending(database, quiet=NIGHT, clock=lambda: ENDS, desk=url):
        await eventually(settled(database, DeliveryState.DELIVERED))


async def test_what_is_held_is_shown_and_slows_no_figure(database: Database, tmp_path: Path) -> None:
    """`status` says until when; how long alerts take is not told of those that were to wait."""
    await burst(database, 2, ago=now() - BEFORE)
    async with database.transaction() as tx:
        await holds.hold(tx, [("desk", "r-001")], ENDS)
        for number in range(2):
            accession = Accession(f"0009990900-25-{number:06d}")
            live = Matching(accession=accession, revision=Revision(1), at=BEFORE, times=Times(seen=BEFORE))
            await matchings.add(tx, [live])
    (desk,) = await standings(Look(database, TableLog(database, Unwatched()), Settings(home=tmp_path), ASLEEP))
    async with answering(Messages().receive) as url, sending(database, quiet=NIGHT, clock=lambda: ENDS, desk=url):
        await eventually(settled(database, DeliveryState.DELIVERED, 2))

    assert (2, 1, ENDS) == (desk.pending, desk.held, desk.held_until)
    assert 1 == len(await matchings.received(database, 10))


async def test_it_is_an_ordinary_channel_outside_of_its_hours(database: Database) -> None:
    """Nothing is held, and nothing is noted."""
    desk = Messages()
    await books.owe(database, AnAlert(id="a1", value=an_owed(1).value), at=ENDS)
    async with answering(desk.receive) as url, sending(database, quiet=NIGHT, clock=lambda: ENDS, desk=url):
        await eventually(settled(database, DeliveryState.DELIVERED))

    async with database.reading() as connection:
        assert [None] == list(await connection.scalars(select(table.c.held_until)))


async def test_hours_are_changed_while_the_service_runs(database: Database, tmp_path: Path) -> None:
    """An alert is held as its channel says; without quiet hours it goes within moments."""
    async with Answers({}) as receiver:
        hook = {"type": "webhook", "url": f"{receiver.url}/hook", "secrets": SECRET}
        floor = Floor(database, tmp_path / "home")
        desk = await floor.desk()
        await desk.add(CHANNEL, "hook", **hook, quiet=around_now())
        await desk.add(RULE, "buys", channels="hook")
        async with floor.running():
            await floor.publish(1)
            await floor.matched(1)
            await eventually(lambda: _is_held(database, None))
            taken = len(receiver.taken)
            await desk.edit(CHANNEL, "hook", **hook)
            await floor.idle(1)

    assert (0, 1) == (taken, len(receiver.taken))


async def _tried(database: Database) -> bool:
    return [(1,)] == await all_of(database, table.c.tries)


async def _is_held(database: Database, until: datetime | None) -> bool:
    """Whether everything is held, until then (None: whenever)."""
    found = await held(database)
    return bool(found) and all(one == until if until else one for one in found)
