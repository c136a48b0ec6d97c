"""The sender against real receivers, from a real database."""

import asyncio
import random
from datetime import timedelta
from typing import Any

import pytest
import structlog
from aiohttp import web
from sqlalchemy import select, update
from structlog.testing import capture_logs

from consumers.dispatcher.schedule import RetrySchedule
from service.model.delivery import DeliveryState
from service.store import Database, channels, deliveries, ledger, workspaces
from service.store.ledger import Chosen
from service.store.schema import attempts, messages
from service.wire import encode
from tests.kit import books
from tests.kit.answering import answering
from tests.kit.books import AnAlert
from tests.kit.documents import an_alert
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.receiver import in_turn
from tests.kit.sending import sending, settled


@pytest.fixture
def database(either: Database) -> Database:
    """Every test here runs on SQLite and on PostgreSQL."""
    return either


async def owe(database: Database, *channels: str, alert: str = "a1", ago: timedelta = timedelta(0)) -> None:
    value = encode(an_alert())
    await books.owe(database, AnAlert(id=alert, value=value, channels=channels), at=now() - ago)


async def details(database: Database) -> list[tuple[int | None, str]]:
    query = select(attempts.c.status, attempts.c.detail).order_by(
        attempts.c.message, attempts.c.channel, attempts.c.number
    )
    async with database.reading() as connection:
        return [(status, detail) for status, detail in await connection.execute(query)]


async def test_an_alert_is_delivered_once(database: Database) -> None:
    """And its attempt recorded."""
    handler, asked = in_turn(200)
    async with answering(handler) as url, sending(database, desk=url):
        await owe(database, "desk")
        await eventually(settled(database, DeliveryState.DELIVERED))

    assert 1 == len(asked)
    assert [(200, "200 OK")] == await details(database)


async def test_an_outage_is_tried_again_by_the_stored_schedule(database: Database) -> None:
    """503, then 200."""
    handler, asked = in_turn(503, 500, 200)
    async with answering(handler) as url, sending(database, desk=url):
        await owe(database, "desk")
        await eventually(settled(database, DeliveryState.DELIVERED))

    assert 3 == len(asked)
    assert [503, 500, 200] == [status for status, _ in await details(database)]


async def test_retry_after_is_honoured(database: Database) -> None:
    """Where it is longer than our own delay."""
    handler, asked = in_turn(429, 200, **{"Retry-After": "1"})
    async with answering(handler) as url, sending(database, desk=url):
        await owe(database, "desk")
        await eventually(settled(database, DeliveryState.DELIVERED))

    assert asked[1] - asked[0] >= 0.99


def test_the_schedule_spreads_and_ends() -> None:
    """Jitter within its bounds; None behind the last delay; Retry-After only ever lengthens."""
    schedule = RetrySchedule(delays=(timedelta(seconds=10),), jitter=0.2)
    chance = random.Random(1)
    delays = {schedule.after(1, None, chance) for _ in range(50)}

    assert timedelta(seconds=8) <= min(delays) < max(delays) <= timedelta(seconds=12)
    assert schedule.after(2, None, chance) is None
    assert timedelta(hours=1) == schedule.after(1, timedelta(hours=1), chance)
    assert timedelta(seconds=8) <= schedule.after(1, timedelta(seconds=1), chance)


async def test_a_webhooks_last_word_is_final_and_its_answer_recorded(database: Database) -> None:
    """Asking again would not help; the alert is kept as dead."""
    handler, asked = in_turn(410)
    async with answering(handler) as url, sending(database, kind="webhook", desk=url):
        await owe(database, "desk")
        await eventually(settled(database, DeliveryState.DEAD))

    ((recorded, detail),) = await details(database)
    assert (1, 410) == (len(asked), recorded)
    assert "because" in detail


async def test_whatever_is_answered_once_the_alert_arrives_in_the_end(database: Database) -> None:
    """A proxy's own statuses, a rotated secret, a lock, a redirect: somebody mends it, and nothing is lost."""
    statuses = [301, 302, 401, 403, 404, 409, 423, 499, 501, 507, *range(520, 531), 598, 999]
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        first = asked.count(request.path) == 1
        return web.Response(status=int(request.path.strip("/")) if first else 200)

    async with answering(handler) as url:
        urls = {f"c{status}": f"{url}/{status}" for status in statuses}
        async with sending(database, kind="webhook", **urls):
            await owe(database, *urls)
            await eventually(settled(database, DeliveryState.DELIVERED, len(statuses)))

    assert sorted(f"/{status}" for status in statuses for _ in range(2)) == sorted(asked)


@pytest.mark.parametrize("word", ["invalid_blocks", "invalid_payload", "msg_too_long", "msg_blocks_too_long"])
async def test_what_slack_refuses_for_its_form_comes_as_text_alone(database: Database, word: str) -> None:
    """On the next try, also after a restart: an alert in plain words is better than none."""
    bodies: list[dict[str, Any]] = []

    async def strict(request: web.Request) -> web.Response:
        bodies.append(await request.json())
        return web.Response(status=400, text=word) if "blocks" in bodies[-1] else web.Response(text="ok")

    async def refused() -> bool:
        return bool(await details(database))

    async with answering(strict) as url:
        await owe(database, "desk")
        async with sending(database, RetrySchedule(delays=(timedelta(seconds=1),)), desk=url):
            await eventually(refused)
        assert 1 == len(bodies)
        async with sending(database, desk=url):
            await eventually(settled(database, DeliveryState.DELIVERED))

    assert [(400, f"400 Bad Request: {word}"), (200, "200 OK")] == await details(database)
    assert "Filing: https://www.sec.gov/i.htm" in bodies[1]["text"]


async def test_what_never_succeeds_is_given_up_and_said_so(database: Database) -> None:
    """After the last delay."""
    handler, asked = in_turn(500)
    async with answering(handler) as url, sending(database, desk=url):
        await owe(database, "desk")
        await eventually(settled(database, DeliveryState.DEAD))

    assert 4 == len(asked)
    assert "given up after 4 tries" in (await details(database))[-1][1]


async def test_a_channel_that_hangs_holds_up_no_other(database: Database) -> None:
    """Each channel has a loop of its own."""
    released = asyncio.Event()

    async def hanging(_: web.Request) -> web.Response:
        await released.wait()
        return web.Response()

    handler, _ = in_turn(200)
    async with answering(hanging) as slow, answering(handler) as quick, sending(database, slow=slow, quick=quick):
        for number in range(30):
            await owe(database, "slow", "quick", alert=f"a{number}")
        await eventually(settled(database, DeliveryState.DELIVERED, 30))
        released.set()
        await eventually(settled(database, DeliveryState.DELIVERED, 60))


async def test_what_was_owed_before_a_restart_is_sent_after_it(database: Database) -> None:
    """The row is committed before anything is sent."""
    await owe(database, "desk")
    handler, asked = in_turn(200)
    async with answering(handler) as url, sending(database, desk=url):
        await eventually(settled(database, DeliveryState.DELIVERED))

    assert 1 == len(asked)


async def test_the_debt_stands_in_the_database_while_the_request_is_made(database: Database) -> None:
    """A crash in the middle cannot lose it."""
    states: list[dict[tuple[str, str], int]] = []

    async def handler(_: web.Request) -> web.Response:
        states.append(await deliveries.counts(database))
        return web.Response()

    async with answering(handler) as url, sending(database, desk=url):
        await owe(database, "desk")
        await eventually(settled(database, DeliveryState.DELIVERED))

    assert [{("desk", DeliveryState.PENDING): 1}] == states


async def test_what_is_owed_to_a_channel_that_is_not_configured_waits_and_goes_when_it_is_back(
    database: Database,
) -> None:
    """A renamed channel, or one start with the wrong file, gives up nothing; it is told once, with how much waits."""
    for number in range(3):
        await owe(database, "gone", alert=f"a{number}", ago=timedelta(hours=1))

    async def marked() -> bool:
        return any(state.missing_since for state in await channels.states(database))

    handler, asked = in_turn(200)
    structlog.reset_defaults()
    with capture_logs() as logs:
        async with sending(database, desk="http://127.0.0.1:9"):
            await eventually(marked)
    counted = await deliveries.counts(database)
    async with answering(handler) as url, sending(database, kind="webhook", gone=url):
        await eventually(settled(database, DeliveryState.DELIVERED, 3))

    told = [one for one in logs if one["event"] == "channel_not_configured"]
    assert [("gone", 3)] == [(one["channel"], one["waiting"]) for one in told]
    assert {("gone", DeliveryState.PENDING): 3} == counted
    assert 3 == len(asked)
    assert [None] == [state.missing_since for state in await channels.states(database) if state.channel == "gone"]


async def test_another_workspaces_message_is_never_sent_though_a_row_owes_it(database: Database) -> None:
    """Whoever wrote that row; what is owed rightly goes, and the refusal is explained."""
    for alert in ("theirs", "ours"):
        await owe(database, "desk", alert=alert)
    async with database.transaction() as tx:
        other = await workspaces.add(tx, "other", now())
        await tx.execute(update(messages).where(messages.c.id == "theirs").values(workspace=other))
    handler, asked = in_turn(200)
    async with answering(handler) as url, sending(database, desk=url):
        await eventually(settled(database, DeliveryState.DELIVERED))

    assert 1 == len(asked)
    assert {("theirs", "suppressed", "other-workspace"), ("ours", "delivered", None)} == {
        (one.id, one.state, one.reason) for one in await ledger.listed(database, Chosen(), 9)
    }


async def test_an_alert_that_cannot_be_put_fails_alone(database: Database) -> None:
    """A fault of ours on one alert must not hold up the others, nor crash the service for ever."""
    await books.owe(database, AnAlert(id="bad", accession="0009990900-25-000009"), at=now())
    await owe(database, "desk", alert="good")
    handler, asked = in_turn(200)
    async with answering(handler) as url, sending(database, desk=url):
        await eventually(settled(database, DeliveryState.DELIVERED))
        await eventually(settled(database, DeliveryState.DEAD))

    assert 1 == len(asked)


async def test_a_secret_address_shows_neither_in_logs_nor_in_the_database(database: Database) -> None:
    """Whoever knows a Slack webhook's address can write to it."""
    structlog.reset_defaults()
    with capture_logs() as logs:
        async with sending(database, desk="http://127.0.0.1:9/services/XSECRETX"):
            await owe(database, "desk")
            await eventually(settled(database, DeliveryState.DEAD))

    assert logs
    assert "XSECRETX" not in str(logs)
    assert "XSECRETX" not in str(await details(database))


async def test_a_huge_answer_is_not_read_whole(database: Database) -> None:
    """Only its beginning is kept."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=400)
        await response.prepare(request)
        try:
            for _ in range(10_000):
                await response.write(b"x" * 65536)
        except ConnectionError:
            pass
        return response

    async with answering(handler) as url, sending(database, desk=url):
        await owe(database, "desk")
        await eventually(settled(database, DeliveryState.DEAD))

    assert len((await details(database))[0][1]) < 400


async def test_more_channels_than_requests_may_be_in_flight_all_get_what_they_are_owed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever ends while more is claimed, no channel's queue is left behind."""
    monkeypatch.setattr("consumers.dispatcher.departures._FLIGHTS", 8)
    handler, _ = in_turn(200)
    names = [f"c{number}" for number in range(12)]
    async with (
        answering(handler) as url,
        sending(database, kind="webhook", **dict.fromkeys(names, url)),
    ):
        for number in range(20):
            await owe(database, *names, alert=f"a{number}")
        await eventually(settled(database, DeliveryState.DELIVERED, 240))
