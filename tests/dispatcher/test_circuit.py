"""A channel's circuit: it opens when most requests fail, tries one at a time, and closes when one is taken."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from aiohttp import web

from consumers.dispatcher.schedule import Apart, RetrySchedule
from service.model.circuit import SPREAD, Circuit, Circuits, CircuitState, RecentRequests, fault
from service.model.delivery import DeliveryState, Reason
from service.model.identity import ChannelId
from service.store import Database, channels
from service.store.attempts import Attempt, Attempted, record
from service.store.channels import ChannelState
from service.store.schema import deliveries as table
from tests.kit import books
from tests.kit.answering import answering
from tests.kit.books import AnAlert, an_owed
from tests.kit.leaping import Leaping
from tests.kit.rows import all_of
from tests.kit.sending import sending, settled

BEGAN = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PAUSES = [10, 20, 40, 80, 160, 300, 300]  # seconds


class Naive:
    """The same rule by looking at everything that ever happened."""

    def __init__(self) -> None:
        self.ended: list[tuple[datetime, bool]] = []  # since it was closed
        self.opened: datetime | None = None
        self.tried: list[datetime] = []  # when probes came back that were not taken

    def may(self, now: datetime) -> bool:
        """Whether a request may begin."""
        return self.opened is None or now >= self.probe_at

    @property
    def probe_at(self) -> datetime:
        """When the next probe may begin."""
        last = self.tried[-1] if self.tried else self.opened
        assert last is not None
        return last + PAUSES[min(len(self.tried), len(PAUSES) - 1)] * SECOND

    def came(self, began: datetime, ended: datetime, *, taken: bool) -> None:
        """A request has ended."""
        if self.opened is None:
            self.ended.append((ended, taken))
            lately = [good for at, good in self.ended if _tens(at) > _tens(ended) - 30]
            if not taken and len(lately) >= 10 and lately.count(False) / len(lately) >= 0.7:
                self.opened = ended
        elif began >= self.opened:
            self.tried.append(ended)
            if taken:
                self.__init__()  # type: ignore[misc]


def _tens(at: datetime) -> int:
    return int((at - BEGAN).total_seconds() // 10)


def requests(chance: random.Random) -> Iterator[tuple[float, float, bool]]:
    """Pause, duration and result of requests to a destination that works better or worse by turns."""
    while True:
        good, busy = chance.choice([0, 0.1, 0.28, 0.32, 0.9, 1]), chance.choice([0.2, 5.0, 40.0])
        for _ in range(chance.randint(1, 60)):
            yield chance.expovariate(1 / busy), chance.choice([0.05, 2.0, 15.0]), chance.random() < good


@pytest.mark.parametrize("seed", range(6))
def test_it_is_what_one_look_at_everything_says(seed: int) -> None:
    """Up to eight requests in flight at a time, which end in any order, while it opens, is probed and closes."""
    chance = random.Random(seed)
    naive, circuit, circuits = Naive(), Circuit(), Circuits()
    desk, now, flying = ChannelId("desk"), BEGAN, list[tuple[datetime, datetime, bool]]()
    states = set()

    def land(until: datetime) -> None:
        nonlocal circuit
        for one in sorted(flying, key=lambda each: each[1]):
            began, ended, taken = one
            if ended > until:
                continue
            flying.remove(one)
            reason = Reason.RECEIVED if taken else chance.choice([Reason.TIMEOUT, Reason.SERVER_ERROR])
            trips = circuit.opened is None and circuits.trips(desk, reason, ended)
            circuit = circuit.after(began, ended, taken=taken, trips=trips)
            naive.came(began, ended, taken=taken)
            if circuit.opened:
                circuits.forget([desk], ended)
            assert (naive.opened, naive.opened and naive.probe_at) == (circuit.opened, circuit.probe_at)

    for pause, seconds, taken in (item for item, _ in zip(requests(chance), range(1000), strict=False)):
        now += pause * SECOND
        land(now)
        state = circuit.state(now)
        states.add(state)
        assert naive.may(now) == (state is not CircuitState.OPEN)
        probing = any(circuit.opened and began >= circuit.opened for began, _, _ in flying)
        if naive.may(now) and len(flying) < 8 and not probing:
            flying.append((now, now + seconds * SECOND, taken))

    assert {*CircuitState} == states


def test_it_opens_at_seventy_of_a_hundred_and_not_before_ten_requests() -> None:
    """Of five minutes, whatever was before."""

    def opens(answers: str, apart: float) -> list[int]:
        recent = RecentRequests()
        return [
            number
            for number, answer in enumerate(answers, 1)
            if recent.note(BEGAN + number * apart * SECOND, failed=answer == "x")
        ]

    assert [10, 11] == opens("xxxxxxxxxxx", 1)
    assert [] == opens("xxxxxxxxx.", 1)
    assert [10] == opens("...xxxxxxx", 1)
    assert [] == opens("....xxxxxxxx", 1)
    assert [14] == opens("....xxxxxxxxxx", 1)
    assert [] == opens("x" * 100, 40)  # eight in five minutes
    assert [41] == opens("." * 30 + "x" * 11, 20)  # fifteen in five minutes


def test_a_clock_that_is_set_back_has_it_count_anew() -> None:
    """What is noted for a time to come says nothing of now."""
    recent = RecentRequests()
    for _ in range(9):
        recent.note(BEGAN + timedelta(hours=1), failed=True)

    assert [False] * 9 + [True] == [recent.note(BEGAN, failed=True) for _ in range(10)]


@pytest.mark.parametrize("reason", Reason)
def test_only_a_destination_that_does_not_work_counts_against_it(reason: Reason) -> None:
    """Whoever refuses a message works; who asks us to wait has a pace; what fails here says nothing."""
    faults = {"timeout", "no-connection", "tls", "not-http", "not-smtp", "server-error"}
    nothing = {"our-fault", "address-not-allowed", "rate-limited"}

    assert (None if reason in nothing else reason in faults) == fault(reason)


def test_a_worker_keeps_nothing_of_channels_to_which_it_sends_nothing() -> None:
    """Once five minutes have passed."""
    circuits = Circuits()
    for number in range(100):
        circuits.trips(ChannelId(f"chan_{number}"), Reason.RECEIVED, BEGAN)
    circuits.forget([], BEGAN + timedelta(minutes=5, seconds=10))

    assert not circuits._recent


def test_channels_that_open_together_are_not_probed_together() -> None:
    """A thousand channels of a service that is down: no second has many more of their sixth probes than others."""
    chance = Apart(7)
    circuits = [Circuit(opened=BEGAN, probe_at=BEGAN)] * 1000
    for _ in range(5):
        circuits = [
            one.after(one.probe_at, one.probe_at, taken=False, trips=False, spread=chance.uniform(0, SPREAD))
            for one in circuits
            if one.probe_at is not None
        ]
    seconds = Counter((one.probe_at - BEGAN) // SECOND for one in circuits if one.probe_at is not None)

    assert 1000 == seconds.total()
    assert max(seconds.values()) < 3 * 1000 / len(seconds) < 3 * 1000 / 50


async def tried(database: Database, state: DeliveryState, at: datetime, *, trips: bool = False) -> ChannelState:
    """How it stands with desk when a request that began *at* that time has come to *state*."""
    (number,) = [tries for (tries,) in await all_of(database, table.c.tries)]
    told = Attempted(message="a1", number=number + 1, steps=1, due=at)
    attempt = Attempt(
        channel="desk",
        told=(told,),
        at=at,
        seconds=1,
        state=state,
        status=500,
        detail="500 Broken",
        reason="server-error",
        trips=trips,
    )
    async with database.transaction() as tx:
        await record(tx, [attempt])
    (found,) = await channels.states(database)
    return found


async def test_it_is_kept_with_the_channel_for_every_worker(either: Database) -> None:
    """Since when it is open, and when it is tried next; a request from before it opened changes nothing."""
    await books.owe(either, AnAlert(id="a1"), at=BEGAN)
    opened = await tried(either, DeliveryState.PENDING, BEGAN, trips=True)
    late = await tried(either, DeliveryState.PENDING, BEGAN - 10 * SECOND)
    again = await tried(either, DeliveryState.PENDING, BEGAN + 11 * SECOND)
    async with either.transaction() as tx:
        await channels.flush(tx, "desk", BEGAN + 15 * SECOND, held=False)
    (pressed,) = await channels.states(either)
    closed = await tried(either, DeliveryState.DELIVERED, BEGAN + 40 * SECOND)

    at = BEGAN + SECOND
    assert Circuit(opened=at, probe_at=at + 10 * SECOND) == opened.circuit == late.circuit
    assert Circuit(opened=at, probes=1, probe_at=BEGAN + 32 * SECOND) == again.circuit
    assert Circuit(opened=at, probes=1) == pressed.circuit
    assert (Circuit(), None, 0) == (closed.circuit, closed.failing_since, closed.failures)
    assert BEGAN + 32 * SECOND == again.free(BEGAN + 12 * SECOND, timedelta(0), timedelta(0), timedelta(days=1))


async def test_an_outage_is_probed_by_one_request_at_a_time_and_all_goes_when_it_is_over(either: Database) -> None:
    """Each pause longer than the last; what waits is sent oldest first, and nothing is lost."""
    clock = Leaping(either, BEGAN)
    over = BEGAN + timedelta(minutes=30)
    asked: list[datetime] = []
    taken: list[datetime] = []
    at_once = 0

    async def answer(_: web.Request) -> web.Response:
        nonlocal at_once
        at_once += 1
        assert 1 == at_once or len(asked) < 10
        (asked if clock.now() < over else taken).append(clock.now())
        at_once -= 1
        return web.Response(status=502 if clock.now() < over else 200)

    async def closed() -> bool:
        (state,) = await channels.states(either)
        return state.opened is None and await settled(either, DeliveryState.DELIVERED, 40)()

    await books.owe(either, *[an_owed(number) for number in range(40)], at=BEGAN)
    async with answering(answer) as url, sending(either, RetrySchedule(), "webhook", clock=clock.now, desk=url):
        await clock.until(closed)

    pauses = [(later - one) / SECOND for one, later in pairwise(asked[9:])]
    assert all(least <= pause <= least * 1.21 for least, pause in zip(PAUSES, pauses[:5], strict=False))
    assert len(asked) < 25
    assert 40 == len(taken)
