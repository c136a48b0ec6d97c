"""How each thing that can be wrong comes about, and goes."""

import re
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from msgspec.structs import replace
from sqlalchemy import insert, update

from service.control import deliveries as control
from service.control.status import status
from service.log.table import TableLog
from service.model import calendar
from service.model.dead import DeadLetter
from service.model.delivery import DeliveryState
from service.model.errors import Unavailable, UnusableReason
from service.model.filing import Cik, Original
from service.model.identity import DEFAULT, Revision, RuleId
from service.model.notice import NoticeKind
from service.model.resource import SERVICE, Action, ResourceKind
from service.model.tickers import ListedCompany, Moved
from service.settings import Settings
from service.store import Database, days, failures, gaps, habits, letters, marks, moved, notices, processes
from service.store.failures import Failure
from service.store.habits import RuleHabit
from service.store.ledger import Chosen
from service.store.processes import Process
from service.store.schema import changes, channel_states, deliveries, resources
from service.store.schema import filings as filings_table
from service.vitals import Unwatched
from service.watch.checks import conditions
from service.watch.look import Look
from service.watch.metrics import Metrics
from service.watch.watch import Watch
from service.wire.topics import Topic
from tests.kit.archives import listings
from tests.kit.clocks import SetClock
from tests.kit.given_up import FIRST, kill, owe
from tests.kit.indexes import began, seen_by_the_feed

TUESDAY = date(2025, 3, 4)
NIGHT = calendar.at(TUESDAY, time(23))


class StatedLog(TableLog):
    """A log whose groups are as far behind as the test says, if it answers at all."""

    behind = 0
    away = False

    async def lag(self) -> dict[tuple[str, Topic], int]:
        """As the test says."""
        if self.away:
            raise Unavailable("Kafka cannot be reached at 127.0.0.1:9 (FILINGBELL_KAFKA): no broker answers")
        return {("parser", Topic.FILINGS): self.behind}


class World:
    """A service on *database* that runs whole, at the times that the test sets."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.log = StatedLog(database, Unwatched())
        self.clock = SetClock(NIGHT)
        self.trouble: str | None = None
        self.process = Process(id="p", roles=Settings().roles, version="1", host="h", pid=7, started=NIGHT, beat=NIGHT)
        self._watch = Watch(Settings(), database, self.log, self.clock, Unwatched(), lambda: self.trouble)

    def look(self) -> Look:
        """At the state as it is now."""
        return Look(self.database, self.log, Settings(), self.clock.now(), lambda: self.trouble)

    async def watched(self, at: datetime, *, later: timedelta = timedelta(0)) -> None:
        """The watch looks at *at*, and again *later*; all the while the process shows itself."""
        for moment in (at, at + later):
            self.clock.set(moment)
            async with self.database.transaction() as tx:
                await processes.put(tx, replace(self.process, beat=moment))
            await self._watch.look()

    async def shown(self) -> list[set[NoticeKind]]:
        """What stands by the conditions, `status`, the metrics and the notices."""
        exposed = (await Metrics().exposition(self.look(), ())).decode()
        counted = re.findall(r'^filingbell_operational_alerts\{kind="([a-z-]+)"\} (?!0\.0)', exposed, re.MULTILINE)
        return [
            {one.kind for one in await conditions(self.look())},
            {one.kind for one in (await status(self.look())).conditions},
            set(map(NoticeKind, counted)),
            {one.kind for one in await notices.standing(self.database)},
        ]

    async def stands(self, channel: str, **state: object) -> None:
        """Set what is known of *channel*."""
        async with self.database.transaction() as tx:
            await tx.execute(update(channel_states).where(channel_states.c.channel == channel).values(**state))

    async def enable(self, resource: str, *, enabled: bool) -> None:
        """Switch *resource*."""
        async with self.database.transaction() as tx:
            await tx.execute(update(resources).where(resources.c.id == resource).values(enabled=enabled))


class Story(NamedTuple):
    """How a condition comes about, and goes."""

    begins: Callable[[World], Awaitable[None]]
    ends: Callable[[World], Awaitable[None]]


async def refused(world: World) -> None:
    async with world.database.transaction() as tx:
        await marks.put(tx, marks.blocked("www"), NIGHT + timedelta(minutes=5))
    await world.watched(NIGHT)


async def not_refused(world: World) -> None:
    await world.watched(NIGHT + timedelta(minutes=6))


async def silent(world: World) -> None:
    await began(world.database)
    await seen_by_the_feed(world.database, listings(1), TUESDAY)
    await read(world, calendar.at(TUESDAY, time(12)))
    async with world.database.transaction() as tx:
        await tx.execute(update(filings_table).values(state="published"))
    await world.watched(calendar.at(TUESDAY, time(12, 10)), later=timedelta(hours=11))


async def read(world: World, at: datetime) -> None:
    async with world.database.transaction() as tx:
        await marks.put(tx, marks.READ, at)


async def read_again(world: World) -> None:
    await read(world, NIGHT + timedelta(minutes=15))
    await world.watched(NIGHT + timedelta(minutes=16))


async def gap(world: World) -> None:
    async with world.database.transaction() as tx:
        await gaps.add(tx, NIGHT, NIGHT, NIGHT, "EDGAR answered 503")
    await world.watched(NIGHT)


async def gap_closed(world: World) -> None:
    async with world.database.transaction() as tx:
        await gaps.read_after_all(tx, 1, NIGHT)
    await world.watched(NIGHT)


async def not_compared(world: World) -> None:
    await began(world.database)
    await world.watched(calendar.at(TUESDAY + timedelta(days=1), time(23)))


async def compared(world: World) -> None:
    async with world.database.transaction() as tx:
        await days.account(tx, TUESDAY, world.clock.now())
    await world.watched(world.clock.now())


async def behind(world: World) -> None:
    world.log.behind = 50
    await world.watched(NIGHT + timedelta(minutes=17), later=timedelta(minutes=6))


async def caught_up(world: World) -> None:
    world.log.behind = 0
    await world.watched(NIGHT + timedelta(minutes=7))


async def away(world: World) -> None:
    world.log.away = True
    await world.watched(NIGHT, later=timedelta(minutes=3))


async def back(world: World) -> None:
    world.log.away = False
    await world.watched(NIGHT + timedelta(minutes=4))


async def full(world: World) -> None:
    world.trouble = "the disk that holds /var/lib/filingbell is full"
    await world.watched(NIGHT)


async def room(world: World) -> None:
    world.trouble = None
    await world.watched(NIGHT)


async def without_a_poller(world: World) -> None:
    world.process = replace(world.process, roles=("parser", "matcher", "dispatcher"))
    await world.watched(NIGHT, later=timedelta(minutes=3))


async def with_a_poller(world: World) -> None:
    world.process = replace(world.process, id="q", roles=Settings().roles)
    await world.watched(NIGHT + timedelta(minutes=4))


async def failing(world: World) -> None:
    await owe(world.database, "a1", FIRST, "desk", at=NIGHT)
    await world.stands("desk", failing_since=NIGHT, failures=3, reason="server-error", detail="503 Busy")
    await world.watched(NIGHT + timedelta(minutes=2))


async def working(world: World) -> None:
    await world.stands("desk", failing_since=None)
    await world.watched(NIGHT + timedelta(minutes=3), later=timedelta(minutes=3))


async def too_many(world: World) -> None:
    await owe(world.database, "a1", FIRST, "desk", at=NIGHT)
    await world.watched(NIGHT + timedelta(minutes=16))


async def went(world: World) -> None:
    async with world.database.transaction() as tx:
        await tx.execute(update(deliveries).values(state=DeliveryState.DELIVERED, settled=NIGHT))
    await world.watched(NIGHT, later=timedelta(minutes=6))


async def unconfigured(world: World) -> None:
    await owe(world.database, "a1", FIRST, "desk", at=NIGHT)
    await world.stands("desk", missing_since=NIGHT)
    await world.watched(NIGHT)


async def configured(world: World) -> None:
    await world.stands("desk", missing_since=None)
    await world.watched(NIGHT)


async def disabled(world: World) -> None:
    await owe(world.database, "a1", FIRST, "desk", at=NIGHT)
    await world.stands("desk", missing_since=NIGHT, failing_since=NIGHT)  # which says less
    await world.enable("desk", enabled=False)
    await world.watched(NIGHT + timedelta(minutes=2))


async def enabled(world: World) -> None:
    await world.stands("desk", missing_since=None, failing_since=None)
    await world.enable("desk", enabled=True)
    await world.watched(NIGHT + timedelta(minutes=3))


async def given_up(world: World) -> None:
    await owe(world.database, "a1", FIRST, "desk", at=NIGHT)
    await kill(world.database, "a1", "desk", at=NIGHT)
    await world.watched(NIGHT)


async def acknowledged(world: World) -> None:
    await control.acknowledge(world.database, Chosen(channels=("desk",)), NIGHT)
    await world.watched(NIGHT)


async def rule_fails(world: World) -> None:
    rule = {"id": "bad", "workspace": DEFAULT, "kind": ResourceKind.RULE, "name": "bad", "section": {}}
    failed = Failure(rule=RuleId("bad"), revision=Revision(7), accession=FIRST, detail="KeyError: 'x'")
    async with world.database.transaction() as tx:
        await tx.add(resources, rule | {"enabled": True, "revision": 7, "created": NIGHT})
        await failures.add(tx, [failed], NIGHT)
    await world.watched(NIGHT)


async def rule_works(world: World) -> None:
    async with world.database.transaction() as tx:
        await failures.over(tx, [RuleId("bad")])
    await world.watched(NIGHT, later=timedelta(minutes=11))


async def rule_failed(world: World) -> None:
    rule = {"id": "bad", "workspace": DEFAULT, "kind": ResourceKind.RULE, "name": "bad"}
    change = {"resource": "bad", "revision": 7, "at": NIGHT, "actor": SERVICE, "action": Action.DISABLED}
    as_it_stands = {"section": {}, "enabled": False, "revision": 7, "created": NIGHT}
    async with world.database.transaction() as tx:
        await tx.add(resources, rule | as_it_stands)
        del rule["id"]
        await tx.execute(insert(changes).values(rule | change | {"reason": "it failed on 20 filings in a row"}))
    await world.watched(NIGHT)


async def rule_enabled(world: World) -> None:
    await world.enable("bad", enabled=True)
    await world.watched(NIGHT)


async def odd_rule(world: World, **odd: object) -> None:
    row = {"id": "odd", "workspace": DEFAULT, "kind": ResourceKind.RULE, "name": "odd"}
    usual = RuleHabit(rule=RuleId("odd"), revision=Revision(7), looked=NIGHT, usual=timedelta(days=1))
    async with world.database.transaction() as tx:
        await tx.add(resources, row | {"section": {}, "enabled": True, "revision": 7, "created": NIGHT})
        await habits.keep(tx, replace(usual, **odd))
    await world.watched(NIGHT)


async def rule_silent(world: World) -> None:
    await odd_rule(world, silent=NIGHT - timedelta(days=6))


async def rule_unsure(world: World) -> None:
    await odd_rule(world, unsure=NIGHT, before=10, lately=40, claim="value >= $20,000")


async def rule_usual(world: World) -> None:
    await odd_rule(world)


async def unusable(world: World) -> None:
    async with world.database.transaction() as tx:
        await letters.bury(tx, a_letter(UnusableReason.MALFORMED_XML), a_letter(UnusableReason.NO_OWNERSHIP_XML))
    await world.watched(NIGHT)


async def dropped(world: World) -> None:
    async with world.database.transaction() as tx:
        for kept in await letters.find(world.database, FIRST):
            await letters.settle(tx, kept.id, letters.LetterState.DROPPED)
    await world.watched(NIGHT)


def a_letter(reason: UnusableReason) -> DeadLetter:
    """A filing that the parser could not use."""
    return DeadLetter(
        group="parser",
        reason=reason,
        message="its XML cannot be read: line 3",
        accession=FIRST,
        topic="form4.filings",
        partition=0,
        offset=1,
        id=reason,
        key=None,
        original=Original.of(b"<x"),
        died=NIGHT,
    )


async def moved_ticker(world: World) -> None:
    row = {"id": "ours", "workspace": DEFAULT, "kind": ResourceKind.WATCHLIST, "name": "ours"}
    as_it_stands = {"section": {"tickers": ["B"]}, "enabled": True, "revision": 7, "created": NIGHT}
    before, after = (ListedCompany(Cik(cik), "SOME CORP", TUESDAY) for cik in ("0000009984", "0000756894"))
    async with world.database.transaction() as tx:
        await tx.add(resources, row | as_it_stands)
        await moved.replace(tx, "ours", DEFAULT, [Moved("B", before, after)], NIGHT)
    await world.watched(NIGHT)


async def accepted_ticker(world: World) -> None:
    async with world.database.transaction() as tx:
        await moved.replace(tx, "ours", DEFAULT, [], NIGHT)
    await world.watched(NIGHT)


STORIES = {
    NoticeKind.BLOCKED: Story(refused, not_refused),
    NoticeKind.SILENCE: Story(silent, read_again),
    NoticeKind.GAP: Story(gap, gap_closed),
    NoticeKind.UNPROVEN: Story(not_compared, compared),
    NoticeKind.LAG: Story(behind, caught_up),
    NoticeKind.FAILING: Story(failing, working),
    NoticeKind.OLD: Story(too_many, went),
    NoticeKind.DEAD: Story(given_up, acknowledged),
    NoticeKind.MISSING: Story(unconfigured, configured),
    NoticeKind.DISABLED: Story(disabled, enabled),
    NoticeKind.ABSENT: Story(without_a_poller, with_a_poller),
    NoticeKind.UNWRITABLE: Story(full, room),
    NoticeKind.UNREACHABLE: Story(away, back),
    NoticeKind.FAILED: Story(rule_fails, rule_works),
    NoticeKind.RULE: Story(rule_failed, rule_enabled),
    NoticeKind.QUIET: Story(rule_silent, rule_usual),
    NoticeKind.UNSURE: Story(rule_unsure, rule_usual),
    NoticeKind.UNUSABLE: Story(unusable, dropped),
    NoticeKind.MOVED: Story(moved_ticker, accepted_ticker),
}
