"""A bot in Slack: threads, and no message twice where Slack lets the bot see what it wrote."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiohttp import web
from msgspec.structs import replace
from sqlalchemy import select, update

from consumers.dispatcher import exchange
from service.model.alert import Alert
from service.model.delivery import DeliveryState
from service.store import Database, receipts
from service.store.receipts import Taken
from service.store.schema import attempts, deliveries
from service.wire import encode
from tests.dispatcher.test_every_channel import an_alert_of_everything
from tests.kit import books
from tests.kit.books import AnAlert
from tests.kit.documents import a_row, an_alert
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.sending import sending, settled
from tests.kit.slackbot import CHANNEL, TOKEN, SlackApi

FIRST = replace(an_alert(a_row()), id="a1")
AMENDMENT = replace(an_alert(a_row(), remarks="amended"), id="a2", follows="a1", headline="amended")


@pytest.fixture
def database(either: Database) -> Database:
    """Every test here runs on SQLite and on PostgreSQL."""
    return either


async def owe(database: Database, alert: Alert) -> None:
    await books.owe(database, AnAlert(id=alert.id, value=encode(alert), channels=("desk",)), at=now())


@asynccontextmanager
async def a_bot(database: Database, api: SlackApi) -> AsyncIterator[None]:
    """The sender, with a channel that the bot writes to."""
    async with sending(database, kind="slack_bot", settings={"token": TOKEN, "channel": CHANNEL}, desk=api.url):
        yield


async def posted(database: Database, api: SlackApi, *alerts: Alert) -> None:
    """Have each of *alerts* delivered, one after the other."""
    async with a_bot(database, api):
        for number, alert in enumerate(alerts, 1):
            await owe(database, alert)
            await eventually(settled(database, DeliveryState.DELIVERED, number))


async def test_an_amendment_answers_below_what_it_amends(database: Database) -> None:
    """By the name that Slack gave the first one, whichever run of the service had sent it."""
    async with SlackApi() as api:
        await posted(database, api, FIRST)
        async with a_bot(database, api):
            await owe(database, AMENDMENT)
            await eventually(settled(database, DeliveryState.DELIVERED, 2))

    first, second = api.messages
    assert ["chat.postMessage"] * 2 == api.asked
    assert (None, first["ts"]) == (first.get("thread_ts"), second["thread_ts"])


async def test_what_follows_an_alert_that_was_never_taken_stands_by_itself(database: Database) -> None:
    """There is nothing to answer."""
    async with SlackApi() as api:
        await posted(database, api, AMENDMENT)

    assert [None] == [one.get("thread_ts") for one in api.messages]


@pytest.mark.parametrize("follows", [False, True])
async def test_a_message_whose_answer_was_lost_is_brought_up_to_date(database: Database, follows: bool) -> None:
    """Not written a second time, in a thread neither."""
    async with SlackApi() as api:
        if follows:
            await posted(database, api, FIRST)
            api.asked.clear()
        api.says["chat.postMessage"] = ["LOST"]
        async with a_bot(database, api):
            await owe(database, AMENDMENT)
            await eventually(settled(database, DeliveryState.DELIVERED, 1 + follows))

    search = "conversations.replies" if follows else "conversations.history"
    assert ["chat.postMessage", search, "chat.update"] == api.asked
    assert 1 == len([one for one in api.texts if one == "amended"])
    known = api.messages[0 if follows else -1]["ts"]  # only a thread's first is answered
    assert Taken(message="a2", receipt=known) == await receipts.of(database, "a2", await channel_of(database))


async def test_what_a_worker_that_was_killed_has_sent_is_found_again(database: Database) -> None:
    """It had claimed it, and recorded nothing."""
    async with SlackApi() as api:
        api.messages.append({"ts": "1.1", "text": "x", "metadata": metadata("a1")})
        await owe(database, FIRST)
        async with database.transaction() as tx:
            await tx.execute(update(deliveries).values(claimed=now() - timedelta(seconds=1)))
        async with a_bot(database, api):
            await eventually(settled(database, DeliveryState.DELIVERED))

    assert ["conversations.history", "chat.update"] == api.asked
    assert [FIRST.headline] == api.texts


@pytest.mark.parametrize(
    ("scopes", "found"),
    [(frozenset({"chat:write"}), None), (frozenset({"channels:history"}), "somebody-elses")],
)
async def test_what_cannot_be_found_is_written(database: Database, scopes: frozenset[str], found: str | None) -> None:
    """The bot may not look, or it is not there: better twice than never."""
    async with SlackApi(scopes=scopes) as api:
        if found:
            api.messages.append({"ts": "1.1", "text": "x", "metadata": metadata(found)})
        api.says["chat.postMessage"] = ["internal_error"]
        await posted(database, api, FIRST)

    assert ["chat.postMessage", "conversations.history", "chat.postMessage"] == api.asked
    assert FIRST.headline == api.texts[-1]


async def test_a_search_that_hangs_holds_up_nothing_for_long(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message goes without it."""
    monkeypatch.setattr(exchange, "SEARCH", timedelta(seconds=0.1))
    async with SlackApi() as api:
        api.says["chat.postMessage"] = ["internal_error"]
        api.says["conversations.history"] = ["HANG"]
        await posted(database, api, FIRST)

    assert [FIRST.headline] == api.texts


async def test_a_thread_that_is_gone_is_left_out(database: Database) -> None:
    """Somebody has deleted the first message."""
    async with SlackApi() as api:
        await posted(database, api, FIRST)
        api.messages.clear()
        async with a_bot(database, api):
            await owe(database, AMENDMENT)
            await eventually(settled(database, DeliveryState.DELIVERED, 2))

    assert [None] == [one.get("thread_ts") for one in api.messages]


async def test_slack_is_asked_no_sooner_than_it_wants(database: Database) -> None:
    """And the alert uses up no step of its schedule."""
    slow = web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "1"})
    async with SlackApi() as api:
        api.says["chat.postMessage"] = [slow]
        await posted(database, api, FIRST)

    async with database.reading() as connection:
        made = [row.at for row in await connection.execute(select(attempts.c.at).order_by(attempts.c.number))]
        steps = (await connection.execute(select(deliveries.c.steps))).scalar()
    assert made[1] - made[0] >= timedelta(seconds=0.99)
    assert 0 == steps


async def test_a_message_of_any_length_is_known_by_its_name(database: Database) -> None:
    """Slack repeats the whole message in its answer."""
    alert = replace(an_alert_of_everything(), id="a1")
    async with SlackApi() as api:
        await posted(database, api, alert)

    assert Taken(message="a1", receipt=api.messages[0]["ts"]) == await receipts.of(
        database, "a1", await channel_of(database)
    )


def metadata(known: str) -> dict[str, object]:
    return {"event_type": "filingbell_message", "event_payload": {"id": known}}


async def channel_of(database: Database) -> str:
    async with database.reading() as connection:
        return str((await connection.execute(select(deliveries.c.channel).limit(1))).scalar())
