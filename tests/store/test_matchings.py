"""When a filing passed each station, read without its body."""

from datetime import UTC, datetime, timedelta

import pytest

from service.model.delivery import DeliveryState, Obligation
from service.model.filing import Accession, Times
from service.model.identity import DEFAULT, ChannelId, Revision
from service.model.message import Message, MessageKind
from service.store import Database, deliveries, matchings, messages
from service.store.attempts import Attempt, Attempted, record
from service.store.matchings import Matching, Received
from tests.kit.books import add_channels

NOW = datetime(2025, 1, 2, 15, tzinfo=UTC)
_ACCESSIONS = tuple(Accession(f"0000320193-25-{number:06d}") for number in range(1, 5))


async def matched(database: Database, accession: Accession, times: Times | None, after: timedelta) -> None:
    matching = Matching(accession=accession, revision=Revision(1), at=NOW + after, times=times)
    async with database.transaction() as tx:
        await matchings.add(tx, [matching])


async def test_the_last_live_filings_come_with_their_times(database: Database) -> None:
    """To the microsecond; what no feed showed has no time in it, and history has no way of its own."""
    seen, within = NOW - timedelta(seconds=1.234567), timedelta(seconds=1)
    of_an_index = Times(accepted=NOW - timedelta(days=1), seen=seen)
    ways = (Times(seen=seen), Times(accepted=seen, updated=seen, parsed=seen), None, of_an_index)
    for place, (accession, times) in enumerate(zip(_ACCESSIONS, ways, strict=True)):
        await matched(database, accession, times, place * within)

    latest = [Times(accepted=of_an_index.accepted, seen=seen, matched=NOW + 3 * within)]
    latest.append(Times(accepted=seen, updated=seen, parsed=seen, matched=NOW + within))

    assert latest == await matchings.latest(database, 2)


async def test_an_alert_is_received_when_the_first_channel_has_it(database: Database) -> None:
    """Those that nobody has yet are left out, and those on history."""
    await add_channels(database, "desk", "hook")
    for number, accession in enumerate(_ACCESSIONS[:3]):
        await matched(database, accession, None if number == 1 else Times(seen=NOW), timedelta(seconds=1))
        await an_alert(database, f"alert-{number}", accession)
    for number, channel, seconds in ((0, "hook", 3), (0, "desk", 2), (1, "desk", 2)):
        await delivered(database, f"alert-{number}", ChannelId(channel), NOW + timedelta(seconds=seconds))

    times = Times(seen=NOW, matched=NOW + timedelta(seconds=1))

    assert [Received(times=times, at=NOW + timedelta(seconds=2))] == await matchings.received(database, 10)


@pytest.mark.parametrize("times", [None, Times(seen=NOW)])
async def test_a_matching_goes_after_the_history_with_its_alerts(either: Database, times: Times | None) -> None:
    """Not sooner, and not before an alert on the filing, which somebody may still be owed."""
    await add_channels(either, "desk", "hook")
    old, owed, young = _ACCESSIONS[:3]
    for accession, after in ((old, timedelta(0)), (owed, timedelta(0)), (young, timedelta(days=2))):
        await matched(either, accession, times, after)
    await an_alert(either, "alert-1", owed)
    async with either.transaction() as tx:
        gone = await matchings.forget(tx, NOW + timedelta(days=1), 10)

    assert 1 == gone
    assert [False, True, True] == [bool(await matchings.of(either, one)) for one in (old, owed, young)]


async def an_alert(database: Database, name: str, accession: Accession) -> None:
    message = Message(id=name, kind=MessageKind.ALERT, workspace=DEFAULT, value=b"{}", accession=accession)
    owed = [(name, Obligation(channel=ChannelId(channel), due=NOW)) for channel in ("desk", "hook")]
    async with database.transaction() as tx:
        await messages.keep(tx, [message], NOW)
        await deliveries.keep(tx, owed, NOW)


async def delivered(database: Database, message: str, channel: ChannelId, at: datetime) -> None:
    told = Attempted(message=message, number=1, steps=0, due=NOW)
    attempt = Attempt(
        channel=channel, told=(told,), at=at, seconds=0.1, state=DeliveryState.DELIVERED, status=200, detail="200 OK"
    )
    async with database.transaction() as tx:
        await record(tx, [attempt])
