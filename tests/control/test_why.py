"""Why an alert came, or did not: every end that a way can have."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import Struct
from sqlalchemy import delete, select, update

from consumers.matcher import match
from consumers.quarantine import dead_letter
from service.control import deliveries as control
from service.control.why import End, why
from service.model.calendar import EASTERN
from service.model.delivery import DeliveryState
from service.model.errors import NotFound
from service.model.filing import Accession, Provenance
from service.model.identity import DEFAULT
from service.store import Database, deliveries, letters
from service.store.schema import changes, channel_states, events
from service.wire.topics import Record, Topic, attributes
from tests.control.desk import CHANNEL, RULE, WATCHLIST, Answers, Desk, Floor, a_fault, accession_of, seen
from tests.kit.clocks import around_now
from tests.kit.documents import a_row
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.receiver import SECRET

SALE = (a_row("S"),)


class Case(Struct):
    """What a case stands on: a rule "rule" on purchases, to a channel "desk"."""

    floor: Floor
    desk: Desk
    monkeypatch: pytest.MonkeyPatch

    async def channel(self, name: str, **more: str) -> None:
        """A channel, answered as its name says."""
        await self.desk.add(CHANNEL, name, type="webhook", url=f"{self.receiver}/{name}", secrets=SECRET, **more)

    receiver: str = ""


Run = Callable[[Case], Awaitable[Accession]]
CASES: dict[End, tuple[Run, str, str | None]] = {}


def case(end: End, rule: str = "rule", channel: str | None = None) -> Callable[[Run], Run]:
    """Ask why under *rule* (to *channel*), after what follows; the answer must be *end*."""

    def keep(run: Run) -> Run:
        CASES[end] = run, rule, channel
        return run

    return keep


async def known(one: Case, state: str) -> Accession:
    """A filing that the feed has shown."""
    async with one.floor.database.transaction() as tx:
        await seen(tx, [accession_of(1)], state)
    return accession_of(1)


@case(End.PENDING)
async def _(one: Case) -> Accession:
    return await known(one, "pending")


@case(End.UNMATCHED)
async def _(one: Case) -> Accession:
    await one.floor.publish(1)
    return await known(one, "published")


@case(End.DEAD_LETTER)
async def _(one: Case) -> Accession:
    accession = await known(one, "published")
    headers = attributes(Topic.FILINGS, "filing-1") | {"ce_subject": accession}
    record = Record(topic=Topic.FILINGS, partition=0, offset=1, key="k", id="filing-1", headers=headers, value=b"{}")
    async with one.floor.database.transaction() as tx:
        await letters.bury(tx, dead_letter("parser", record, ValueError("no XML"), now()))
    return accession


async def matched(one: Case, *rows: object, **filing: object) -> Accession:
    async with one.floor.running():
        (accession,) = await one.floor.publish(1, rows=rows or (a_row(),), **filing)
        await one.floor.idle(1)
    return accession


@case(End.HISTORY)
async def _(one: Case) -> Accession:
    return await matched(one, provenance=Provenance(history=True))


@case(End.YOUNGER, rule="late")
async def _(one: Case) -> Accession:
    accession = await matched(one)
    await one.desk.add(RULE, "late", channels="desk")
    return accession


@case(End.RULE_DISABLED)
async def _(one: Case) -> Accession:
    await one.desk.switch(RULE, "rule", enabled=False)
    accession = await matched(one)
    await one.desk.switch(RULE, "rule", enabled=True)  # what stands today is not asked
    return accession


@case(End.RULE_FAILED)
async def _(one: Case) -> Accession:
    one.monkeypatch.setattr(match.CompiledRule, "matches", a_fault({"rule": lambda _: True}))
    return await matched(one)


@case(End.RULE_UNREADABLE)
async def _(one: Case) -> Accession:
    rule = await one.desk.find(RULE, "rule")
    async with one.floor.database.transaction() as tx:
        after = (await tx.execute(select(changes.c.after).where(changes.c.resource == rule.id))).scalar_one()
        section = after["section"] | {"a-key-of-a-later-version": 1}
        later = update(changes).where(changes.c.resource == rule.id).values(after=after | {"section": section})
        await tx.execute(later)
    return await matched(one)


@case(End.NOT_MET)
async def _(one: Case) -> Accession:
    accession = await matched(one, *SALE)
    await one.desk.edit(RULE, "rule", kinds="sale", channels="desk")
    return accession


@case(End.UNKNOWN)
async def _(one: Case) -> Accession:
    await one.desk.edit(RULE, "rule", kinds="purchase", value=">= $1", channels="desk")
    return await matched(one, a_row(price=None))


@case(End.FORGOTTEN)
async def _(one: Case) -> Accession:
    accession = await matched(one, *SALE)
    async with one.floor.database.transaction() as tx:
        await tx.execute(delete(events).where(events.c.id == f"parsed-{accession}"))
    return accession


@case(End.MADE)
async def _(one: Case) -> Accession:
    async with one.floor.running("matcher"):
        (accession,) = await one.floor.publish(1)
        await one.floor.matched(1)
    return accession


@case(End.NOT_OWED, channel="other")
async def _(one: Case) -> Accession:
    await one.channel("other")
    accession = await matched(one)
    await one.desk.edit(RULE, "rule", kinds="purchase", channels=["desk", "other"])
    return accession


@case(End.SENT)
async def _(one: Case) -> Accession:
    accession = await matched(one)
    await one.desk.edit(RULE, "rule", kinds="sale", channels="desk")
    async with one.floor.database.transaction() as tx:  # the delivery outlives what was matched
        await tx.execute(delete(events).where(events.c.id == f"parsed-{accession}"))
    return accession


async def owed(one: Case, state: DeliveryState, channel: str) -> Accession:
    """A filing that the rule tells *channel* of, once its delivery has been tried, or cannot be."""
    await one.desk.edit(RULE, "rule", kinds="purchase", channels=channel)

    async def condition() -> bool:
        counts = await deliveries.counts(one.floor.database)
        return {state: 1} == {of: count for (_, of), count in counts.items()}

    async with one.floor.running():
        (accession,) = await one.floor.publish(1)
        await one.floor.matched(1)
        await eventually(condition)
    return accession


@case(End.WAITING, channel="503")
async def _(one: Case) -> Accession:
    await one.channel("503")
    return await owed(one, DeliveryState.PENDING, "503")


@case(End.CIRCUIT_OPEN, channel="503")
async def _(one: Case) -> Accession:
    await one.channel("503")
    accession = await owed(one, DeliveryState.PENDING, "503")
    async with one.floor.database.transaction() as tx:
        await tx.execute(update(channel_states).values(opened=now(), probe_at=now() + timedelta(minutes=1)))
    return accession


@case(End.QUIET, channel="asleep")
async def _(one: Case) -> Accession:
    await one.channel("asleep", quiet=around_now())
    return await owed(one, DeliveryState.PENDING, "asleep")


@case(End.GATHERED, channel="gathers")
async def _(one: Case) -> Accession:
    later = now().astimezone(EASTERN) + timedelta(hours=12)
    await one.channel("gathers", digest=f"{later:%H:%M} daily")
    return await owed(one, DeliveryState.PENDING, "gathers")


@case(End.TOLD_TOGETHER, channel="gathers")
async def _(one: Case) -> Accession:
    accession = await CASES[End.GATHERED][0](one)

    async def told() -> bool:
        return {DeliveryState.DELIVERED} == {of for _, of in await deliveries.counts(one.floor.database)}

    async with one.floor.running():
        await control.flush(one.floor.database, DEFAULT, "gathers", now())
        await eventually(told)
    return accession


@case(End.BEYOND)
async def _(one: Case) -> Accession:
    await one.desk.edit(RULE, "rule", kinds="purchase", max_per_hour=1, channels="desk")

    async def both_owed() -> bool:
        return sum((await deliveries.counts(one.floor.database)).values()) == 2

    async with one.floor.running():
        _, second = await one.floor.publish(1, 2)
        await eventually(both_owed)
    return second


@case(End.DEAD, channel="410")
async def _(one: Case) -> Accession:
    await one.channel("410")
    return await owed(one, DeliveryState.DEAD, "410")


@case(End.CHANNEL_DISABLED, channel="quiet")
async def _(one: Case) -> Accession:
    await one.channel("quiet")
    await one.desk.switch(CHANNEL, "quiet", enabled=False)
    return await owed(one, DeliveryState.PENDING, "quiet")


@case(End.SUPPRESSED)
async def _(one: Case) -> Accession:
    async with one.floor.running("matcher"):
        (accession,) = await one.floor.publish(1)
        await one.floor.matched(1)
    await one.desk.remove(RULE, "rule")
    await one.desk.remove(CHANNEL, "desk")
    async with one.floor.running():
        await one.floor.idle(1)
    return accession


@case(End.HELD)
async def _(one: Case) -> Accession:
    return await matched(one, provenance=Provenance(history=True, digest="backfill-1"))


@pytest.fixture
async def receiver() -> AsyncIterator[Answers]:
    """Paths that are a number answer with it."""
    async with Answers({"503": 503, "410": 410}) as opened:
        yield opened


@pytest.mark.parametrize("end", End)
async def test_every_end_is_told_from_what_happened(
    database: Database, tmp_path: Path, receiver: Answers, monkeypatch: pytest.MonkeyPatch, end: End
) -> None:
    """One state for the rule and channel, whatever was changed after the filing was matched."""
    floor = Floor(database, tmp_path / "home", retry_seconds=(timedelta(hours=1).total_seconds(),))
    one = Case(floor=floor, desk=await floor.desk(), monkeypatch=monkeypatch, receiver=receiver.url)
    await one.channel("desk")
    await one.desk.add(RULE, "rule", kinds="purchase", channels="desk")
    run, rule, channel = CASES[end]
    accession = await run(one)

    account = await why(database, DEFAULT, accession, rule=rule, channel=channel)
    assert [(rule, end)] == [(way.rule, way.end) for way in account.ways]
    assert (end is End.RULE_FAILED) == (account.ways[0].detail is not None)


async def test_what_is_long_ago_is_said_to_be_forgotten(database: Database, tmp_path: Path) -> None:
    """Not that no matcher has read it: of an old filing nothing but its row is kept."""
    desk = await Floor(database, tmp_path / "home").desk()
    await desk.add(CHANNEL, "desk", type="slack", url="https://hooks.slack.com/services/T0/B0/x")
    await desk.add(RULE, "rule", channels="desk")
    async with database.transaction() as tx:
        await seen(tx, [accession_of(1)], "published")

    (way,) = (await why(database, DEFAULT, accession_of(1))).ways
    assert End.FORGOTTEN == way.end


async def test_a_channel_that_was_removed_is_why_it_waits(
    database: Database, tmp_path: Path, receiver: Answers
) -> None:
    """Not that the next try is due."""
    floor = Floor(database, tmp_path / "home", retry_seconds=(3600.0,))
    desk = await floor.desk()
    await desk.add(CHANNEL, "gone", type="webhook", url=f"{receiver.url}/503", secrets=SECRET)
    await desk.add(RULE, "rule", channels="gone")
    async with floor.running():
        (accession,) = await floor.publish(1)
        await eventually(lambda: _asked(receiver))
    await desk.remove(RULE, "rule")
    await desk.remove(CHANNEL, "gone")

    (way,) = (await why(database, DEFAULT, accession)).ways
    assert ("rule", "gone", End.CHANNEL_DISABLED) == (way.rule, way.channel, way.end)


async def _asked(receiver: Answers) -> bool:
    return bool(receiver.taken)


async def test_what_was_never_seen_is_said_to_be_so(database: Database, tmp_path: Path) -> None:
    """A filing, a rule, a channel."""
    desk = await Floor(database, tmp_path / "home").desk()
    await desk.add(WATCHLIST, "list", tickers=["AAPL"])
    for named in ({}, {"rule": "none"}, {"channel": "list"}):
        with pytest.raises(NotFound):
            await why(database, DEFAULT, accession_of(1), **named)
