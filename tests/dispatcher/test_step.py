"""What the dispatcher keeps of alerts: for each channel of each rule one explained state, in every workspace."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from consumers.dispatcher.step import DispatcherStep
from consumers.matcher.rulebook import rulebook
from consumers.matcher.step import MatcherStep
from service.control import deliveries as control
from service.control import resources, silences
from service.control.silences import SilenceDraft
from service.control.why import End, why
from service.model.delivery import DeliveryState, Suppression
from service.model.filing import Provenance
from service.model.identity import DEFAULT, WorkspaceId
from service.model.parsed import ParsedFiling
from service.model.resource import Actor, ResourceKind
from service.store import Database, channel_names, events, ledger, messages, rerouting, workspaces
from service.store import resources as stored
from service.store.ledger import Chosen
from service.store.schema import changes, deliveries
from service.store.schema import messages as kept
from service.vault import Vault, open_vault
from service.vitals import Unwatched
from service.wire.topics import Event, Record, Topic, parsed_event
from tests.kit.documents import a_document, a_filing, a_row

NOW = datetime(2026, 11, 26, 14, tzinfo=UTC)
HOOK = {"type": "slack", "url": "https://hooks.slack.com/services/T0/B0/hook"}


@pytest.fixture
def database(either: Database) -> Database:
    """Every test here runs on SQLite and on PostgreSQL."""
    return either


@pytest.fixture
def vault(tmp_path: Any) -> Vault:
    """A vault with a key of its own."""
    return open_vault(tmp_path / "home", None)


async def a_workspace(database: Database, vault: Vault, name: str) -> WorkspaceId:
    """One that has a rule "buys" to a channel "desk", as every other has."""
    async with database.transaction() as tx:
        made = await workspaces.add(tx, name, NOW)
    actor = Actor(name="cli:anna", workspace=made)
    desk = {"type": "slack", "url": f"https://hooks.slack.com/services/T0/B0/{name}"}
    await resources.add(database, vault, actor, ResourceKind.CHANNEL, "desk", desk, NOW)
    await resources.add(database, vault, actor, ResourceKind.RULE, "buys", {"channels": "desk"}, NOW)
    return made


async def matched(database: Database, found: Provenance | None = None) -> list[Record]:
    """The alerts on a filing, as they are on form4.alerts; and what the matcher keeps of it."""
    book = rulebook(*await stored.every(database))
    parsed = ParsedFiling(filing=a_filing(provenance=found or Provenance()), document=a_document(a_row()))
    event = parsed_event(parsed, NOW)
    step = MatcherStep(lambda: book, lambda: NOW, Unwatched())
    async with database.transaction() as tx:
        tx.emit(event)
        await step.write(tx, [step.read(_record(event))])
    return await events.read(database, Topic.ALERTS, 0, 100)


async def dispatched(database: Database, records: list[Record], *, own: bool = False) -> None:
    step = DispatcherStep(lambda: NOW, own=own)
    async with database.transaction() as tx:
        await step.write(tx, [step.read(one) for one in records])


async def ends(database: Database, workspace: WorkspaceId, channel: str | None = None) -> list[tuple[str, str | None]]:
    """Where its rule's alert has ended for each channel, and the delivery's reason."""
    account = await why(database, workspace, a_filing().accession, channel=channel)
    return [(way.end, way.delivery and way.delivery.reason) for way in account.ways]


async def owed(database: Database, workspace: WorkspaceId) -> int:
    """How much waits for the channels of *workspace*."""
    mine = await channel_names.of_workspace(database, workspace)
    async with database.reading() as connection:
        found = await connection.scalars(
            select(deliveries.c.channel).where(deliveries.c.state == DeliveryState.PENDING)
        )
        return sum(channel in mine for channel in found)


async def test_workspaces_with_the_same_names_are_each_told_their_own(database: Database, vault: Vault) -> None:
    """Once, also when the records come again."""
    both = [await a_workspace(database, vault, name) for name in ("one", "two")]
    records = await matched(database)
    for _ in range(2):
        await dispatched(database, records)

    assert 2 == len({record.id for record in records})
    assert set(both) == {record.headers["ce_workspace"] for record in records}
    assert [1, 1] == [await owed(database, one) for one in both]
    assert [[(End.WAITING, None)]] * 2 == [await ends(database, one) for one in both]


async def test_an_alert_of_the_databases_own_log_is_told_as_one_of_kafka(database: Database, vault: Vault) -> None:
    """It is read in part, and says the same; its body is the log's, which has it."""
    team = await a_workspace(database, vault, "team")
    records = await matched(database)
    assert [DispatcherStep(lambda: NOW).read(one) for one in records] == [
        DispatcherStep(lambda: NOW, own=True).read(one) for one in records
    ]
    await dispatched(database, records, own=True)

    assert [(End.WAITING, None)] == await ends(database, team)
    async with database.transaction() as tx:
        assert {one.id: one.value for one in records} == await messages.values(tx, [one.id for one in records])
        assert {b""} == set((await tx.execute(select(kept.c.value))).scalars())


@pytest.mark.parametrize("own", [False, True])
async def test_a_silence_covers_what_it_means_alone(database: Database, vault: Vault, own: bool) -> None:
    """Of a company: its alerts; of another one: none. To see that, an alert is read whole."""
    for name, ticker in (("one", a_document().issuer.symbols[0]), ("two", "OTHER")):
        made = await a_workspace(database, vault, name)
        actor, draft = Actor(name="cli:anna", workspace=made), SilenceDraft(tickers=(ticker,), reason="earnings")
        await silences.add(database, actor, draft, NOW + timedelta(hours=1), NOW - timedelta(hours=1))
    await dispatched(database, await matched(database), own=own)

    standing = [(one.state, one.reason, one.silence is None) for one in await ledger.listed(database, Chosen(), 9)]
    assert [(DeliveryState.PENDING, None, True), (DeliveryState.SUPPRESSED, Suppression.SILENCED, False)] == sorted(
        standing
    )


async def test_another_workspaces_channel_is_never_told_though_a_row_says_so(database: Database, vault: Vault) -> None:
    """A rule's row that was tampered with is refused, and the refusal stands where anybody may read it."""
    ours, theirs = [await a_workspace(database, vault, name) for name in ("one", "two")]
    (far,) = await stored.called(database, theirs, ResourceKind.CHANNEL, "desk")
    async with database.transaction() as tx:
        mine = (changes.c.workspace == ours, changes.c.kind == "rule")
        after = (await tx.execute(select(changes.c.after).where(*mine))).scalar_one()
        after["section"]["channels"].append(far)
        await tx.execute(update(changes).where(*mine).values(after=after))
    await dispatched(database, await matched(database))

    assert [1, 1] == [await owed(database, one) for one in (ours, theirs)]
    assert [(DeliveryState.SUPPRESSED, Suppression.ELSEWHERE)] == [
        (one.state, one.reason) for one in await ledger.listed(database, Chosen(channels=(far,)), 9) if not one.due
    ]


async def test_an_alert_whose_body_names_another_workspace_is_told_to_nobody(database: Database, vault: Vault) -> None:
    """A record that was tampered with says whose it is; the rule says otherwise."""
    ours, theirs = [await a_workspace(database, vault, name) for name in ("one", "two")]
    records = await matched(database)
    forged = [_of(theirs, record) for record in records if record.headers["ce_workspace"] == ours]
    await dispatched(database, forged)

    assert [0, 0] == [await owed(database, one) for one in (ours, theirs)]
    assert [(End.SUPPRESSED, Suppression.ELSEWHERE)] == await ends(database, ours)


async def test_a_channel_that_was_removed_meanwhile_is_not_told(database: Database, vault: Vault) -> None:
    """Between the alert and the dispatcher the rule was changed; why says what became of it."""
    await a_workspace(database, vault, "one")
    ours = await a_workspace(database, vault, "default")
    records, actor = await matched(database), Actor(name="cli:anna", workspace=ours)
    for kind, name in ((ResourceKind.RULE, "buys"), (ResourceKind.CHANNEL, "desk")):
        await resources.remove(database, actor, kind, name, NOW)
    await dispatched(database, records)

    assert DEFAULT == ours
    assert 0 == await owed(database, ours)
    assert [(End.SUPPRESSED, Suppression.REMOVED)] == await ends(database, ours)


async def test_what_a_removed_channel_was_not_told_moves_to_another(database: Database, vault: Vault) -> None:
    """Who renames a channel in a file, while an alert is on its way, loses nothing."""
    ours = await a_workspace(database, vault, "one")
    records, actor = await matched(database), Actor(name="cli:anna", workspace=ours)
    for kind, name in ((ResourceKind.RULE, "buys"), (ResourceKind.CHANNEL, "desk")):
        await resources.remove(database, actor, kind, name, NOW)
    await dispatched(database, records)
    await resources.add(database, vault, actor, ResourceKind.CHANNEL, "hook", HOOK, NOW)
    moved = await control.move(database, ours, "desk", "hook", NOW)

    assert (1, 1) == (moved, await owed(database, ours))
    assert [(End.SUPPRESSED, Suppression.MOVED)] == await ends(database, ours, "desk")
    assert [(End.WAITING, None)] == await ends(database, ours, "hook")


async def test_an_alert_of_a_workspace_that_nobody_has_holds_up_no_other(database: Database, vault: Vault) -> None:
    """A topic may outlive the database of who wrote to it."""
    ours = await a_workspace(database, vault, "one")
    (record,) = await matched(database)
    await dispatched(database, [_of(WorkspaceId("ws_nobody"), record, "foreign"), record])

    assert 1 == await owed(database, ours)


async def test_what_waits_for_a_digest_is_said_to(database: Database, vault: Vault) -> None:
    """It is kept for the digest, and no message of its own."""
    ours = await a_workspace(database, vault, "one")
    await dispatched(database, await matched(database, Provenance(history=True, digest="backfill-1")))

    assert 0 == await owed(database, ours)
    assert [(End.HELD, None)] == await ends(database, ours)


async def test_what_was_moved_is_explained_for_both_channels(database: Database, vault: Vault) -> None:
    """The one is told instead of the other; moved back, it is the other way round."""
    ours = await a_workspace(database, vault, "one")
    actor = Actor(name="cli:anna", workspace=ours)
    await resources.add(database, vault, actor, ResourceKind.CHANNEL, "hook", HOOK, NOW)
    await dispatched(database, await matched(database))
    ids = [(await stored.called(database, ours, ResourceKind.CHANNEL, name))[0] for name in ("desk", "hook")]
    found = []
    for source, target in (ids, ids[::-1]):
        async with database.transaction() as tx:
            assert 1 == await rerouting.move(tx, source, target, NOW)
        found.append([await ends(database, ours, name) for name in ("desk", "hook")])

    told, moved = [(End.WAITING, None)], [(End.SUPPRESSED, Suppression.MOVED)]
    assert [[moved, told], [told, moved]] == found


def _of(workspace: WorkspaceId, record: Record, name: str | None = None) -> Record:
    """*record* as if *workspace* had made it."""
    content = json.loads(record.value) | {"workspace": workspace, "id": name or record.id}
    return msgspec.structs.replace(record, id=name or record.id, value=json.dumps(content).encode())


def _record(event: Event) -> Record:
    headers = dict(event.headers)
    return Record(
        topic=event.topic, partition=0, offset=1, key=event.key, id=event.id, headers=headers, value=event.value
    )
