"""Channels that go to one place share its pace and its pauses, whosever they are, and take turns."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from aiohttp import web

from consumers.dispatcher.channelbook import addressed_by
from consumers.dispatcher.schedule import RetrySchedule
from consumers.dispatcher.siblings import Paced, place_of, siblings
from service.model.delivery import DeliveryState
from service.model.identity import DEFAULT, ChannelId
from service.model.resource import Resource, ResourceKind
from service.store import Database, workspaces
from tests.dispatcher.kinds import KINDS
from tests.kit import books
from tests.kit.answering import answering
from tests.kit.books import an_owed
from tests.kit.leaping import Leaping
from tests.kit.sending import sending, settled

START = datetime(2026, 11, 25, 14, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_siblings_are_those_with_a_pace_that_go_to_the_same_place() -> None:
    """What has no pace, or a place of its own, is not among them."""
    one, none = timedelta(seconds=1), timedelta(0)
    there = [("a", "x", one), ("b", "x", one), ("c", "x", one), ("d", "y", one), ("e", "x", none)]
    found = siblings(Paced(id=ChannelId(name), place=place, interval=pace) for name, place, pace in there)

    assert dict.fromkeys("abc", ("a", "b", "c")) == found


@pytest.mark.parametrize("name", KINDS)
def test_where_a_channel_goes_is_told_by_where_alone(name: str) -> None:
    """Not by when, how or in which words; nor does it show an address or a secret."""
    section = dict(KINDS[name].section)
    place = place_of(section)

    more = {name: value for name, value in KINDS[name].more.items() if name not in ("url", "token")}
    assert place == place_of({**section, **more})
    assert place != place_of({**section, "url": "https://example.com/elsewhere", "server": "mail.example.com:25"})
    assert not [secret for secret in KINDS[name].secret if secret in place]


@pytest.mark.parametrize("name", ["slack", "telegram", "slack_bot"])
def test_every_workspaces_channel_has_its_place(name: str) -> None:
    """As the dispatcher reads it."""
    made = [
        addressed_by(
            Resource(
                id=f"chan_{number}", kind=ResourceKind.CHANNEL, workspace=DEFAULT, name="x", section={}, created=START
            ),
            KINDS[name].section,
        )
        for number in range(2)
    ]

    assert made[0].place == made[1].place != ""


async def test_two_workspaces_share_what_their_service_takes(either: Database) -> None:
    """One a second in all, half of it each though more waits for one; whoever is asked to wait waits for both."""
    clock = Leaping(either, START, SECOND)
    asked: list[datetime] = []
    whose: list[str] = []

    async def slack(request: web.Request) -> web.Response:
        text = await request.text()
        asked.append(clock.now())
        if len(asked) == 5:
            return web.Response(status=429, headers={"Retry-After": "30"}, text="rate_limited")
        whose.append("ours" if "ours says" in text else "theirs")
        return web.Response(text="ok")

    async with either.transaction() as tx:
        theirs = await workspaces.add(tx, "theirs", START)
    of = {"ours": DEFAULT, "theirs": theirs}
    for name, workspace in of.items():
        await books.add_channels(either, name, workspace=workspace)
        count = 8 if workspace == DEFAULT else 4
        owed = [
            an_owed(number, rule=name, channels=(name,), workspace=workspace, headline=f"{name} says {number}")
            for number in range(count)
        ]
        await books.owe(either, *owed, at=START)
    async with answering(slack) as url:
        urls = dict.fromkeys(of, f"{url}/services/T0/B0/X")
        async with sending(either, RetrySchedule(), "slack", pace=1.0, clock=clock.now, of=of, **urls):
            await clock.until(settled(either, DeliveryState.DELIVERED, 12))

    pauses = [later - one for one, later in pairwise(asked)]
    assert min(pauses) >= SECOND
    assert pauses[4] >= 30 * SECOND
    assert {"ours": 4, "theirs": 4} == Counter(whose[:8])
    assert {"ours": 8, "theirs": 4} == Counter(whose)
