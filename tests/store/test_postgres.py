"""What PostgreSQL is for: several workers on one database, and the database going away under them."""

import asyncio
import random
from collections import Counter
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from service.model.delivery import DeliveryState
from service.model.errors import ConfigError, Superseded, Unavailable
from service.runtime.leader import Leader
from service.store import Database, attempts, claims, deliveries, events, leases, positions
from service.store.attempts import Attempt, Attempted
from service.store.database import open_database
from service.store.group_commit import GroupCommit, each
from service.store.schema import metadata
from service.vitals import Unwatched
from service.wire.topics import Topic
from tests.chaos.proxy import Proxy
from tests.conftest import new_database_url
from tests.kit import books
from tests.kit.books import AnAlert
from tests.kit.eventually import eventually
from tests.kit.filings import a_filing_event, now


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a new database on PostgreSQL."""
    return new_database_url(request, tmp_path, "postgresql")


async def test_the_migrations_make_the_schema_on_postgresql_too(either: Database) -> None:
    """One schema, two databases."""

    def differences(connection: Connection) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    async with either.reading() as connection:
        assert [] == await connection.run_sync(differences)


async def test_several_processes_that_start_together_migrate_once(url: str) -> None:
    """One migrates, the others wait for it."""
    opened = await asyncio.gather(*(open_database(url) for _ in range(5)))
    for database in opened:
        await database.close()


async def test_sequence_numbers_become_visible_in_their_order(url: str) -> None:
    """A reader that has passed a number never finds a lower one later: it would be lost to it."""
    database = await open_database(url, pool=20)
    seen: list[int] = []
    done = asyncio.Event()

    async def write(first: int) -> None:
        chance = random.Random(first)
        for number in range(first, first + 25):
            async with database.transaction() as tx:
                tx.emit(a_filing_event(number))
                await tx.execute(text("SELECT pg_sleep(:s)"), {"s": chance.uniform(0, 0.004)})

    async def read() -> None:
        position = 0
        while not done.is_set() or await events.read(database, Topic.FILINGS, position, 1):
            for record in await events.read(database, Topic.FILINGS, position, 100):
                seen.append(record.offset)
                position = record.offset + 1

    reader = asyncio.create_task(read())
    await asyncio.gather(*(write(1000 * number) for number in range(12)))
    done.set()
    await reader
    counts = await events.counts(database)
    await database.close()

    assert {"form4.filings": 300} == counts
    assert 300 == len(seen)
    assert sorted(seen) == seen


async def test_what_is_appended_keeps_the_order_in_which_it_was_emitted(either: Database) -> None:
    """Also within one transaction; and an id that is there already changes nothing."""
    made = [a_filing_event(number) for number in range(200)]
    random.Random(3).shuffle(made)
    for _ in range(2):
        async with either.transaction() as tx:
            tx.emit(*made)
    found = [record.id for record in await events.read(either, Topic.FILINGS, 0, 1000)]

    assert [event.id for event in made] == found


async def test_workers_claim_each_delivery_once(either: Database) -> None:
    """Two dispatchers never send the same one, unless a claim runs out."""
    await _owe(either, 60)
    until = now() + timedelta(seconds=30)

    async def claim(at: datetime, limit: int) -> list[str]:
        async with either.transaction() as tx:
            waiting = await claims.waiting(tx, ["desk"], at, limit, limit)
            return [alert for _, alert in await claims.take(tx, waiting, until)]

    async def work() -> list[str]:
        mine = []
        while claimed := await claim(now(), 7):
            mine += claimed
        return mine

    found = await asyncio.gather(*(work() for _ in range(4)))
    again = await claim(until + timedelta(seconds=1), 100)

    assert {f"alert-{number}": 1 for number in range(60)} == Counter(alert for mine in found for alert in mine)
    assert 60 == len(again)


async def test_an_attempt_that_another_worker_has_recorded_is_not_recorded_twice(either: Database) -> None:
    """A worker that slept through its claim comes too late."""
    await _owe(either, 1)

    def attempt(state: DeliveryState) -> Attempt:
        return Attempt(
            channel="desk",
            told=(Attempted(message="alert-0", number=1, steps=1, due=now()),),
            at=now(),
            seconds=0.1,
            state=state,
            status=200,
            detail="",
        )

    async with either.transaction() as tx:
        first = await attempts.record(tx, [attempt(DeliveryState.DELIVERED)])
    async with either.transaction() as tx:
        late = await attempts.record(tx, [attempt(DeliveryState.PENDING)])

    assert ([True], [False]) == (first, late)
    assert {("desk", "delivered"): 1} == await deliveries.counts(either)


async def test_of_several_processes_one_leads_and_another_takes_over(url: str) -> None:
    """When the leader stops, at once; when it dies, within its lease."""
    leading: list[str] = []
    async with AsyncExitStack() as stack:
        tasks = {}
        for name in ("first", "second"):
            database = await open_database(url)
            stack.push_async_callback(database.close)

            async def work(name: str = name) -> None:
                leading.append(name)
                await asyncio.Event().wait()

            leader = Leader("poller", database, now, Unwatched())
            tasks[name] = asyncio.create_task(leader.run(work))
        await eventually(_holds(leading, 1))
        await asyncio.sleep(0)
        first = leading[0]
        tasks[first].cancel()
        await asyncio.gather(tasks[first], return_exceptions=True)
        await eventually(_holds(leading, 2))
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)

    assert {"first", "second"} == set(leading)


async def test_a_lease_is_anothers_only_when_it_has_run_out(either: Database) -> None:
    """And can be renewed by whoever has it."""
    start = now()

    async def acquire(holder: str, seconds: float) -> bool:
        at = start + timedelta(seconds=seconds)
        async with either.transaction() as tx:
            return await leases.acquire(tx, "relay", holder, at, at + timedelta(seconds=9))

    assert [True, False, True, False, True] == [
        await acquire("a", 0),
        await acquire("b", 5),
        await acquire("a", 6),
        await acquire("b", 14),
        await acquire("b", 15),
    ]


async def test_a_commit_in_one_process_wakes_the_readers_of_another(url: str) -> None:
    """Bells ring across processes, so that nobody waits for the next look."""
    writer, reader = await open_database(url), await open_database(url)
    bell = reader.bell(Topic.FILINGS)
    number = 0

    async def rung() -> bool:
        nonlocal number
        number += 1
        async with writer.transaction() as tx:
            tx.emit(a_filing_event(number))
        await bell.wait(0.2)
        return bell._rung.is_set()

    await eventually(rung)
    await reader.close()
    await writer.close()


async def test_a_worker_that_stops_in_a_transaction_does_not_hold_up_the_others_for_long(url: str) -> None:
    """The server ends a session that is idle in a transaction; its locks go, its work was never there."""
    stuck, other = await open_database(url), await open_database(url)
    await positions.load(stuck, "parser", Topic.FILINGS, 0)
    async with other._engine.connect() as connection:
        limit = await connection.scalar(text("SHOW idle_in_transaction_session_timeout"))
    with pytest.raises(Unavailable):
        async with stuck.transaction() as tx:
            await tx.execute(text("SET LOCAL idle_in_transaction_session_timeout = '2s'"))
            await positions.advance(tx, "parser", Topic.FILINGS, 0, 0, 5)
            async with other.transaction() as theirs:
                await positions.advance(theirs, "parser", Topic.FILINGS, 0, 0, 7)  # waits for the lock, and gets it
    position = await positions.load(other, "parser", Topic.FILINGS, 0)
    await stuck.close()
    await other.close()

    assert ("10s", 7) == (limit, position)


async def test_a_connection_that_is_cut_is_an_outage_and_the_next_call_has_a_new_one(url: str) -> None:
    """Whatever was under way is rolled back and said to be; nothing hangs on to the dead connection."""
    host, _, name = url.rpartition("/")
    async with Proxy(int(host.rpartition(":")[2])) as proxy:
        database = await open_database(f"postgresql://postgres@127.0.0.1:{proxy.port}/{name}")
        with pytest.raises(Unavailable):
            async with database.transaction() as tx:
                tx.emit(a_filing_event(1))
                proxy.cut()
        async with database.transaction() as tx:
            tx.emit(a_filing_event(2))
        found = [record.id for record in await events.read(database, Topic.FILINGS, 0, 10)]
        await database.close()

    assert ["filing-0009990900-25-000002"] == found


async def test_a_deadlock_is_an_outage_that_passes(url: str) -> None:
    """The server ends one of the two; it goes on from what is committed."""
    database = await open_database(url)
    for partition in (0, 1):
        await positions.load(database, "parser", Topic.FILINGS, partition)
    met = asyncio.Barrier(2)

    async def move(first: int, second: int) -> None:
        async with database.transaction() as tx:
            await positions.advance(tx, "parser", Topic.FILINGS, first, 0, 1)
            await met.wait()
            await positions.advance(tx, "parser", Topic.FILINGS, second, 0, 1)

    ends = await asyncio.gather(move(0, 1), move(1, 0), return_exceptions=True)
    await database.close()

    assert 1 == sum(isinstance(end, Unavailable | Superseded) for end in ends)


@pytest.mark.parametrize(
    ("change", "error", "told"),
    [
        (lambda url: url.replace("postgres@", "nobody-like-that@"), ConfigError, "the server refuses"),
        (lambda url: url + "x", ConfigError, "does not exist"),
        (lambda _: "postgresql://postgres@127.0.0.1:1/x", Unavailable, "cannot be reached"),
        (lambda _: "postgresql:///x", ConfigError, "USER:PASSWORD@HOST:PORT"),
    ],
)
async def test_an_address_that_does_not_work_is_said(change, error: type[Exception], told: str, url: str) -> None:
    """What a person must mend is told apart from what may pass."""
    with pytest.raises(error, match=told):
        await open_database(change(url))


async def test_what_waits_commits_together_and_fails_together(either: Database) -> None:
    """Group commit: few transactions, each write answered."""
    together = GroupCommit(either, each)

    async def write(number: int) -> int:
        async def put(tx) -> int:
            tx.emit(a_filing_event(number))
            return number

        return await together.write(put)

    async def fail(_tx) -> None:
        raise Superseded("as if")

    assert list(range(100)) == await asyncio.gather(*(write(number) for number in range(100)))
    ends = await asyncio.gather(together.write(fail), write(200), return_exceptions=True)
    assert [Superseded, Superseded] == [type(end) for end in ends]
    assert 7 == await write(7)
    assert {"form4.filings": 100} == await events.counts(either)


async def _owe(database: Database, count: int) -> None:
    await books.owe(database, *(AnAlert(id=f"alert-{number}") for number in range(count)), at=now())


def _holds(found: list[str], count: int):
    async def condition() -> bool:
        return len(found) >= count

    return condition
