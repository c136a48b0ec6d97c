"""Silences are made with every fault told, are audited, and hold from the moment in which they were made."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from service.control import audit, silences
from service.control.silences import LONGEST, SilenceDraft
from service.control.why import End, why
from service.model.delivery import DeliveryState, Suppression
from service.model.errors import Faulty, NotFound
from service.model.filing import Cik
from service.model.identity import DEFAULT, WorkspaceId
from service.model.resource import Action, Actor
from service.model.tickers import ListedCompany, Tickers
from service.store import Database, tickers
from service.store.audit import WhichChanges
from service.wire import encode
from tests.control.desk import CHANNEL, RULE, Answers, Floor, accession_of
from tests.kit.filings import now
from tests.kit.receiver import SECRET

NOW = datetime(2026, 11, 26, 14, tzinfo=UTC)
ANNA = Actor(name="cli:anna", workspace=DEFAULT)
HOUR = timedelta(hours=1)


@pytest.fixture
def database(either: Database) -> Database:
    """Every test here runs on SQLite and on PostgreSQL."""
    return either


@pytest.mark.parametrize(
    ("wrong", "path", "told"),
    [
        ({}, (), "say which alerts"),
        ({"tickers": ("not a ticker",)}, ("tickers", 0), "no ticker"),
        ({"companies": ("AAPL",)}, ("companies", 0), "not a CIK"),
        ({"owners": ("1", "x")}, ("owners", 1), "not a CIK"),
        ({"rules": ("nobody's",)}, ("rules", 0), "there is no rule"),
        ({"kinds": ("gifts",)}, ("kinds", 0), "did you mean gift?"),
        ({"tickers": ("A",), "reason": " "}, ("reason",), "say why"),
        ({"tickers": ("A",), "reason": "x" * 501}, ("reason",), "500"),
        ({"tickers": ("A",), "reason": "a\0b"}, ("reason",), "control characters"),
        ({"rules": ("a\0b",)}, ("rules", 0), "there is no rule"),
        ({"tickers": ("A",) * 101}, ("tickers",), "no more than 100"),
        ({"tickers": ("A",), "ends": NOW}, ("ends",), "is over"),
        ({"tickers": ("A",), "ends": NOW + LONGEST + HOUR}, ("ends",), "366 days"),
    ],
)
async def test_what_is_wrong_is_said_where_it_stands(
    database: Database, wrong: dict[str, Any], path: tuple[str | int, ...], told: str
) -> None:
    """And nothing is made."""
    with pytest.raises(Faulty) as raised:
        await made(database, **wrong)

    assert [path] == [fault.path for fault in raised.value.faults]
    assert told in raised.value.faults[0].message
    assert [] == await silences.listed(database, DEFAULT, NOW, 10)


async def made(database: Database, *, ends: datetime = NOW + HOUR, reason: str = "earnings", **named: Any) -> Any:
    return await silences.add(database, ANNA, SilenceDraft(reason=reason, **named), ends, NOW)


async def test_a_ticker_stands_for_its_company(database: Database) -> None:
    """By the SEC's list, where it has come: filers leave the symbol out, or write another."""
    async with database.transaction() as tx:
        apple = ListedCompany(Cik("0000320193"), "Apple Inc.", date(2026, 11, 1))
        await tickers.put(tx, encode(Tickers(day=date(2026, 11, 1), listed={"AAPL": apple})), {}, NOW)
    one = await made(database, tickers=("aapl",))

    assert (("AAPL",), ("0000320193",)) == (one.matcher.tickers, one.matcher.companies)
    assert {one.id: "company AAPL or CIK 0000320193"} == await silences.in_words(database, [one])


async def test_who_made_and_ended_it_is_on_record(database: Database) -> None:
    """Ended twice is ended once; another workspace has none of it."""
    one = await made(database, tickers=("AAPL",))
    bob = Actor(name="cli:bob", workspace=DEFAULT)
    for _ in range(2):
        await silences.end(database, bob, one.id, NOW + timedelta(minutes=1))
    changes = await audit.history(database, WhichChanges(workspace=DEFAULT, resource=one.id), 10)

    assert [("cli:bob", Action.ENDED), ("cli:anna", Action.ADDED)] == [(each.actor, each.action) for each in changes]
    assert [] == await silences.listed(database, DEFAULT, NOW + timedelta(minutes=1), 10)
    (kept,) = await silences.listed(database, DEFAULT, NOW + timedelta(minutes=1), 10, ended=True)
    assert ("cli:bob", NOW + timedelta(minutes=1)) == (kept.silence.ended_by, kept.silence.ends)
    with pytest.raises(NotFound):
        await silences.find(database, WorkspaceId("ws_other"), one.id)


async def test_an_alert_that_is_silenced_is_explained(database: Database, tmp_path: Path) -> None:
    """By the service as it runs: no request is made, `why` says which silence, and the rest is told."""
    async with Answers({}) as receiver:
        floor = Floor(database, tmp_path / "home")
        desk = await floor.desk()
        await desk.add(CHANNEL, "hook", type="webhook", url=f"{receiver.url}/hook", secrets=SECRET)
        for rule in ("muted", "told"):
            await desk.add(RULE, rule, channels="hook")
        draft = SilenceDraft(rules=("muted",), reason="too many")
        mute = await silences.add(database, desk.actor, draft, now() + HOUR, now())
        async with floor.running():
            await floor.publish(1)
            await floor.idle(1)
        account = await why(database, DEFAULT, accession_of(1))

    ends = {way.rule: (way.end, way.delivery and way.delivery.silence) for way in account.ways}
    assert {"muted": (End.SUPPRESSED, mute.id), "told": (End.SENT, None)} == ends
    assert ["told"] == [one.content["rule"] for one in receiver.taken]
    (found,) = await silences.listed(database, DEFAULT, now(), 10)
    assert 1 == found.suppressed
    assert [mute] == await silences.muting(database, DEFAULT, (await desk.find(RULE, "muted")).id, now())
    (kept,) = [way.delivery for way in account.ways if way.delivery and way.rule == "muted"]
    assert (DeliveryState.SUPPRESSED, Suppression.SILENCED) == (kept.state, kept.reason)
