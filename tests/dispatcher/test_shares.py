"""Workspaces share what the sender has: however much waits for one, another's first alert goes at once."""

import asyncio
import random
from collections import Counter
from contextlib import AsyncExitStack

import pytest
from aiohttp import ClientTimeout, web

from consumers.dispatcher.places import Places
from consumers.dispatcher.schedule import RetrySchedule
from consumers.dispatcher.turns import Turns
from service.model.delivery import DeliveryState
from service.model.identity import ChannelId, WorkspaceId
from service.store import Database, workspaces
from service.store.schema import deliveries
from tests.kit import books
from tests.kit.answering import answering
from tests.kit.books import an_owed
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.receiver import Messages
from tests.kit.rows import all_of
from tests.kit.sending import sending, settled

A, B, C = (WorkspaceId(f"ws_{name}") for name in "abc")


def filled(places: Places, *wanting: WorkspaceId) -> dict[WorkspaceId, int]:
    """How many each of *wanting* holds, once none of them finds another place."""
    while (workspace := places.next(wanting)) is not None:
        places.take(workspace)
    return {one: places.held(one) for one in wanting}


def test_a_workspace_holds_no_more_places_than_are_free() -> None:
    """So that one more finds some, though those that are held are not given up; in the end all hold as many."""
    places = Places(512)
    alone, second, third = filled(places, A), filled(places, A, B), filled(places, A, B, C)

    assert ({A: 256}, {A: 256, B: 128}, {A: 256, B: 128, C: 64}) == (alone, second, third)
    for _ in range(256):
        places.leave(A)
        filled(places, A, B, C)
    assert {A: 128, B: 128, C: 128} == filled(places, A, B, C)


def test_what_one_has_no_use_for_is_there_for_the_others() -> None:
    """It holds what it wants, and they share the rest."""
    places = Places(100)
    places.take(A, 10)

    assert {B: 30, C: 30} == filled(places, B, C)


@pytest.mark.parametrize("seed", range(3))
def test_shares_are_the_fairest_there_are(seed: int) -> None:
    """Each as it wants, or as much as any (max-min), counting one share that is kept; after random wants and ends."""
    chance = random.Random(seed)
    total, names = 240, [WorkspaceId(f"ws_{number}") for number in range(12)]
    places, wants = Places(total), dict.fromkeys(names, 0)
    for _ in range(40):
        wants |= {name: chance.choice([0, 3, 20, 500]) for name in chance.sample(names, 3)}
        flying = [name for name in names for _ in range(places.held(name))] * 3
        for ended in [None, *chance.sample(flying, len(flying))]:  # requests end, in whatever order, and others begin
            if ended is not None and places.held(ended):
                places.leave(ended)
            while (one := places.next([name for name in names if places.held(name) < wants[name]])) is not None:
                places.take(one)

        fair = _fair(total, [*wants.values(), total])
        assert sum(places.held(name) for name in names) < total
        assert not [name for name in names if places.held(name) < min(wants[name], fair) - 1]


def _fair(total: int, wants: list[int]) -> int:
    """The largest share with which nobody has more than they want, and all together no more than *total*."""
    return max(share for share in range(total + 1) if sum(min(want, share) for want in wants) <= total)


def test_channels_that_are_due_take_turns_by_workspace() -> None:
    """One that came last with one channel is not behind a hundred of another; who has no place is passed over."""
    turns = Turns()
    for number in range(100):
        turns.add(A, ChannelId(f"a{number}"))
    turns.add(B, ChannelId("b0"))
    turns.add(A, ChannelId("a0"))
    first = [turns.take(lambda _: True) for _ in range(3)]
    turns.put_back(A, ChannelId("a1"))
    turns.add(B, ChannelId("b1"))
    blocked = [turns.take(lambda one: one != A) for _ in range(2)]
    rest = [turns.take(lambda _: True) for _ in range(100)]

    assert ["a0", "b0", "a1"] == first
    assert ["b1", None] == blocked
    assert [*(f"a{number}" for number in range(1, 100)), None] == rest


@pytest.mark.parametrize("paced", [False, True])
async def test_an_alert_goes_at_once_while_hundreds_of_another_workspace_hang(
    database: Database, monkeypatch: pytest.MonkeyPatch, paced: bool
) -> None:
    """Before a single one of those has ended: real receivers, of which one workspace's do not answer."""
    monkeypatch.setattr("consumers.dispatcher.guard._TIMEOUT", ClientTimeout(total=600))
    hanging, over = Counter[str](), asyncio.Event()

    async def hangs(request: web.Request) -> web.Response:
        hanging[request.path] += 1
        await over.wait()
        return web.Response()

    async def as_many_as_may() -> bool:
        return sum(hanging.values()) >= 256

    healthy = Messages()
    names = [f"slow-{number}" for number in range(300)]
    async with database.transaction() as tx:
        theirs = await workspaces.add(tx, "theirs", now())
        ours = await workspaces.add(tx, "ours", now())
    of = {**dict.fromkeys(names, theirs), "desk": ours}
    await books.add_channels(database, *names, workspace=theirs)
    await books.add_channels(database, "desk", workspace=ours)
    async with AsyncExitStack() as stack:
        slow, quick = [await stack.enter_async_context(answering(one)) for one in (hangs, healthy.receive)]
        urls = {**{name: f"{slow}/{name}" for name in names}, "desk": quick}
        await stack.enter_async_context(sending(database, RetrySchedule(), pace=1.0 if paced else 0.0, of=of, **urls))
        await books.owe(database, *[an_owed(n, channels=tuple(names), workspace=theirs) for n in range(2)], at=now())
        await eventually(as_many_as_may)
        await books.owe(database, an_owed(7, channels=("desk",), workspace=ours), at=now())
        await eventually(settled(database, DeliveryState.DELIVERED))
        tries = sum(count for (count,) in await all_of(database, deliveries.c.tries))
        over.set()

    assert [7] == healthy.numbers()
    assert (1, 256) == (tries, sum(hanging.values()))
