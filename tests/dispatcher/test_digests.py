"""A channel's digests: all that was gathered is told at their times, once, whatever stops in between."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import update

from consumers.dispatcher.digest import DigestContents, of_a_channel
from consumers.dispatcher.digests import Digests
from consumers.dispatcher.timetable import Timetable, timed
from service.control import deliveries as control
from service.control import silences
from service.control.silences import SilenceDraft
from service.model.delivery import Decision, DeliveryState, Obligation
from service.model.filing import Accession
from service.model.identity import DEFAULT, ChannelId
from service.model.message import Message, MessageKind
from service.model.notice import Notice
from service.model.resource import Actor
from service.store import Database, deliveries, gathered, ledger, messages, rerouting, resources, undelivered
from service.store.ledger import Chosen
from service.store.schema import resources as table
from service.wire import decode, encode
from tests.control.desk import CHANNEL, RULE, Answers, Floor
from tests.kit.answering import answering
from tests.kit.books import add_channels, an_owed
from tests.kit.documents import a_row, an_alert
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.receiver import SECRET, Messages
from tests.kit.sending import sending, settled
from tests.kit.trades import a_trade

DESK = ChannelId("desk")
DAILY = "16:30 weekdays"
MORNING = datetime(2026, 11, 27, 14, tzinfo=UTC)  # a Friday
FRIDAY, MONDAY, TUESDAY = (datetime(2026, *day, 21, 30, tzinfo=UTC) for day in ((11, 27), (11, 30), (12, 1)))
ANNA = Actor(name="cli:anna", workspace=DEFAULT)


@pytest.fixture
def database(either: Database) -> Database:
    """Every test here runs on SQLite and on PostgreSQL."""
    return either


class Times:
    """What makes digests, at the times that a test sets."""

    def __init__(self, database: Database) -> None:
        self.now = MORNING
        self.database = database
        self._digests = Digests(database, lambda: self.now, "https://filings.example")

    async def asks(self, **section: Any) -> None:
        """The channel desk asks for these settings from now on."""
        await add_channels(self.database, DESK)
        async with self.database.transaction() as tx:
            revision = await resources.next_revision(tx)
            changed = update(table).where(table.c.id == DESK).values(section=section, revision=revision)
            await tx.execute(changed)

    async def comes(self, *numbers: int, at: datetime | None = None, rule: str = "r") -> None:
        """Alerts with these *numbers* are owed, as the dispatcher decides."""
        when = at or self.now
        asked = (await _desk(self.database)).section.get("digest")
        found = [an_owed(number, rule) for number in numbers]
        kept = [
            Message(
                id=one.id,
                kind=MessageKind.ALERT,
                workspace=DEFAULT,
                value=one.value,
                accession=Accession(one.accession),
                rule=one.rule,
            )
            for one in found
        ]
        owed = timed(Obligation(channel=DESK, due=when), Timetable.parse(asked) if asked else None)
        await self.owes(kept, owed, when)

    async def owes(self, kept: Sequence[Message], owed: Decision, when: datetime) -> None:
        async with self.database.transaction() as tx:
            await messages.keep(tx, kept, when)
            await deliveries.keep(tx, [(one.id, owed) for one in kept], when)

    async def look(self, at: datetime) -> list[Notice]:
        """The digests that there are once somebody has looked at *at*."""
        self.now = at
        await self._digests.look()
        return await self.made()

    async def made(self) -> list[Notice]:
        """Every digest, in the order in which they were made."""
        found = [one for one in await ledger.listed(self.database, Chosen(), 1000) if one.kind is MessageKind.DIGEST]
        async with self.database.transaction() as tx:
            values = await messages.values(tx, [one.id for one in found])
        return sorted((decode(value, Notice) for value in values.values()), key=lambda one: one.at)


async def _desk(database: Database) -> Any:
    async with database.transaction() as tx:
        return (await resources.by_id(tx, [DESK]))[DESK]


@pytest.fixture
async def times(database: Database) -> Times:
    """A desk with a digest on weekdays."""
    made = Times(database)
    await made.asks(digest=DAILY)
    return made


async def test_what_comes_until_then_is_told_in_one_message(times: Times) -> None:
    """It settles with the digest; until then everybody sees until when it is held."""
    await times.look(MORNING)
    await times.comes(1, 2)
    before = await ledger.listed(times.database, Chosen(), 10)
    waiting = (await undelivered.waiting(times.database))[DESK]
    early = await times.look(FRIDAY - timedelta(seconds=1))
    (made,) = await times.look(FRIDAY)
    desk = Messages()
    async with answering(desk.receive) as url, sending(times.database, clock=lambda: FRIDAY, desk=url):
        await eventually(settled(times.database, DeliveryState.DELIVERED, 3))

    assert [(FRIDAY, True, None)] * 2 == [(one.held_until, one.gathered, one.told_in) for one in before]
    assert (2, 2, FRIDAY) == (waiting.count, waiting.held, waiting.held_until)
    assert [] == early
    assert (1, "Digest of 2026-11-27 16:30 EST: 2 alerts on 1 company") == (desk.asked, made.headline)
    told = [(one.state, one.told_in) for one in await ledger.listed(times.database, Chosen(digest=made.id), 10)]
    assert [(DeliveryState.DELIVERED, made.id)] * 2 == told


async def test_each_time_is_told_once_whoever_looks(times: Times) -> None:
    """Two workers, and one that was started again: what was told is told, and what comes later waits for the next."""
    others = [times, Times(times.database), Times(times.database)]
    await times.comes(1)
    for one in others:
        await one.look(FRIDAY)
    await times.comes(2)
    for one in others:
        await one.look(FRIDAY + timedelta(hours=1))
    first = await times.made()
    for one in others:
        await one.look(MONDAY)

    assert 1 == len(first)
    assert [FRIDAY, MONDAY] == [one.at for one in await times.made()]


async def test_a_time_at_which_nothing_ran_is_made_up_for(times: Times) -> None:
    """And one in which nothing was to be told leaves no trace, unless that is asked for."""
    await times.comes(1)

    assert [FRIDAY + timedelta(days=2)] == [one.at for one in await times.look(FRIDAY + timedelta(days=2))]
    assert 1 == len(await times.look(MONDAY))


async def test_what_was_decided_before_and_committed_late_is_told_as_well(times: Times) -> None:
    """Between the decision and its commit the digest may have been made."""
    await times.comes(1)
    await times.look(FRIDAY)
    await times.comes(2, at=FRIDAY - timedelta(seconds=1))

    assert ["1 alert", "1 alert"] == [
        one.headline.split(": ")[1].removesuffix(" on 1 company")
        for one in await times.look(FRIDAY + timedelta(seconds=5))
    ]


async def test_an_empty_digest_says_so_where_it_is_asked_for(times: Times) -> None:
    """Each of its times once; nobody takes silence for a service that stands still."""
    await times.asks(digest=DAILY, digest_when_empty=True)
    await times.look(MORNING)
    for at in (FRIDAY, FRIDAY + timedelta(seconds=5), MONDAY):
        await times.look(at)
    await times.comes(1)
    made = await times.look(TUESDAY)

    assert [
        "Digest of 2026-11-27 16:30 EST: no alerts",
        "Digest of 2026-11-30 16:30 EST: no alerts",
        "Digest of 2026-12-01 16:30 EST: 1 alert on 1 company",
    ] == [one.headline for one in made]


async def test_a_digest_that_is_taken_away_lets_go_what_it_held(times: Times) -> None:
    """And one at another time tells it then."""
    await times.comes(1, 2)
    await times.asks(digest="18:00 daily")
    await times.look(MORNING)
    moved = {one.held_until for one in await ledger.listed(times.database, Chosen(), 10)}
    await times.asks()
    await times.look(MORNING)
    left = {(one.held_until, one.gathered) for one in await ledger.listed(times.database, Chosen(), 10)}

    assert ({FRIDAY + timedelta(hours=1, minutes=30)}, {(None, False)}) == (moved, left)
    assert {} == await gathered.times(times.database)


async def test_a_person_has_it_told_now(times: Times) -> None:
    """`deliveries flush`: in one message still."""
    await times.comes(1, 2)
    count = await control.flush(times.database, DEFAULT, DESK, MORNING)

    assert (2, ["2 alerts on 1 company"]) == (
        count,
        [one.headline.split(": ")[1] for one in await times.look(MORNING)],
    )


async def test_what_is_moved_goes_to_the_other_channel(times: Times) -> None:
    """By itself: that channel has no digest."""
    await add_channels(times.database, "other")
    await times.comes(1, 2)
    async with times.database.transaction() as tx:
        assert 2 == await rerouting.move(tx, DESK, "other", MORNING)
    there = await ledger.listed(times.database, Chosen(channels=("other",)), 10)

    assert [(DeliveryState.PENDING, False, None)] * 2 == [(one.state, one.gathered, one.held_until) for one in there]
    assert [] == await times.look(FRIDAY)


async def test_a_silence_that_is_made_meanwhile_covers_what_is_held(times: Times) -> None:
    """A digest of what nobody wants to be told is none."""
    await times.comes(1)
    draft = SilenceDraft(tickers=(an_alert().issuer.symbols[0],), reason="earnings")
    made = await silences.add(times.database, ANNA, draft, MONDAY, MORNING + timedelta(minutes=1))

    assert [] == await times.look(FRIDAY)
    assert [(DeliveryState.SUPPRESSED, made.id)] == [
        (one.state, one.silence) for one in await ledger.listed(times.database, Chosen(), 10)
    ]


async def test_quiet_hours_hold_a_digest_as_well(times: Times) -> None:
    """It is a message like others."""
    await times.asks(digest=DAILY, quiet="16:00-18:00 America/New_York")
    await times.comes(1)
    (made,) = await times.look(FRIDAY)

    (one,) = await ledger.listed(times.database, Chosen(ids=(made.id,)), 10)
    assert FRIDAY + timedelta(hours=1, minutes=30) == one.held_until


async def test_a_disabled_channel_is_told_once_it_is_enabled(times: Times) -> None:
    """What it is owed waits, and is told in one digest then."""
    await times.comes(1)
    await _switch(times.database, enabled=False)
    waits = await times.look(MONDAY)
    await _switch(times.database, enabled=True)

    assert ([], 1) == (waits, len(await times.look(MONDAY)))


async def _switch(database: Database, *, enabled: bool) -> None:
    async with database.transaction() as tx:
        await tx.execute(update(table).where(table.c.id == DESK).values(enabled=enabled))


def an_all(count: int, **more: Any) -> DigestContents:
    told = {"rules": [("r", count)], "page": None, "alerts": count} | more
    return DigestContents(key="k", title="Digest", count=count, listed="filingbell deliveries list --digest d", **told)


def on(company: int, number: int, rule: str = "r") -> Any:
    """An alert on a filing of a company, by number."""
    alert = an_alert()
    issuer = replace(alert.issuer, issuer_cik=f"{company:010}", issuer_name=f"COMPANY {company}")
    filing = replace(alert.filing, accession=f"0009990900-25-{company:03}{number:03}")
    made = {"rule": rule, "issuer": issuer, "filing": filing, "headline": f"C{company} filing {number}"}
    return replace(alert, trade_id=None, **made)


def test_a_digest_is_by_company_and_names_the_rules() -> None:
    """The company with most filings first, of which a few are named; several rules on one filing are one line."""
    found = [on(1, 1, "a"), *(on(2, number) for number in range(7)), on(1, 1, "b")]
    notice = of_a_channel(found, an_all(9, rules=[("r", 7), ("a", 1), ("b", 1)]), FRIDAY)

    assert [
        *(f"C2 filing {number} (r)" for number in range(5)),
        "COMPANY 2: 2 more filings",
        "C1 filing 1 (a, b)",
        "By rule: r 7, a 1, b 1",
    ] == list(notice.lines)
    assert "Digest: 9 alerts on 2 companies" == notice.headline


def test_a_trade_is_one_line_of_a_digest_and_counts_once() -> None:
    """With all who filed it and their numbers; a filing with rows of its own says what they are."""
    first, second, third = a_trade()
    further = replace(third, rows=(*third.rows, *an_alert(a_row("S", "1")).rows), headline="SPONSOR sold one more")
    notice = of_a_channel([first, second, further], an_all(1, alerts=3), FRIDAY)
    numbers = [one.filing.accession for one in (second, third)]

    assert "Digest: 1 alert on 1 company" == notice.headline
    others = f"PARTNER PAT ({numbers[0]}), SPONSOR MANAGEMENT LLC ({numbers[1]}: SPONSOR sold one more)"
    assert [f"{first.headline} (r); also filed by {others}"] == list(notice.lines)
    assert [one.filing.accession for one in (first, second, third)] == [name for name, _ in notice.links]


def test_a_long_digest_is_bounded_and_says_where_the_rest_is() -> None:
    """However much there is: its JSON, which a webhook gets, and its lines; the first link is the page of all."""
    found = [on(number, 1) for number in range(200)]
    notice = of_a_channel(found, an_all(12_345, page="https://filings.example/deliveries?digest=d"), FRIDAY)

    assert 41 == len(notice.lines)
    assert "and more: 12,345 alerts in all. To list them: filingbell deliveries list --digest d" == notice.lines[-1]
    assert ("All 12,345", "https://filings.example/deliveries?digest=d") == notice.links[0]
    assert len(encode(notice)) < 20_000


async def test_the_service_tells_a_digest_as_it_runs(database: Database, tmp_path: Path) -> None:
    """What comes is held by the dispatcher, and is one signed message once it is asked for."""
    async with Answers({}) as receiver:
        floor = Floor(database, tmp_path / "home")
        desk = await floor.desk()
        hook = {"type": "webhook", "url": f"{receiver.url}/hook", "secrets": SECRET}
        made = await desk.add(CHANNEL, "hook", **hook, digest="0:00 sun Asia/Tokyo")
        await desk.add(RULE, "buys", channels="hook")
        async with floor.running():
            await floor.publish(1, 2)
            await floor.matched(2)
            await eventually(floor.through)
            before = len(receiver.taken)
            held = [one.gathered for one in await ledger.listed(database, Chosen(channels=(made.id,)), 10)]
            await control.flush(database, DEFAULT, "hook", now())
            await floor.idle(2)

    assert (0, [True, True]) == (before, held)
    (one,) = receiver.taken
    assert ("filingbell.notice.v1", "digest", 2) == (
        one.content["type"],
        one.content["kind"],
        len(one.content["links"]),
    )
