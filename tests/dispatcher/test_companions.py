"""A further alert on a trade whose first one is under way: nobody is told in full twice, and nobody waits for long."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import select, update

from consumers.dispatcher.schedule import RetrySchedule
from service.model.delivery import DeliveryState
from service.store import Database
from service.store.schema import channel_states, deliveries
from tests.kit import books
from tests.kit.answering import answering
from tests.kit.books import an_owed
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.receiver import Messages
from tests.kit.sending import HOURLY, sending, settled
from tests.kit.slackbot import CHANNEL, TOKEN, SlackApi
from tests.kit.trades import a_trade, owed

FIRST, SECOND, THIRD = a_trade()
AGAIN = "EXAMPLE CORP [EXMP]: same trade as 0009990900-25-000001, also filed by PARTNER PAT (director)"
OFTEN = RetrySchedule(delays=(timedelta(milliseconds=20),) * 9, jitter=0.0)


@pytest.fixture
def database(either: Database) -> Database:
    """Every test here runs on SQLite and on PostgreSQL."""
    return either


async def rows(database: Database) -> dict[str, Any]:
    """Every delivery, by its message."""
    async with database.reading() as connection:
        return {row.message: row for row in await connection.execute(select(deliveries))}


def tried(database: Database, message: str) -> Callable[[], Any]:
    async def condition() -> bool:
        return bool((await rows(database))[message].tries)

    return condition


async def test_it_goes_with_the_first_that_failed_and_nobody_waits_for_the_retry(database: Database) -> None:
    """Which is an hour away, and stays where it was in the schedule: the early try costs no step of it."""
    async with SlackApi() as api:
        api.says["chat.postMessage"] = [web.Response(status=503) for _ in range(2)]
        settings = {"token": TOKEN, "channel": CHANNEL}
        async with sending(database, HOURLY, "slack_bot", settings=settings, desk=api.url):
            await books.owe(database, owed(FIRST), at=now())
            await eventually(tried(database, FIRST.id))
            planned = (await rows(database))[FIRST.id].due
            await books.owe(database, owed(SECOND), at=now())
            await eventually(tried(database, SECOND.id))
            failed = await rows(database)
            await books.owe(database, owed(THIRD), at=now())
            await eventually(settled(database, DeliveryState.DELIVERED, 3))

    (message,) = api.messages
    assert FIRST.headline == message["text"]
    assert 2 == json.dumps(message["blocks"]).count("Also filed by")
    assert (planned, 1, 2) == (failed[FIRST.id].due, failed[FIRST.id].steps, failed[FIRST.id].tries)
    assert {FIRST.id: None, SECOND.id: FIRST.id, THIRD.id: FIRST.id} == {
        one: row.told_with for one, row in (await rows(database)).items()
    }


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (web.Response, [AGAIN]),
        (lambda: web.Response(status=503), [FIRST.headline]),
        (lambda: web.Response(status=404, text="no_service"), [SECOND.headline]),
    ],
    ids=["taken", "failed", "refused for good"],
)
async def test_it_waits_while_the_first_is_in_flight(
    database: Database, answer: Callable[[], web.Response], told: list[str]
) -> None:
    """And is then told in few words, with the first, or in full; others go meanwhile."""
    came, goes_on, texts = asyncio.Event(), asyncio.Event(), list[str]()

    async def handler(request: web.Request) -> web.StreamResponse:
        content = await request.json()
        if not came.is_set():
            came.set()
            await goes_on.wait()
            return answer()
        texts.append(content["text"])
        return web.Response(text="ok")

    async with answering(handler) as url, sending(database, HOURLY, desk=url):
        await books.owe(database, owed(FIRST), at=now())
        await came.wait()
        await books.owe(database, owed(SECOND), an_owed(9, headline="another company"), at=now())
        await eventually(settled(database, DeliveryState.DELIVERED, 1))
        meanwhile = texts.copy()
        goes_on.set()
        await eventually(tried(database, SECOND.id))

    assert ["another company"] == meanwhile
    assert told == texts[1:]


async def test_the_probe_of_an_open_circuit_tells_both(database: Database) -> None:
    """Nothing else is sent while it is open; what is due goes, and the first, which is not due yet, with it."""
    desk = Messages(lambda asked: web.Response(status=503) if not asked else None)
    async with answering(desk.receive) as url, sending(database, HOURLY, desk=url):
        await books.owe(database, owed(FIRST), at=now())
        await eventually(tried(database, FIRST.id))
        async with database.transaction() as tx:
            opened = {"opened": now() - timedelta(minutes=1), "probe_at": now()}
            await tx.execute(update(channel_states).values(opened))
        await books.owe(database, owed(SECOND), at=now())
        await eventually(settled(database, DeliveryState.DELIVERED, 2))

    assert [FIRST.headline] == [one["text"] for one in desk.taken]


async def test_a_channel_that_wants_every_filing_waits_for_none(database: Database) -> None:
    """The first has failed: the second goes by itself, in full."""
    desk = Messages(lambda asked: web.Response(status=503) if not asked else None)
    async with answering(desk.receive) as url, sending(database, HOURLY, settings={"every_filing": True}, desk=url):
        await books.owe(database, owed(FIRST), at=now())
        await eventually(tried(database, FIRST.id))
        await books.owe(database, owed(SECOND), at=now())
        await eventually(tried(database, SECOND.id))

    assert [SECOND.headline] == [one["text"] for one in desk.taken]


async def test_what_fails_by_itself_keeps_nobody_waiting(database: Database) -> None:
    """The first cannot be read; the second goes alone, at once."""
    desk = Messages()
    async with answering(desk.receive) as url, sending(database, HOURLY, desk=url):
        await books.owe(database, replace(owed(FIRST), value=b"{}"), at=now())
        await eventually(tried(database, FIRST.id))
        await books.owe(database, owed(SECOND), at=now())
        await eventually(settled(database, DeliveryState.DELIVERED, 1))

    assert [SECOND.headline] == [one["text"] for one in desk.taken]
    assert DeliveryState.PENDING == (await rows(database))[FIRST.id].state


async def test_where_the_two_are_never_taken_together_the_second_goes_alone(database: Database) -> None:
    """From its fourth try on: the receiver fails at whatever tells of the first, and takes all else."""
    texts = list[str]()

    async def handler(request: web.Request) -> web.StreamResponse:
        content = await request.json()
        if FIRST.filing.accession in str(content["blocks"]) and "same trade" not in content["text"]:
            return web.Response(status=500)
        texts.append(content["text"])
        return web.Response(text="ok")

    async with answering(handler) as url:
        async with sending(database, HOURLY, desk=url):
            await books.owe(database, owed(FIRST), at=now())
            await eventually(tried(database, FIRST.id))
        async with sending(database, OFTEN, desk=url):
            await books.owe(database, owed(SECOND), at=now())
            await eventually(settled(database, DeliveryState.DELIVERED, 1))

    assert [SECOND.headline] == texts
    assert 4 == (await rows(database))[SECOND.id].tries
