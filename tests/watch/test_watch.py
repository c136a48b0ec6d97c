"""Silence is a signal: what is wrong is told once, to channels of its own, and once more when it is over."""

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from consumers.dispatcher.blocks import message
from consumers.dispatcher.channels import load as load_channels
from consumers.dispatcher.digest import of_the_past
from consumers.dispatcher.door import doors
from consumers.dispatcher.guard import Guard
from consumers.dispatcher.notices import Notices
from consumers.dispatcher.schedule import RetrySchedule
from consumers.dispatcher.sender import Sender
from service.log.table import TableLog
from service.lookalike.archive import Listing
from service.model import calendar
from service.model.filing import Provenance
from service.model.identity import DEFAULT, Revision
from service.model.notice import Notice, NoticeKind
from service.settings import Settings
from service.store import Database, day_records, days, deliveries, digests, filings, gaps, marks, notices, workspaces
from service.vitals import Unwatched
from service.watch.checks.silence import usual_silence
from service.watch.watch import Watch
from service.wire import encode
from service.wire.topics import Topic
from tests.kit import books
from tests.kit.archives import listings
from tests.kit.books import AnAlert, a_book, add_channels
from tests.kit.clocks import SetClock
from tests.kit.documents import an_alert
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.indexes import began, seen_by_the_feed
from tests.kit.receiver import SECRET, Receiver
from tests.kit.tasks import going_on

TUESDAY = date(2025, 3, 4)
NOON = calendar.at(TUESDAY, time(12))


def watching(database: Database, clock: SetClock) -> Watch:
    return Watch(Settings(), database, TableLog(database, Unwatched()), clock, Unwatched())


async def told(database: Database) -> list[tuple[NoticeKind, str]]:
    return [(one.kind, one.subject) for one in await notices.standing(database)]


async def shown(database: Database, made: Sequence[Listing], day: date = TUESDAY) -> None:
    """The feed has shown *made*, and all is published."""
    await seen_by_the_feed(database, made, day)
    async with database.transaction() as tx:
        for one in made:
            await filings.settle(tx, one.accession, filings.FilingState.PUBLISHED)


async def read_at(database: Database, at: datetime) -> None:
    """The feed was read to known ground at that time."""
    async with database.transaction() as tx:
        await marks.put(tx, marks.READ, at)


async def test_a_feed_that_falls_silent_in_filing_hours_is_told_once_and_once_when_it_is_over(
    database: Database,
) -> None:
    """It may be EDGAR that stands, or us."""
    await began(database)
    await shown(database, listings(3))  # at noon
    clock = SetClock(NOON + timedelta(minutes=19))
    watch = watching(database, clock)
    states = []
    for minutes in (19, 21, 40):
        clock.set(NOON + timedelta(minutes=minutes))
        await read_at(database, clock.now())
        await watch.look()
        states.append(await told(database))
    later = [msgspec.structs.replace(one, accession=f"0009990901-25-00000{n}") for n, one in enumerate(listings(3))]
    await shown(database, later, TUESDAY + timedelta(days=1))
    async with database.transaction() as tx:
        await days.account(tx, TUESDAY, clock.now())
    clock.set(calendar.at(TUESDAY + timedelta(days=1), time(12, 1)))
    await read_at(database, clock.now())
    await watch.look()

    silence = [(NoticeKind.SILENCE, "feed")]
    assert [[], silence, silence] == states
    assert [] == await told(database)
    assert 2 == len(await notices.unowed(database))


async def test_a_silence_does_not_end_with_the_day(database: Database) -> None:
    """Nobody is told at 22:15 that all is well because EDGAR has closed."""
    await began(database)
    await shown(database, listings(3))
    await read_at(database, NOON)
    clock = SetClock(NOON + timedelta(minutes=10))
    watch = watching(database, clock)
    await watch.look()
    clock.set(calendar.at(TUESDAY, time(23)))
    await watch.look()
    at_night = await told(database)
    await read_at(database, clock.now())
    await watch.look()

    assert [(NoticeKind.SILENCE, "poller")] == at_night
    assert [] == await told(database)


async def test_a_silence_that_is_usual_at_that_hour_is_none() -> None:
    """Compared with the same hour of the days before."""
    days = [TUESDAY - timedelta(days=number) for number in (4, 1, 0)]
    times = sorted(calendar.at(day, time(12, minute)) for day in days for minute in (5, 50))

    assert timedelta(minutes=45) == usual_silence(times, NOON + timedelta(minutes=40))
    assert timedelta(0) == usual_silence(times, NOON + timedelta(hours=3))


async def test_nights_weekends_and_a_first_start_are_no_silence(database: Database) -> None:
    """Nobody is woken for that."""
    await began(database)
    clock = SetClock(NOON)
    watch = watching(database, clock)
    await watch.look()
    await shown(database, listings(3))
    await read_at(database, NOON)
    for at in (
        calendar.at(TUESDAY, time(23)),
        calendar.at(date(2025, 3, 8), time(12)),
        calendar.at(date(2025, 3, 5), time(6, 4)),
    ):
        clock.set(at)
        await watch.look()

    assert [] == await told(database)


async def test_a_feed_that_is_not_read_at_all_is_told(database: Database) -> None:
    """Also when no poller runs: who watches is the dispatcher."""
    await began(database)
    await shown(database, listings(3))
    await read_at(database, NOON)
    await watching(database, SetClock(NOON + timedelta(minutes=6))).look()

    (one,) = await notices.standing(database)
    assert "has not been read" in one.notice.headline


async def test_a_block_a_gap_and_a_day_that_does_not_add_up_are_told(database: Database) -> None:
    """Each by name, with what to do."""
    await began(database, date(2025, 3, 3))
    clock = SetClock(calendar.at(TUESDAY, time(23)))
    async with database.transaction() as tx:
        await marks.put(tx, marks.blocked("data"), clock.now() + timedelta(minutes=5))
        await gaps.add(tx, NOON, NOON, NOON, "EDGAR answered 503")
        await days.schedule(tx, [(date(2025, 3, 3), NOON)])
        for _ in range(10):
            await days.postpone(tx, date(2025, 3, 3), NOON, "there is no index yet", None)
    watch = watching(database, clock)
    await watch.look()
    standing = await told(database)
    clock.set(clock.now() + timedelta(minutes=6))
    await watch.look()

    expected = {(NoticeKind.BLOCKED, "data"), (NoticeKind.UNPROVEN, "2025-03-03"), (NoticeKind.GAP, "1")}
    assert expected == set(standing)
    assert {NoticeKind.GAP, NoticeKind.UNPROVEN} == {kind for kind, _ in await told(database)}


async def test_a_lag_that_does_not_come_down_is_told(database: Database) -> None:
    """A stage that stands still; one that is merely busy is not told of."""

    class Lagging(TableLog):
        """A log whose groups are as far behind as the test says."""

        behind: dict[str, int] = {}  # noqa: RUF012

        async def lag(self) -> dict[tuple[str, Topic], int]:
            return {(group, Topic.FILINGS): count for group, count in self.behind.items()}

    began_at = calendar.at(TUESDAY, time(23))
    clock, log = SetClock(began_at), Lagging(database, Unwatched())
    watch = Watch(Settings(), database, log, clock, Unwatched())
    for minute in range(7):
        clock.set(began_at + timedelta(minutes=minute))
        log.behind = {"parser": 50, "matcher": 100 * (minute % 2)}
        await watch.look()

    assert [(NoticeKind.LAG, "parser")] == await told(database)


@asynccontextmanager
async def delivering(database: Database, receiver: Receiver, operations: Sequence[str]) -> AsyncIterator[None]:
    """The dispatcher's loops, with a Slack channel for operations and a webhook for alerts."""
    channels = load_channels(
        {
            "ops": {"type": "slack", "url": f"{receiver.url}/slack"},
            "hook": {"type": "webhook", "url": f"{receiver.url}/webhook", "secrets": SECRET},
        }
    )
    await add_channels(database, *channels)
    async with database.transaction() as tx:
        await workspaces.tell(tx, DEFAULT, operations, None, Revision(0))
    async with doors() as opened:
        guard, schedule = Guard(opened, now, str), RetrySchedule()
        sender = Sender(a_book(channels), guard, database, schedule, now, random.Random(1), Unwatched())
        async with going_on(sender.run(), Notices(database, now, Unwatched()).run()):
            yield


async def test_notices_reach_the_channels_for_operations_and_no_other(either: Database) -> None:
    """Once each, signed and retried as alerts are."""
    await began(either)
    await shown(either, listings(3))
    await read_at(either, NOON)
    async with Receiver() as receiver, delivering(either, receiver, ["ops"]):
        await watching(either, SetClock(NOON + timedelta(minutes=30))).look()

        async def received() -> bool:
            return bool(receiver.received)

        await eventually(received)
        async with either.transaction() as tx:
            tx.ring(notices.NEW)
    (one,) = receiver.received

    assert "slack" == one.path
    assert "has not been read" in one.content["text"]


async def test_alerts_on_the_past_are_told_together(either: Database) -> None:
    """A backfill with --alert must not flood a channel: one message, with every alert in it."""
    alerts = [
        msgspec.structs.replace(
            an_alert(),
            id=f"alert-{number}",
            trade_id=None,
            filing=msgspec.structs.replace(
                an_alert().filing,
                accession=f"0009990900-24-{number:06d}",
                provenance=Provenance(history=True, digest="backfill-1"),
                filed_on=date(2024, 5, 6),
            ),
        )
        for number in range(50)
    ]
    owed = [
        AnAlert(
            id=one.id,
            accession=one.filing.accession,
            value=encode(one),
            channels=("hook",),
            digest=one.filing.provenance.digest,
        )
        for one in alerts
    ]
    await books.owe(either, *owed, at=datetime.now(UTC) - timedelta(minutes=1))

    async def told_of() -> bool:
        return not await digests.ripe(either, now() + timedelta(days=1), []) and not await deliveries.pending(either)

    async with Receiver() as receiver, delivering(either, receiver, []):
        await eventually(told_of)
    (one,) = receiver.received
    notice = msgspec.convert(one.content, Notice)

    assert (NoticeKind.DIGEST, "backfill-1") == (notice.kind, notice.subject)
    assert "50 alerts" in notice.headline
    assert 41 == len(notice.lines)
    assert notice.id == one.headers["webhook-id"]
    assert 0 == receiver.wrongly_signed


async def test_a_digest_waits_for_its_backfill(database: Database) -> None:
    """Alerts that come minutes apart are one message still; a backfill of many hours is told hour by hour."""
    await books.owe(database, AnAlert(id="a", channels=("hook",), digest="backfill-1"), at=NOON)
    later = [NOON + timedelta(minutes=minutes) for minutes in (1, 61)]

    assert [[], [("backfill-1", "hook")]] == [await digests.ripe(database, at, {"backfill-1"}) for at in later]
    assert [("backfill-1", "hook")] == await digests.ripe(database, later[0], set())


def test_a_digest_fits_into_slack() -> None:
    """Its limits: 50 blocks, 3,000 characters a section, 150 a header."""
    alerts = [msgspec.structs.replace(an_alert(), id=f"{n}", headline="x" * 600) for n in range(200)]
    blocks = message(of_the_past("backfill-1", "ops", alerts, now()))["blocks"]

    assert len(blocks) <= 50
    assert all(len(block["text"]["text"]) <= 3000 for block in blocks if block["type"] == "section")
    assert len(blocks[0]["text"]["text"]) <= 150


async def test_a_day_that_nobody_has_looked_at_is_told(database: Database) -> None:
    """A poller that does not run puts nothing down."""
    await began(database)
    clock = SetClock(calendar.at(TUESDAY + timedelta(days=1), time(13)))
    watch = watching(database, clock)
    await read_at(database, clock.now())
    await watch.look()

    assert (NoticeKind.UNPROVEN, "2025-03-04") in await told(database)
    assert (1, 0) == await day_records.unproven(database, time(6), clock.now())
    async with database.transaction() as tx:
        await days.schedule(tx, [(TUESDAY, calendar.due(TUESDAY, time(6)))])
    assert (1, 0) == await day_records.unproven(database, time(6), clock.now())
