"""What a silence covers, and that nothing of it is sent while it holds."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from consumers.dispatcher.silence import covering, covers, silence
from service.control import deliveries as control
from service.control import silences
from service.control.silences import SilenceDraft
from service.model.alert import Alert
from service.model.delivery import Decision, DeliveryState, Obligation, Suppressed, Suppression
from service.model.fact import Kind
from service.model.filing import Cik, Provenance
from service.model.identity import DEFAULT, ChannelId, RuleId, SilenceId, WorkspaceId
from service.model.resource import Actor
from service.model.silence import Matcher, Silence
from service.store import Database, ledger
from service.store.ledger import Chosen
from tests.kit.answering import answering
from tests.kit.books import an_owed, owe
from tests.kit.documents import a_row, an_alert, an_option
from tests.kit.eventually import eventually
from tests.kit.receiver import Messages
from tests.kit.sending import sending, settled

NOW = datetime(2026, 11, 26, 14, tzinfo=UTC)
ANNA = Actor(name="cli:anna", workspace=DEFAULT)
BOTH = an_alert(an_option(), a_row(), settings={"kinds": ["option-grant", "purchase"]})
OURS = an_alert(a_row(), settings={"kinds": "purchase"})


@pytest.fixture
def database(either: Database) -> Database:
    """Every test here runs on SQLite and on PostgreSQL."""
    return either


def a_silence(workspace: WorkspaceId = OURS.workspace, **matcher: Any) -> Silence:
    return Silence(
        id=SilenceId("sil_1"),
        workspace=workspace,
        matcher=Matcher(**matcher),
        reason="earnings",
        made_by="cli:anna",
        created=NOW,
        ends=NOW + timedelta(hours=1),
    )


@pytest.mark.parametrize(
    ("matcher", "alert", "covered"),
    [
        (Matcher(tickers=(OURS.issuer.symbols[0],)), OURS, True),
        (Matcher(tickers=("OTHR",)), OURS, False),
        (Matcher(tickers=("OTHR",), companies=(OURS.issuer.issuer_cik,)), OURS, True),
        (Matcher(companies=(Cik("0000000001"),)), OURS, False),
        (Matcher(owners=(Cik("0000000001"), OURS.owners[0].rpt_owner_cik)), OURS, True),
        (Matcher(owners=(OURS.issuer.issuer_cik,)), OURS, False),
        (Matcher(rules=(OURS.rule_id,)), OURS, True),
        (Matcher(rules=(RuleId("rule_other"),)), OURS, False),
        (Matcher(rules=(OURS.rule_id,), tickers=("OTHR",)), OURS, False),
        (Matcher(kinds=(Kind.PURCHASE,)), OURS, True),
        (Matcher(kinds=(Kind.PURCHASE,)), BOTH, False),
        (Matcher(kinds=(Kind.OPTION_GRANT,)), BOTH, False),
        (Matcher(kinds=(Kind.PURCHASE, Kind.OPTION_GRANT)), BOTH, True),
        (Matcher(kinds=(Kind.PURCHASE,)), replace(OURS, rows=()), False),
    ],
)
def test_all_that_a_silence_names_must_hold(matcher: Matcher, alert: Alert, *, covered: bool) -> None:
    """Of the same, one is enough; a row of another kind is always told."""
    assert covered == covers(matcher, alert)


def test_a_class_of_a_share_is_its_companys() -> None:
    """As on a watchlist."""
    alert = replace(OURS, issuer=replace(OURS.issuer, symbols=("BRK.B",)))

    assert [True, True, False] == [covers(Matcher(tickers=(one,)), alert) for one in ("BRK", "BRK.B", "BRK.A")]


def test_a_silence_is_its_workspaces_own() -> None:
    """What others want to be told is their affair."""
    theirs = a_silence(WorkspaceId("ws_theirs"), rules=(OURS.rule_id,))
    ours = a_silence(rules=(OURS.rule_id,))

    assert (None, ours.id) == (covering(OURS, [theirs]), covering(OURS, [theirs, ours]))


@pytest.mark.parametrize(
    ("decision", "found", "decided"),
    [
        (Obligation(channel=ChannelId("c"), due=NOW), Provenance(), Suppression.SILENCED),
        (Obligation(channel=ChannelId("c"), due=NOW), Provenance(history=True), Suppression.HISTORY),
        (Suppressed(channel=ChannelId("c"), reason=Suppression.REMOVED), Provenance(), Suppression.REMOVED),
    ],
)
def test_the_first_reason_not_to_tell_stands(decision: Decision, found: Provenance, decided: Suppression) -> None:
    """A silence has nothing to keep of what is not told anyway."""
    told = silence(decision, found, SilenceId("sil_1"))

    assert isinstance(told, Suppressed)
    assert (decided, decided is Suppression.SILENCED) == (told.reason, told.silence == "sil_1")


async def standing(database: Database) -> list[tuple[str, DeliveryState, str | None]]:
    """Each message, where it stands, and which silence has kept it."""
    return sorted((one.id, one.state, one.silence) for one in await ledger.listed(database, Chosen(), 100))


async def silenced(database: Database, at: datetime, hours: int = 1) -> Silence:
    """A silence of the company that every alert here is on."""
    draft = SilenceDraft(tickers=(an_alert().issuer.symbols[0],), reason="earnings")
    return await silences.add(database, ANNA, draft, at + timedelta(hours=hours), at)


async def test_what_waits_is_silenced_too(database: Database) -> None:
    """Somebody who is flooded silences what floods him: what is owed already is not sent either."""
    desk = Messages()
    await owe(database, an_owed(1), an_owed(2), at=NOW)
    made = await silenced(database, NOW + timedelta(minutes=1))
    later = NOW + timedelta(minutes=2)
    async with answering(desk.receive) as url, sending(database, clock=lambda: later, desk=url):
        await eventually(settled(database, DeliveryState.PENDING, 0))

    assert 0 == desk.asked
    assert [
        ("r-001", DeliveryState.SUPPRESSED, made.id),
        ("r-002", DeliveryState.SUPPRESSED, made.id),
    ] == await standing(database)


async def test_a_silence_that_has_ended_silences_nothing_more(database: Database) -> None:
    """And what it kept stays kept: nothing is told late in silence."""
    desk, later = Messages(), NOW + timedelta(minutes=2)
    await owe(database, an_owed(1), at=NOW)
    made = await silenced(database, NOW + timedelta(minutes=1))
    async with answering(desk.receive) as url:
        async with sending(database, clock=lambda: later, desk=url):
            await eventually(settled(database, DeliveryState.PENDING, 0))
        await silences.end(database, ANNA, made.id, later)
        await owe(database, an_owed(2), at=NOW)
        async with sending(database, clock=lambda: later, desk=url):
            await eventually(settled(database, DeliveryState.DELIVERED, 1))

    assert [2] == desk.numbers()
    assert [("r-001", DeliveryState.SUPPRESSED, made.id), ("r-002", DeliveryState.DELIVERED, None)] == await standing(
        database
    )


async def test_what_a_silence_kept_is_sent_when_a_person_says_so(database: Database) -> None:
    """Also while it holds; by its id, and each once."""
    desk, later = Messages(), NOW + timedelta(minutes=2)
    await owe(database, an_owed(1), an_owed(2), at=NOW)
    made = await silenced(database, NOW + timedelta(minutes=1))
    async with answering(desk.receive) as url, sending(database, clock=lambda: later, desk=url):
        await eventually(settled(database, DeliveryState.PENDING, 0))
        meant = await control.chosen(database, DEFAULT, [made.id])
        before = (await silences.find(database, DEFAULT, made.id)).suppressed
        again = await control.resend(database, meant, delivered=False)
        await eventually(settled(database, DeliveryState.DELIVERED, 2))
        twice = await control.resend(database, meant, delivered=False)

    assert (2, {"desk": 2}, {}) == (before, again.counts, twice.counts)
    assert [1, 2] == desk.numbers()
    assert 0 == (await silences.find(database, DEFAULT, made.id)).suppressed
