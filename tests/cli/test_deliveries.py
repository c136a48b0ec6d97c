"""What people can do about deliveries: look, send again, say that they have seen to it."""

import json
import os
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import update

from consumers.matcher.tape import line_of
from service.cli.moment import moment
from service.control import deliveries as control
from service.control.deliveries import chosen
from service.model.delivery import DeliveryState
from service.model.errors import ConfigError, NotFound
from service.model.identity import DEFAULT
from service.store import Database, holds, ledger, tape, undelivered
from service.store.database import open_database
from service.store.ledger import Chosen
from service.store.schema import channel_states, resources
from service.store.schema import deliveries as rows
from tests.kit.answering import answering
from tests.kit.documents import a_row, a_subject
from tests.kit.eventually import eventually
from tests.kit.forked import called
from tests.kit.given_up import FIRST, NOW, SECOND, kill, owe
from tests.kit.receiver import in_turn
from tests.kit.sending import sending, settled


@pytest.fixture
def database(either: Database) -> Database:
    """Every test here runs on SQLite and on PostgreSQL."""
    return either


async def states(database: Database) -> dict[tuple[str, str], DeliveryState]:
    return {(one.id, one.channel): one.state for one in await ledger.listed(database, Chosen(), 100)}


async def test_what_was_given_up_is_told_with_its_filing_rule_and_answer(database: Database) -> None:
    """And what waits with its next try; what arrived is listed when asked for."""
    await owe(database, "a1", FIRST, "desk")
    await owe(database, "a2", SECOND, "desk", at=NOW + timedelta(minutes=1))
    await kill(database, "a1", "desk")
    dead, pending = await control.listed(database, Chosen(states=(DeliveryState.PENDING, DeliveryState.DEAD)), 10)

    assert ("a1", FIRST, "buys", DeliveryState.DEAD) == (dead.id, dead.accession, dead.rule, dead.state)
    assert (2, "refused-by-service", None) == (dead.tries, dead.reason, dead.due)
    assert dead.last is not None
    assert (404, "404 Not Found: no_service") == (dead.last.status, dead.last.detail)
    assert (SECOND, DeliveryState.PENDING, None) == (pending.accession, pending.state, pending.last)
    assert pending.due is not None


async def test_the_way_of_a_filings_alerts_has_every_attempt(database: Database) -> None:
    """To each channel, in order."""
    await owe(database, "a1", FIRST, "desk", "hook")
    await owe(database, "a2", SECOND, "desk")
    await kill(database, "a1", "desk")
    ways = await control.ways(database, await chosen(database, DEFAULT, ["000123456726000021"]))

    assert [("desk", [1, 2]), ("hook", [])] == sorted((w.delivery.channel, [t.number for t in w.tries]) for w in ways)


async def test_what_is_sent_again_arrives_under_its_id_and_in_order(database: Database) -> None:
    """By the sender that runs, after the receiver was mended."""
    for number in range(3):
        await owe(database, f"a{number}", FIRST, "desk", at=NOW + timedelta(minutes=number))
        await kill(database, f"a{number}", "desk")
    handler, asked = in_turn(200)
    async with answering(handler) as url, sending(database, desk=url):
        again = await control.resend(database, await chosen(database, DEFAULT, channel="desk"), delivered=False)
        await eventually(settled(database, DeliveryState.DELIVERED, 3))

    assert {"desk": 3} == again.counts
    assert 1 <= len(asked) <= 3  # alerts on one filing may come in one message
    (way, *_) = await control.ways(database, Chosen(ids=("a0",)))
    assert [1, 2, 3] == [one.number for one in way.tries]
    assert DeliveryState.DELIVERED is way.delivery.state


async def test_only_what_is_meant_is_sent_again(database: Database) -> None:
    """By filing, id, channel or time; and what arrived only when that is asked for."""
    for alert, accession, at in (("a1", FIRST, NOW), ("a2", SECOND, NOW + timedelta(hours=1))):
        await owe(database, alert, accession, "desk", "hook", at=at)
        await kill(database, alert, "desk")
    async with database.transaction() as tx:
        await tx.execute(update(rows).where(rows.c.channel == "hook").values(state=DeliveryState.DELIVERED))

    async def again(meant: Chosen, *, delivered: bool) -> dict[str, int]:
        return (await control.resend(database, meant, delivered=delivered)).counts

    assert {} == await again(await chosen(database, DEFAULT, channel="hook"), delivered=False)
    late = await chosen(database, DEFAULT, since=NOW + timedelta(minutes=30))
    assert {"desk": 1} == await again(late, delivered=False)
    assert {"desk": 1, "hook": 1} == await again(await chosen(database, DEFAULT, [FIRST]), delivered=True)
    assert {
        ("a1", "desk"): DeliveryState.PENDING,
        ("a1", "hook"): DeliveryState.PENDING,
        ("a2", "desk"): DeliveryState.PENDING,
        ("a2", "hook"): DeliveryState.DELIVERED,
    } == await states(database)
    assert {} == await again(await chosen(database, DEFAULT, ["a2"], channel="desk"), delivered=True)


async def test_what_was_acknowledged_counts_no_more_and_can_still_be_sent(database: Database) -> None:
    """Somebody has seen to it."""
    await owe(database, "a1", FIRST, "desk")
    await kill(database, "a1", "desk")
    (before,) = await undelivered.dead(database)

    assert ("desk", "refused-by-service", 1, NOW) == (before.channel, before.reason, before.count, before.since)
    assert {"desk": 1} == await control.acknowledge(database, Chosen(), NOW)
    assert {} == await control.acknowledge(database, Chosen(), NOW)
    assert [] == await undelivered.dead(database)
    assert {"desk": 1} == (await control.resend(database, Chosen(channels=("desk",)), delivered=False)).counts


async def test_what_failed_alike_is_told_together(database: Database) -> None:
    """A line a channel and reason, with since when, and one for example."""
    for number in range(3):
        await owe(database, f"a{number}", FIRST, "desk")
        await kill(database, f"a{number}", "desk", at=NOW + timedelta(minutes=number))
    (told,) = await undelivered.dead(database)

    assert (3, NOW, "a2") == (told.count, told.since, told.example.id)


async def test_a_digest_is_sent_again_with_what_it_tells(database: Database) -> None:
    """One of its alerts, named, comes by itself."""
    await owe(database, "a1", FIRST, "desk")
    await owe(database, "a2", SECOND, "desk")
    for alert in ("a1", "a2"):
        await kill(database, alert, "desk")
    async with database.transaction() as tx:
        await tx.execute(update(rows).values(told_in="digest"))

    assert (
        {} == (await control.resend(database, await chosen(database, DEFAULT, channel="desk"), delivered=False)).counts
    )
    assert {"desk": 1} == (
        await control.resend(database, await chosen(database, DEFAULT, [SECOND]), delivered=False)
    ).counts


async def test_what_was_never_owed_is_said_to_be_so(database: Database) -> None:
    """A typing mistake is not an empty answer."""
    with pytest.raises(ConfigError, match="0001234567-26-000021"):
        await chosen(database, DEFAULT, [FIRST])
    await owe(database, "a1", FIRST, "desk")
    with pytest.raises(NotFound, match="no channel 'dsk' was ever owed an alert; known are: desk"):
        await chosen(database, DEFAULT, channel="dsk")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2h", NOW - timedelta(hours=2)),
        ("3d", NOW - timedelta(days=3)),
        ("2026-11-25", datetime(2026, 11, 25, 5, tzinfo=UTC)),
        ("2026-11-25 18:00", datetime(2026, 11, 25, 23, tzinfo=UTC)),
        ("2026-07-01T18:00", datetime(2026, 7, 1, 22, tzinfo=UTC)),
        ("2026-11-25T18:00+00:00", datetime(2026, 11, 25, 18, tzinfo=UTC)),
    ],
)
def test_a_time_is_a_span_or_new_yorks(text: str, at: datetime) -> None:
    """As the other commands print it."""
    assert at == moment(text, NOW)


@pytest.mark.parametrize("text", ["", "soon", "2", "25.11.2026", "2026-13-01", "999999w", "9999999999d"])
def test_a_time_that_is_none_says_what_to_write(text: str) -> None:
    """Rather than mean now."""
    with pytest.raises(ValueError, match="write 2h, 3d, 2026-11-25"):
        moment(text, NOW)


@pytest.fixture
async def home(tmp_path: Path) -> Path:
    """A state folder with an alert that the desk refused, and one that waits."""
    database = await open_database(f"sqlite:///{tmp_path}/filingbell.db")
    await owe(database, "a1", FIRST, "desk")
    await owe(database, "a2", SECOND, "hook", at=NOW + timedelta(minutes=1))
    await kill(database, "a1", "desk", detail="404 Not Found: no\x1b[31m_service\nFAKE LINE")
    async with database.transaction() as tx:
        await tape.add(tx, [replace(line_of(a_subject(a_row()), NOW), accession=FIRST, company=COMPANY)])
    await database.close()
    return tmp_path


COMPANY = f"Example\nHoldings {'and Sons ' * 20}"


def filingbell(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"FILINGBELL_HOME": str(home), "COLUMNS": "250"}
    return called(*arguments, environment=environment)


def command(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return filingbell(home, "deliveries", *arguments)


def lines(done: "subprocess.CompletedProcess[str]") -> Sequence[str]:
    assert not done.stderr
    return [" ".join(line.split()) for line in done.stdout.splitlines()]


def test_the_list_says_what_failed_why_and_what_to_do(home: Path) -> None:
    """One line each, and nothing that a receiver said moves the cursor."""
    done = command(home, "list")
    listed = lines(done)

    assert 0 == done.returncode
    assert f"2026-11-25 18:03 EST dead desk {FIRST} buys" == listed[0]
    assert listed[1].startswith("Example Holdings and Sons and Sons")
    assert listed[1].endswith(" and ...")
    assert 100 >= len(done.stdout.splitlines()[1])
    assert "2 tries, the last 2026-11-25 18:03 EST: 404 Not Found: no\ufffd[31m_service FAKE LINE" == listed[2]
    assert f"2026-11-25 18:04 EST pending hook {SECOND} buys" in listed
    assert "Once desk works, send dead ones again: filingbell deliveries resend --channel desk" == listed[-1]
    assert [] == json.loads(command(home, "list", "--json", "--state", "delivered").stdout)
    companies = [one["company"] for one in json.loads(command(home, "list", "--json").stdout)]
    assert [COMPANY, None] == companies  # the second is not on the tape
    (one,) = json.loads(command(home, "list", "--json", "--channel", "desk").stdout)
    assert (FIRST, "buys", "dead", 404, None) == (
        one["accession"],
        one["rule"],
        one["state"],
        one["last"]["status"],
        one["next_try"],
    )


def test_an_alerts_way_is_shown(home: Path) -> None:
    """By any spelling of the filing, or by id."""
    link = "https://www.sec.gov/Archives/edgar/data/1/000123456726000021/0001234567-26-000021-index.htm"
    shown = lines(command(home, "show", link))

    assert shown == lines(command(home, "show", "a1"))
    assert shown[1].startswith("Example Holdings")
    assert any(line.startswith("1. 2026-11-25 18:03 EST, 100 ms: pending: 404") for line in shown)
    assert 2 == len(json.loads(command(home, "show", FIRST, "--json").stdout)[0]["attempts"])


async def test_an_alert_that_was_told_with_another_names_it(home: Path) -> None:
    """In which message, and when."""
    database = await open_database(f"sqlite:///{home}/filingbell.db")
    async with database.transaction() as tx:
        taken = {"state": DeliveryState.DELIVERED, "settled": NOW, "tries": 1}
        await tx.execute(update(rows).where(rows.c.message == "a1").values(taken))
        await tx.execute(update(rows).where(rows.c.message == "a2").values(taken | {"told_with": "a1"}))
    await database.close()
    alone, second = lines(command(home, "show", "a1")), lines(command(home, "show", "a2"))

    assert "told together with the alert a1, in one message, 2026-11-25 18:03 EST" in second
    assert not any("together" in line for line in alone)
    assert ["a1"] == [one["told_with"] for one in json.loads(command(home, "show", "a2", "--json").stdout)]


def test_dead_ones_are_acknowledged_and_sent_again(home: Path) -> None:
    """Nothing is done by an oversight; exit status 1 where there is nothing to do."""
    nothing, wrong = command(home, "resend"), command(home, "resend", "--channel", "nobody")
    seen, again = command(home, "acknowledge", "--all"), command(home, "resend", "--channel", "desk")

    assert (2, 2) == (nothing.returncode, wrong.returncode)
    assert "say which" in nothing.stderr
    assert "known are: desk, hook" in wrong.stderr
    assert [
        "desk: 1 delivery acknowledged; status counts no more what nobody received. They can still be sent again"
    ] == (lines(seen))
    assert ["desk: 1 delivery sent again, oldest first, under the same ids"] == lines(again)
    assert 1 == command(home, "resend", "--all").returncode
    assert "there is no state 'lost'" in command(home, "list", "--state", "lost").stderr
    assert "write 2h, 3d" in command(home, "list", "--since", "soon").stderr


def test_an_empty_time_is_none_and_not_all_of_it(home: Path) -> None:
    """As where a script's variable is not set, or two times are the wrong way round: nothing is sent again."""
    unset = command(home, "resend", "--channel", "desk", "--since", "", "--delivered")
    turned = command(home, "resend", "--all", "--since", "2026-11-26", "--until", "2026-11-25")

    assert (2, 2) == (unset.returncode, turned.returncode)
    assert "--since: '' is not a time" in unset.stderr
    assert "since: it must be before until" in turned.stderr


async def test_status_says_in_a_line_what_a_channel_refused_and_how_to_send_it_again(home: Path) -> None:
    """Not a line for each alert; and no more once somebody has seen to it."""
    database = await open_database(f"sqlite:///{home}/filingbell.db")
    for number in range(8):
        await owe(database, f"b{number}", SECOND, "desk", at=NOW + timedelta(minutes=number))
        await kill(database, f"b{number}", "desk", at=NOW + timedelta(minutes=number))
    await database.close()
    found, shown = json.loads(filingbell(home, "status", "--json").stdout), filingbell(home, "status")
    command(home, "acknowledge", "--channel", "desk")

    expected = (
        f"desk refused 9 alerts since 2026-11-25 18:03 EST (404 Not Found: no_service), e.g. {SECOND} buys. "
        "To send them again: filingbell deliveries resend --channel desk"
    )
    assert [expected] == [line.strip() for line in shown.stdout.splitlines() if "desk refused" in line]
    assert (9, 0, True) == tuple(found["deliveries"]["desk"][key] for key in ("dead", "pending", "configured"))
    assert "2026-11-25T23:04:00Z" == found["deliveries"]["hook"]["oldest"].replace("+00:00", "Z")
    assert ["channel-dead"] == [one["kind"] for one in found["conditions"] if one["subject"] == "desk"]
    assert 1 == shown.returncode
    left = json.loads(filingbell(home, "status", "--json").stdout)["conditions"]
    assert ["role-absent"] == [one["kind"] for one in left]


async def test_status_says_why_a_channels_alerts_wait(home: Path) -> None:
    """Since when, what was answered, when the next try is; and that nobody configures it."""
    database = await open_database(f"sqlite:///{home}/filingbell.db")
    await owe(database, "c1", FIRST, "gone")
    async with database.transaction() as tx:
        failing = {"failing_since": NOW, "failures": 2, "reason": "server-error", "detail": "503 Busy"}
        for channel, state in (("hook", failing), ("gone", {"missing_since": NOW})):
            await tx.execute(update(channel_states).where(channel_states.c.channel == channel).values(**state))
    await database.close()
    shown = filingbell(home, "status")

    assert 1 == shown.returncode
    assert (
        "hook has taken no alert since 2026-11-25 18:03 EST: 1 alert waits\n  The last answer: 503 Busy" in shown.stdout
    )
    assert "1 alert waits for the channel gone, which is not configured" in shown.stdout
    assert "503 Busy, since 2026-11-25 18:03 EST" in shown.stdout


async def test_an_open_circuit_is_shown_where_somebody_looks_for_what_waits(home: Path) -> None:
    """Since when, and when the next probe is: by `status` and `deliveries`."""
    database = await open_database(f"sqlite:///{home}/filingbell.db")
    async with database.transaction() as tx:
        state = {"opened": NOW, "probes": 2, "probe_at": NOW + timedelta(seconds=40), "detail": "503 Busy"}
        await tx.execute(update(channel_states).where(channel_states.c.channel == "hook").values(state))
    healthy = [each.circuit for each in await ledger.listed(database, Chosen(), 9) if each.channel == "desk"]
    await database.close()
    told = "open since 2026-11-25 18:03:00 EST, next probe 2026-11-25 18:03:40 EST"
    (listed,) = json.loads(command(home, "list", "--channel", "hook", "--json").stdout)

    assert [None] == healthy
    assert f"waiting: hook's circuit is {told}" in lines(command(home, "list"))
    assert f"503 Busy; circuit {told}" in " ".join(filingbell(home, "status").stdout.split())
    assert {"opened": "2026-11-25T23:03:00+00:00", "probe_at": "2026-11-25T23:03:40+00:00"} == listed["circuit"]


async def test_what_quiet_hours_hold_is_shown_with_when_they_end(home: Path) -> None:
    """By `status` and by the list; of what is moved the other channel's hours decide."""
    database = await open_database(f"sqlite:///{home}/filingbell.db")
    async with database.transaction() as tx:
        await holds.hold(tx, [("hook", "a2")], datetime(2026, 11, 26, 12, tzinfo=UTC))
    await database.close()
    listed, (one,) = command(home, "list"), json.loads(command(home, "list", "--channel", "hook", "--json").stdout)
    shown = filingbell(home, "status")
    moved = command(home, "move", "hook", "trading-desk")
    (after,) = json.loads(command(home, "list", "--channel", "trading-desk", "--json").stdout)

    assert "held until 2026-11-26 07:00 EST, when the channel's quiet hours end" in lines(listed)
    assert "hook: 1 message held until 2026-11-26 07:00 EST, by its quiet hours or for its digest" in shown.stdout
    assert ("2026-11-26T12:00:00+00:00", None) == (one["held_until"], after["held_until"])
    assert 0 == moved.returncode


def test_what_waits_is_tried_now_or_moved(home: Path) -> None:
    """As after a receiver was mended, or a channel renamed; the ids stay."""
    flushed, moved = command(home, "flush", "hook"), command(home, "move", "hook", "trading-desk")
    (one,) = json.loads(command(home, "list", "--channel", "trading-desk", "--json").stdout)

    assert ["hook: 1 delivery tried now, oldest first"] == lines(flushed)
    assert "trading-desk: 1 delivery moved from hook" == lines(moved)[0]
    assert ("a2", "pending", SECOND) == (one["id"], one["state"], one["accession"])
    assert (1, 1) == (command(home, "flush", "hook").returncode, command(home, "move", "hook", "desk").returncode)
    assert (2, 2) == (command(home, "flush", "nobody").returncode, command(home, "move", "desk", "desk").returncode)


@pytest.mark.parametrize(
    ("gone", "help_"),
    [
        ({"removed": NOW}, "the channel 'hook' was removed: filingbell deliveries move hook OTHER"),
        ({"enabled": False}, "the channel 'hook' is disabled: filingbell channels enable hook"),
    ],
)
async def test_what_cannot_go_now_is_not_said_to_be_tried(home: Path, gone: dict[str, object], help_: str) -> None:
    """Nothing is sent to a channel that was removed or disabled: what to do is said instead, and nothing is changed."""
    database = await open_database(f"sqlite:///{home}/filingbell.db")
    async with database.transaction() as tx:
        await tx.execute(update(resources).where(resources.c.name == "hook").values(**gone))
    await database.close()
    before, done = command(home, "list", "--json").stdout, command(home, "flush", "hook")

    assert 2 == done.returncode
    assert help_ in done.stderr
    assert before == command(home, "list", "--json").stdout
