"""What Discord answers in its own way: how long to wait, and whether that holds for all that we send it."""

from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from sqlalchemy import update

from consumers.dispatcher.channels import load
from consumers.dispatcher.post import Answer
from consumers.dispatcher.schedule import RetrySchedule
from service.model.delivery import DeliveryState
from service.model.identity import DEFAULT
from service.store import Database, channels, deliveries, workspaces
from service.store.schema import resources
from tests.dispatcher.kinds import KINDS
from tests.kit import books
from tests.kit.answering import answering
from tests.kit.books import an_owed
from tests.kit.leaping import Leaping
from tests.kit.sending import sending, settled

START = datetime(2026, 11, 25, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "said", "wait"),
    [
        (None, '{"retry_after": 64.57, "global": false}', 64.57),
        (3, '{"retry_after": 3.417}', 3.417),
        (90, '{"retry_after": 64.57}', 90),
        (7, '{"retry_after": "64.57"}', 7),
        (7, '{"retry_after": -1}', 7),
        (7, '{"retry_after": true}', 7),
        (7, '{"retry_after": 1e300}', 86400),
        (7, '{"retry_after": 64.', 7),
        (7, "[]", 7),
        (None, "error code: 1015", None),
    ],
)
def test_it_is_waited_for_as_long_as_header_and_body_say(header: int | None, said: str, wait: float | None) -> None:
    """The longer of both, a day at most; what means no time is nothing."""
    asked = None if header is None else timedelta(seconds=header)
    answer = Answer(status=429, phrase="Too Many Requests", text=said, retry_after=asked)
    outcome = load({"room": KINDS["discord"].section})["room"].judge(answer)

    assert (None if wait is None else timedelta(seconds=wait)) == outcome.retry_after


async def test_a_global_limit_has_every_discord_channel_wait(either: Database) -> None:
    """Whosever they are, since Discord counts what comes from one address; channels of other kinds go on."""
    clock = Leaping(either, START, timedelta(seconds=2))
    free = START + timedelta(seconds=30.5)
    asked: list[tuple[str, bool]] = []

    async def discord(request: web.Request) -> web.Response:
        asked.append((request.path, clock.now() >= free))
        if len(asked) > 1:
            return web.Response(status=204)
        said = {"message": "You are being rate limited.", "retry_after": 30.5, "global": True}
        return web.json_response(said, status=429, headers={"Retry-After": "30"})

    async def paused() -> bool:
        return any(state.paused_until for state in await channels.states(either))

    async with either.transaction() as tx:
        theirs = await workspaces.add(tx, "theirs", START)
    of = {"ours": DEFAULT, "theirs": theirs, "elsewhere": DEFAULT}
    for name, workspace in of.items():
        await books.add_channels(either, name, workspace=workspace)
    async with either.transaction() as tx:
        await deliveries.know(tx, ["elsewhere"])
        for name in of:
            kind = {"type": "webhook" if name == "elsewhere" else "discord"}
            await tx.execute(update(resources).where(resources.c.id == name).values(section=kind))
    await books.owe(either, an_owed(1, channels=("ours",)), at=START)
    async with answering(discord) as url:
        urls = {name: f"{url}/{name}" for name in of}
        async with sending(either, RetrySchedule(), "discord", pace=2.0, clock=clock.now, of=of, **urls):
            await clock.until(paused)
            waits = {state.channel for state in await channels.states(either) if state.paused_until == free}
            await books.owe(either, an_owed(2, channels=("ours", "elsewhere")), at=START)
            await books.owe(either, an_owed(3, channels=("theirs",), workspace=theirs), at=START)
            await clock.until(settled(either, DeliveryState.DELIVERED, 4))

    assert ("/ours", False) == asked[0]
    assert {"ours", "theirs"} == waits
    assert [True] * 3 == [late for path, late in asked[1:] if path != "/elsewhere"]
