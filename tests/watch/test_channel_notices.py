"""Who is told when a channel fails, when it goes on failing, and when it works again; and in which words."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema
import pytest
from sqlalchemy import select, update

from consumers.dispatcher.blocks import message
from consumers.dispatcher.notices import Notices
from service.control import deliveries as control
from service.control import notices as control_notices
from service.log.table import TableLog
from service.model.delivery import DeliveryState
from service.model.identity import DEFAULT, Revision
from service.model.notice import EventType, Notice, NoticeKind, notice_id
from service.settings import Settings
from service.store import Database, holds, ledger, notices, processes, workspaces
from service.store.ledger import Chosen
from service.store.notices import StandingNotice
from service.store.processes import Process
from service.store.schema import channel_states, messages, resources
from service.store.schema import notices as table
from service.vitals import Unwatched
from service.watch.look import Look
from service.watch.watch import Watch, over
from service.wire import decode, encode
from service.wire.schema import notice_schema
from tests.kit.books import add_channels
from tests.kit.clocks import SetClock
from tests.kit.eventually import eventually
from tests.kit.given_up import FIRST, NOW, SECOND, kill, owe
from tests.kit.tasks import going_on


@pytest.fixture
def database(either: Database) -> Database:
    """Every test here runs on SQLite and on PostgreSQL."""
    return either


async def stands(database: Database, channel: str, **state: Any) -> None:
    async with database.transaction() as tx:
        await tx.execute(update(channel_states).where(channel_states.c.channel == channel).values(**state))


async def fails(database: Database, channel: str) -> None:
    await stands(database, channel, failing_since=NOW, failures=3, reason="server-error", detail="503 Busy\nFAKE")


async def dispatching(database: Database, beat: datetime) -> None:
    """A dispatcher has run since the first failure, and showed itself at *beat*."""
    process = Process(id="p", roles=Settings().roles, version="1", host="h", pid=7, started=NOW, beat=beat)
    async with database.transaction() as tx:
        await processes.put(tx, process)


async def headlines(database: Database) -> list[str]:
    """Of every notice so far that a channel for operations is to be told, in order."""
    async with database.reading() as connection:
        values = select(messages.c.value).join(table, table.c.message == messages.c.id)
        rows = await connection.execute(values.order_by(table.c.raised))
        return [decode(row.value, Notice).headline for row in rows]


class Watched:
    """The watch, at times that the test sets."""

    def __init__(self, database: Database) -> None:
        self._clock = SetClock(NOW)
        self._watch = Watch(Settings(), database, TableLog(database, Unwatched()), self._clock, Unwatched())

    async def look(self, **later: float) -> None:
        """Look at that time behind the first failure."""
        self._clock.set(NOW + timedelta(**later))
        await self._watch.look()


async def test_a_channel_that_fails_is_told_of_again_and_when_it_works(database: Database) -> None:
    """At first, after an hour, then daily, however often it is looked at; with how many wait and since when."""
    await owe(database, "a1", FIRST, "desk")
    await owe(database, "a2", SECOND, "desk")
    await fails(database, "desk")
    watch = Watched(database)
    for seconds in (10, 70, 90, 3500, 3700, 3800, 86300, 86500, 90000, 2 * 86400 + 500):
        await watch.look(seconds=seconds)
    await stands(database, "desk", failing_since=None, failed_at=NOW + timedelta(days=3))
    await watch.look(days=3)
    await watch.look(days=3, minutes=3)

    begun = "desk has taken no alert since 2026-11-25 18:03 EST: 2 alerts wait"
    assert [begun, *[f"Still: {begun}"] * 3, "Over: desk takes alerts again (took none"] == [
        line[: line.index(" 2026-11-25 18:04")] if line.startswith("Over") else line
        for line in await headlines(database)
    ]
    assert [] == await notices.standing(database)


async def test_a_failure_says_what_waits_and_what_to_do(database: Database) -> None:
    """In one notice, with nothing forged into it by the receiver."""
    await owe(database, "a1", FIRST, "desk")
    await fails(database, "desk")
    await Watched(database).look(minutes=5)
    ((one),) = await notices.standing(database)

    assert (NoticeKind.FAILING, "desk") == (one.kind, one.subject)
    assert (
        "The last answer: 503 Busy FAKE",
        "The oldest has waited since 2026-11-25 18:03 EST; the next try is 2026-11-25 18:08 EST.",
        "What waits goes by itself once desk works. To try now: filingbell deliveries flush desk",
    ) == one.notice.lines


async def test_what_was_given_up_is_told_until_somebody_sees_to_it(database: Database) -> None:
    """With the filing, the answer and the command that brings it back."""
    await owe(database, "a1", FIRST, "desk")
    await kill(database, "a1", "desk")
    watch = Watched(database)
    await watch.look(seconds=1)
    ((one),) = await notices.standing(database)
    await control.acknowledge(database, Chosen(channels=("desk",)), NOW)
    await watch.look(seconds=20)

    assert (NoticeKind.DEAD, "1 alert to desk given up since 2026-11-25 18:03 EST") == (one.kind, one.notice.headline)
    assert (
        (
            f"desk refused 1 alert since 2026-11-25 18:03 EST (404 Not Found: no_service), e.g. {FIRST} buys. "
            "To send them again: filingbell deliveries resend --channel desk"
        ),
        "They are kept. If they are not needed: filingbell deliveries acknowledge --channel desk",
    ) == one.notice.lines
    assert [] == await notices.standing(database)


async def test_a_channel_that_nobody_configures_is_told_of(database: Database) -> None:
    """A renamed channel must not swallow what it was owed."""
    await owe(database, "a1", FIRST, "desk")
    await stands(database, "desk", missing_since=NOW)
    watch = Watched(database)
    await watch.look(seconds=1)
    ((one),) = await notices.standing(database)
    await stands(database, "desk", missing_since=None)
    await watch.look(minutes=10)

    assert "1 alert waits for the channel desk, which is not configured" == one.notice.headline
    assert "If it has another name now: filingbell deliveries move desk NEW-NAME" == one.notice.lines[1]
    assert (await headlines(database))[-1].startswith("Over: the channel desk is configured again (was not 2026-11-25")


async def test_a_channel_that_fails_and_is_owed_nothing_is_no_matter(database: Database) -> None:
    """Nobody loses anything by it."""
    await owe(database, "a1", FIRST, "desk")
    await kill(database, "a1", "desk")
    await control.acknowledge(database, Chosen(), NOW)
    await fails(database, "desk")
    await Watched(database).look(hours=1)

    assert [] == await notices.standing(database)


async def test_a_channel_that_comes_and_goes_is_told_of_once(database: Database) -> None:
    """What works for less than two minutes between failures has not recovered; programs read what happened."""
    await owe(database, "a1", FIRST, "desk")
    watch = Watched(database)
    for minutes in range(5, 30, 5):
        await stands(database, "desk", failing_since=NOW, failed_at=NOW + timedelta(minutes=minutes), detail="503")
        await watch.look(minutes=minutes)
        await stands(database, "desk", failing_since=None, succeeded_at=NOW)
        await watch.look(minutes=minutes, seconds=15)
        await watch.look(minutes=minutes, seconds=105)
    await watch.look(minutes=28)
    told = await control_notices.latest(database, DEFAULT, 10)

    assert [(EventType.RECOVERED, True), (EventType.FAILING, False)] == [
        (one.notice.event, one.notice.cleared) for one in told
    ]
    schema = notice_schema()
    for one in told:
        jsonschema.validate(json.loads(encode(one.notice)), schema)


async def test_what_waits_for_a_channel_that_works_is_told_once_it_is_old(database: Database) -> None:
    """By FILINGBELL_QUEUE_OLD_MINUTES; what quiet hours hold is not, nor what waits for one that fails."""
    await owe(database, "a1", FIRST, "desk", "night", "down")
    await fails(database, "down")
    async with database.transaction() as tx:
        await holds.hold(tx, [("night", "a1")], NOW + timedelta(hours=8))
    watch = Watched(database)
    await dispatching(database, NOW + timedelta(minutes=14))
    await watch.look(minutes=14)
    young = await notices.standing(database)
    await dispatching(database, NOW + timedelta(minutes=16))
    await watch.look(minutes=16)
    old = [one.notice for one in await notices.standing(database) if one.kind is NoticeKind.OLD]

    assert {NoticeKind.FAILING} == {one.kind for one in young}
    assert [(EventType.OLD, "desk")] == [(one.event, one.subject) for one in old]
    assert "1 alert waits for desk; the oldest should have gone 2026-11-25 18:03 EST" == old[0].headline


@pytest.mark.parametrize(
    ("operations", "told"),
    [(("desk", "ops"), {("ops", DeliveryState.PENDING)}), (("desk",), {("desk", DeliveryState.SUPPRESSED)})],
)
async def test_a_failing_channel_does_not_tell_of_itself(
    database: Database, operations: tuple[str, ...], told: set[tuple[str, DeliveryState]]
) -> None:
    """Where there is no other, that it was not told is on record."""
    await owe(database, "a1", FIRST, "desk")
    await fails(database, "desk")
    await Watched(database).look(minutes=5)
    await add_channels(database, *operations)
    async with database.transaction() as tx:
        await workspaces.tell(tx, DEFAULT, operations, None, Revision(0))
    async with going_on(Notices(database, lambda: NOW, Unwatched()).run()):
        await eventually_owed(database)

    (notice,) = await control_notices.latest(database, DEFAULT, 10)
    assert told == {(one.channel, one.state) for one in notice.told}


async def test_a_notice_waits_for_the_end_of_quiet_hours_too(database: Database) -> None:
    """Who wants to be told at night leaves the channel for operations without them."""
    await owe(database, "a1", FIRST, "desk")
    await fails(database, "desk")
    await Watched(database).look(minutes=5)
    await add_channels(database, "ops")
    async with database.transaction() as tx:
        quiet = {"quiet": "18:00-19:00 America/New_York"}
        await tx.execute(update(resources).where(resources.c.name == "ops").values(section=quiet))
        await workspaces.tell(tx, DEFAULT, ("ops",), None, Revision(0))
    async with going_on(Notices(database, lambda: NOW, Unwatched()).run()):
        await eventually_owed(database)
    (notice,) = [one for one in await ledger.listed(database, Chosen(), 10) if one.notice]

    assert datetime(2026, 11, 26, tzinfo=UTC) == notice.held_until


async def eventually_owed(database: Database) -> None:
    async def owed() -> bool:
        return not await notices.unowed(database)

    await eventually(owed)


SPAN = "2026-11-25 18:18 to 18:28 EST"


@pytest.mark.parametrize(
    ("kind", "subject", "words"),
    [
        (NoticeKind.BLOCKED, "www", f"EDGAR (www) answers again (was blocked {SPAN})"),
        (NoticeKind.SILENCE, "feed", f"EDGAR's feed shows new filings again (was silent {SPAN})"),
        (NoticeKind.SILENCE, "poller", f"EDGAR's feed is read again (was not read completely {SPAN})"),
        (NoticeKind.GAP, "1", f"the SEC's index has shown what the feed did not (gap open {SPAN})"),
        (NoticeKind.UNPROVEN, "2026-11-24", f"2026-11-24 agrees with the SEC's index (did not {SPAN})"),
        (NoticeKind.LAG, "parser", f"parser has caught up (was behind {SPAN})"),
        (NoticeKind.LAG, "documents", f"EDGAR serves the documents that it lists again (did not {SPAN})"),
        (NoticeKind.DEAD, "desk", f"the alerts to desk that were given up are sent again, or were seen ({SPAN})"),
        (NoticeKind.FAILING, "desk", f"nothing waits for desk any more (did {SPAN})"),
        (NoticeKind.OLD, "desk", f"nothing has waited for long for desk any more (did {SPAN})"),
        (NoticeKind.FAILED, "big-sale", f"the rule big-sale works, or was changed (failed {SPAN})"),
        (NoticeKind.MISSING, "desk", f"nothing waits for the channel desk any more (did {SPAN})"),
        (NoticeKind.DISABLED, "desk", f"nothing waits for the channel desk any more (did {SPAN})"),
        (NoticeKind.UNUSABLE, "filings", f"the filings that could not be used were read, or dropped ({SPAN})"),
        (
            NoticeKind.MOVED,
            "wksp/B/0000009984/0000756894",
            f"what the ticker B stands for was accepted, or is not watched any more (was open {SPAN})",
        ),
        (NoticeKind.RULE, "big-sale", f"the rule big-sale was enabled, changed or removed (was disabled {SPAN})"),
        (NoticeKind.QUIET, "big-sale", f"the rule big-sale rang again, or was changed (was silent {SPAN})"),
        (
            NoticeKind.UNSURE,
            "big-sale",
            f"the rule big-sale is decided as often as before, or was changed (was not {SPAN})",
        ),
        (NoticeKind.ABSENT, "relay", f"relay runs again (did not {SPAN})"),
        (NoticeKind.UNWRITABLE, "database", f"the database can be written to again (could not {SPAN})"),
        (NoticeKind.UNREACHABLE, "kafka", f"Kafka answers again (did not {SPAN})"),
    ],
)
async def test_what_is_over_says_so_also_in_a_push_message(
    database: Database, kind: NoticeKind, subject: str, words: str
) -> None:
    """A telephone shows the text alone, and it must not read as the beginning did."""
    began, ended = datetime(2026, 11, 25, 23, 18, tzinfo=UTC), datetime(2026, 11, 25, 23, 28, tzinfo=UTC)
    begun = Notice(
        id=notice_id(kind, subject, began, cleared=False),
        kind=kind,
        subject=subject,
        cleared=False,
        headline="It began",
        lines=(),
        at=began,
    )
    look = Look(database, TableLog(database, Unwatched()), Settings(), ended)
    notice = await over(look, StandingNotice(kind=kind, subject=subject, raised=began, notice=begun))
    told = message(notice)

    assert f"Over: {words}" == notice.headline == told["text"] == told["blocks"][0]["text"]["text"]
    assert notice.cleared
    assert "2026-11-25 18:28 EST" in str(told["blocks"][-1])


def test_every_kind_that_stands_has_words_for_its_end() -> None:
    """The list above is whole."""
    cases = test_what_is_over_says_so_also_in_a_push_message.pytestmark[0].args[1]

    assert set(NoticeKind) - {NoticeKind.DIGEST} == {case[0] for case in cases}
